#include "wire/mqtt/codec.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"

// The first byte chooses the version; the rest is a stream of packets. Each packet that is accepted
// must survive encoding: what is written is accepted again, says the same, and is written the same.
namespace hw::mqtt {
namespace {

void encode_again(const Parsed<Connect>& packet, Version, std::string& out) {
    encode(*packet, out);
}
void encode_again(const Parsed<Auth>& packet, Version, std::string& out) {
    encode(*packet, out);
}
void encode_again(const Parsed<Subscribe>& packet, Version version, std::string& out) {
    std::vector<Subscription> subscriptions;
    for (const Subscription& subscription : packet->subscriptions)
        subscriptions.push_back(subscription);
    HW_ASSERT(subscriptions.size() == packet->subscriptions.size());
    encode_subscribe(packet->packet_id, subscriptions, packet->properties, version, out);
}
void encode_again(const Parsed<Unsubscribe>& packet, Version version, std::string& out) {
    std::vector<std::string_view> filters;
    for (const Subscription& subscription : packet->filters)
        filters.push_back(subscription.filter);
    encode_unsubscribe(packet->packet_id, filters, packet->properties, version, out);
}
void encode_again(const Parsed<Publish>& packet, Version version, std::string& out) {
    const size_t before = out.size();
    HW_ASSERT(encode(*packet, version, out));
    HW_ASSERT(out.size() - before == encoded_size(*packet, version));
    PublishImage image;
    HW_ASSERT(image.assign(*packet, version));
    std::string copy;
    image.append(packet->packet_id, packet->dup, packet->retain, copy);
    HW_ASSERT(copy == std::string_view(out).substr(before));
}
template <class Packet>
void encode_again(const Parsed<Packet>& packet, Version version, std::string& out) {
    encode(*packet, version, out);
}

// Rebuilds the properties one by one: they must be the same bytes.
void check_properties(const Properties& properties) {
    PropertyList list;
    for (const Property& property : properties)
        list.add(property);
    HW_ASSERT(list.view() == properties);
}
template <class Packet>
void check_properties_of(const Packet& packet) {
    check_properties(packet.properties);
}

template <class Parse>
void check(const Frame& frame, Version version, Parse parse) {
    const auto first = parse(frame);
    if (!first) {
        HW_ASSERT(failed(first.error().reason) && !first.error().why.empty());
        return;
    }
    check_properties_of(*first);
    std::string once;
    encode_again(first, version, once);
    const FrameResult next = next_packet(once, remaining_length_max + 5, version);
    HW_ASSERT(next.framing == Framing::complete && next.frame.size == once.size());
    const auto second = parse(next.frame);
    HW_ASSERT(second.has_value());
    HW_ASSERT(second->properties == first->properties);
    std::string twice;
    encode_again(second, version, twice);
    HW_ASSERT(once == twice);
    // But for the forms that may be left out (a reason of 0, an empty property list, padding of
    // lengths) and the bits that 3.1 left undefined, the bytes are the very ones that came.
    if (version != Version::v3_1 && frame.body.size() == next.frame.body.size())
        HW_ASSERT(frame.body == next.frame.body);
}

void check_packet(const Frame& frame, Version version) {
    switch (frame.type) {
        case PacketType::connect:
            return check(frame, version, [](const Frame& f) { return parse_connect(f); });
        case PacketType::connack:
            // The return codes of 3.1.1 are a coarser set, but each has one reason.
            return check(frame, version, [=](const Frame& f) { return parse_connack(f, version); });
        case PacketType::publish:
            return check(frame, version, [=](const Frame& f) { return parse_publish(f, version); });
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
            return check(frame, version, [=](const Frame& f) { return parse_ack(f, version); });
        case PacketType::subscribe:
            return check(frame, version,
                         [=](const Frame& f) { return parse_subscribe(f, version); });
        case PacketType::unsubscribe:
            return check(frame, version,
                         [=](const Frame& f) { return parse_unsubscribe(f, version); });
        case PacketType::suback:
        case PacketType::unsuback:
            return check(frame, version, [=](const Frame& f) { return parse_suback(f, version); });
        case PacketType::pingreq:
        case PacketType::pingresp:
            (void)parse_ping(frame);
            return;
        case PacketType::disconnect:
            return check(frame, version,
                         [=](const Frame& f) { return parse_disconnect(f, version); });
        case PacketType::auth:
            return check(frame, version, [=](const Frame& f) { return parse_auth(f, version); });
    }
    HW_UNREACHABLE();
}

}  // namespace
}  // namespace hw::mqtt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto version = static_cast<hw::mqtt::Version>(3 + data[0] % 3);
    std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    for (;;) {
        const auto next = hw::mqtt::next_packet(bytes, 8 * 1024, version);
        if (next.framing == hw::mqtt::Framing::need_more) {
            HW_ASSERT(next.size_needed > bytes.size());
            return 0;
        }
        if (next.framing == hw::mqtt::Framing::error) return 0;
        hw::mqtt::check_packet(next.frame, version);
        bytes.remove_prefix(next.frame.size);
    }
}
