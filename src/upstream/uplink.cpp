#include "upstream/uplink.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "upstream/json_sample.h"

namespace hw::upstream {

namespace {

constexpr Duration back_off_least = seconds(1);
constexpr Duration back_off_most = seconds(30);
// A record refused so often, while the centre takes others, is halved until the rows are found that
// are the trouble. More patience where the reason tells rather of the centre (its disk is full).
constexpr int refusals_most = 2;
constexpr int refusals_most_of_state = 4;
// So many rows refused and none taken: it is the centre after all.
constexpr size_t hopeless_rows = 16;
constexpr size_t careful_most = 256;
constexpr size_t refusals_kept = 64;
// In JSON each row is a message of its own, so a chunk need not be large.
constexpr size_t json_rows = 1024;
constexpr size_t packet_ids = 65'536;

Lanes::Settings lanes_of(const Settings& settings) {
    Lanes::Settings lanes;
    lanes.linger = settings.batch_interval;
    lanes.batch_rows = settings.batch_samples;
    if (settings.format == Format::json) lanes.batch_rows = std::min(lanes.batch_rows, json_rows);
    return lanes;
}

Duration doubled(Duration wait) {
    return std::clamp(Duration{wait.ns * 2}, back_off_least, back_off_most);
}

// What says that this message, rather than the centre's state, is the trouble. A Headworks that
// could not read a batch has kept nothing of it and says so as "nobody is subscribed".
bool is_the_messages_fault(mqtt::Reason reason) {
    return reason == mqtt::Reason::no_matching_subscribers ||
           reason == mqtt::Reason::payload_format_invalid;
}

}  // namespace

Uplink::Uplink(io::Reactor& reactor, const Settings& settings, mqtt::ClientOptions options,
               io::Disk& disk, Outbox& outbox, model::PointDirectory& points, Figures& figures,
               Events events)
    : reactor_(reactor),
      settings_(settings),
      client_id_(options.client_id),
      outbox_(outbox),
      points_(points),
      figures_(figures),
      events_(std::move(events)),
      link_(reactor, settings.broker, std::move(options), *this),
      lanes_(lanes_of(settings),
             outbox.with_queue([](const Queue& queue) { return queue.acknowledged(); })),
      backlog_(disk, outbox, lanes_, events_.lost),
      random_(static_cast<uint64_t>(reactor.clock().now().ns)),
      token_of_packet_(packet_ids),
      topic_(ingest::batch_topic(client_id_)) {
    if (settings_.format == Format::batch) {
        properties_.text(mqtt::PropertyId::content_type, ingest::batch_content_type);
        properties_.user("format-version", std::to_string(ingest::batch_version));
    } else {
        properties_.text(mqtt::PropertyId::content_type, "application/json");
    }
    reactor_.on_round_end([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && std::exchange(pump_soon_, false)) pump();
    });
}

Uplink::~Uplink() = default;

void Uplink::close() {
    closing_ = true;
    connected_ = false;
    outbox_.keep_fresh(false);
    link_.close();
}

void Uplink::on_connected(bool) {
    connected_ = true;
    back_off_ = hold_ = {};
    held_until_ = {};
    taken_ = 0;
    ++figures_.connects;
    figures_.connected = true;
    outbox_.keep_fresh(true);
    lanes_.connected();
    const std::string filter = down_filter(client_id_);
    const mqtt::Subscription down{.filter = filter, .qos = mqtt::Qos::at_least_once};
    const auto subscribed = link_.connection().subscribe({&down, 1}, link_.out());
    if (!subscribed) log_warning("upstream", subscribed.error().text());
    log_info("upstream", fmt::format("connected to {} as {}", settings_.broker_text, client_id_));
    events_.up();
    pump_soon_ = true;
}

void Uplink::on_subscribed(BytesView reasons) {
    if (reasons.empty() || !mqtt::failed(static_cast<mqtt::Reason>(reasons[0]))) return;
    log_warning("upstream", fmt::format("the centre refuses the subscription to {}: no commands "
                                        "will come from there",
                                        down_filter(client_id_)));
}

void Uplink::on_lost(const Error& why) {
    connected_ = false;
    figures_.connected = false;
    outbox_.keep_fresh(false);
    lanes_.lost();
    live_.clear();
    transmissions_.clear();
    unsent_.clear();
    alone_.reset();
    if (closing_) return;
    events_.down(why.text());
    connect_later();
}

void Uplink::connect_later() {
    back_off_ = back_off_.ns == 0 ? back_off_least : doubled(back_off_);
    // Jitter, so that a site's edges do not come back all at once.
    const auto share = static_cast<double>(back_off_.ns) * (0.75 + 0.5 * random_.uniform());
    const Duration wait{std::min(static_cast<int64_t>(share), back_off_most.ns)};
    reactor_.after(wait, [this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && !closing_) link_.open();
    });
}

bool Uplink::take_fresh() {
    bool backlog = false;
    const Time now = reactor_.clock().monotonic();
    for (auto& fresh : outbox_.take_fresh(backlog)) {
        lanes_.live_added(fresh.record, now);
        live_.push_back(std::move(fresh));
    }
    if (const auto evicted = lanes_.take_evicted())
        while (!live_.empty() && live_.front().record.number <= *evicted)
            live_.pop_front();
    if (backlog) lanes_.backlog_grew();
    return backlog;
}

void Uplink::pump() {
    take_fresh();
    if (!connected_) return;
    publish_parts();
    if (alone_ && !transmissions_.contains(*alone_)) alone_.reset();
    while (connected_ && unsent_.empty() && !alone_) {
        const Time now = reactor_.clock().monotonic();
        if (now < held_until_) break;
        if (std::exchange(careful_turn_, false) && careful_ > 0) {
            // Live samples wait for once: else there might always be one in flight.
            careful_turn_ = !transmissions_.empty();
            if (careful_turn_) break;
            if (send_backlog()) continue;
        }
        const auto order = lanes_.next(now, link_.connection().window());
        if (!order) break;
        const bool sent = order->lane == Lane::live ? send_live(*order) : send_backlog();
        careful_turn_ = order->lane == Lane::live;
        if (!sent) break;
    }
    link_.flush();
}

bool Uplink::send_live(const Lanes::Order& order) {
    Transmission transmission;
    std::vector<RecordSamples> records;
    while (!live_.empty() && live_.front().record.number <= order.last) {
        const auto& fresh = live_.front();
        for (size_t i = fresh.from; i < fresh.to; ++i)
            transmission.rows.add_row(*fresh.batch, i);
        records.push_back(fresh.record);
        live_.pop_front();
    }
    HW_ASSERT(!records.empty());
    dispatch(Lane::live, std::move(records), std::move(transmission));
    return true;
}

bool Uplink::send_backlog() {
    const size_t rows = settings_.format == Format::json
                            ? std::min(settings_.batch_samples, json_rows)
                            : settings_.batch_samples;
    if (careful_ > 0 && !transmissions_.empty()) return false;
    auto chunk = backlog_.next(rows, careful_ > 0 ? careful_ : SIZE_MAX);
    if (!chunk) {
        careful_ = 0;
        return false;
    }
    Transmission transmission;
    transmission.lane = Lane::backlog;
    transmission.rows = std::move(chunk->rows);
    transmission.paths = chunk->paths;
    transmission.halving = chunk->records.size() == 1 && last_try(chunk->records[0].number);
    dispatch(Lane::backlog, std::move(chunk->records), std::move(transmission));
    return true;
}

void Uplink::dispatch(Lane lane, std::vector<RecordSamples> records, Transmission transmission) {
    transmission.samples = transmission.rows.size();
    if (transmission.samples > 0) transmission.parts.emplace_back(0, transmission.samples);
    const uint64_t token = lanes_.sent(lane, std::move(records));
    auto& kept = transmissions_[token] = std::move(transmission);
    if (kept.samples == 0) return finish(token);  // rows without a path: told already
    unsent_.push_back(token);
    publish_parts();
    // What goes with others into one commit of the centre is refused with them.
    if (lane == Lane::backlog && careful_ > 0) alone_ = token;
    const auto at = transmissions_.find(token);
    if (at == transmissions_.end() || (at->second.parts.empty() && !at->second.halving)) return;
    if (at->second.paths != nullptr) {
        at->second.own_paths = *at->second.paths;
        at->second.paths = &at->second.own_paths;
    }
}

void Uplink::publish_parts() {
    while (!unsent_.empty() && link_.connection().window() > 0) {
        const uint64_t token = unsent_.front();
        Transmission& transmission = transmissions_.at(token);
        if (!publish_part(token, transmission)) return;
        if (transmission.halving && transmission.unanswered > 0) {
            unsent_.pop_front();  // the next half follows the answer
            return;
        }
        if (!transmission.parts.empty()) continue;
        unsent_.pop_front();
        transmission.rows = {};
        if (transmission.unanswered == 0) finish(token);
    }
}

// False where the link takes no more now.
bool Uplink::publish_part(uint64_t token, Transmission& transmission) {
    auto [from, to] = transmission.parts.front();
    const bool json = settings_.format == Format::json;
    const size_t end = json ? from + 1 : to;
    mqtt::Publish message;
    make_message(transmission, from, end, message);
    const auto id = link_.connection().publish(message, link_.out());
    if (!id && id.error().code() == ErrorCode::unavailable) return false;
    transmission.parts.pop_front();
    if (id) {
        token_of_packet_[id->value()] = token;
        ++transmission.unanswered;
        transmission.half = {from, end};
        ++figures_.messages_sent;
        figures_.samples_sent += end - from;
        figures_.bytes_sent += message.payload.size();
    } else if (end - from > 1) {
        // Over the peer's packet size: in halves.
        const size_t middle = from + (end - from) / 2;
        transmission.parts.emplace_front(middle, end);
        transmission.parts.emplace_front(from, middle);
        return true;
    } else {
        const Time time{transmission.rows.times_ns()[from]};
        events_.lost({GapReason::too_large, time, time, 1, id.error().text()});
    }
    if (end < to) transmission.parts.emplace_front(end, to);
    return true;
}

void Uplink::make_message(Transmission& transmission, size_t from, size_t to,
                          mqtt::Publish& message) {
    const auto path_of = [&](model::PointId point) -> std::string_view {
        return transmission.paths != nullptr ? (*transmission.paths)[point.value()]
                                             : points_.path(point);
    };
    payload_.clear();
    if (settings_.format == Format::json) {
        topic_.assign(settings_.prefix);
        topic_.append(path_of(transmission.rows.points()[from]));
        append_json_sample(payload_, transmission.rows, from);
    } else {
        encoder_.encode(transmission.rows, from, to, path_of, settings_.prefix, payload_);
    }
    message.topic = topic_;
    message.payload = as_bytes(payload_);
    message.qos = mqtt::Qos::at_least_once;
    message.properties = properties_.view();
}

void Uplink::on_acknowledged(mqtt::PacketId id, mqtt::Reason reason) {
    const uint64_t token = std::exchange(token_of_packet_[id.value()], 0);
    const auto at = transmissions_.find(token);
    if (at == transmissions_.end()) return;  // a reply to a command
    Transmission& transmission = at->second;
    const bool nobody = reason == mqtt::Reason::no_matching_subscribers;
    // In JSON the topics are the points' own, and the broker need not have subscribers for them.
    const bool refused = mqtt::failed(reason) || (nobody && settings_.format == Format::batch);
    if (refused) transmission.refused = reason;
    HW_ASSERT(transmission.unanswered > 0);
    --transmission.unanswered;
    pump_soon_ = true;
    if (transmission.halving) return answered_half(token, transmission, refused);
    if (transmission.unanswered == 0 && transmission.parts.empty()) finish(token);
}

void Uplink::answered_half(uint64_t token, Transmission& transmission, bool refused) {
    const auto [from, to] = transmission.half;
    if (!refused) {
        transmission.rows_taken += to - from;
    } else if (to - from == 1) {
        ++transmission.rows_refused;
    } else {
        const size_t middle = from + (to - from) / 2;
        transmission.parts.emplace_front(middle, to);
        transmission.parts.emplace_front(from, middle);
    }
    const bool hopeless =
        transmission.rows_taken == 0 && transmission.rows_refused >= hopeless_rows;
    if (transmission.parts.empty() || hopeless) return finish(token);
    unsent_.push_back(token);
}

void Uplink::finish(uint64_t token) {
    const auto at = transmissions_.find(token);
    const Transmission transmission = std::move(at->second);
    transmissions_.erase(at);
    if (transmission.refused) return refuse(token, transmission, *transmission.refused);
    arrived(token, transmission);
}

void Uplink::arrived(uint64_t token, const Transmission& transmission) {
    const auto records = lanes_.answered(token);
    outbox_.with_queue([&](Queue& queue) { queue.acknowledge(records); });
    for (const auto& record : records)
        refusals_.erase(record.number);
    ++taken_;
    hold_ = {};
    // What is taken earns trust again.
    if (transmission.lane == Lane::backlog && careful_ > 0) careful_ *= 2;
    if (careful_ > careful_most) careful_ = 0;
    figures_.samples_acknowledged += transmission.samples;
    if (transmission.lane == Lane::backlog) figures_.backlog_acknowledged += transmission.samples;
}

void Uplink::refuse(uint64_t token, const Transmission& transmission, mqtt::Reason reason) {
    const std::string why =
        reason == mqtt::Reason::no_matching_subscribers
            ? "the centre takes the batch but does not keep it; is it a Headworks?"
            : fmt::format("the centre refuses: {}", mqtt::to_string(reason));
    // Where every row is refused it may be the centre rather than the rows: some patience.
    const bool surely = transmission.rows_taken > 0 || transmission.samples == 1;
    if (transmission.halving && (surely || ++all_refused_ > refusals_most_of_state))
        return give_up_rows(token, transmission, why);
    const auto records = lanes_.refused(token);
    // From now on one by one, to find the one that is the trouble.
    careful_ = 1;
    if (records.size() == 1 && taken_ > 0) {
        while (refusals_.size() > refusals_kept)
            refusals_.erase(refusals_.begin());
        Refusals& refusals = refusals_[records.front().number];
        if (refusals.count == 0 || taken_ > refusals.taken) {
            ++refusals.count;
            refusals.taken = taken_;
            refusals.messages_fault = is_the_messages_fault(reason);
        }
    }
    hold(why);
}

bool Uplink::last_try(uint64_t record) const {
    const auto at = refusals_.find(record);
    if (at == refusals_.end()) return false;
    return at->second.count >= (at->second.messages_fault ? refusals_most : refusals_most_of_state);
}

void Uplink::give_up_rows(uint64_t token, const Transmission& transmission,
                          const std::string& why) {
    all_refused_ = 0;
    const uint64_t lost = transmission.samples - transmission.rows_taken;
    Transmission rest;
    rest.lane = transmission.lane;
    rest.samples = transmission.samples - lost;
    arrived(token, rest);
    const Time now = reactor_.clock().now();
    events_.lost({GapReason::refused, now, now, lost, why});
}

void Uplink::hold(const std::string& why) {
    hold_ = hold_.ns == 0 ? back_off_least : doubled(hold_);
    held_until_ = reactor_.clock().monotonic() + hold_;
    events_.refused(why);
}

void Uplink::forget_done() {
    lanes_.forget_before(
        outbox_.with_queue([](const Queue& queue) { return queue.oldest_record(); }));
}

void Uplink::on_message(const mqtt::Publish& message) {
    using mqtt::PropertyId;
    ++figures_.commands;
    const std::string topic(message.properties.text(PropertyId::response_topic));
    const std::string correlation(message.properties.text(PropertyId::correlation_data));
    const auto point = point_of_write(message.topic, client_id_, settings_.prefix);
    if (!point) return reply(topic, correlation, fail(point.error()));
    if (handler_ == nullptr)
        return reply(topic, correlation,
                     fail(ErrorCode::unsupported, "this edge has nothing to write to"));
    const std::weak_ptr<bool> alive = alive_;
    handler_->write(
        *point, as_text(message.payload),
        [this, &reactor = reactor_, alive, topic, correlation](const Result<void>& result) {
            reactor.post([this, alive, topic, correlation, result] {
                if (!alive.expired()) reply(topic, correlation, result);
            });
        });
}

void Uplink::reply(const std::string& topic, const std::string& correlation,
                   const Result<void>& result) {
    if (topic.empty() || !connected_) return;
    const std::string payload = encode_reply(result);
    mqtt::PropertyList answer;
    if (!correlation.empty()) answer.text(mqtt::PropertyId::correlation_data, correlation);
    mqtt::Publish message;
    message.topic = topic;
    message.payload = as_bytes(payload);
    message.qos = mqtt::Qos::at_least_once;
    message.properties = answer.view();
    const auto sent = link_.connection().publish(message, link_.out());
    if (!sent) log_warning("upstream", "a command's answer was not sent: " + sent.error().text());
    link_.flush();
}

}  // namespace hw::upstream
