#pragma once

#include <cstdint>
#include <string>

#include "broker/topic_index.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

class Session;
struct SharedGroup;

// One filter a session subscribed to. Owned by the session; hangs in the topic index, or in a
// shared group that does.
struct Subscription : IndexEntry {
    Subscription() : IndexEntry(Kind::subscription) {}

    Session* session = nullptr;
    SharedGroup* group = nullptr;
    std::string filter;  // as subscribed, with "$share/<group>/"
    uint32_t identifier = 0;
    uint8_t qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
};

}  // namespace hw::broker
