#include "wire/modbus/client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace hw::modbus {

namespace {

// Serial Line V1.02, 2.4.1: after a broadcast the units get 100 to 200 ms to process it.
constexpr Duration turnaround = milliseconds(100);
// After a time-out a serial line must be quiet so long, so that a late answer is not cut in two.
constexpr Duration settle = milliseconds(20);
constexpr unsigned mute_least = 3;  // time-outs of several units that tell a dead link
constexpr Duration probe_back_off_limit = seconds(30);
// A silent unit whose turn it is may be asked seldom; then another takes it.
constexpr Duration turn_limit = seconds(2);
constexpr uint64_t strays_limit = 1'000;
constexpr uint64_t noise_bytes_limit = 64 * 1024;

// Up to tenths of a second, for texts.
Duration rounded(Duration time) {
    constexpr int64_t tenth_ns = milliseconds(100).ns;
    return {(time.ns + tenth_ns - 1) / tenth_ns * tenth_ns};
}

}  // namespace

Client::Client(const ClientOptions& options)
    : options_(options), reader_(options.framing, FrameReader::Side::client) {
    HW_ASSERT(options.pipeline >= 1 && options.pipeline <= 16);
    if (shared_line()) options_.pipeline = 1;
    flights_.reserve(options_.pipeline);
}

Client::Unit& Client::unit_of(uint8_t number) {
    auto& unit = units_[number];
    if (!unit) {
        unit = std::make_unique<Unit>();
        ring_.push_back(number);
    }
    return *unit;
}

void Client::connected(Time now) {
    HW_ASSERT(flights_.empty());
    open_ = true;
    narrowed_ = false;
    probing_ = false;
    reader_.clear();
    strays_ = 0;
    mute_ = 0;
    mute_units_.reset();
    quiet_dropped_ = reader_.dropped_bytes();
    not_before_ = now;
    next_probe_ = now;
}

void Client::lost(ClientHandler& handler) {
    open_ = false;
    probing_ = false;
    reader_.clear();
    const auto closed = [] {
        return Answer{.outcome = Outcome::closed, .why = "the connection was lost"};
    };
    while (!flights_.empty()) {
        const auto flight = take_flight(flights_.size() - 1);
        answer(flight.job, flight.orphan, closed(), handler);
    }
    // Handlers may queue anew while being told; everything goes.
    while (waiting_ > 0) {
        for (size_t i = 0; i < ring_.size(); ++i) {
            for (auto& queue : units_[ring_[i]]->queues) {
                while (!queue.empty()) {
                    const Job job = std::move(queue.front());
                    queue.pop_front();
                    --waiting_;
                    if (job.urgency != Urgency::poll) --urgent_waiting_;
                    answer(job, false, closed(), handler);
                }
            }
        }
    }
}

Result<void> Client::submit(uint8_t unit, const Request& request, Urgency urgency, Token token) {
    if (is_broadcast(unit) && !is_write(request.function))
        return fail(ErrorCode::invalid_argument,
                    "unit 0 is the broadcast and can only be written; read a unit from 1 to 247");
    if (urgency != Urgency::poll && urgent_waiting_ >= options_.writes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} writes and reads wait for this link already; try again when "
                                "they are done",
                                urgent_waiting_));
    Job job{.token = token,
            .urgency = urgency,
            .unit = unit,
            .tries = 0,
            .request = request,
            .pdu = {}};
    append_request(request, job.pdu);
    job.request.data = {};
    unit_of(unit).queues[static_cast<size_t>(urgency)].push_back(std::move(job));
    ++waiting_;
    if (urgency != Urgency::poll) ++urgent_waiting_;
    return {};
}

void Client::drop_polls(const std::bitset<256>& keep) {
    for (const uint8_t number : ring_) {
        auto& queue = units_[number]->queues[static_cast<size_t>(Urgency::poll)];
        waiting_ -= queue.size();
        queue.clear();
    }
    for (auto& flight : flights_)
        if (flight.job.urgency == Urgency::poll) flight.orphan = true;
    std::erase_if(ring_, [&](uint8_t number) {
        auto& unit = units_[number];
        if (keep[number] || !unit->empty() || unit->in_flight > 0) return false;
        unit.reset();
        return true;
    });
    cursor_ = 0;
}

// Until the next probe, after one that failed.
Duration Client::back_off() const {
    const bool alone = ring_.size() <= 1;
    const bool all_silent = std::all_of(ring_.begin(), ring_.end(),
                                        [&](uint8_t number) { return units_[number]->down; });
    if (slots() > 1 || alone || all_silent) return {};
    // However long the time-out, probes take a quarter of the time at most.
    const int64_t timeout_ns = options_.response_timeout.ns;
    return std::max(std::min(Duration{timeout_ns * 10}, probe_back_off_limit),
                    Duration{timeout_ns * 3});
}

bool Client::may_probe(uint8_t number, Time now) const {
    if (probing_ || now < next_probe_) return false;
    if (now >= next_probe_ + turn_limit) return true;
    const Time mine = units_[number]->last_probe;
    return std::none_of(ring_.begin(), ring_.end(), [&](uint8_t other) {
        return units_[other]->down && units_[other]->last_probe < mine;
    });
}

bool Client::eligible(uint8_t number, Urgency urgency, Time now) const {
    const auto& unit = *units_[number];
    if (unit.queues[static_cast<size_t>(urgency)].empty()) return false;
    if (unit.down) return unit.in_flight == 0 && may_probe(number, now);
    return unit.in_flight < share(unit);
}

// Slots that a unit may take, so that one that falls silent leaves the others theirs.
size_t Client::share(const Unit& unit) const {
    if (unit.silent > 0) return 1;
    return std::max<size_t>(1, slots() / ring_.size());
}

std::optional<Client::Job> Client::pick(Time now) {
    if (waiting_ == 0) return std::nullopt;
    for (const auto urgency : {Urgency::write, Urgency::read, Urgency::poll}) {
        if (urgency != Urgency::poll && urgent_waiting_ == 0) continue;
        for (size_t i = 1; i <= ring_.size(); ++i) {
            const size_t at = (cursor_ + i) % ring_.size();
            if (!eligible(ring_[at], urgency, now)) continue;
            cursor_ = at;
            auto& queue = units_[ring_[at]]->queues[static_cast<size_t>(urgency)];
            Job job = std::move(queue.front());
            queue.pop_front();
            --waiting_;
            if (urgency != Urgency::poll) --urgent_waiting_;
            return job;
        }
    }
    return std::nullopt;
}

void Client::send(Job job, Time now, ClientHandler& handler) {
    auto& unit = *units_[job.unit];
    Flight flight{.job = std::move(job),
                  .transaction = ++transaction_,
                  .sent = now,
                  .deadline = now + options_.response_timeout,
                  .probe = unit.down,
                  .orphan = false};
    const uint8_t number = flight.job.unit;
    if (is_broadcast(number)) flight.deadline = now + turnaround;
    if (flight.probe) {
        probing_ = true;
        unit.last_probe = now;
    }
    ++unit.in_flight;
    ++flight.job.tries;
    if (shared_line()) {
        reader_.clear();
        reader_.expect(number, static_cast<uint8_t>(flight.job.request.function));
    }
    std::string bytes;
    append_frame(options_.framing, flight.transaction, number, as_bytes(flight.job.pdu), bytes);
    flights_.push_back(std::move(flight));
    handler.on_send(std::move(bytes));
    if (options_.framing == Framing::tcp) not_before_ = now + options_.request_delay;
}

// Answers what waits for units that are down and may not be probed now.
bool Client::fail_hopeless(Time now, ClientHandler& handler) {
    bool failed = false;
    for (size_t i = 0; i < ring_.size(); ++i) {
        const uint8_t number = ring_[i];
        auto& unit = *units_[number];
        if (!unit.down || unit.empty() || unit.in_flight > 0 || may_probe(number, now)) continue;
        const auto wait = rounded(next_probe_ - now);
        const auto when = wait > Duration{} ? "in " + format_duration(wait) : std::string("soon");
        const auto why = fmt::format("unit {} does not answer ({}); it is tried again {}", number,
                                     unit.why, when);
        // What handlers queue meanwhile waits for the next round.
        auto queues = std::move(unit.queues);
        unit.queues = {};
        for (auto& queue : queues) {
            for (const Job& job : queue) {
                --waiting_;
                if (job.urgency != Urgency::poll) --urgent_waiting_;
                answer(job, false, Answer{.outcome = Outcome::unit_down, .why = why}, handler);
                failed = true;
            }
        }
    }
    return failed;
}

void Client::run(Time now, ClientHandler& handler) {
    while (open_) {
        // Handlers that answer a failure with a new request to the same unit would never end; each
        // of ours asks for less than before.
        while (waiting_ > 0 && fail_hopeless(now, handler)) {
        }
        if (!open_ || flights_.size() >= slots() || now < not_before_) return;
        auto job = pick(now);
        if (!job) return;
        send(std::move(*job), now, handler);
    }
    if (waiting_ > 0) lost(handler);
}

std::optional<Time> Client::deadline() const {
    std::optional<Time> first;
    for (const auto& flight : flights_)
        if (!first || flight.deadline < *first) first = flight.deadline;
    if (waiting_ > 0 && flights_.size() < slots() && (!first || not_before_ < *first)) {
        // Those that wait for a flight of theirs are woken by its end.
        const bool free = std::any_of(ring_.begin(), ring_.end(), [&](uint8_t number) {
            const auto& unit = *units_[number];
            return !unit.empty() && unit.in_flight < share(unit);
        });
        if (free) first = not_before_;
    }
    return first;
}

Client::Flight Client::take_flight(size_t at) {
    Flight flight = std::move(flights_[at]);
    flights_.erase(flights_.begin() + static_cast<ptrdiff_t>(at));
    auto& unit = *units_[flight.job.unit];
    --unit.in_flight;
    if (flight.probe) probing_ = false;
    return flight;
}

void Client::answer(const Job& job, bool orphan, Answer answer, ClientHandler& handler) {
    if (!orphan) handler.on_answer(job.token, answer);
}

void Client::heard(uint8_t number, Time now, ClientHandler& handler) {
    auto& unit = *units_[number];
    unit.silent = 0;
    unit.last_heard = now;
    if (unit.down) next_probe_ = now;
    const bool turned = unit.down || !unit.known;
    unit.down = false;
    unit.known = true;
    if (turned) handler.on_unit(number, true, {});
}

void Client::silent(uint8_t number, std::string why, Time now, ClientHandler& handler) {
    auto& unit = *units_[number];
    ++unit.silent;
    unit.why = std::move(why);
    const bool turned = !unit.down && unit.silent >= options_.down_after;
    if (turned) turn_down(number, unit.why, now, handler);
    if (unit.down) next_probe_ = now + back_off();
}

void Client::turn_down(uint8_t number, std::string_view why, Time now, ClientHandler& handler) {
    auto& unit = *units_[number];
    unit.down = unit.known = true;
    unit.last_probe = now;
    handler.on_unit(number, false, why);
}

void Client::look_at_link(uint8_t number, std::string_view why, Time now, ClientHandler& handler) {
    ++mute_;
    mute_units_.set(number);
    if (mute_ < std::max(mute_least, options_.down_after) || mute_units_.count() < 2) return;
    // The handler may ask of a new unit, which makes the ring longer.
    for (size_t i = 0; i < ring_.size(); ++i) {
        const uint8_t other = ring_[i];
        auto& unit = *units_[other];
        if (unit.down || is_broadcast(other)) continue;
        unit.why = fmt::format("no unit of the link answers: {}", why);
        turn_down(other, unit.why, now, handler);
        // Those that were not found silent themselves are asked before the others.
        unit.last_probe = {};
    }
    next_probe_ = now + back_off();
}

void Client::complete(size_t at, const Frame& frame, Time now, ClientHandler& handler) {
    auto flight = take_flight(at);
    mute_ = 0;
    mute_units_.reset();
    strays_ = 0;
    quiet_dropped_ = reader_.dropped_bytes();
    not_before_ = std::max(not_before_, now + options_.request_delay);
    Answer result;
    result.round_trip = now - flight.sent;
    const auto response = parse_response(flight.job.request, frame.pdu);
    const auto told = [&](std::string_view what) {
        return fmt::format("unit {} answers {} to {}", flight.job.unit, what,
                           describe(flight.job.request));
    };
    if (!response) {
        result.outcome = Outcome::malformed;
        result.why = fmt::format("unit {}: {}", flight.job.unit, response.error().text());
    } else if (response->exception) {
        result.outcome = Outcome::exception;
        result.exception = *response->exception;
        result.why = told(describe(result.exception));
        // The unit behind a gateway is silent, whatever the gateway says.
        if (result.exception == ExceptionCode::gateway_path_unavailable ||
            result.exception == ExceptionCode::gateway_target_failed) {
            silent(flight.job.unit, describe(result.exception), now, handler);
            return answer(flight.job, flight.orphan, std::move(result), handler);
        }
    } else {
        result.data = response->data;
    }
    heard(flight.job.unit, now, handler);
    answer(flight.job, flight.orphan, std::move(result), handler);
}

void Client::expire(size_t at, Time now, ClientHandler& handler) {
    auto flight = take_flight(at);
    auto& job = flight.job;
    if (is_broadcast(job.unit)) {
        not_before_ = std::max(not_before_, now + options_.request_delay);
        return answer(job, flight.orphan, Answer{.round_trip = now - flight.sent}, handler);
    }
    ++counts_.timeouts;
    // It answered others meanwhile: it cannot take several at once.
    const auto& heard_at = units_[job.unit]->last_heard;
    if (heard_at && *heard_at >= flight.sent) narrowed_ = true;
    if (shared_line()) {
        reader_.clear();
        not_before_ = std::max(not_before_, now + std::max(settle, options_.request_delay));
    }
    auto why = fmt::format("no answer to {} within {}", describe(job.request),
                           format_duration(options_.response_timeout));
    silent(job.unit, why, now, handler);
    // That one which is known to be silent still is says nothing of the link.
    if (!flight.probe) look_at_link(job.unit, why, now, handler);
    auto& unit = *units_[job.unit];
    if (!flight.probe && !unit.down && job.tries <= options_.retries && !flight.orphan) {
        ++counts_.retries;
        ++waiting_;
        if (job.urgency != Urgency::poll) ++urgent_waiting_;
        unit.queues[static_cast<size_t>(job.urgency)].push_front(std::move(job));
        return;
    }
    answer(job, flight.orphan,
           Answer{.outcome = Outcome::timed_out,
                  .why = fmt::format("unit {}: {} ({} {})", job.unit, why, job.tries,
                                     job.tries == 1 ? "try" : "tries")},
           handler);
}

void Client::tick(Time now, ClientHandler& handler) {
    for (size_t i = 0; i < flights_.size();) {
        if (flights_[i].deadline <= now)
            expire(i, now, handler);
        else
            ++i;
    }
    run(now, handler);
}

void Client::feed(BytesView bytes, Time now, ClientHandler& handler) {
    if (!open_) return;
    reader_.give(bytes);
    feed_stream(now, handler);
    counts_.dropped_bytes = reader_.dropped_bytes();
    if (open_) run(now, handler);
}

void Client::feed_stream(Time now, ClientHandler& handler) {
    while (open_) {
        if (shared_line() && flights_.empty()) {
            // Nobody was asked: a late answer or noise. The line must be quiet before we go on.
            if (reader_.buffered_bytes() > 0) {
                reader_.clear();
                const auto quiet = now + std::max(settle, options_.request_delay);
                not_before_ = std::max(not_before_, quiet);
            }
            flooded(handler);
            return;
        }
        const auto frame = reader_.next();
        if (!frame) return close(frame.error(), handler);
        if (!*frame) {
            flooded(handler);
            return;
        }
        on_frame(**frame, now, handler);
    }
}

void Client::on_frame(const Frame& frame, Time now, ClientHandler& handler) {
    for (size_t i = 0; i < flights_.size(); ++i) {
        const auto& flight = flights_[i];
        const auto function = static_cast<uint8_t>(frame.pdu[0]);
        const bool ours = options_.framing == Framing::tcp
                              ? frame.transaction == flight.transaction
                              : frame.unit == flight.job.unit &&
                                    (function & ~exception_bit) ==
                                        static_cast<uint8_t>(flight.job.request.function) &&
                                    !is_broadcast(flight.job.unit);
        if (ours) return complete(i, frame, now, handler);
    }
    ++counts_.late_answers;
    ++strays_;
    flooded(handler);
}

bool Client::flooded(ClientHandler& handler) {
    if (!open_) return true;
    const uint64_t noise = reader_.dropped_bytes() - quiet_dropped_;
    if (strays_ <= strays_limit && noise <= noise_bytes_limit) return false;
    close(Error(ErrorCode::corrupt,
                fmt::format("the peer sends what nobody asked for ({} frames, {} bytes of noise); "
                            "check the framing and that no other master uses the link",
                            strays_, noise)),
          handler);
    return true;
}

void Client::close(const Error& why, ClientHandler& handler) {
    open_ = false;
    handler.on_close(why);
}

}  // namespace hw::modbus
