#include "app/replay_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/back_off.h"
#include "app/progress.h"
#include "app/terminal.h"

namespace hw::app {

namespace {

constexpr size_t queued_bytes_most = 4 << 20;
// So that signals, acknowledgements and the progress get their turn.
constexpr unsigned rows_per_round = 2'000;

class ReplayRun final : public upstream::MqttListener {
  public:
    ReplayRun(ReplaySource& source, const ReplayRunOptions& options)
        : source_(source),
          options_(options),
          reactor_("replay"),
          link_(reactor_, options.broker, options.client, *this) {}

    ReplayReport run();

  private:
    void on_connected(bool session_present) override;
    void on_acknowledged(mqtt::PacketId, mqtt::Reason reason) override;
    void on_lost(const Error& why) override;

    void pump();
    bool may_send();
    bool due(Time time);
    void send();
    void look();
    void tell();
    void end() { ended_ = true; }

    ReplaySource& source_;
    const ReplayRunOptions& options_;
    io::Reactor reactor_;
    upstream::MqttLink link_;
    ReplaySource::Message message_;
    bool has_message_ = false;
    bool source_done_ = false;
    bool ended_ = false;
    bool was_connected_ = false;
    bool pump_timer_ = false;
    Time started_, lost_at_;
    std::optional<Time> first_;  // of the recording
    Time first_sent_;
    BackOff back_off_;
    ReplayReport report_;
};

ReplayReport ReplayRun::run() {
    started_ = reactor_.clock().monotonic();
    link_.open();
    reactor_.on_round_end([this] { pump(); });
    reactor_.every(milliseconds(100), [this] { look(); });
    reactor_.run_until([this] { return ended_; });
    report_.elapsed = reactor_.clock().monotonic() - started_;
    link_.close();
    reactor_.run_until([this] { return link_.gone(); });
    tell();
    if (options_.show_progress) fmt::print(stderr, "\r\x1b[K");
    return std::move(report_);
}

void ReplayRun::on_connected(bool) {
    if (was_connected_) ++report_.reconnects;
    was_connected_ = true;
    lost_at_ = Time{};
    back_off_.worked();
}

void ReplayRun::on_acknowledged(mqtt::PacketId, mqtt::Reason reason) {
    if (!mqtt::failed(reason)) {
        ++report_.acknowledged;
    } else if (++report_.refused == 1) {
        report_.first_refusal = mqtt::to_string(reason);
    }
}

void ReplayRun::on_lost(const Error& why) {
    const Time now = reactor_.clock().monotonic();
    if (lost_at_ == Time{}) lost_at_ = now;
    const bool worth_another =
        why.code() == ErrorCode::unavailable || why.code() == ErrorCode::timed_out;
    if (!was_connected_ || !worth_another || now - lost_at_ > options_.patience) {
        report_.ended_by = why;
        return end();
    }
    reactor_.after(back_off_.next(), [this] { link_.open(); });
}

bool ReplayRun::may_send() {
    auto& connection = link_.connection();
    if (!connection.connected()) return false;
    if (options_.qos == mqtt::Qos::at_most_once) return link_.queued_bytes() <= queued_bytes_most;
    return connection.window() > 0;
}

// At a given speed a row waits for its turn; one that is older than those before goes at once.
bool ReplayRun::due(Time time) {
    if (options_.speed <= 0) return true;
    const Time now = reactor_.clock().monotonic();
    if (!first_) {
        first_ = time;
        first_sent_ = now;
    }
    const double wait = static_cast<double>((time - *first_).ns) / options_.speed;
    if (wait > 9e18) return false;
    const Time turn = first_sent_ + Duration{static_cast<int64_t>(wait)};
    if (turn <= now) return true;
    if (!pump_timer_) {
        pump_timer_ = true;
        reactor_.after(turn - now, [this] { pump_timer_ = false; });
    }
    return false;
}

void ReplayRun::send() {
    const auto id = link_.connection().publish(
        {.topic = options_.topic, .payload = as_bytes(message_.payload), .qos = options_.qos},
        link_.out());
    has_message_ = false;
    if (!id) return source_.refuse_last(id.error().text());
    ++report_.sent;
    report_.values += message_.values;
}

void ReplayRun::pump() {
    for (unsigned rows = 0; !ended_ && may_send(); ++rows) {
        if (!has_message_ && !source_done_) {
            const auto more = source_.next(message_);
            if (!more) {
                report_.ended_by = more.error();
                source_done_ = true;
            } else {
                has_message_ = *more;
                source_done_ = !*more;
            }
        }
        if (!has_message_ || !due(message_.time)) break;
        send();
        if (rows == rows_per_round) {
            reactor_.post([] {});
            break;
        }
    }
    link_.flush();
    if (source_done_ && !has_message_ && link_.connection().connected() &&
        link_.connection().in_flight() == 0 && link_.queued_bytes() == 0)
        end();
}

void ReplayRun::look() {
    if (noted_signal() != 0) {
        report_.signal = noted_signal();
        return end();
    }
    tell();
    if (!options_.show_progress) return;
    const Progress progress{source_.part_done(), report_.sent,
                            reactor_.clock().monotonic() - started_};
    fmt::print(stderr, "\r\x1b[K{}", render_progress(progress, terminal_columns(STDERR_FILENO)));
    std::fflush(stderr);
}

void ReplayRun::tell() {
    for (const auto& remark : source_.take_remarks())
        fmt::print(stderr, "{}headworks: {}\n", options_.show_progress ? "\r\x1b[K" : "", remark);
}

}  // namespace

ReplayReport run_replay(ReplaySource& source, const ReplayRunOptions& options) {
    return ReplayRun(source, options).run();
}

}  // namespace hw::app
