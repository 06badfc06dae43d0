#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/mutex.h"
#include "base/time.h"
#include "model/sample_batch.h"

namespace hw::api {

// The samples that were committed last, in a sequence without gaps, so that each reader goes on
// where it was. Added to on the commit thread, read on any. The sequence begins at the time of
// start in ns, which no earlier life of the server can have reached.
class LiveRing {
  public:
    LiveRing(uint64_t bytes_limit, Time now);

    void add(const model::SampleBatch& batch);
    uint64_t first() const { return first_; }  // of the whole sequence
    uint64_t next() const;                     // of the sample that comes next

    struct Piece {
        std::shared_ptr<const model::SampleBatch> batch;  // null: there is nothing after `next`
        uint64_t begins = 0;                              // sequence of its first row
        uint64_t missed = 0;                              // rows before it that are gone
    };
    // The batch that has row `next`, or the oldest after it. `next` becomes that of the first row
    // to look at.
    Piece read(uint64_t& next) const;

  private:
    struct Entry {
        uint64_t begins;
        std::shared_ptr<const model::SampleBatch> batch;
    };

    const uint64_t bytes_limit_;
    const uint64_t first_;
    mutable Mutex mutex_;
    std::deque<Entry> entries_ HW_LOCKING(guarded_by(mutex_));
    size_t bytes_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint64_t next_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::api
