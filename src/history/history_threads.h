#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "history/commit_queue.h"
#include "history/engine.h"
#include "history/history.h"
#include "history/house.h"
#include "history/worker_pool.h"
#include "io/posix_disk.h"

namespace hw::history {

// History with its threads: one commits, one keeps house, some help queries. What they share is
// Engine's (own locks), the queue's, and the few members below.
class HistoryThreads final : public History {
  public:
    HistoryThreads(const Settings& settings, std::string folder, model::PointDirectory& points,
                   const Clock& clock, Metrics& metrics);
    ~HistoryThreads() override;
    Result<void> start();

    void submit(model::SampleBatch batch, Done done) override;
    bool overloaded() const override { return queue_.overloaded(); }
    void on_relief(std::function<void()> call) override;
    void on_health(std::function<void(Health, const std::string&)> call) override;
    void add_tap(std::function<void(const model::SampleBatch&)> tap) override;
    void add_group_tap(GroupTap tap) override;
    std::optional<PointState> point_state(model::PointId id) const override;
    void point_states(const std::vector<model::PointId>& ids,
                      std::vector<std::optional<PointState>>& out) const override;
    Result<void> values_at(std::span<const model::PointId> ids, Time time,
                           std::vector<std::optional<model::Sample>>& out) const override;
    void describe(model::PointId id, std::string_view unit) override;
    Result<void> raw(const RawQuery& query, const RawSink& sink) const override;
    Result<std::vector<Buckets>> aggregate(const AggregateQuery& query) const override;
    std::unique_ptr<Scan> scan(WantedColumns wanted) const override;
    Result<uint64_t> drop(std::string_view filter, Time from, Time to) override;
    Result<void> backup(const std::string& folder) override;
    Result<void> settle() override;
    Health health(std::string* reason) const override;
    Figures figures() const override;

  private:
    void commit_loop();
    void commit(std::vector<CommitQueue::Pending>& group);
    void finish(std::vector<CommitQueue::Pending>& group, const Result<void>& result);
    Result<void> check_texts(const model::SampleBatch& batch) const;
    void set_health(const Result<void>& result);
    void register_metrics(Metrics& metrics);

    const Settings settings_;
    const std::string folder_;
    model::PointDirectory& points_;
    const Clock& clock_;
    std::unique_ptr<io::PosixDisk> disk_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Engine> engine_;
    mutable WorkerPool workers_;
    CommitQueue queue_;
    std::unique_ptr<House> house_;
    std::thread committer_;

    mutable Mutex calls_mutex_;
    std::vector<std::function<void()>> relief_calls_ HW_LOCKING(guarded_by(calls_mutex_));
    std::vector<std::function<void(Health, const std::string&)>> health_calls_
        HW_LOCKING(guarded_by(calls_mutex_));
    Health health_ HW_LOCKING(guarded_by(calls_mutex_)) = Health::ok;
    std::string health_reason_ HW_LOCKING(guarded_by(calls_mutex_));

    // Added before the first submit, whose hand-over orders it.
    std::vector<std::function<void(const model::SampleBatch&)>> taps_;
    std::vector<GroupTap> group_taps_;

    std::atomic<uint64_t> samples_committed_{0};
    std::atomic<uint64_t> samples_refused_{0};
    std::atomic<uint64_t> commits_{0};
    std::vector<const model::SampleBatch*> group_;  // commit thread only
    LatencyHistogram& commit_seconds_;
};

}  // namespace hw::history
