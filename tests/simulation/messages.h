#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "model/value.h"

namespace hw::simulation {

// A sample that a message must become, as its author knows it.
struct Expected {
    std::string path;
    std::optional<Time> time;  // none: the time of receipt
    model::Value value;
    model::Quality quality = model::Quality::good;
};

// Whoever must get a message: the subscription was there before the message was sent. It holds as
// long as the epochs of the subscribers are the same.
struct Debt {
    std::vector<size_t> clients;  // more than one: a shared subscription, one of them gets it
    uint64_t epochs = 0;          // their sum
    uint8_t qos = 0;
};

// One message that a client published, and what became of it.
struct Message {
    uint32_t number = 0;
    size_t publisher = 0;
    std::string topic;
    std::string payload;  // unlike all others'
    uint8_t qos = 0;
    bool retain = false;
    std::vector<Expected> samples;  // empty: it is not kept
    std::vector<Debt> debts;
    Time sent;
    bool acknowledged = false;
    uint32_t sends = 0;
    // In how many sessions of its publisher it was sent; in each it counts as a message of its own.
    uint32_t generations = 0;
    uint64_t last_generation = 0;
    // What the keeper did with it.
    uint32_t commits = 0;
    uint32_t failures = 0;
};

// All messages of a world.
class Messages {
  public:
    // Makes up the next one.
    Message& make(Random& random, size_t publisher, Time now);
    // Null if nobody sent such a payload.
    Message* find(std::string_view payload);
    std::deque<Message>& all() { return all_; }

  private:
    std::deque<Message> all_;
    std::unordered_map<std::string_view, Message*> by_payload_;
};

}  // namespace hw::simulation
