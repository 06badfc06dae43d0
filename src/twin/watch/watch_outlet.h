#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "twin/watch/watch_sink.h"

namespace hw::twin {

// The way to the broker. Any thread calls; answers come on the broker's.
class WatchOutlet {
  public:
    struct Message {
        std::string topic;
        std::string payload;
        uint8_t qos = 0;
        bool retain = false;
    };
    struct Answer {
        size_t refused = 0;
        std::string error;  // of the first
    };
    virtual ~WatchOutlet() = default;
    // `done` when the broker has taken or refused all of them.
    virtual void publish(std::vector<Message> messages,
                         std::function<void(const Answer&)> done) = 0;
    // How many clients would get a message of that topic now.
    virtual void count_subscribers(std::string topic, std::function<void(size_t)> done) = 0;
};

// Delivery by MQTT: at most `unanswered_limit` messages are with the broker at a time; the others
// wait in the outbox.
class MqttSink final : public WatchSink, public std::enable_shared_from_this<MqttSink> {
  public:
    static constexpr size_t unanswered_limit = 1'024;

    // `free`: it can take more again; the broker's thread.
    MqttSink(WatchPtr watch, WatchOutlet& outlet, std::function<void()> free)
        : watch_(std::move(watch)), outlet_(outlet), free_(std::move(free)) {}

    bool gone() const override { return ended_; }
    bool ready() const override { return unanswered_ < unanswered_limit; }
    void begin(const Watch&, uint64_t at) override { delivered_to_ = at; }
    void events(const Watch& watch, std::span<const WatchEvent> events, uint64_t first) override;
    void gap(uint64_t missed) override;
    void idle() override {}
    void end(std::string_view) override { ended_ = true; }
    bool counts() const override { return true; }
    uint64_t delivered_to(uint64_t) const override { return delivered_to_; }

  private:
    void send(std::vector<WatchOutlet::Message> messages, uint64_t up_to, size_t events);

    const WatchPtr watch_;
    WatchOutlet& outlet_;
    const std::function<void()> free_;
    std::atomic<size_t> unanswered_{0};
    std::atomic<uint64_t> delivered_to_{0};
    std::atomic<bool> ended_{false};
};

}  // namespace hw::twin
