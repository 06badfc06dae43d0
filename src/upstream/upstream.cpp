#include "upstream/upstream.h"

#include <fmt/format.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "base/log.h"
#include "base/secret_file.h"
#include "io/posix_disk.h"
#include "upstream/uplink.h"

namespace hw::upstream {

namespace {

constexpr std::string_view queue_folder = "upstream";
constexpr Duration pump_period = milliseconds(20);
constexpr Duration house_period = seconds(1);
constexpr Duration idle_save_period = seconds(10);
constexpr uint64_t segment_bytes_most = 4 << 20;
constexpr uint64_t segment_bytes_least = 64 << 10;
constexpr double drain_smoothing = 0.3;

Result<std::string> default_client_id() {
    char host[256] = {};
    if (::gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
        return fail(ErrorCode::unavailable,
                    "this machine has no host name; set upstream.client_id to the edge's name");
    return fmt::format("headworks-{}", host);
}

Result<mqtt::ClientOptions> client_options(const Settings& settings) {
    mqtt::ClientOptions options;
    options.version = mqtt::Version::v5;
    options.client_id = settings.client_id;
    if (options.client_id.empty()) options.client_id = HW_TRY(default_client_id());
    HW_TRY(ingest::check_edge_name(options.client_id));
    options.keep_alive_s = static_cast<uint16_t>(settings.keep_alive.ns / 1'000'000'000);
    if (!settings.user.empty()) options.user_name = settings.user;
    if (!settings.password_file.empty())
        options.password =
            HW_TRY(read_secret_file(settings.password_file, "upstream.password_file"));
    // The queue remembers what is not acknowledged.
    options.repeats = false;
    return options;
}

QueueSettings queue_settings(const Settings& settings) {
    QueueSettings queue;
    queue.folder = queue_folder;
    queue.bytes_limit = settings.queue_bytes_limit;
    queue.age_limit = settings.queue_age_limit;
    queue.segment_bytes =
        std::clamp(settings.queue_bytes_limit / 16, segment_bytes_least, segment_bytes_most);
    queue.sync_each = settings.sync == SyncMode::commit;
    return queue;
}

Outbox::Selection selection_of(const Settings& settings, const std::string& client_id) {
    return {settings.filters, settings.exclude, client_id + "/upstream/#"};
}

class UpstreamThread final : public Upstream {
  public:
    UpstreamThread(const Settings& settings, mqtt::ClientOptions options,
                   std::unique_ptr<io::Disk> disk, Rooms rooms)
        : settings_(settings),
          client_id_(options.client_id),
          options_(std::move(options)),
          rooms_(std::move(rooms)),
          disk_(std::move(disk)),
          outbox_(*disk_, queue_settings(settings), selection_of(settings, client_id_),
                  rooms_.points, rooms_.clock) {}
    ~UpstreamThread() override { stop(); }

    Result<void> open();
    void tap(std::span<const model::SampleBatch* const> batches) override { outbox_.tap(batches); }
    void set_write_handler(WriteHandler& handler) override { uplink_->set_write_handler(handler); }
    void start() override;
    void stop() override;
    Status status() const override;

  private:
    Result<QueueState> load();
    Uplink::Events events();
    void keep_house();
    void sync_queue(Time now);
    void tell_gaps();
    void save(bool clean);
    void measure();
    void note(const std::string& error);

    const Settings settings_;
    const std::string client_id_;
    mqtt::ClientOptions options_;
    const Rooms rooms_;
    const std::unique_ptr<io::Disk> disk_;
    Figures figures_;
    io::Reactor reactor_{"upstream"};
    // Shared with status() and, at the end, with whoever calls stop().
    mutable Mutex mutex_;
    mutable Outbox outbox_;
    GapLog gaps_ HW_LOCKING(guarded_by(mutex_));
    std::string last_error_ HW_LOCKING(guarded_by(mutex_));
    Time since_ HW_LOCKING(guarded_by(mutex_));

    std::unique_ptr<Uplink> uplink_;
    std::thread thread_;
    std::vector<model::PointId> gap_points_;
    uint64_t outage_samples_ = 0;  // queued in all, when the open outage was last told
    uint64_t drained_before_ = 0;
    Time measured_;
    Time synced_;
    Time saved_;
    std::string saved_bytes_;
    bool stopped_ = false;
};

Result<QueueState> UpstreamThread::load() {
    auto state = load_state(*disk_, std::string(queue_folder));
    if (state) return state;
    if (state.error().code() != ErrorCode::not_found)
        log_error("upstream",
                  "what was acknowledged is not known, so all that waits is sent again: " +
                      state.error().text());
    return QueueState{};
}

Result<void> UpstreamThread::open() {
    HW_TRY(disk_->make_folder(std::string(queue_folder)));
    const QueueState state = HW_TRY(load());
    HW_TRY(outbox_.open(state));
    const Time now = rooms_.clock.now();
    for (const auto* name : {"from", "to", "reason", "count", "state"})
        gap_points_.push_back(
            HW_TRY(rooms_.points.intern(fmt::format("{}/upstream/gap/{}", client_id_, name))));
    // The queue's mutex comes before ours, here as elsewhere.
    const auto last = outbox_.with_queue([](const Queue& queue) { return queue.newest(); });
    {
        const MutexLock lock(mutex_);
        since_ = now;
        gaps_.restore(state.gaps);
        const Time before = std::max(state.saved, last.value_or(state.saved));
        if (state.saved.ns > 0 && before < now) gaps_.stopped(before, now, state.clean);
    }
    uplink_ = std::make_unique<Uplink>(reactor_, settings_, std::move(options_), *disk_, outbox_,
                                       rooms_.points, figures_, events());
    outbox_.on_fresh([this] { reactor_.post([this] { uplink_->wake(); }); });
    register_metrics(rooms_.metrics, figures_);
    return {};
}

Uplink::Events UpstreamThread::events() {
    Uplink::Events events;
    const auto queued = [this] {
        return outbox_.with_queue([](const Queue& queue) {
            return std::pair(queue.next_record(), queue.appended_samples());
        });
    };
    events.up = [this, queued] {
        const auto [record, samples] = queued();
        const MutexLock lock(mutex_);
        since_ = rooms_.clock.now();
        last_error_.clear();
        gaps_.outage_grew(samples - std::exchange(outage_samples_, samples));
        gaps_.outage_over(since_, record);
    };
    events.down = [this, queued](const std::string& why) {
        const auto [record, samples] = queued();
        const MutexLock lock(mutex_);
        if (last_error_ != why) log_warning("upstream", why);
        last_error_ = why;
        if (gaps_.in_outage()) return;
        since_ = rooms_.clock.now();
        gaps_.outage(since_, why, record);
        outage_samples_ = samples;
    };
    events.refused = [this](const std::string& why) { note(why); };
    events.lost = [this](const Loss& loss) {
        log_error("upstream", fmt::format("{} samples are lost to the centre: {} {}", loss.samples,
                                          to_string(loss.reason), loss.detail));
        figures_.samples_lost[static_cast<size_t>(loss.reason)] += loss.samples;
        const MutexLock lock(mutex_);
        gaps_.lost(loss.reason, loss.from, loss.to, loss.samples, loss.detail);
    };
    return events;
}

void UpstreamThread::note(const std::string& error) {
    const MutexLock lock(mutex_);
    if (last_error_ != error) log_warning("upstream", error);
    last_error_ = error;
}

void UpstreamThread::start() {
    reactor_.every(pump_period, [this] { uplink_->wake(); });
    reactor_.every(house_period, [this] { keep_house(); });
    uplink_->open();
    thread_ = std::thread([this] { reactor_.run(); });
}

void UpstreamThread::stop() {
    if (stopped_) return;
    stopped_ = true;
    if (!thread_.joinable()) return;
    reactor_.post([this] {
        uplink_->close();
        // The goodbye leaves in this round's end.
        reactor_.after(milliseconds(1), [this] { reactor_.stop(); });
    });
    thread_.join();
    keep_house();
    save(true);
}

void UpstreamThread::keep_house() {
    const Time now = rooms_.clock.monotonic();
    sync_queue(now);
    const auto losses = outbox_.with_queue([&](Queue& queue) {
        queue.clean_up(rooms_.clock.now());
        return queue.take_losses();
    });
    for (const Loss& loss : losses) {
        figures_.samples_lost[static_cast<size_t>(loss.reason)] += loss.samples;
        const MutexLock lock(mutex_);
        gaps_.lost(loss.reason, loss.from, loss.to, loss.samples, loss.detail);
    }
    uplink_->forget_done();
    outbox_.with_queue([&](const Queue& queue) {
        const MutexLock lock(mutex_);
        gaps_.acknowledged(queue.acknowledged(), queue.oldest_record());
        const uint64_t samples = queue.appended_samples();
        gaps_.outage_grew(samples - std::exchange(outage_samples_, samples));
        figures_.queue_bytes = queue.bytes();
        figures_.samples_waiting = queue.waiting_samples();
        figures_.gaps = gaps_.total();
    });
    tell_gaps();
    measure();
    save(false);
}

void UpstreamThread::sync_queue(Time now) {
    if (now - synced_ < settings_.sync_interval) return;
    synced_ = now;
    const auto synced = outbox_.with_queue([](Queue& queue) { return queue.sync(); });
    if (!synced) note("the queue cannot be synced: " + synced.error().text());
}

// A gap as points of the edge, at the time of its begin, so that what becomes of it overwrites what
// it was; they go through history and the queue like all else.
void UpstreamThread::tell_gaps() {
    std::vector<Gap> changed;
    {
        const MutexLock lock(mutex_);
        changed = gaps_.take_changed();
    }
    if (changed.empty()) return;
    model::SampleBatch batch;
    for (const Gap& gap : changed) {
        // Two gaps of one moment differ in the last digits.
        const Time at{gap.from.ns - gap.from.ns % 1000 + static_cast<int64_t>(gap.id % 1000)};
        const bool open = gap.state == GapState::open;
        batch.add_text(gap_points_[0], at, format_rfc3339(gap.from));
        batch.add_text(gap_points_[1], at, open ? "" : format_rfc3339(gap.to));
        batch.add_text(gap_points_[2], at, to_string(gap.reason));
        batch.add_int(gap_points_[3], at, static_cast<int64_t>(gap.samples));
        batch.add_text(gap_points_[4], at, to_string(gap.state));
    }
    rooms_.submit(std::move(batch));
}

void UpstreamThread::measure() {
    const Time now = rooms_.clock.monotonic();
    const uint64_t drained = figures_.backlog_acknowledged;
    const double elapsed_s = static_cast<double>((now - measured_).ns) / 1e9;
    if (measured_.ns > 0 && elapsed_s > 0) {
        const double rate = static_cast<double>(drained - drained_before_) / elapsed_s;
        const double before = figures_.drain_rate;
        figures_.drain_rate =
            rate == 0 ? 0 : before + (rate - before) * (before == 0 ? 1 : drain_smoothing);
    }
    measured_ = now;
    drained_before_ = drained;
}

void UpstreamThread::save(bool clean) {
    QueueState state = outbox_.with_queue([](const Queue& queue) { return queue.state(); });
    {
        const MutexLock lock(mutex_);
        state.gaps.assign(gaps_.gaps().begin(), gaps_.gaps().end());
    }
    // Without the time, to see whether anything is new.
    std::string bytes = encode_state(state);
    const Time now = rooms_.clock.monotonic();
    const bool due = clean || bytes != saved_bytes_ || now - saved_ >= idle_save_period;
    if (!due) return;
    state.saved = rooms_.clock.now();
    state.clean = clean;
    const auto saved = save_state(*disk_, std::string(queue_folder), encode_state(state));
    if (!saved) return note("the queue's state cannot be saved: " + saved.error().text());
    saved_bytes_ = std::move(bytes);
    saved_ = now;
}

Status UpstreamThread::status() const {
    Status status;
    status.broker = settings_.broker_text;
    status.client_id = client_id_;
    status.format = settings_.format == Format::json ? "json" : "batch";
    status.connected = figures_.connected;
    status.queue_bytes_limit = settings_.queue_bytes_limit;
    status.drain_rate = figures_.drain_rate;
    status.samples_sent = figures_.samples_sent;
    status.samples_acknowledged = figures_.samples_acknowledged;
    status.bytes_sent = figures_.bytes_sent;
    outbox_.with_queue([&](const Queue& queue) {
        status.queue_bytes = queue.bytes();
        status.queue_segments = queue.segments();
        status.samples_waiting = queue.waiting_samples();
        status.oldest_waiting = queue.oldest();
    });
    const MutexLock lock(mutex_);
    status.since = since_;
    status.last_error = last_error_;
    status.gaps.assign(gaps_.gaps().begin(), gaps_.gaps().end());
    return status;
}

}  // namespace

Result<std::unique_ptr<Upstream>> Upstream::open(const Settings& settings,
                                                 const std::string& folder, Rooms rooms) {
    auto disk = HW_TRY(io::PosixDisk::open(folder));
    auto upstream = std::make_unique<UpstreamThread>(settings, HW_TRY(client_options(settings)),
                                                     std::move(disk), std::move(rooms));
    HW_TRY(upstream->open());
    return std::unique_ptr<Upstream>(std::move(upstream));
}

}  // namespace hw::upstream
