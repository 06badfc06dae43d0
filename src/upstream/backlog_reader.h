#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "io/disk.h"
#include "upstream/lanes.h"
#include "upstream/outbox.h"

namespace hw::upstream {

// Reads the queue's oldest unclaimed records back from the disk, a segment at a time: memory is one
// segment whatever waits. What cannot be read is given up, told and passed. One thread.
class BacklogReader {
  public:
    using OnLoss = std::function<void(const Loss&)>;

    struct Chunk {
        std::vector<RecordSamples> records;
        model::SampleBatch rows;                          // points are places in paths
        const std::vector<std::string>* paths = nullptr;  // until the next call
    };

    BacklogReader(io::Disk& disk, Outbox& outbox, Lanes& lanes, OnLoss on_loss)
        : disk_(disk), outbox_(outbox), lanes_(lanes), on_loss_(std::move(on_loss)) {}

    // The next records, of one segment, of about `rows` rows, at most so many records. nullopt:
    // nothing waits, or the disk cannot be read now.
    std::optional<Chunk> next(size_t rows, size_t records = SIZE_MAX);

  private:
    bool go_to(const Queue::Place& place);
    std::optional<RecordHead> take(uint64_t at_least);
    void give_up(Interval records, uint64_t samples, Time from, Time to);

    io::Disk& disk_;
    Outbox& outbox_;
    Lanes& lanes_;
    const OnLoss on_loss_;
    std::optional<SegmentReader> reader_;
    SegmentInfo info_;                 // of the reader's segment when it was read
    uint64_t next_ = 0;                // the record after the last that was read
    uint64_t samples_ = 0;             // of the segment up to there
    Time queued_;                      // of the last that was read
    std::optional<RecordHead> ahead_;  // read, not yet used
};

}  // namespace hw::upstream
