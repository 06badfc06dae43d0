#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace hw::mqtt {

// The 27 properties of MQTT 5.0 (section 2.2.2.2).
enum class PropertyId : uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0b,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1a,
    server_reference = 0x1c,
    reason_string = 0x1f,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifier_available = 0x29,
    shared_subscription_available = 0x2a,
};

enum class PropertyKind : uint8_t { none, u8, u16, u32, varint, text, binary, text_pair };

// PropertyKind::none for a number that is no property.
PropertyKind property_kind(PropertyId id);

// One property. Numbers are in `number`; texts, bytes and the name of a user property are in
// `text`; the value of a user property is in `value`.
struct Property {
    PropertyId id;
    uint32_t number = 0;
    std::string_view text = {};
    std::string_view value = {};

    friend bool operator==(const Property&, const Property&) = default;
};

// The properties of one packet: a view of validated wire bytes, so that reading a packet allocates
// nothing and forwarding it copies one block. Look-ups scan (packets carry few). The bytes belong
// to whoever owns the packet's.
class Properties {
  public:
    class Iterator {
      public:
        Iterator(const char* at, const char* end) : at_(at), end_(end) { read(); }
        const Property& operator*() const { return property_; }
        const Property* operator->() const { return &property_; }
        Iterator& operator++() {
            at_ = next_;
            read();
            return *this;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

      private:
        void read();

        const char* at_;
        const char* end_;
        const char* next_ = nullptr;
        Property property_{};
    };

    Properties() = default;
    // Trusts that `raw` is a sound sequence of properties and `present` has bit n set for id n.
    // Only the parser and PropertyList build these.
    Properties(std::string_view raw, uint64_t present) : raw_(raw), present_(present) {}

    bool empty() const { return raw_.empty(); }
    bool has(PropertyId id) const { return (present_ >> static_cast<unsigned>(id) & 1) != 0; }
    // Without the length in front.
    std::string_view raw() const { return raw_; }
    uint64_t present() const { return present_; }

    // The (first) value, or `absent`.
    uint32_t number(PropertyId id, uint32_t absent) const;
    // Empty where absent; also for binary kinds.
    std::string_view text(PropertyId id) const;
    BytesView bytes(PropertyId id) const { return as_bytes(text(id)); }

    // All in the order they came: for (const Property& p : properties).
    Iterator begin() const { return {raw_.data(), raw_.data() + raw_.size()}; }
    Iterator end() const { return {raw_.data() + raw_.size(), raw_.data() + raw_.size()}; }

    friend bool operator==(const Properties&, const Properties&) = default;

  private:
    std::string_view raw_;
    uint64_t present_ = 0;
};

// Builds properties to send. Values must fit their kind (texts and bytes up to 65,535 bytes):
// anything else is a bug in the caller. Reusable after clear() without allocating.
class PropertyList {
  public:
    PropertyList& number(PropertyId id, uint32_t value);
    PropertyList& text(PropertyId id, std::string_view value);
    PropertyList& bytes(PropertyId id, BytesView value) { return text(id, as_text(value)); }
    PropertyList& user(std::string_view name, std::string_view value);
    PropertyList& add(const Property& property);
    // All of `from` but those whose bit is set in `except`, see property_bit().
    PropertyList& copy(const Properties& from, uint64_t except = 0);
    void clear();

    // Valid until the next change.
    Properties view() const { return {bytes_, present_}; }

  private:
    void id(PropertyId id);

    std::string bytes_;
    uint64_t present_ = 0;
};

constexpr uint64_t property_bit(PropertyId id) {
    return uint64_t{1} << static_cast<unsigned>(id);
}

// What a server must not pass on as it came (3.3.2.3): it has its own alias and subscription
// identifiers towards each receiver, and the expiry shrinks while the message waits. All else of a
// PUBLISH is forwarded unaltered.
constexpr uint64_t hop_properties = property_bit(PropertyId::topic_alias) |
                                    property_bit(PropertyId::subscription_identifier) |
                                    property_bit(PropertyId::message_expiry_interval);

}  // namespace hw::mqtt
