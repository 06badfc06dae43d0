#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/broker_admin.h"
#include "app/network.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "broker/observer.h"

namespace hw::app {

// Notes down what happens to MQTT clients, beside the observer that the broker has else, which sees
// all as before. While no trace runs it asks the broker for nothing, so it costs nothing. While one
// runs, each message and each event costs a look at each trace, some ten nanoseconds, and what is
// noted some hundred. Events come on the broker's thread, all else on any.
class MqttTraces final : public broker::Observer, public api::TraceList {
  public:
    static constexpr size_t traces_limit = 10;
    static constexpr size_t bytes_limit = 2 << 20;  // of the records of one trace
    static constexpr size_t payload_limit = 1'024;  // bytes of a payload that are kept

    // `inner` may be null; what is pointed to outlives this. `touch` makes the inner observer's
    // stamp grow; empty where the inner one is null or has a stamp that never grows.
    MqttTraces(broker::Observer* inner, std::function<void()> touch, const Clock& clock)
        : inner_(inner), touch_(std::move(touch)), clock_(clock) {}

    // Ends those that are over. Each second, on the broker's thread.
    void tick();

    const std::atomic<uint64_t>& stamp() const override {
        return touch_ ? inner_->stamp() : own_stamp_;
    }
    uint64_t interest(std::string_view topic) override;
    void message(uint64_t interest, const broker::Seen& message) override;
    uint32_t events() override;
    void event(const broker::Happening& happening) override;
    void round_end() override {
        if (inner_ != nullptr) inner_->round_end();
    }

    Result<api::TraceView> begin(api::TraceSpec spec) override;
    std::vector<api::TraceView> list() const override;
    std::optional<api::TraceView> find(std::string_view name) const override;
    std::optional<std::vector<api::TraceRecord>> records(std::string_view name,
                                                         std::optional<uint64_t> after,
                                                         size_t limit) const override;
    bool stop(std::string_view name) override;
    bool remove(std::string_view name) override;

  private:
    struct Trace {
        api::TraceSpec spec;
        std::optional<Network> network;  // of an address
        Time created_at;
        bool running = true;
        uint64_t last = 0;
        size_t bytes = 0;
        std::deque<api::TraceRecord> kept;
    };

    static api::TraceView view_of(const Trace& trace);
    static void note(Trace& trace, api::TraceRecord record);
    static bool follows(const Trace& trace, std::string_view client_id, std::string_view peer,
                        std::string_view topic, bool topic_is_filter);
    void changed();

    broker::Observer* const inner_;
    const std::function<void()> touch_;
    const Clock& clock_;
    std::atomic<uint64_t> own_stamp_{1};
    std::atomic<size_t> running_{0};
    uint32_t inner_events_ = 0;
    mutable Mutex mutex_;
    std::map<std::string, Trace, std::less<>> traces_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::app
