#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "store/segment_record.h"

namespace hw::store {

struct SegmentLogSettings {
    std::string folder;  // of this log alone, below the disk's root
    uint64_t bytes_limit = 256 << 20;
    uint64_t segment_bytes = 8 << 20;  // at most a sixteenth of bytes_limit, at least 4 KiB
    bool sync_each = false;            // fdatasync with each append
};

// What open() found broken.
struct LogRepair {
    uint64_t cut_bytes = 0;      // behind the last sound record of the log
    uint64_t skipped_bytes = 0;  // between sound records
    uint64_t lost_records = 0;   // that stood there, as far as their neighbours tell
    uint64_t lost_segments = 0;  // files that could not be read at all; they are left alone
    bool clean() const { return cut_bytes + skipped_bytes + lost_records + lost_segments == 0; }
};

struct LogRecord {
    uint64_t position = 0;
    std::string body;
};

// Records on a disk in the order they came: docs/formats/segment_log.md. They are appended at the
// end, read forward from any position and trimmed from the front; each has a position, one more
// than the one before it. After kill -9 everything that append() took is there; after a power loss
// everything up to the last sync(), and what is torn is cut. A plain object: one thread at a time.
// Memory: about 100 bytes a segment.
class SegmentLog {
  public:
    SegmentLog(io::Disk& disk, SegmentLogSettings settings);

    // Once, first; reads every segment once. Positions go on behind the last known one and at or
    // behind `next_at_least`, for callers that remember positions elsewhere. Errors: the folder
    // cannot be made or read.
    Result<LogRepair> open(uint64_t next_at_least = 1);

    // One write for all; the position of the first. When it returns the kernel has them (the disk,
    // with sync_each). All or none. Errors: limit_exceeded (nothing is written; trim or drop, then
    // again), invalid_argument (a record alone is over the limit), no_space, io_failed.
    Result<uint64_t> append(std::span<const std::string_view> records);
    // All that was appended and trimmed is on disk when it returns. Where it fails, what was
    // appended since the last good one may be lost with the power, though not with the process.
    Result<void> sync();

    struct Read {
        std::vector<LogRecord> records;
        uint64_t next = 0;  // where to go on
        uint64_t lost = 0;  // records between `from` and `next` that are broken
    };
    // The records from `from` on, up to `rows` and about `bytes` (at least one, where there is
    // one). Reading on where the last read ended costs no search.
    Result<Read> read(uint64_t from, size_t rows, size_t bytes);

    // What is before `position` is done: its segments are removed. That it is done is written with
    // the next append() or save_trim(); until then a restart brings it back.
    void trim(uint64_t position);
    Result<void> save_trim();
    // Makes room by giving up the oldest segment; how many records that were not trimmed it had.
    // 0 and nothing done where the log is empty.
    uint64_t drop_oldest();

    uint64_t begin() const { return begin_; }           // of the first record that is not trimmed
    uint64_t end() const { return end_; }               // of the next to be appended
    uint64_t records() const { return end_ - begin_; }  // broken ones included
    uint64_t bytes() const { return bytes_; }           // of all files
    uint64_t bytes_limit() const { return settings_.bytes_limit; }
    size_t segments() const { return segments_.size(); }
    uint64_t failed_writes() const { return failed_writes_; }

  private:
    struct Segment {
        uint64_t number = 0;
        uint64_t first = 0;
        uint64_t end = 0;
        uint64_t bytes = 0;  // as far as it may be read
        uint64_t sound = 0;  // records that open() or append() knows in it
    };
    struct Place {
        uint64_t position = 0;
        uint64_t segment = 0;
        uint64_t offset = 0;
    };

    std::string path_of(const Segment& segment) const;
    void adopt(const std::string& name, LogRepair& repair);
    void scan(Segment& segment, const std::string& content, LogRepair& repair);
    void settle_gaps(LogRepair& repair);
    Result<void> begin_segment();
    Result<void> sync_file();
    Result<void> write(std::span<const std::string_view> records);
    void seal() { file_.reset(); }
    void give_up_file();
    void remove_front();
    bool read_segment(const Segment& segment, uint64_t from, size_t rows, size_t bytes, Read& out,
                      Result<void>& failure);

    io::Disk& disk_;
    SegmentLogSettings settings_;
    std::deque<Segment> segments_;  // the last is being written while file_ is set
    std::unique_ptr<io::AppendFile> file_;
    std::string buffer_;
    Place next_read_;
    uint64_t begin_ = 1;
    uint64_t end_ = 1;
    uint64_t saved_trim_ = 1;
    uint64_t next_segment_ = 1;
    uint64_t last_cut_ = 0;  // bytes behind the last sound frame of the segment scanned last
    uint64_t bytes_ = 0;
    uint64_t failed_writes_ = 0;
    bool unsynced_ = false;
    bool unnamed_ = false;  // a new file's name is not yet on disk
};

}  // namespace hw::store
