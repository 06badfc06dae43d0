#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/strong.h"
#include "wire/mqtt/properties.h"
#include "wire/mqtt/reason.h"

// The packets of MQTT 3.1, 3.1.1 and 5.0 as values. Everything in them is a view: of the bytes that
// were parsed, or of what the sender owns; valid as long as those are. What only one version has is
// empty in the others.
namespace hw::mqtt {

enum class Version : uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class PacketType : uint8_t {
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    pubrec = 5,
    pubrel = 6,
    pubcomp = 7,
    subscribe = 8,
    suback = 9,
    unsubscribe = 10,
    unsuback = 11,
    pingreq = 12,
    pingresp = 13,
    disconnect = 14,
    auth = 15,
};

std::string_view to_string(PacketType type);

enum class Qos : uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// 1 to 65,535; 0 is none.
using PacketId = Strong<uint16_t, struct PacketIdTag>;

// The largest text, topic or binary field, and the largest remaining length.
inline constexpr size_t text_bytes_max = 65'535;
inline constexpr size_t remaining_length_max = 268'435'455;

struct Will {
    std::string_view topic;
    BytesView payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    Properties properties = {};
};

struct Connect {
    Version version = Version::v3_1_1;
    bool clean_start = true;  // "clean session" before 5.0
    uint16_t keep_alive_s = 0;
    std::string_view client_id = {};
    std::optional<Will> will = {};
    std::optional<std::string_view> user_name = {};
    std::optional<BytesView> password = {};
    Properties properties = {};
};

struct Connack {
    bool session_present = false;
    Reason reason = Reason::success;
    Properties properties = {};
};

struct Publish {
    std::string_view topic = {};  // empty only where a topic alias stands for it
    BytesView payload = {};
    PacketId packet_id = {};  // none at QoS 0
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
    Properties properties = {};
};

// PUBACK, PUBREC, PUBREL, PUBCOMP.
struct Ack {
    PacketType type = PacketType::puback;
    PacketId packet_id = {};
    Reason reason = Reason::success;
    Properties properties = {};
};

enum class RetainHandling : uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

struct Subscription {
    std::string_view filter;
    Qos qos = Qos::at_most_once;
    bool no_local = false;
    bool retain_as_published = false;
    RetainHandling retain_handling = RetainHandling::send;

    friend bool operator==(const Subscription&, const Subscription&) = default;
};

// The filters of a SUBSCRIBE (with options) or UNSUBSCRIBE (without), as validated wire bytes.
class SubscriptionList {
  public:
    class Iterator {
      public:
        Iterator(const char* at, const char* end, bool with_options)
            : at_(at), end_(end), with_options_(with_options) {
            read();
        }
        const Subscription& operator*() const { return subscription_; }
        const Subscription* operator->() const { return &subscription_; }
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
        bool with_options_;
        Subscription subscription_{};
    };

    SubscriptionList() = default;
    SubscriptionList(std::string_view raw, size_t count, bool with_options)
        : raw_(raw), count_(count), with_options_(with_options) {}

    size_t size() const { return count_; }
    std::string_view raw() const { return raw_; }
    Iterator begin() const { return {raw_.data(), raw_.data() + raw_.size(), with_options_}; }
    Iterator end() const {
        return {raw_.data() + raw_.size(), raw_.data() + raw_.size(), with_options_};
    }

  private:
    std::string_view raw_;
    size_t count_ = 0;
    bool with_options_ = true;
};

struct Subscribe {
    PacketId packet_id;
    SubscriptionList subscriptions;
    Properties properties = {};
};

struct Unsubscribe {
    PacketId packet_id;
    SubscriptionList filters;  // only .filter means something
    Properties properties = {};
};

// SUBACK and UNSUBACK: one reason (a byte) for each filter, in order. Before 5.0 an UNSUBACK has
// none and a SUBACK knows 0, 1, 2 and 0x80.
struct Suback {
    PacketType type = PacketType::suback;
    PacketId packet_id = {};
    BytesView reasons = {};
    Properties properties = {};
};

struct Disconnect {
    Reason reason = Reason::success;
    Properties properties = {};
};

struct Auth {
    Reason reason = Reason::success;
    Properties properties = {};
};

}  // namespace hw::mqtt
