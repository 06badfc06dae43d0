#include "wire/iec104/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::iec104 {
namespace {

uint16_t next(uint16_t number) {
    return static_cast<uint16_t>((number + 1) % sequence_modulo);
}

Function confirmation_of(Function activation) {
    return activation == Function::start_activate  ? Function::start_confirm
           : activation == Function::stop_activate ? Function::stop_confirm
                                                   : Function::test_confirm;
}

}  // namespace

void Link::reset(Time now) {
    started_ = false;
    failed_ = false;
    rest_.clear();
    send_ = 0;
    receive_ = 0;
    unacked_.clear();
    queue_.clear();
    unacknowledged_ = 0;
    owed_since_.reset();
    asked_.reset();
    tested_at_.reset();
    heard_at_ = now;
}

void Link::start(Time now, std::string& out) {
    HW_ASSERT(role_ == LinkRole::controlling);
    if (!started_ && !asked_) activate(Function::start_activate, now, out);
}

void Link::stop(Time now, std::string& out) {
    HW_ASSERT(role_ == LinkRole::controlling);
    if (!started_ || asked_) return;
    if (unacknowledged_ > 0) acknowledge(out);
    activate(Function::stop_activate, now, out);
}

void Link::activate(Function function, Time now, std::string& out) {
    asked_ = function;
    asked_at_ = now;
    write_unnumbered(function, out);
}

Result<void> Link::feed(BytesView bytes, Time now, LinkHandler& handler, std::string& out) {
    // After a failure whatever still arrives belongs to a connection that is being closed.
    if (failed_) return {};
    rest_.append(as_text(bytes));
    size_t at = 0;
    const auto finish = [&](Result<void> result) {
        failed_ = true;
        started_ = false;
        return result;
    };
    while (true) {
        const BytesView left = as_bytes(rest_).subspan(at);
        const Result<size_t> size = frame_bytes(left);
        if (!size) return finish(fail(size.error()));
        if (*size == 0) break;
        const Result<Frame> frame = parse_frame(left.first(*size));
        if (!frame) return finish(fail(frame.error()));
        if (Result<void> taken = take(*frame, now, handler, out); !taken)
            return finish(std::move(taken));
        at += *size;
    }
    rest_.erase(0, at);
    HW_ASSERT(rest_.size() < header_bytes + apdu_bytes_limit);
    return {};
}

Result<void> Link::take(const Frame& frame, Time now, LinkHandler& handler, std::string& out) {
    heard_at_ = now;
    switch (frame.kind) {
        case FrameKind::information:
            return take_information(frame, now, handler, out);
        case FrameKind::supervisory:
            return acknowledged(frame.receive, now, out);
        case FrameKind::unnumbered:
            return take_function(frame.function, now, handler, out);
    }
    HW_UNREACHABLE();
}

Result<void> Link::take_information(const Frame& frame, Time now, LinkHandler& handler,
                                    std::string& out) {
    // A station may send with its STARTDT con, or before the STOPDT act reached it.
    if (!started_ && !(role_ == LinkRole::controlling && asked_))
        return fail(ErrorCode::corrupt, "I frame although data transfer is not started");
    if (frame.send != receive_)
        return fail(ErrorCode::corrupt,
                    fmt::format("I frame with N(S) {}, expected {}: a frame was lost or repeated",
                                frame.send, receive_));
    HW_TRY(acknowledged(frame.receive, now, out));
    receive_ = next(receive_);
    ++figures_.received;
    ++unacknowledged_;
    if (!owed_since_) owed_since_ = now;
    handler.on_asdu(frame.asdu);
    if (unacknowledged_ >= settings_.w) acknowledge(out);
    return {};
}

Result<void> Link::acknowledged(uint16_t receive, Time now, std::string& out) {
    const size_t oldest = (send_ + sequence_modulo - unacked_.size()) % sequence_modulo;
    const size_t count = (receive + sequence_modulo - oldest) % sequence_modulo;
    if (count > unacked_.size())
        return fail(ErrorCode::corrupt,
                    fmt::format("N(R) {} acknowledges what was not sent, expected {} to {}",
                                receive, oldest, send_));
    unacked_.erase(unacked_.begin(), unacked_.begin() + static_cast<std::ptrdiff_t>(count));
    drain(now, out);
    return {};
}

Result<void> Link::take_function(Function function, Time now, LinkHandler& handler,
                                 std::string& out) {
    const bool controlled = role_ == LinkRole::controlled;
    switch (function) {
        case Function::test_activate:
            write_unnumbered(Function::test_confirm, out);
            return {};
        case Function::test_confirm:
            tested_at_.reset();
            return {};
        case Function::start_activate:
        case Function::stop_activate:
            if (!controlled) break;
            // What was received is acknowledged before the flow stops.
            if (unacknowledged_ > 0) acknowledge(out);
            write_unnumbered(confirmation_of(function), out);
            if (const bool start = function == Function::start_activate; start != started_) {
                started_ = start;
                if (!start) drop_queue();
                start ? handler.on_started() : handler.on_stopped();
            }
            drain(now, out);
            return {};
        case Function::start_confirm:
        case Function::stop_confirm:
            if (controlled || !asked_ || confirmation_of(*asked_) != function) break;
            asked_.reset();
            started_ = function == Function::start_confirm;
            if (!started_) drop_queue();
            started_ ? handler.on_started() : handler.on_stopped();
            return {};
    }
    return fail(ErrorCode::corrupt,
                fmt::format("{} that nobody asked for from the {} station", name_of(function),
                            controlled ? "controlling" : "controlled"));
}

void Link::drop_queue() {
    figures_.dropped += queue_.size();
    queue_.clear();
}

void Link::acknowledge(std::string& out) {
    write_supervisory(receive_, out);
    unacknowledged_ = 0;
    owed_since_.reset();
}

size_t Link::room() const {
    return started_ && queue_.empty() ? settings_.k - std::min<size_t>(unacked_.size(), settings_.k)
                                      : 0;
}

Result<void> Link::send(std::string asdu, Time now, std::string& out) {
    if (!started_)
        return fail(ErrorCode::unavailable, "data transfer is not started (no STARTDT con yet)");
    if (queue_.size() >= settings_.queue_limit) {
        ++figures_.dropped;
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} ASDUs wait for the station's acknowledgement, the limit",
                                settings_.queue_limit));
    }
    queue_.push_back(std::move(asdu));
    drain(now, out);
    return {};
}

void Link::drain(Time now, std::string& out) {
    while (started_ && !queue_.empty() && unacked_.size() < settings_.k) {
        write_information(send_, receive_, queue_.front(), out);
        queue_.pop_front();
        send_ = next(send_);
        unacked_.push_back(now);
        ++figures_.sent;
        // The N(R) it carries is an acknowledgement too.
        unacknowledged_ = 0;
        owed_since_.reset();
    }
}

Result<void> Link::tick(Time now, std::string& out) {
    if (failed_) return {};
    const auto expired = [&](Time since) { return now >= since + settings_.t1; };
    const auto timed_out = [&](std::string_view what) {
        failed_ = true;
        started_ = false;
        return fail(ErrorCode::timed_out,
                    fmt::format("no {} within t1 of {}", what, format_duration(settings_.t1)));
    };
    if (asked_ && expired(asked_at_)) return timed_out(name_of(confirmation_of(*asked_)));
    if (tested_at_ && expired(*tested_at_)) return timed_out(name_of(Function::test_confirm));
    if (!unacked_.empty() && expired(unacked_.front()))
        return timed_out("acknowledgement of an I frame");
    if (owed_since_ && now >= *owed_since_ + settings_.t2) acknowledge(out);
    if (!tested_at_ && now >= heard_at_ + settings_.t3) {
        write_unnumbered(Function::test_activate, out);
        tested_at_ = now;
        ++figures_.tests;
    }
    return {};
}

std::optional<Time> Link::deadline() const {
    if (failed_) return std::nullopt;
    Time first = tested_at_ ? *tested_at_ + settings_.t1 : heard_at_ + settings_.t3;
    if (asked_) first = std::min(first, asked_at_ + settings_.t1);
    if (!unacked_.empty()) first = std::min(first, unacked_.front() + settings_.t1);
    if (owed_since_) first = std::min(first, *owed_since_ + settings_.t2);
    return first;
}

}  // namespace hw::iec104
