#include "app/rule_observer.h"

#include <array>
#include <utility>
#include <vector>

#include "base/log.h"
#include "rules/event.h"

namespace hw::app {

namespace {

using sql::Datum;

constexpr uint64_t wanted_bit = 1;
constexpr uint64_t durable_bit = 2;

// In the order of broker::Event.
constexpr std::array<std::string_view, 12> event_names = {
    "client/connected",   "client/disconnected",       "client/connack",
    "client/ping",        "auth/check_authn_complete", "auth/check_authz_complete",
    "session/subscribed", "session/unsubscribed",      "message/delivered",
    "message/acked",      "message/dropped",           "message/delivery_dropped",
};

Datum text_or_null(std::string_view text) {
    return text.empty() ? Datum() : Datum::text(text);
}

Datum millis_of(Time time) {
    return Datum::integer(time.ns / milliseconds(1).ns);
}

std::string_view host_of(std::string_view peer) {
    return peer.substr(0, peer.rfind(':'));
}

void put_connection(Datum& columns, const broker::Happening& happening) {
    columns.put("keepalive", Datum::integer(happening.keep_alive_s));
    columns.put("proto_name", Datum::text("MQTT"));
    columns.put("proto_ver", Datum::integer(happening.protocol));
    columns.put("clean_start", Datum::boolean(happening.clean_start));
    columns.put("expiry_interval", Datum::integer(happening.expiry_s));
    columns.put("is_bridge", Datum::boolean(false));
    if (happening.connected_at.ns != 0)
        columns.put("connected_at", millis_of(happening.connected_at));
    if (happening.event == broker::Event::disconnected)
        columns.put("disconnected_at", millis_of(happening.now));
}

// All that any event's shape may have; what it does not have is left out later.
Datum columns_of(const broker::Happening& happening, const Datum& node) {
    Datum columns = Datum::object({});
    const auto put = [&](std::string_view name, Datum value) {
        columns.put(name, std::move(value));
    };
    put("clientid", text_or_null(happening.client_id));
    put("username", text_or_null(happening.user_name));
    put("peerhost", text_or_null(host_of(happening.peer)));
    put("peername", text_or_null(happening.peer));
    put("timestamp", millis_of(happening.now));
    put("node", node);
    put("topic", text_or_null(happening.topic));
    put("qos", Datum::integer(happening.qos));
    put("reason", text_or_null(happening.reason));
    put("reason_code", text_or_null(happening.reason));
    put("action", text_or_null(happening.action));
    put("result", text_or_null(happening.reason));
    put("payload", Datum::text(as_text(happening.payload)));
    put("from_clientid", text_or_null(happening.from_client_id));
    Datum flags = Datum::object({});
    flags.put("retain", Datum::boolean(happening.retain));
    put("flags", std::move(flags));
    put_connection(columns, happening);
    return columns;
}

}  // namespace

RuleObserver::RuleObserver(const rules::Interest& interest, rules::Lane& lane, const Clock& clock,
                           std::string_view node)
    : interest_(interest), lane_(lane), clock_(clock), node_(Datum::text(node)) {}

uint64_t RuleObserver::interest(std::string_view topic) {
    const rules::Wanted wanted = interest_.message(topic);
    if (!wanted.any) return 0;
    return wanted_bit | (wanted.durable ? durable_bit : 0);
}

void RuleObserver::message(uint64_t interest, const broker::Seen& seen) {
    rules::MessageFields fields{.topic = seen.topic,
                                .payload = seen.payload,
                                .client_id = seen.client_id,
                                .username = seen.user_name,
                                .peerhost = host_of(seen.peer),
                                .qos = seen.qos,
                                .retain = seen.retain,
                                .id = next_id_++};
    for (const auto& property : seen.properties)
        if (property.id == mqtt::PropertyId::user_property)
            fields.user_properties.emplace_back(property.text, property.value);
    rules::Event event = rules::message_event(fields, seen.received, node_);
    event.durable = (interest & durable_bit) != 0;
    lane_.add(std::move(event));
}

uint32_t RuleObserver::events() {
    events_ = durable_events_ = 0;
    for (size_t i = 0; i < event_names.size(); ++i) {
        const rules::Wanted wanted = interest_.event(event_names[i]);
        const uint32_t mask = broker::bit(static_cast<broker::Event>(i));
        if (wanted.any) events_ |= mask;
        if (wanted.durable) durable_events_ |= mask;
    }
    return events_;
}

void RuleObserver::event(const broker::Happening& happening) {
    const auto name = event_names[static_cast<size_t>(happening.event)];
    rules::Event event = rules::server_event(name, clock_.now(), columns_of(happening, node_));
    if (!event.record) return;
    event.durable = (durable_events_ & broker::bit(happening.event)) != 0;
    lane_.add(std::move(event));
}

void RuleObserver::round_end() {
    const bool safe = lane_.offer();
    if (!safe && !failing_)
        log_error("rules",
                  "the input log cannot be written: until it can, a crash would lose what "
                  "rules with a guarantee have not worked on");
    failing_ = !safe;
}

}  // namespace hw::app
