#include <span>

#include "wire/mqtt/fields.h"

namespace hw::mqtt {
namespace {

constexpr uint8_t connack[] = {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                               0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f};
constexpr uint8_t puback[] = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
constexpr uint8_t pubrel[] = {0x00, 0x92};
constexpr uint8_t suback[] = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87,
                              0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2};
constexpr uint8_t unsuback[] = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91};
constexpr uint8_t disconnect[] = {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d,
                                  0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
                                  0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2};
constexpr uint8_t auth[] = {0x00, 0x18, 0x19};

std::span<const uint8_t> reasons_of(PacketType type) {
    switch (type) {
        case PacketType::connack:
            return connack;
        case PacketType::puback:
        case PacketType::pubrec:
            return puback;
        case PacketType::pubrel:
        case PacketType::pubcomp:
            return pubrel;
        case PacketType::suback:
            return suback;
        case PacketType::unsuback:
            return unsuback;
        case PacketType::disconnect:
            return disconnect;
        case PacketType::auth:
            return auth;
        default:
            return {};
    }
}

}  // namespace

// The tables of 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1, 3.15.2.1.
bool reason_allowed(PacketType type, Reason reason) {
    for (const uint8_t allowed : reasons_of(type))
        if (allowed == static_cast<uint8_t>(reason)) return true;
    return false;
}

}  // namespace hw::mqtt
