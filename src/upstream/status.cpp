#include "upstream/status.h"

#include "base/json_writer.h"

namespace hw::upstream {

void register_metrics(Metrics& metrics, const Figures& figures) {
    const auto read = [](const auto& number) {
        return [&number] { return static_cast<double>(number.load()); };
    };
    metrics.gauge("headworks_upstream_connected", "1 while the link to the centre is up.",
                  read(figures.connected));
    metrics.gauge("headworks_upstream_queue_bytes", "Disk taken by samples that wait.",
                  read(figures.queue_bytes));
    metrics.gauge("headworks_upstream_samples_waiting", "Samples not yet acknowledged.",
                  read(figures.samples_waiting));
    metrics.gauge("headworks_upstream_drain_samples_per_second",
                  "Backlog samples acknowledged a second.", read(figures.drain_rate));
    metrics.total("headworks_upstream_samples_sent_total", "Samples sent, repeats too.",
                  read(figures.samples_sent));
    metrics.total("headworks_upstream_samples_acknowledged_total", "Samples taken by the centre.",
                  read(figures.samples_acknowledged));
    metrics.total("headworks_upstream_messages_sent_total", "Messages sent.",
                  read(figures.messages_sent));
    metrics.total("headworks_upstream_bytes_sent_total", "Payload bytes sent.",
                  read(figures.bytes_sent));
    metrics.total("headworks_upstream_connects_total", "Connections that came about.",
                  read(figures.connects));
    metrics.total("headworks_upstream_commands_total", "Commands from the centre.",
                  read(figures.commands));
    metrics.total("headworks_upstream_gaps_total", "Gaps recorded, by this data folder.",
                  read(figures.gaps));
    for (size_t i = static_cast<size_t>(GapReason::queue_full); i < figures.samples_lost.size();
         ++i)
        metrics.total("headworks_upstream_samples_lost_total",
                      "Samples that never reach the centre.", read(figures.samples_lost[i]),
                      {{"reason", std::string(to_string(static_cast<GapReason>(i)))}});
}

std::string status_json(const Status& status) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("broker", status.broker);
    json.member("client_id", status.client_id);
    json.member("format", status.format);
    json.member("connected", status.connected);
    json.member("since", status.since);
    json.key("last_error");
    status.last_error.empty() ? json.null() : json.value(status.last_error);
    json.key("queue");
    json.begin_object();
    json.member("bytes", status.queue_bytes);
    json.member("bytes_limit", status.queue_bytes_limit);
    json.member("segments", status.queue_segments);
    json.member("samples_waiting", status.samples_waiting);
    json.key("oldest_waiting");
    status.oldest_waiting ? json.value(*status.oldest_waiting) : json.null();
    json.member("drain_samples_per_second", status.drain_rate);
    json.end_object();
    json.member("samples_sent", status.samples_sent);
    json.member("samples_acknowledged", status.samples_acknowledged);
    json.member("bytes_sent", status.bytes_sent);
    json.key("gaps");
    json.begin_array();
    for (auto gap = status.gaps.rbegin(); gap != status.gaps.rend(); ++gap) {
        json.begin_object();
        json.member("id", gap->id);
        json.member("reason", to_string(gap->reason));
        json.member("state", to_string(gap->state));
        json.member("from", gap->from);
        json.key("to");
        gap->state == GapState::open ? json.null() : json.value(gap->to);
        json.member("samples", gap->samples);
        json.member("detail", gap->detail);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return out;
}

}  // namespace hw::upstream
