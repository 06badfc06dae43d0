#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/mqtt/packets.h"

// Bytes to packets and back. No state; any thread. Parsing and encoding allocate nothing but the
// growth of the output string. Sources: MQTT 3.1.1 and 5.0 (OASIS), MQTT 3.1 (IBM, 2010); normative
// statements are cited by number in the .cpp files, those of 5.0 where both have one.
namespace hw::mqtt {

// Why a packet was refused: the reason code to answer with, and a sentence for the log, static.
struct ProtocolError {
    Reason reason = Reason::malformed_packet;
    std::string_view why = {};
};

template <class T>
using Parsed = std::expected<T, ProtocolError>;

// One whole packet as it stands in the input.
struct Frame {
    PacketType type;
    uint8_t flags;          // the low four bits of the first byte
    std::string_view body;  // after the fixed header
    size_t size;            // fixed header and body
};

enum class Framing : uint8_t { complete, need_more, error };

struct FrameResult {
    Framing framing = Framing::need_more;
    Frame frame = {};          // if complete
    ProtocolError error = {};  // if error
    size_t size_needed = 2;    // if need_more: how many bytes the packet has at least
};

// The first packet in `bytes`. Refuses packets over `packet_bytes_max` as soon as their length is
// known, reserved flags, packet type 0, and (5.0 only) lengths not in their shortest form.
FrameResult next_packet(std::string_view bytes, size_t packet_bytes_max, Version version);

// The version a CONNECT frame asks for. An unknown one fails with unsupported_protocol_version.
Parsed<Version> connect_version(const Frame& frame);

// Each takes a frame of its type (anything else is a bug in us) and checks all that can be checked
// without knowing the connection's past.
Parsed<Connect> parse_connect(const Frame& frame);
Parsed<Connack> parse_connack(const Frame& frame, Version version);
Parsed<Publish> parse_publish(const Frame& frame, Version version);
Parsed<Ack> parse_ack(const Frame& frame, Version version);
Parsed<Subscribe> parse_subscribe(const Frame& frame, Version version);
Parsed<Suback> parse_suback(const Frame& frame, Version version);
Parsed<Unsubscribe> parse_unsubscribe(const Frame& frame, Version version);
Parsed<Disconnect> parse_disconnect(const Frame& frame, Version version);
Parsed<Auth> parse_auth(const Frame& frame, Version version);
// PINGREQ and PINGRESP have no body.
Parsed<void> parse_ping(const Frame& frame);

// Encoders append one packet. Properties and reasons that the version lacks are left out. Fields
// over their limits are a bug in the caller, except that a packet over remaining_length_max is
// refused: nothing is appended and false comes back.
void encode(const Connect& packet, std::string& out);
void encode(const Connack& packet, Version version, std::string& out);
bool encode(const Publish& packet, Version version, std::string& out);
void encode(const Ack& packet, Version version, std::string& out);
// The four bytes of an acknowledgement that says no more than its id, which nearly all are.
inline void encode_bare_ack(PacketType type, PacketId id, std::string& out) {
    const unsigned first = static_cast<unsigned>(type) << 4 | (type == PacketType::pubrel ? 2 : 0);
    const char bytes[4] = {static_cast<char>(first), 2, static_cast<char>(id.value() >> 8),
                           static_cast<char>(id.value() & 0xff)};
    out.append(bytes, sizeof(bytes));
}
void encode(const Suback& packet, Version version, std::string& out);
// Before 5.0 only a client sends DISCONNECT, and AUTH does not exist: encoding it is a bug.
void encode(const Disconnect& packet, Version version, std::string& out);
void encode(const Auth& packet, std::string& out);
void encode_subscribe(PacketId packet_id, std::span<const Subscription> subscriptions,
                      const Properties& properties, Version version, std::string& out);
void encode_unsubscribe(PacketId packet_id, std::span<const std::string_view> filters,
                        const Properties& properties, Version version, std::string& out);
void encode_pingreq(std::string& out);
void encode_pingresp(std::string& out);

// 5.0 only: with a topic alias beside what `properties` has (which has none).
bool encode_with_alias(const Publish& packet, uint16_t alias, std::string& out);

// The bytes that encode(publish) would append.
size_t encoded_size(const Publish& packet, Version version);

// One PUBLISH serialised once, for many receivers of the same version family (5.0 or before) and
// the same QoS. Packet id, DUP and RETAIN are patched into each copy, so a delivery is one append.
// Owner: whoever made it; any number of readers.
class PublishImage {
  public:
    PublishImage() = default;
    // Reuses the memory of a previous message. False, and then empty, if it is too large for MQTT.
    bool assign(const Publish& publish, Version version);

    bool empty() const { return bytes_.empty(); }
    size_t size() const { return bytes_.size(); }
    Qos qos() const { return qos_; }
    // As serialised: at QoS 0 with the RETAIN bit of assign() ready to be sent as it is.
    std::string_view bytes() const { return bytes_; }

    void append(std::string& out) const { out.append(bytes_); }
    void append(PacketId packet_id, bool dup, bool retain, std::string& out) const;

  private:
    std::string bytes_;
    uint32_t packet_id_at_ = 0;  // 0 at QoS 0
    Qos qos_ = Qos::at_most_once;
};

// UTF-8 as MQTT wants it (1.5.4): shortest forms, no surrogates, no U+0000.
bool valid_text(std::string_view text);
// Not empty, at most 65,535 bytes, valid_text, no '+' or '#' (4.7.1, 4.7.3).
bool valid_topic_name(std::string_view topic);
// Not empty, valid_text, '+' a whole level, '#' a whole and the last level;
// "$share/<name>/<filter>" with a name without wildcards (4.7.1, 4.8.2).
bool valid_topic_filter(std::string_view filter);

}  // namespace hw::mqtt
