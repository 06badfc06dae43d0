#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "wire/mqtt/codec.h"

// Helpers of this room's tests.
namespace hw::mqtt {

inline std::string bytes_of(std::initializer_list<int> values) {
    std::string out;
    for (const int value : values)
        out.push_back(static_cast<char>(value));
    return out;
}

inline std::string_view view(const std::string& bytes) {
    return bytes;
}

// A packet of `first` and `body`, with the right length in between.
inline std::string packet_of(int first, std::string_view body) {
    std::string out = bytes_of({first});
    ByteWriter(out).varint(body.size());
    out.append(body);
    return out;
}

// The one packet in `bytes`, which must outlive it.
inline Frame frame_of(std::string_view bytes, Version version = Version::v5) {
    const FrameResult next = next_packet(bytes, remaining_length_max + 5, version);
    EXPECT_EQ(next.framing, Framing::complete) << next.error.why;
    EXPECT_EQ(next.frame.size, bytes.size());
    return next.frame;
}

// What the parser of the frame's type says: the reason of its refusal, or success.
inline Reason verdict(std::string_view bytes, Version version) {
    const FrameResult next = next_packet(bytes, remaining_length_max + 5, version);
    if (next.framing == Framing::error) return next.error.reason;
    EXPECT_EQ(next.framing, Framing::complete);
    const auto reason = [](const auto& parsed) {
        return parsed ? Reason::success : parsed.error().reason;
    };
    const Frame& frame = next.frame;
    switch (frame.type) {
        case PacketType::connect:
            return reason(parse_connect(frame));
        case PacketType::connack:
            return reason(parse_connack(frame, version));
        case PacketType::publish:
            return reason(parse_publish(frame, version));
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
            return reason(parse_ack(frame, version));
        case PacketType::subscribe:
            return reason(parse_subscribe(frame, version));
        case PacketType::unsubscribe:
            return reason(parse_unsubscribe(frame, version));
        case PacketType::suback:
        case PacketType::unsuback:
            return reason(parse_suback(frame, version));
        case PacketType::pingreq:
        case PacketType::pingresp:
            return reason(parse_ping(frame));
        case PacketType::disconnect:
            return reason(parse_disconnect(frame, version));
        case PacketType::auth:
            return reason(parse_auth(frame, version));
    }
    return Reason::unspecified_error;
}

}  // namespace hw::mqtt
