#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace hw::broker {

// A message for somebody within this process. Views are valid during the call.
struct Arrived {
    std::string_view topic;
    BytesView payload;
    std::string_view client_id;  // empty: it came from within
    std::string_view peer;       // of the client's connection
    std::string_view response_topic;
    BytesView correlation_data;
};

// Called in the middle of the broker's work: takes notes for later and calls nothing of the broker.
using Service = std::function<void(const Arrived&)>;

// Who within this process takes messages of which topics (orders to write, for instance), beside
// the topics' subscribers. Filled before the first connection; the broker's thread.
class Services {
  public:
    void add(std::string filter, Service service);
    // For the topic's route: 0 for none, else what call() takes.
    uint32_t find(std::string_view topic) const;
    void call(uint32_t number, const Arrived& message) const {
        entries_[number - 1].service(message);
    }

  private:
    struct Entry {
        std::string filter;
        Service service;
    };
    std::vector<Entry> entries_;
};

}  // namespace hw::broker
