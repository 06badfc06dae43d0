#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "history/journal_record.h"
#include "io/disk.h"

namespace hw::history {

// The write-ahead journal on a disk: docs/formats/journal.md. A plain object: all calls on one
// thread at a time.
//
// Use: replay() once, then any number of { records, flush, sync }. A flush or sync that fails
// leaves nothing behind: the next one goes on in a new segment that voids the failed records.
class Journal {
  public:
    struct Settings {
        std::string folder = "journal";
        uint64_t segment_bytes = 32 << 20;
    };
    struct Segment {
        uint64_t number = 0;
        uint64_t bytes = 0;
    };
    // What replay found amiss, one sentence each. A torn tail is no damage.
    using Damages = std::vector<std::string>;
    using OnRecord = std::function<Result<void>(const Record& record, uint64_t segment)>;

    Journal(io::Disk& disk, Settings settings) : disk_(disk), settings_(std::move(settings)) {}

    // Reads all segments in order and begins a new one. `on_record` may refuse a record as
    // corrupt, which counts as damage. New records get numbers of at least `least_lsn`. Errors: the
    // disk's.
    Result<void> replay(const OnRecord& on_record, uint64_t least_lsn, Damages& damages);

    // Records are appended to buffer() in the order of their next_header()s, then flushed to the
    // file together. Flushed is not yet on disk. On an error nothing of it counts.
    // prepare() comes first: it begins a new segment where a failure left none.
    Result<void> prepare();
    RecordHeader next_header();
    std::string& buffer() { return buffer_; }
    Result<void> flush();
    // On disk when it returns. On an error everything flushed since the last good sync is void.
    Result<void> sync();

    bool full() const { return segments_.back().bytes >= settings_.segment_bytes; }
    // Begins a new segment if this one is not empty; all must be synced.
    Result<void> rotate();
    Result<void> remove_oldest();

    uint64_t last_lsn() const { return next_lsn_ - 1; }
    uint64_t current_segment() const { return segments_.empty() ? 0 : segments_.back().number; }
    const std::deque<Segment>& segments() const { return segments_; }
    uint64_t bytes() const;
    uint64_t syncs() const { return syncs_; }
    std::string path_of(uint64_t number) const;

  private:
    struct Replay;
    Result<void> replay_segment(Replay& state, const std::string& content,
                                const SegmentHeader& header, uint64_t void_from);
    Result<void> begin_segment();
    void abandon();

    io::Disk& disk_;
    const Settings settings_;
    std::unique_ptr<io::AppendFile> file_;  // none: a new segment must be begun first
    std::deque<Segment> segments_;
    std::string buffer_;
    uint64_t next_number_ = 1;
    uint64_t next_lsn_ = 1;
    uint64_t synced_lsn_ = 0;
    uint64_t void_from_ = 1;  // as the next new segment says
    uint64_t syncs_ = 0;
};

}  // namespace hw::history
