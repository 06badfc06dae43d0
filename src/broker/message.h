#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "broker/ref.h"

namespace hw::broker {

// A publication kept beyond the call that brought it: queued, in flight, retained or a will. Made
// only then, once however many sessions hold it. One block of memory; the texts follow the head.
// `properties` are the MQTT 5 properties that travel on (payload format, content type, response
// topic, correlation data, user properties), encoded, in the publisher's order, without a length.
struct Message {
    static constexpr Time never{INT64_MAX};

    uint32_t refs = 0;
    uint8_t qos = 0;
    bool retain = false;  // as published
    uint32_t topic_size = 0;
    uint32_t properties_size = 0;
    uint32_t payload_size = 0;
    uint64_t publisher = 0;           // session serial; 0: not a session
    uint64_t properties_present = 0;  // which ids are among them, a bit each
    Time expires = never;             // monotonic

    std::string_view topic() const { return {text(), topic_size}; }
    std::string_view properties() const { return {text() + topic_size, properties_size}; }
    BytesView payload() const {
        return as_bytes({text() + topic_size + properties_size, payload_size});
    }
    size_t bytes() const { return sizeof(Message) + topic_size + properties_size + payload_size; }

    static Ref<Message> make(std::string_view topic, std::string_view properties,
                             BytesView payload);
    static void dispose(Message* message);

  private:
    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
};

using MessageRef = Ref<Message>;

// The subscription identifiers that a delivery carries, shared by all deliveries of one route.
struct Identifiers {
    uint32_t refs = 0;
    std::vector<uint32_t> numbers;

    static void dispose(Identifiers* identifiers) { delete identifiers; }
};

using IdentifiersRef = Ref<Identifiers>;

// One message on its way to one session, waiting for its turn.
struct Queued {
    MessageRef message;
    IdentifiersRef identifiers;
    uint32_t group = 0;  // serial of the shared subscription it came by; 0: none
    uint8_t qos = 0;
    bool retain = false;
};

}  // namespace hw::broker
