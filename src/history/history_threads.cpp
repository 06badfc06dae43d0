#include "history/history_threads.h"

#include <fmt/format.h>

#include <chrono>

#include "base/log.h"
#include "history/backup.h"
#include "history/query_aggregate.h"
#include "history/query_raw.h"
#include "history/values_at.h"
#include "store/rocks_store.h"

namespace hw::history {

using model::PointId;
using model::SampleBatch;

namespace {

constexpr Duration probe_interval = milliseconds(500);
constexpr Duration idle_interval = seconds(5);

// A process that was just killed may still hold the folder while it ends.
Result<std::unique_ptr<store::Store>> open_store(const std::string& folder,
                                                 const store::RocksSettings& settings) {
    for (int tries = 0;; ++tries) {
        auto opened = store::open_rocks_store(folder, settings);
        if (opened || opened.error().code() != ErrorCode::unavailable || tries == 20) return opened;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

}  // namespace

HistoryThreads::HistoryThreads(const Settings& settings, std::string folder,
                               model::PointDirectory& points, const Clock& clock, Metrics& metrics)
    : settings_(settings),
      folder_(std::move(folder)),
      points_(points),
      clock_(clock),
      workers_(settings.query_threads > 0 ? settings.query_threads - 1 : 0),
      queue_(settings.queue_bytes_limit, settings.commit_bytes),
      commit_seconds_(metrics.latency("headworks_history_commit_seconds",
                                      "Time of a group commit with its sync.")) {
    register_metrics(metrics);
}

Result<void> HistoryThreads::start() {
    disk_ = HW_TRY(io::PosixDisk::open(folder_));
    store::RocksSettings rocks;
    rocks.cache_bytes = settings_.cache_bytes;
    rocks.memtable_bytes = settings_.memtable_bytes;
    store_ = HW_TRY(open_store(folder_ + "/store", rocks));
    Engine::Opened opened;
    engine_ = HW_TRY(Engine::open(settings_, *disk_, *store_, points_, opened));
    for (const std::string& damage : opened.damages)
        log_error("history", "the journal is damaged: " + damage);
    log_info("history", fmt::format("opened with {} points, {} samples from the journal",
                                    opened.points, opened.samples_replayed));
    house_ = std::make_unique<House>(*engine_, clock_);
    house_->nudge();
    committer_ = std::thread([this] { commit_loop(); });
    return {};
}

HistoryThreads::~HistoryThreads() {
    queue_.stop();
    if (committer_.joinable()) committer_.join();
    house_.reset();
}

void HistoryThreads::submit(SampleBatch batch, Done done) {
    queue_.push(std::move(batch), std::move(done));
}

void HistoryThreads::on_relief(std::function<void()> call) {
    const MutexLock lock(calls_mutex_);
    relief_calls_.push_back(std::move(call));
}

void HistoryThreads::on_health(std::function<void(Health, const std::string&)> call) {
    const MutexLock lock(calls_mutex_);
    health_calls_.push_back(std::move(call));
}

void HistoryThreads::add_tap(std::function<void(const SampleBatch&)> tap) {
    taps_.push_back(std::move(tap));
}

void HistoryThreads::add_group_tap(GroupTap tap) {
    group_taps_.push_back(std::move(tap));
}

void HistoryThreads::commit_loop() {
    Time last = clock_.monotonic();
    while (true) {
        const bool well = health(nullptr) == Health::ok;
        auto group = queue_.take(last + settings_.commit_interval,
                                 well ? idle_interval : probe_interval, clock_);
        if (group.empty()) {
            if (queue_.stopped()) return;
            // Nothing comes while publishers wait for better health: look for it.
            if (!well) set_health(engine_->probe());
            continue;
        }
        while (engine_->crowded() && !queue_.stopped()) {
            house_->nudge();
            house_->wait_for_progress();
        }
        last = clock_.monotonic();
        commit(group);
    }
}

Result<void> HistoryThreads::check_texts(const SampleBatch& batch) const {
    if (batch.bytes() < settings_.text_bytes_limit) return {};
    for (size_t i = 0; i < batch.size(); ++i) {
        if (batch.types()[i] < model::ValueType::text) continue;
        if (batch.text(i).size() > settings_.text_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("a value of {} has {} bytes, more than "
                                    "history.text_bytes_limit = {}",
                                    points_.path(batch.points()[i]), batch.text(i).size(),
                                    settings_.text_bytes_limit));
    }
    return {};
}

void HistoryThreads::commit(std::vector<CommitQueue::Pending>& group) {
    const Time start = clock_.monotonic();
    uint64_t bytes = 0;
    group_.clear();
    std::vector<CommitQueue::Pending> refused;
    for (auto& pending : group) {
        bytes += pending.batch.bytes();
        Result<void> sound = check_texts(pending.batch);
        if (sound) {
            if (!pending.batch.empty()) group_.push_back(&pending.batch);
            continue;
        }
        samples_refused_ += pending.batch.size();
        if (pending.done) std::exchange(pending.done, nullptr)(sound);
    }
    const bool durable = settings_.ack == AckMode::durable;
    Result<void> result;
    if (!group_.empty())
        result = engine_->commit(group_, durable ? Engine::Sync::now : Engine::Sync::later);
    commit_seconds_.observe_ns((clock_.monotonic() - start).ns);
    // Before the answers: who is refused and asks why must be told. A group without samples says
    // nothing of the disk.
    if (!group_.empty()) set_health(result);
    finish(group, result);
    if (!group_.empty() && !durable && result) set_health(engine_->sync());
    if (engine_->sealing_wanted()) house_->nudge();
    if (!queue_.release(bytes)) return;
    const MutexLock lock(calls_mutex_);
    for (const auto& call : relief_calls_)
        call();
}

void HistoryThreads::finish(std::vector<CommitQueue::Pending>& group, const Result<void>& result) {
    uint64_t samples = 0;
    for (const SampleBatch* batch : group_)
        samples += batch->size();
    (result ? samples_committed_ : samples_refused_) += samples;
    if (result) {
        ++commits_;
        for (const SampleBatch* batch : group_)
            for (const auto& tap : taps_)
                tap(*batch);
        if (!group_.empty())
            for (const auto& tap : group_taps_)
                tap(group_);
    }
    for (auto& pending : group)
        if (pending.done) pending.done(result);
}

void HistoryThreads::set_health(const Result<void>& result) {
    Health now = Health::ok;
    if (!result)
        now = result.error().code() == ErrorCode::no_space ? Health::disk_full : Health::failing;
    const std::string reason = result ? std::string() : result.error().text();
    decltype(health_calls_) calls;
    {
        const MutexLock lock(calls_mutex_);
        if (now == health_) return;
        health_ = now;
        health_reason_ = reason;
        calls = health_calls_;
    }
    if (now == Health::ok) log_info("history", "samples are kept again");
    if (now != Health::ok) log_error("history", "samples are refused: " + reason);
    for (const auto& call : calls)
        call(now, reason);
}

std::optional<PointState> HistoryThreads::point_state(PointId id) const {
    return engine_->point_state(id);
}

void HistoryThreads::point_states(const std::vector<PointId>& ids,
                                  std::vector<std::optional<PointState>>& out) const {
    engine_->point_states(ids, out);
}

Result<void> HistoryThreads::values_at(std::span<const PointId> ids, Time time,
                                       std::vector<std::optional<model::Sample>>& out) const {
    return history::values_at(*engine_, ids, time, workers_, out);
}

void HistoryThreads::describe(PointId id, std::string_view unit) {
    if (engine_->describe(id, unit)) house_->nudge();
}

Result<void> HistoryThreads::raw(const RawQuery& query, const RawSink& sink) const {
    return raw_rows(*engine_, query, sink);
}

std::unique_ptr<Scan> HistoryThreads::scan(WantedColumns wanted) const {
    return make_scan(*engine_, wanted);
}

Result<std::vector<Buckets>> HistoryThreads::aggregate(const AggregateQuery& query) const {
    return aggregate_rows(*engine_, query, workers_);
}

Result<uint64_t> HistoryThreads::drop(std::string_view filter, Time from, Time to) {
    const std::vector<PointId> points = points_.match(filter, "", SIZE_MAX);
    uint64_t dropped = 0;
    const Result<void> done = house_->run([&]() -> Result<void> {
        dropped = HW_TRY(engine_->drop(points, from.ns, to.ns));
        return {};
    });
    if (!done) return fail(done.error());
    return dropped;
}

Result<void> HistoryThreads::backup(const std::string& folder) {
    return house_->run([&]() -> Result<void> {
        HW_TRY(engine_->save_units());
        return write_backup(*engine_, folder);
    });
}

Result<void> HistoryThreads::settle() {
    return house_->run([&]() -> Result<void> {
        HW_TRY(engine_->seal_all());
        HW_TRY(engine_->expire(clock_.now(), points_.size()));
        HW_TRY(engine_->merge_small());
        HW_TRY(engine_->release_journal());
        return store_->compact();
    });
}

void HistoryThreads::register_metrics(Metrics& metrics) {
    const auto safe = [this](auto read) {
        return [this, read]() -> double {
            return engine_ == nullptr ? 0 : static_cast<double>(read());
        };
    };
    metrics.total("headworks_history_samples_committed_total", "Samples committed.",
                  safe([this] { return samples_committed_.load(); }));
    metrics.total("headworks_history_samples_refused_total", "Samples refused with an error.",
                  safe([this] { return samples_refused_.load(); }));
    metrics.total("headworks_history_commits_total", "Group commits.",
                  safe([this] { return commits_.load(); }));
    metrics.total("headworks_history_journal_syncs_total", "Syncs of the journal.",
                  safe([this] { return engine_->journal_syncs(); }));
    metrics.total("headworks_history_chunks_written_total", "Chunks written, rewritten ones too.",
                  safe([this] { return engine_->chunks_written(); }));
    metrics.gauge("headworks_history_journal_bytes", "Size of the journal.",
                  safe([this] { return engine_->journal_bytes(); }));
    metrics.gauge("headworks_history_queue_bytes", "Samples waiting for their commit.",
                  safe([this] { return queue_.bytes(); }));
    metrics.gauge("headworks_history_memory_bytes", "Memory of samples not yet in chunks.",
                  safe([this] { return engine_->memory_bytes(); }));
}

Health HistoryThreads::health(std::string* reason) const {
    const MutexLock lock(calls_mutex_);
    if (reason != nullptr) *reason = health_reason_;
    return health_;
}

History::Figures HistoryThreads::figures() const {
    Figures figures{};
    figures.samples_committed = samples_committed_;
    figures.commits = commits_;
    figures.journal_bytes = engine_->journal_bytes();
    for (const auto family : {store::Family::meta, store::Family::points, store::Family::chunks,
                              store::Family::summaries})
        figures.disk_bytes += store_->disk_bytes(family);
    figures.memory_bytes = engine_->memory_bytes() + store_->memory_bytes();
    figures.queue_bytes = queue_.bytes();
    figures.samples_dropped = samples_refused_;
    figures.journal_syncs = engine_->journal_syncs();
    return figures;
}

Result<std::unique_ptr<History>> History::open(const Settings& settings, const std::string& folder,
                                               model::PointDirectory& points, const Clock& clock,
                                               Metrics& metrics) {
    auto history = std::make_unique<HistoryThreads>(settings, folder, points, clock, metrics);
    HW_TRY(history->start());
    return history;
}

}  // namespace hw::history
