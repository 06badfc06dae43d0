#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

// A published message as an observer sees it. Views are valid during the call.
struct Seen {
    std::string_view topic = {};
    BytesView payload = {};
    std::string_view client_id = {};  // empty: it came from within
    std::string_view user_name = {};
    std::string_view peer = {};  // "127.0.0.1:50211"; empty: it came from within
    mqtt::Properties properties = {};
    Time received = {};  // wall time
    uint8_t qos = 0;
    bool retain = false;
};

// What may befall clients, sessions and deliveries.
enum class Event : uint8_t {
    connected,
    disconnected,
    connack,
    ping,
    authenticated,  // the gate was asked about a CONNECT
    authorized,     // the gate was asked about a PUBLISH or SUBSCRIBE
    subscribed,
    unsubscribed,
    delivered,
    acked,
    dropped,           // nobody subscribes to it, and nothing keeps it
    delivery_dropped,  // one subscriber does not get it
};
constexpr uint32_t bit(Event event) {
    return uint32_t{1} << static_cast<unsigned>(event);
}

// One of them; what does not apply is empty or 0. Views are valid during the call.
struct Happening {
    Event event = Event::connected;
    std::string_view client_id = {};
    std::string_view user_name = {};
    std::string_view peer = {};
    std::string_view reason = {};  // "success", "keepalive_timeout", "queue_full" ...
    std::string_view topic = {};   // or the filter
    BytesView payload = {};
    std::string_view from_client_id =
        {};                        // the publisher of what is delivered, acknowledged, dropped
    std::string_view action = {};  // of authorized: "publish" or "subscribe"
    uint32_t expiry_s = 0;
    uint16_t keep_alive_s = 0;
    uint8_t protocol = 0;  // 3, 4, 5
    uint8_t qos = 0;
    bool retain = false;
    bool clean_start = false;
    Time now = {};  // wall time
    Time connected_at = {};
};

// A bit of an interest: it looks on only. Where no other bit is set, a message that nobody else
// takes is dropped as if it were not observed.
constexpr uint64_t onlooker = uint64_t{1} << 63;

// Somebody within the process who follows what happens: the rules. One at most; the broker's
// thread. Calls come in the middle of the broker's work: they take notes for later and call nothing
// of the broker.
class Observer {
  public:
    virtual ~Observer() = default;
    // Grows, by any thread's doing, when interest() or events() would answer otherwise.
    virtual const std::atomic<uint64_t>& stamp() const = 0;
    // For the topic's route: 0 for no interest, else what message() gets. Asked again when the
    // stamp has grown, and whenever subscriptions to the topic change.
    virtual uint64_t interest(std::string_view topic) = 0;
    virtual void message(uint64_t interest, const Seen& message) = 0;
    // The events that are wanted, as bits.
    virtual uint32_t events() = 0;
    virtual void event(const Happening& happening) = 0;
    // The round is over; nothing of it has been acknowledged or sent yet.
    virtual void round_end() = 0;
};

}  // namespace hw::broker
