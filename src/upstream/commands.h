#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::upstream {

// Commands from the centre down to an edge, on the connection that the edge has opened:
//   $hw/down/<edge>/write/<point path at the centre>   a JSON value; QoS 1
// The result goes to the request's response topic with its correlation data (MQTT 5, 4.10):
//   {"ok":true} or {"ok":false,"code":"not_found","text":"..."}
inline constexpr std::string_view down_topics = "$hw/down/";

std::string down_filter(std::string_view edge);
std::string write_topic(std::string_view edge, std::string_view point);

// Does what the centre asks for; the gateway is one.
class WriteHandler {
  public:
    // Once, from any thread.
    using Reply = std::move_only_function<void(const Result<void>&)>;

    virtual ~WriteHandler() = default;
    // On the uplink's thread; must not block. `point` is the path at this edge, `value` JSON.
    virtual void write(std::string_view point, std::string_view value, Reply reply) = 0;
};

// The point of a write command, as it is called here: without `prefix`. Errors: invalid_argument,
// unsupported (no write), not_found (a path without the prefix is none of ours).
Result<std::string> point_of_write(std::string_view topic, std::string_view edge,
                                   std::string_view prefix);

std::string encode_reply(const Result<void>& result);
// What encode_reply wrote, from untrusted bytes. An unreadable one is an error of code corrupt.
Result<void> decode_reply(BytesView payload);

}  // namespace hw::upstream
