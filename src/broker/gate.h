#pragma once

#include <string_view>

#include "base/bytes.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

// Who asks. Views are valid during the call.
struct Visitor {
    std::string_view client_id;
    std::string_view user_name;
    BytesView password;
    std::string_view peer;  // "127.0.0.1:50211"
};

// Authentication and authorisation, asked on the broker's thread; must not block. This one lets
// everybody do everything.
class Gate {
  public:
    virtual ~Gate() = default;
    // success, or what the CONNACK says.
    virtual mqtt::Reason connect(const Visitor&) { return mqtt::Reason::success; }
    // Asked for each PUBLISH: must cost no more than a look-up.
    virtual bool may_publish(std::string_view /*client_id*/, std::string_view /*topic*/) {
        return true;
    }
    virtual bool may_subscribe(std::string_view /*client_id*/, std::string_view /*filter*/) {
        return true;
    }
};

}  // namespace hw::broker
