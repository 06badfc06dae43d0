#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace hw::store {

// Bytes of the segments of a SegmentLog: docs/formats/segment_log.md. No I/O here.
struct LogSegmentHeader {
    uint64_t number = 0;
    uint64_t first = 0;         // position of its first record
    uint64_t previous_end = 0;  // behind the last record of the segments before it
    uint64_t trimmed = 0;       // what lay before this position was done when it was made
};
inline constexpr size_t log_segment_header_bytes = 48;
inline constexpr size_t log_record_head_bytes = 16;

void write_log_segment_header(std::string& out, const LogSegmentHeader& header);
// Nullopt: fails its check, or is another segment's.
std::optional<LogSegmentHeader> read_log_segment_header(BytesView bytes, uint64_t number);

enum class LogFrameKind : uint8_t { record = 1, trim_mark = 2 };

struct LogFrame {
    LogFrameKind kind = LogFrameKind::record;
    uint64_t position = 0;  // its own, or all before which is done
    std::string_view body;
};

void write_log_frame(std::string& out, uint64_t segment, const LogFrame& frame);
// Bytes that a record of `body` bytes takes, at most.
constexpr size_t log_frame_bytes(size_t body) {
    return log_record_head_bytes + 1 + 10 + body;
}

// Walks frames, over damage if need be. A view: the bytes must stay. One thread; about 1 GB/s.
class LogFrameReader {
  public:
    // `bytes` begin at a frame; `whole`: they reach the segment's end. Where they do not, a frame
    // that goes on behind them ends the walk.
    LogFrameReader(std::string_view bytes, uint64_t segment, bool whole)
        : bytes_(bytes), segment_(segment), whole_(whole) {}

    // The next sound frame; nullopt when no more is there.
    std::optional<LogFrame> next();
    // Behind the last sound frame that next() gave.
    size_t offset() const { return sound_; }
    // Bytes before it that were no frames.
    uint64_t skipped() const { return skipped_; }
    // How many bytes the frame that begins at offset() says it has; 0 where none begins there.
    size_t wanted() const;

  private:
    std::optional<LogFrame> frame_at(size_t at, size_t& end) const;

    const std::string_view bytes_;
    const uint64_t segment_;
    const bool whole_;
    size_t sound_ = 0;
    uint64_t skipped_ = 0;
};

}  // namespace hw::store
