#include "app/twin_orders_port.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "sql/datum.h"

namespace hw::app {

namespace {

using sql::Datum;

Datum datum_of(const model::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return Datum::boolean(*flag);
    if (const auto* whole = std::get_if<int64_t>(&value)) return Datum::integer(*whole);
    if (const auto* number = std::get_if<double>(&value)) return Datum::real(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return Datum::text(*text);
    return Datum::bytes(std::get<model::Bytes>(value).data);
}

Result<void> publish(broker::Broker& broker, const twin::OrderMessage& message) {
    if (message.must_be_heard && !broker.wanted(message.topic))
        return hw::fail(ErrorCode::unavailable,
                        fmt::format("nobody subscribes to '{}'", message.topic));
    broker::Outgoing out;
    out.topic = message.topic;
    out.payload = as_bytes(message.payload);
    out.qos = 1;
    out.retain = message.retain;
    out.expiry = message.expiry;
    out.response_topic = message.response_topic;
    out.correlation_data = as_bytes(message.correlation_data);
    if (!message.payload.empty()) out.content_type = "application/json";
    return broker.publish(out);
}

}  // namespace

twin::Orders::Ports twin_order_ports(io::Reactor& reactor, std::function<broker::Broker&()> broker,
                                     gateway::Gateway* gateway) {
    twin::Orders::Ports ports;
    ports.publish = [&reactor, broker = std::move(broker)](twin::OrderMessage message, auto done) {
        reactor.post([broker, message = std::move(message), done = std::move(done)]() mutable {
            done(publish(broker(), message));
        });
    };
    if (gateway == nullptr) return ports;
    ports.write = [gateway](twin::PointWrite write, auto done) {
        gateway::WriteOrder order;
        order.point = std::move(write.point);
        order.value = std::move(write.value);
        order.verify = write.verify;
        order.timeout = write.timeout;
        order.actor = std::move(write.actor);
        order.origin = std::move(write.origin);
        order.reason = std::move(write.reason);
        gateway->write(std::move(order),
                       [done = std::move(done)](Result<gateway::WriteResult> result) mutable {
                           if (!result) return done(hw::fail(result.error()));
                           std::optional<Datum> read_back;
                           if (result->read_back) read_back = datum_of(*result->read_back);
                           done(std::move(read_back));
                       });
    };
    ports.has_point = [gateway](std::string_view point) { return gateway->has_point(point); };
    return ports;
}

}  // namespace hw::app
