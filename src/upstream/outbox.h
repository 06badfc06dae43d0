#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "io/disk.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "upstream/queue.h"

namespace hw::upstream {

// Where history's commit thread hands over to the uplink's: the queue behind a lock, and, while the
// link is up, the fresh rows in memory, so that live samples need not be read back.
class Outbox {
  public:
    struct Selection {
        std::vector<std::string> filters;
        std::vector<std::string> exclude;
        std::string always;  // a filter of our own points; empty: none
    };
    // Rows [from, to) of a batch, as one record.
    struct Fresh {
        RecordSamples record;
        std::shared_ptr<const model::SampleBatch> batch;
        size_t from = 0;
        size_t to = 0;
    };
    static constexpr size_t fresh_rows_limit = 200'000;

    Outbox(io::Disk& disk, QueueSettings settings, Selection selection,
           model::PointDirectory& points, const Clock& clock);

    Result<void> open(const QueueState& state);
    // Called, on the thread of tap(), when there is something fresh; once until take_fresh().
    void on_fresh(std::function<void()> call) { wake_ = std::move(call); }

    // History's group tap, on its commit thread, before the batches are acknowledged; one write for
    // all of them. About 80 ns a sample.
    void tap(std::span<const model::SampleBatch* const> batches);

    // The rest on the uplink's thread.
    void keep_fresh(bool keep);
    // What came since the last call; `backlog` where some of it is in the queue only.
    std::vector<Fresh> take_fresh(bool& backlog);

    template <class Call>
    auto with_queue(Call&& call) {
        const MutexLock lock(mutex_);
        return call(queue_);
    }

  private:
    bool selected(model::PointId point);
    std::shared_ptr<const model::SampleBatch> select(
        std::span<const model::SampleBatch* const> batches);
    void add_fresh(std::shared_ptr<const model::SampleBatch> batch);

    const Selection selection_;
    model::PointDirectory& points_;
    const Clock& clock_;
    std::function<void()> wake_;
    std::atomic<bool> woken_{false};

    // The commit thread's own.
    enum class Chosen : uint8_t { unknown, yes, no };
    std::vector<Chosen> chosen_;  // by point
    std::vector<RecordSamples> records_;
    Time complained_;

    Mutex mutex_;
    Queue queue_ HW_LOCKING(guarded_by(mutex_));
    bool keep_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool backlog_ HW_LOCKING(guarded_by(mutex_)) = false;
    size_t fresh_rows_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::vector<Fresh> fresh_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::upstream
