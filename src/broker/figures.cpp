#include "broker/figures.h"

#include <string>

namespace hw::broker {

FigureExport::FigureExport(const Figures& f, Metrics& metrics) {
    const auto add = [&](const uint64_t& from, std::string_view name, std::string_view help,
                         Metrics::Labels labels = {}) {
        const std::string full = "headworks_broker_" + std::string(name);
        lines_.push_back({&from, &metrics.counter(full, help, std::move(labels))});
    };
    add(f.bytes_in, "received_bytes_total", "Bytes received from MQTT clients");
    add(f.bytes_out, "sent_bytes_total", "Bytes sent to MQTT clients");
    add(f.connections_opened, "connections_opened_total", "Connections taken");
    add(f.connects_refused, "connects_refused_total", "CONNECTs answered with a failure");
    add(f.takeovers, "takeovers_total", "Sessions taken over by a newer connection");
    add(f.protocol_errors, "protocol_errors_total", "Connections closed for a broken packet");
    add(f.keep_alive_timeouts, "keep_alive_timeouts_total", "Connections closed for silence");
    for (int qos = 0; qos < 3; ++qos) {
        const Metrics::Labels labels = {{"qos", std::to_string(qos)}};
        add(f.publishes_in[qos], "messages_received_total", "Messages received", labels);
        add(f.publishes_out[qos], "messages_sent_total", "Messages sent", labels);
    }
    add(f.publishes_denied, "messages_denied_total", "Messages their sender may not publish");
    add(f.kept, "messages_kept_total", "Messages handed over to be kept");
    add(f.keep_failed, "messages_keep_failed_total", "Messages that could not be kept");
    add(f.unmatched, "messages_unmatched_total", "Messages without a subscriber");
    const std::string_view dropped = "messages_dropped_total";
    const std::string_view help = "Deliveries dropped, by reason";
    add(f.dropped_slow, dropped, help, {{"reason", "slow_subscriber"}});
    add(f.dropped_queue, dropped, help, {{"reason", "queue_full"}});
    add(f.dropped_expired, dropped, help, {{"reason", "expired"}});
    add(f.dropped_too_large, dropped, help, {{"reason", "too_large"}});
    add(f.dropped_offline, dropped, help, {{"reason", "offline"}});
    add(f.retained_refused, "retained_refused_total", "Messages not retained for the limit");
    add(f.publisher_pauses, "publisher_pauses_total", "Times a publisher's socket was paused");
    add(f.routes_resolved, "routes_resolved_total", "Topics whose subscribers were looked up");
}

Gauges::Gauges(Metrics& metrics) {
    const auto add = [&](std::atomic<uint64_t> Values::* member, std::string_view name,
                         std::string_view help) {
        metrics.gauge("headworks_broker_" + std::string(name), help, [shared = values, member] {
            return static_cast<double>(((*shared).*member).load());
        });
    };
    add(&Values::connections, "connections", "Open connections");
    add(&Values::connected, "clients", "Clients connected");
    add(&Values::sessions, "sessions", "Sessions, connected or not");
    add(&Values::subscriptions, "subscriptions", "Subscriptions");
    add(&Values::retained, "retained_messages", "Retained messages");
    add(&Values::retained_bytes, "retained_bytes", "Bytes of retained messages");
    add(&Values::routes, "routes", "Topics whose subscribers are kept resolved");
    add(&Values::paused, "publishers_paused", "Publishers whose sockets are not read");
}

void FigureExport::update() {
    for (Line& line : lines_) {
        const uint64_t now = *line.from;
        if (now == line.seen) continue;
        line.to->add(now - line.seen);
        line.seen = now;
    }
}

}  // namespace hw::broker
