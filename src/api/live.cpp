#include "api/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/row_writer.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

// Of the form without frames; live_frames.cpp has the others.
const std::vector<std::string> known_parameters = {"filter", "last_event_id", "snapshot"};

}  // namespace

struct LiveHub::Client {
    std::unique_ptr<io::HttpStream> stream;
    std::string filter;
    uint64_t next = 0;           // sequence of the first row not yet looked at
    std::vector<uint8_t> match;  // per point: 0 unknown, 1 no, 2 yes
    bool gone = false;
};

LiveHub::LiveHub(const Settings& settings, model::PointDirectory& points, history::History& history,
                 io::Reactor& reactor, Metrics& metrics, Time now)
    : settings_(settings),
      points_(points),
      history_(history),
      reactor_(reactor),
      events_(metrics.counter("headworks_api_live_events_total", "Live samples sent to clients")),
      missed_(metrics.counter("headworks_api_live_missed_total",
                              "Samples that passed before a slow live client could take them")),
      ring_(settings.live_buffer_bytes, now),
      frames_(settings, points, history, reactor, {ring_, rhythms_}, events_, missed_) {
    metrics.gauge("headworks_api_live_clients", "Live streams now open",
                  [this] { return static_cast<double>(stream_count_.load()); });
    heartbeat_timer_ = reactor_.every(seconds(15), [this] { heartbeat(); });
}

LiveHub::~LiveHub() = default;

void LiveHub::tap(const model::SampleBatch& batch) {
    // Rows are kept even without clients: one may come back and resume.
    rhythms_.add(batch);
    ring_.add(batch);
    // Frames come by the clock.
    if (client_count_.load(std::memory_order_relaxed) > 0 && !posted_.exchange(true))
        reactor_.post([this] { drain_all(); });
}

void LiveHub::open(Exchange exchange) {
    if (clients_.size() + frames_.size() >= settings_.live_clients_limit)
        return exchange.respond(
            problem(503, "limit_exceeded",
                    fmt::format("{} live streams are open, the limit http.live_clients_limit",
                                clients_.size() + frames_.size())));
    if (exchange.request.parameter("frames")) {
        frames_.open(std::move(exchange));
        return count();
    }
    if (auto known = check_parameters(exchange.request, known_parameters); !known)
        return exchange.fail(known.error());
    const std::string filter(exchange.request.parameter("filter").value_or("#"));
    if (auto valid = model::check_filter(filter); !valid) return exchange.fail(valid.error());
    auto resume = number_parameter(exchange.request, "last_event_id", 0, UINT64_MAX);
    if (!resume) return exchange.fail(resume.error());
    if (const auto header = exchange.request.header("last-event-id")) {
        uint64_t id = 0;
        const auto [end, error] =
            std::from_chars(header->data(), header->data() + header->size(), id);
        if (error == std::errc() && end == header->data() + header->size()) *resume = id;
    }
    auto snapshot = bool_parameter(exchange.request, "snapshot");
    if (!snapshot) return exchange.fail(snapshot.error());

    auto client = std::make_shared<Client>();
    client->filter = filter;
    const uint64_t next = ring_.next();
    if (*resume && (**resume < ring_.first() || **resume >= next)) resume->reset();
    client->next = *resume ? **resume + 1 : next;
    client->stream = exchange.responder->stream(
        {200, {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}, ""});
    client->stream->on_gone([weak = std::weak_ptr(client)] {
        if (const auto still = weak.lock()) still->gone = true;
    });
    clients_.push_back(client);
    count();
    client->stream->write("retry: 2000\n\n");
    if (!*resume && snapshot->value_or(true)) send_snapshot(*client);
    drain(*client);
}

void LiveHub::send_snapshot(Client& client) {
    std::string after;
    std::vector<std::optional<history::PointState>> states;
    model::SampleBatch row;
    for (;;) {
        const auto ids = points_.match(client.filter, after, 1'000);
        if (ids.empty()) return;
        history_.point_states(ids, states);
        scratch_.clear();
        for (size_t i = 0; i < ids.size(); ++i) {
            if (!states[i]) continue;
            row.clear();
            row.add(ids[i], states[i]->last);
            scratch_ += "event: sample\ndata: ";
            append_sample_json(scratch_, points_.path(ids[i]), row, 0);
            scratch_ += "\n\n";
        }
        client.stream->write(scratch_);
        after = points_.path(ids.back());
    }
}

bool LiveHub::matches(Client& client, model::PointId id) {
    if (id.value() >= client.match.size()) client.match.resize(id.value() + 1024, 0);
    uint8_t& known = client.match[id.value()];
    if (known == 0) known = model::matches(client.filter, points_.path(id)) ? 2 : 1;
    return known == 2;
}

bool LiveHub::drain(Client& client) {
    while (!client.gone) {
        if (client.stream->queued_bytes() > settings_.live_queue_bytes) return true;
        const auto piece = ring_.read(client.next);
        if (!piece.batch) return true;
        scratch_.clear();
        if (piece.missed > 0) {
            missed_.add(piece.missed);
            scratch_ += fmt::format("event: gap\ndata: {{\"missed\":{}}}\n\n", piece.missed);
        }
        const auto& batch = *piece.batch;
        uint64_t sent = 0;
        for (size_t i = client.next - piece.begins; i < batch.size(); ++i) {
            if (!matches(client, batch.points()[i])) continue;
            fmt::format_to(std::back_inserter(scratch_),
                           "id: {}\nevent: sample\ndata: ", piece.begins + i);
            append_sample_json(scratch_, points_.path(batch.points()[i]), batch, i);
            scratch_ += "\n\n";
            ++sent;
        }
        client.next = piece.begins + batch.size();
        events_.add(sent);
        if (!scratch_.empty() && !client.stream->write(scratch_)) client.gone = true;
    }
    return false;
}

void LiveHub::drain_all() {
    posted_ = false;
    std::erase_if(clients_, [this](const auto& client) { return !drain(*client); });
    count();
}

void LiveHub::count() {
    client_count_ = clients_.size();
    stream_count_ = clients_.size() + frames_.size();
}

void LiveHub::heartbeat() {
    for (const auto& client : clients_)
        if (!client->gone && client->stream->queued_bytes() < settings_.live_queue_bytes)
            client->stream->write(": still here\n\n");
    drain_all();
}

void LiveHub::close_all() {
    for (const auto& client : clients_)
        if (!client->gone) client->stream->finish();
    clients_.clear();
    frames_.close_all();
    count();
    reactor_.cancel(heartbeat_timer_);
}

}  // namespace hw::api
