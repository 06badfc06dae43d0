#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/time.h"
#include "broker/observer.h"

namespace hw::app {

// Tells who wants to know of each filter that a client subscribes to, beside the one observer that
// the broker has (the rules', or none), which sees all as before. The broker's thread.
class TopicObserver final : public broker::Observer {
  public:
    // `inner` may be null; what is pointed to outlives this.
    TopicObserver(broker::Observer* inner,
                  std::function<void(std::string_view filter, Time now)> subscribed)
        : inner_(inner), subscribed_(std::move(subscribed)) {}

    const std::atomic<uint64_t>& stamp() const override {
        return inner_ != nullptr ? inner_->stamp() : own_stamp_;
    }
    uint64_t interest(std::string_view topic) override {
        return inner_ != nullptr ? inner_->interest(topic) : 0;
    }
    void message(uint64_t interest, const broker::Seen& message) override {
        inner_->message(interest, message);  // asked for by interest() alone
    }
    uint32_t events() override;
    void event(const broker::Happening& happening) override;
    void round_end() override {
        if (inner_ != nullptr) inner_->round_end();
    }

  private:
    broker::Observer* const inner_;
    const std::function<void(std::string_view, Time)> subscribed_;
    const std::atomic<uint64_t> own_stamp_{1};
    uint32_t inner_events_ = 0;
};

}  // namespace hw::app
