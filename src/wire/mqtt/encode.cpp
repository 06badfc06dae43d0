#include <cstring>

#include "base/assert.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/fields.h"

namespace hw::mqtt {
namespace {

constexpr uint8_t first_byte(PacketType type, unsigned flags = 0) {
    return static_cast<uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

// Appends one packet whose length is known only at its end: leaves one byte for the length, and
// makes room in the rare case that it takes more.
class PacketWriter : public ByteWriter {
  public:
    PacketWriter(std::string& out, PacketType type, unsigned flags = 0)
        : ByteWriter(out), out_(out) {
        u8(first_byte(type, flags));
        start_ = out.size();
        u8(0);
    }
    void finish() {
        size_t length = out_.size() - start_ - 1;
        HW_ASSERT(length <= remaining_length_max);
        out_.insert(start_, varint_size(length) - 1, '\0');
        for (size_t at = start_; at == start_ || length > 0; ++at, length >>= 7)
            out_[at] = static_cast<char>((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
    }

  private:
    std::string& out_;
    size_t start_;
};

void write_properties(ByteWriter& writer, const Properties& properties) {
    HW_ASSERT(properties.raw().size() <= remaining_length_max);
    writer.varint(properties.raw().size());
    writer.text(properties.raw());
}

// The return codes of 3.1.1, table 3.1.
uint8_t return_code_of(Reason reason) {
    switch (reason) {
        case Reason::success:
            return 0;
        case Reason::unsupported_protocol_version:
            return 1;
        case Reason::client_identifier_not_valid:
            return 2;
        case Reason::bad_user_name_or_password:
        case Reason::bad_authentication_method:
            return 4;
        case Reason::not_authorized:
        case Reason::banned:
            return 5;
        default:
            return 3;
    }
}

uint8_t connect_flags(const Connect& packet) {
    unsigned flags = packet.clean_start ? 0x02 : 0;
    if (packet.will) {
        flags |= 0x04 | static_cast<unsigned>(packet.will->qos) << 3;
        if (packet.will->retain) flags |= 0x20;
    }
    if (packet.user_name) flags |= 0x80;
    if (packet.password) flags |= 0x40;
    return static_cast<uint8_t>(flags);
}

uint8_t subscription_options(const Subscription& subscription, Version version) {
    unsigned options = static_cast<unsigned>(subscription.qos);
    if (version != Version::v5) return static_cast<uint8_t>(options);
    if (subscription.no_local) options |= 0x04;
    if (subscription.retain_as_published) options |= 0x08;
    options |= static_cast<unsigned>(subscription.retain_handling) << 4;
    return static_cast<uint8_t>(options);
}

unsigned publish_flags(const Publish& packet) {
    return (packet.dup ? 8u : 0u) | static_cast<unsigned>(packet.qos) << 1 |
           (packet.retain ? 1u : 0u);
}

// Without the fixed header. An alias is a property of three bytes.
size_t publish_body_size(const Publish& packet, Version version, uint16_t alias) {
    size_t size = 2 + packet.topic.size() + packet.payload.size();
    if (packet.qos != Qos::at_most_once) size += 2;
    if (version == Version::v5) {
        const size_t properties = packet.properties.raw().size() + (alias != 0 ? 3 : 0);
        size += varint_size(properties) + properties;
    }
    return size;
}

char* put(char* at, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}
char* put_u8(char* at, size_t value) {
    *at = static_cast<char>(value);
    return at + 1;
}
char* put_u16(char* at, size_t value) {
    return put_u8(put_u8(at, value >> 8), value & 0xff);
}
char* put_varint(char* at, size_t value) {
    for (; value > 0x7f; value >>= 7)
        at = put_u8(at, (value & 0x7f) | 0x80);
    return put_u8(at, value);
}

// Writes into room of exactly the right size. Returns the offset of the packet id (0 at QoS 0).
size_t put_publish(char* const start, const Publish& packet, Version version, uint16_t alias,
                   size_t body_size) {
    char* at = put_u8(start, first_byte(PacketType::publish, publish_flags(packet)));
    at = put_varint(at, body_size);
    at = put_u16(at, packet.topic.size());
    at = put(at, packet.topic);
    size_t packet_id_at = 0;
    if (packet.qos != Qos::at_most_once) {
        packet_id_at = static_cast<size_t>(at - start);
        at = put_u16(at, packet.packet_id.value());
    }
    if (version == Version::v5) {
        at = put_varint(at, packet.properties.raw().size() + (alias != 0 ? 3 : 0));
        if (alias != 0) {
            at = put_u8(at, static_cast<size_t>(PropertyId::topic_alias));
            at = put_u16(at, alias);
        }
        at = put(at, packet.properties.raw());
    }
    put(at, as_text(packet.payload));
    return packet_id_at;
}

bool append_publish(const Publish& packet, Version version, uint16_t alias, std::string& out) {
    HW_ASSERT(packet.topic.size() <= text_bytes_max);
    const size_t body = publish_body_size(packet, version, alias);
    if (body > remaining_length_max) return false;
    const size_t before = out.size();
    out.resize(before + 1 + varint_size(body) + body);
    put_publish(out.data() + before, packet, version, alias, body);
    return true;
}

template <class Packet>
void encode_reason_packet(const Packet& packet, PacketType type, std::string& out) {
    PacketWriter writer(out, type);
    if (packet.reason != Reason::success || !packet.properties.empty()) {
        writer.u8(static_cast<uint8_t>(packet.reason));
        if (!packet.properties.empty()) write_properties(writer, packet.properties);
    }
    writer.finish();
}

}  // namespace

void encode(const Connect& packet, std::string& out) {
    const bool v5 = packet.version == Version::v5;
    PacketWriter writer(out, PacketType::connect);
    write_field(writer, packet.version == Version::v3_1 ? "MQIsdp" : "MQTT");
    writer.u8(static_cast<uint8_t>(packet.version));
    writer.u8(connect_flags(packet));
    writer.big(packet.keep_alive_s);
    if (v5) write_properties(writer, packet.properties);
    write_field(writer, packet.client_id);
    if (packet.will) {
        if (v5) write_properties(writer, packet.will->properties);
        write_field(writer, packet.will->topic);
        write_field(writer, as_text(packet.will->payload));
    }
    if (packet.user_name) write_field(writer, *packet.user_name);
    if (packet.password) write_field(writer, as_text(*packet.password));
    writer.finish();
}

void encode(const Connack& packet, Version version, std::string& out) {
    PacketWriter writer(out, PacketType::connack);
    writer.u8(packet.session_present && version != Version::v3_1 ? 1 : 0);
    if (version == Version::v5) {
        writer.u8(static_cast<uint8_t>(packet.reason));
        write_properties(writer, packet.properties);
    } else {
        writer.u8(return_code_of(packet.reason));
    }
    writer.finish();
}

bool encode(const Publish& packet, Version version, std::string& out) {
    return append_publish(packet, version, 0, out);
}

bool encode_with_alias(const Publish& packet, uint16_t alias, std::string& out) {
    return append_publish(packet, Version::v5, alias, out);
}

size_t encoded_size(const Publish& packet, Version version) {
    const size_t body = publish_body_size(packet, version, 0);
    return 1 + varint_size(body) + body;
}

void encode(const Ack& packet, Version version, std::string& out) {
    const bool bare = packet.reason == Reason::success && packet.properties.empty();
    if (version != Version::v5 || bare) return encode_bare_ack(packet.type, packet.packet_id, out);
    PacketWriter writer(out, packet.type, packet.type == PacketType::pubrel ? 2 : 0);
    writer.big(packet.packet_id.value());
    writer.u8(static_cast<uint8_t>(packet.reason));
    if (!packet.properties.empty()) write_properties(writer, packet.properties);
    writer.finish();
}

void encode(const Suback& packet, Version version, std::string& out) {
    PacketWriter writer(out, packet.type);
    writer.big(packet.packet_id.value());
    if (version == Version::v5) {
        write_properties(writer, packet.properties);
        writer.bytes(packet.reasons);
    } else if (packet.type == PacketType::suback) {
        for (const std::byte code : packet.reasons) {
            const auto reason = static_cast<Reason>(code);
            writer.u8(static_cast<uint8_t>(failed(reason) ? Reason::unspecified_error : reason));
        }
    }
    writer.finish();
}

void encode(const Disconnect& packet, Version version, std::string& out) {
    if (version == Version::v5) {
        encode_reason_packet(packet, PacketType::disconnect, out);
        return;
    }
    PacketWriter(out, PacketType::disconnect).finish();
}

void encode(const Auth& packet, std::string& out) {
    encode_reason_packet(packet, PacketType::auth, out);
}

void encode_subscribe(PacketId packet_id, std::span<const Subscription> subscriptions,
                      const Properties& properties, Version version, std::string& out) {
    PacketWriter writer(out, PacketType::subscribe, 2);
    writer.big(packet_id.value());
    if (version == Version::v5) write_properties(writer, properties);
    for (const Subscription& subscription : subscriptions) {
        write_field(writer, subscription.filter);
        writer.u8(subscription_options(subscription, version));
    }
    writer.finish();
}

void encode_unsubscribe(PacketId packet_id, std::span<const std::string_view> filters,
                        const Properties& properties, Version version, std::string& out) {
    PacketWriter writer(out, PacketType::unsubscribe, 2);
    writer.big(packet_id.value());
    if (version == Version::v5) write_properties(writer, properties);
    for (const std::string_view filter : filters)
        write_field(writer, filter);
    writer.finish();
}

void encode_pingreq(std::string& out) {
    PacketWriter(out, PacketType::pingreq).finish();
}

void encode_pingresp(std::string& out) {
    PacketWriter(out, PacketType::pingresp).finish();
}

bool PublishImage::assign(const Publish& publish, Version version) {
    HW_ASSERT(publish.topic.size() <= text_bytes_max);
    bytes_.clear();
    qos_ = publish.qos;
    const size_t body = publish_body_size(publish, version, 0);
    if (body > remaining_length_max) return false;
    bytes_.resize(1 + varint_size(body) + body);
    packet_id_at_ = static_cast<uint32_t>(put_publish(bytes_.data(), publish, version, 0, body));
    return true;
}

void PublishImage::append(PacketId packet_id, bool dup, bool retain, std::string& out) const {
    const size_t before = out.size();
    out.append(bytes_);
    char* const copy = out.data() + before;
    copy[0] = static_cast<char>(
        first_byte(PacketType::publish,
                   (dup ? 8u : 0u) | static_cast<unsigned>(qos_) << 1 | (retain ? 1u : 0u)));
    if (packet_id_at_ != 0) put_u16(copy + packet_id_at_, packet_id.value());
}

}  // namespace hw::mqtt
