#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hw::api {

// A message as the API hands it to the broker.
struct PublishRequest {
    std::string topic;
    std::string payload;
    uint8_t qos = 0;
    bool retain = false;
    std::string content_type;
    std::string response_topic;
    std::string correlation_data;
    uint32_t message_expiry_s = 0;  // 0: none
    std::vector<std::pair<std::string, std::string>> user_properties;
};

// What the API asks of the broker. Any thread; the answer comes on any thread, once. For a kept
// message it comes when the message is on disk.
class BrokerPort {
  public:
    virtual ~BrokerPort() = default;
    virtual void publish(PublishRequest request,
                         std::move_only_function<void(Result<void>)> done) = 0;
};

}  // namespace hw::api
