#include "wire/s7/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wire/s7/codes.h"

namespace hw::s7 {

namespace {

constexpr uint16_t our_reference = 1;
constexpr uint16_t pdu_size_usable = 112;  // less carries not even a handful of items

std::string seconds_text(Duration duration) {
    return format_duration(duration);
}

}  // namespace

Client::Client(const ClientSettings& settings)
    : settings_(settings), reader_(std::max(settings.pdu_size, pdu_size_least)) {
    HW_ASSERT(settings.parallel_jobs >= 1 && settings.parallel_jobs <= in_flight_most);
    HW_ASSERT(settings.pdu_size >= pdu_size_least && settings.pdu_size <= pdu_size_most);
    HW_ASSERT(settings.response_timeout.ns > 0);
}

void Client::lost() {
    state_ = State::closed;
    reader_.reset();
    for (Flight& flight : flights_)
        flight = Flight();
    in_flight_ = 0;
    urgent_.clear();
    others_.clear();
}

void Client::close(Error why, ClientHandler& handler) {
    lost();
    handler.on_closed(why);
}

void Client::connect(Time now, std::string& out) {
    lost();
    state_ = State::connecting;
    strays_in_a_row_ = 0;
    tpdu_size_ = tpdu_size_wanted;
    handshake_deadline_ = now + settings_.response_timeout;
    append_connect(out, TpduType::connect_request,
                   {.destination = 0,
                    .source = our_reference,
                    .option = 0,
                    .tpdu_size = tpdu_size_wanted,
                    .calling_tsap = settings_.local_tsap,
                    .called_tsap = settings_.remote_tsap});
}

std::optional<Time> Client::deadline() const {
    if (state_ == State::closed) return std::nullopt;
    if (state_ != State::ready) return handshake_deadline_;
    std::optional<Time> first;
    for (const Flight& flight : flights_) {
        const Time due = flight.sent + settings_.response_timeout;
        if (flight.used && (!first || due < *first)) first = due;
    }
    return first;
}

void Client::tick(Time now, ClientHandler& handler, std::string& out) {
    if (state_ == State::closed) return;
    if (state_ != State::ready) {
        if (now < handshake_deadline_) return;
        const bool setup = state_ == State::setting_up;
        return close(Error(ErrorCode::timed_out,
                           fmt::format("no answer to the {} within {}{}",
                                       setup ? "setup of the communication" : "connect request",
                                       seconds_text(settings_.response_timeout),
                                       setup ? "" : "; check rack, slot or TSAPs")),
                     handler);
    }
    for (Flight& flight : flights_) {
        if (!flight.used || now < flight.sent + settings_.response_timeout) continue;
        if (flight.asked > settings_.retries)
            return close(Error(ErrorCode::timed_out,
                               fmt::format("no answer to a {} within {}, asked {} times",
                                           flight.job.is_write ? "write" : "read",
                                           seconds_text(settings_.response_timeout), flight.asked)),
                         handler);
        ++repeats_;
        send(flight, now, out);
    }
}

void Client::feed(BytesView bytes, Time now, ClientHandler& handler, std::string& out) {
    if (state_ == State::closed) return;
    reader_.feed(bytes);
    while (state_ != State::closed) {
        Result<std::optional<Tpdu>> tpdu = reader_.next();
        if (!tpdu) return close(std::move(tpdu).error(), handler);
        if (!*tpdu) return;
        take(**tpdu, now, handler, out);
    }
}

void Client::take(const Tpdu& tpdu, Time now, ClientHandler& handler, std::string& out) {
    switch (tpdu.type) {
        case TpduType::connect_confirm:
            return take_connect_confirm(tpdu, now, handler, out);
        case TpduType::data:
            return take_message(tpdu.message, now, handler, out);
        case TpduType::disconnect_request:
            return close(
                Error(
                    ErrorCode::unavailable,
                    state_ == State::connecting
                        ? fmt::format("the device refused the connection to TSAP {}: {} (0x{:02x})",
                                      tsap_text(settings_.remote_tsap),
                                      disconnect_reason_text(tpdu.reason), tpdu.reason)
                        : fmt::format("the device ended the connection: {} (0x{:02x})",
                                      disconnect_reason_text(tpdu.reason), tpdu.reason)),
                handler);
        case TpduType::error:
            return close(Error(ErrorCode::corrupt,
                               fmt::format("the device reports an error of the transport: {} "
                                           "(0x{:02x})",
                                           error_cause_text(tpdu.reason), tpdu.reason)),
                         handler);
        case TpduType::connect_request:
            break;
    }
    close(Error(ErrorCode::corrupt, "the device sent a connect request; only clients do"), handler);
}

void Client::take_connect_confirm(const Tpdu& tpdu, Time now, ClientHandler& handler,
                                  std::string& out) {
    if (state_ != State::connecting)
        return close(Error(ErrorCode::corrupt, "a connect confirm within the connection"), handler);
    if (tpdu.connect.option >> 4 != 0)
        return close(Error(ErrorCode::corrupt,
                           fmt::format("the device chose transport class {}; only 0 was offered",
                                       tpdu.connect.option >> 4)),
                     handler);
    // Without the parameter the TPDUs are as asked (X.224 would say 128 bytes; CPUs that leave it
    // out take more).
    tpdu_size_ = std::min(tpdu.connect.tpdu_size.value_or(tpdu_size_wanted), tpdu_size_wanted);
    state_ = State::setting_up;
    handshake_deadline_ = now + settings_.response_timeout;
    std::string setup;
    append_setup_request(setup, {.jobs_calling = settings_.parallel_jobs,
                                 .jobs_called = settings_.parallel_jobs,
                                 .pdu_size = settings_.pdu_size});
    last_reference_ = 1;
    set_reference(setup, last_reference_);
    append_message(out, setup, tpdu_size_);
}

void Client::take_message(BytesView message, Time now, ClientHandler& handler, std::string& out) {
    if (state_ == State::connecting)
        return close(Error(ErrorCode::corrupt, "data before the connect confirm"), handler);
    if (message.empty()) return;
    Result<Pdu> pdu = parse_pdu(message);
    if (!pdu) return close(std::move(pdu).error(), handler);
    // Messages that the CPU sends by itself (alarms, diagnostics) were not asked for.
    if (pdu->kind == PduKind::job || pdu->kind == PduKind::userdata) return take_stray(handler);
    if (state_ == State::setting_up) return take_setup(*pdu, now, handler, out);
    take_answer(*pdu, now, handler, out);
}

void Client::take_setup(const Pdu& pdu, Time now, ClientHandler& handler, std::string& out) {
    if (pdu.reference != last_reference_) return take_stray(handler);
    if (pdu.error_class != 0 || pdu.error_code != 0)
        return close(
            Error(ErrorCode::unavailable, "the device refused the setup of the communication: " +
                                              header_error_text(pdu.error_class, pdu.error_code)),
            handler);
    const Result<Negotiation> setup = parse_setup(pdu.parameters);
    if (!setup) return close(setup.error(), handler);
    if (setup->pdu_size < pdu_size_usable)
        return close(
            Error(ErrorCode::corrupt,
                  fmt::format("the device offers a PDU of {} bytes; at least {} are needed",
                              setup->pdu_size, pdu_size_usable)),
            handler);
    agreed_.pdu_size = std::min(setup->pdu_size, settings_.pdu_size);
    const uint16_t jobs = std::min(setup->jobs_calling, setup->jobs_called);
    agreed_.jobs_calling = agreed_.jobs_called =
        std::clamp<uint16_t>(jobs, 1, settings_.parallel_jobs);
    state_ = State::ready;
    handler.on_ready(agreed_);
    send_waiting(now, out);
}

void Client::take_stray(ClientHandler& handler) {
    ++strays_;
    if (++strays_in_a_row_ <= strays_limit) return;
    close(Error(ErrorCode::corrupt,
                fmt::format("{} messages in a row that nobody asked for", strays_in_a_row_)),
          handler);
}

void Client::take_answer(const Pdu& pdu, Time now, ClientHandler& handler, std::string& out) {
    const auto flight = std::find_if(flights_.begin(), flights_.end(), [&](const Flight& f) {
        return f.used && f.reference == pdu.reference;
    });
    // The late answer to a job that was asked again, at best.
    if (flight == flights_.end()) return take_stray(handler);
    const Job job = std::move(flight->job);
    const Duration round_trip = now - flight->sent;
    *flight = Flight();
    --in_flight_;
    if (pdu.error_class != 0 || pdu.error_code != 0) {
        handler.on_refused(job.token, Error(ErrorCode::io_failed,
                                            header_error_text(pdu.error_class, pdu.error_code)));
    } else if (job.is_write) {
        const Result<BytesView> codes = parse_write_answer(pdu, job.items);
        if (!codes) return close(codes.error(), handler);
        handler.on_written(job.token, *codes, round_trip);
    } else {
        const Result<void> sound = check_read_answer(pdu, job.items);
        if (!sound) return close(sound.error(), handler);
        handler.on_read(job.token, pdu.data, job.items, round_trip);
    }
    strays_in_a_row_ = 0;
    send_waiting(now, out);
}

bool Client::submit(Job job, Time now, std::string& out) {
    HW_ASSERT(job.pdu != nullptr && job.items > 0);
    if (state_ == State::closed) return false;
    std::deque<Job>& queue = job.is_urgent ? urgent_ : others_;
    if (queue.size() >= jobs_limit) return false;
    queue.push_back(std::move(job));
    send_waiting(now, out);
    return true;
}

void Client::send_waiting(Time now, std::string& out) {
    if (state_ != State::ready) return;
    while (in_flight_ < agreed_.jobs_calling && waiting() > 0) {
        std::deque<Job>& queue = urgent_.empty() ? others_ : urgent_;
        const auto free =
            std::find_if(flights_.begin(), flights_.end(), [](const Flight& f) { return !f.used; });
        HW_ASSERT(free != flights_.end());
        free->used = true;
        free->job = std::move(queue.front());
        queue.pop_front();
        ++in_flight_;
        send(*free, now, out);
    }
}

void Client::send(Flight& flight, Time now, std::string& out) {
    const auto in_use = [&](uint16_t reference) {
        return std::any_of(flights_.begin(), flights_.end(), [&](const Flight& f) {
            return f.used && &f != &flight && f.reference == reference;
        });
    };
    do {
        if (++last_reference_ == 0) ++last_reference_;
    } while (in_use(last_reference_));
    flight.reference = last_reference_;
    flight.sent = now;
    ++flight.asked;
    const size_t begin = out.size();
    append_message(out, *flight.job.pdu, tpdu_size_);
    // The reference stands in the header, which no TPDU size splits.
    constexpr size_t reference_at = tpkt_header_bytes + data_header_bytes + 4;
    out[begin + reference_at] = static_cast<char>(flight.reference >> 8);
    out[begin + reference_at + 1] = static_cast<char>(flight.reference);
}

}  // namespace hw::s7
