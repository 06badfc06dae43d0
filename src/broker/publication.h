#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "broker/message.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

// One message while it is handed round: views of whoever brought it. A Message is made of it only
// when somebody must keep it, and then once.
struct Publication {
    std::string_view topic;
    BytesView payload;
    mqtt::Properties properties = {};  // those that travel on, see mqtt::hop_properties
    uint8_t qos = 0;
    bool retain = false;
    uint64_t publisher = 0;  // session serial
    Time expires = Message::never;
    MessageRef held = {};

    static Publication of(const MessageRef& message) {
        return {message->topic(),
                message->payload(),
                {message->properties(), message->properties_present},
                message->qos,
                message->retain,
                message->publisher,
                message->expires,
                message};
    }
    const MessageRef& hold() {
        if (!held) {
            held = Message::make(topic, properties.raw(), payload);
            held->properties_present = properties.present();
            held->qos = qos;
            held->retain = retain;
            held->publisher = publisher;
            held->expires = expires;
        }
        return held;
    }
};

}  // namespace hw::broker
