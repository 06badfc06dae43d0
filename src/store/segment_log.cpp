#include "store/segment_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assert.h"

namespace hw::store {

namespace {

constexpr size_t read_window_bytes = 256 << 10;
constexpr uint64_t segment_bytes_least = 4 << 10;
// Of more than a position's worth, files are not ours.
constexpr uint64_t number_limit = UINT64_MAX / 4;

std::optional<uint64_t> parse_hex(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value, 16);
    if (error != std::errc() || end != text.end() || value > number_limit) return std::nullopt;
    return value;
}

}  // namespace

SegmentLog::SegmentLog(io::Disk& disk, SegmentLogSettings settings)
    : disk_(disk), settings_(std::move(settings)) {
    const uint64_t most = std::max(settings_.bytes_limit / 16, segment_bytes_least);
    settings_.segment_bytes = std::clamp(settings_.segment_bytes, segment_bytes_least, most);
}

std::string SegmentLog::path_of(const Segment& segment) const {
    return fmt::format("{}/{:016x}-{:016x}.log", settings_.folder, segment.number, segment.first);
}

Result<LogRepair> SegmentLog::open(uint64_t next_at_least) {
    HW_ASSERT(segments_.empty() && next_at_least > 0);
    HW_TRY(disk_.make_folder(settings_.folder));
    auto names = HW_TRY(disk_.list(settings_.folder));
    std::sort(names.begin(), names.end());
    LogRepair repair;
    for (const std::string& name : names)
        adopt(name, repair);
    repair.cut_bytes += last_cut_;
    if (!segments_.empty()) begin_ = std::max(begin_, segments_.front().first);
    end_ = std::max(end_, begin_);
    for (const Segment& segment : segments_)
        end_ = std::max(end_, segment.end);
    settle_gaps(repair);
    saved_trim_ = begin_;
    trim(begin_);
    // A gap that is meant: nothing is lost in it.
    if (end_ < next_at_least) {
        if (records() == 0) begin_ = next_at_least;
        end_ = next_at_least;
    }
    return repair;
}

// "0000000000000001-0000000000000001.log": the number, the first position.
void SegmentLog::adopt(const std::string& name, LogRepair& repair) {
    const std::string_view text = name;
    if (text.size() != 37 || text[16] != '-' || !text.ends_with(".log")) return;
    const auto number = parse_hex(text.substr(0, 16));
    const auto first = parse_hex(text.substr(17, 16));
    if (!number || !first || *number == 0 || *first == 0) return;
    Segment segment{*number, *first, *first, 0, 0};
    next_segment_ = std::max(next_segment_, segment.number + 1);
    // What an earlier segment has beyond this one's first is the trace of a write that failed.
    for (Segment& before : segments_)
        before.end = std::min(before.end, segment.first);
    const auto content = disk_.read(path_of(segment));
    if (!content) {
        ++repair.lost_segments;
        end_ = std::max(end_, segment.first);
        return;
    }
    // Only the last segment's end is a tail; others were cut before, or were broken later.
    repair.skipped_bytes += std::exchange(last_cut_, 0);
    scan(segment, *content, repair);
    bytes_ += segment.bytes;
    segments_.push_back(segment);
}

void SegmentLog::scan(Segment& segment, const std::string& content, LogRepair& repair) {
    size_t start = 0;
    if (const auto header = read_log_segment_header(as_bytes(content), segment.number);
        header && header->first == segment.first) {
        start = log_segment_header_bytes;
        begin_ = std::max(begin_, header->trimmed);
        for (Segment& before : segments_)
            before.end = std::min(before.end, header->previous_end);
        // Positions that were known when it was made, of segments that are broken or gone.
        if (!segments_.empty() && segments_.back().end < header->previous_end)
            segments_.back().end = header->previous_end;
    } else if (content.size() >= log_segment_header_bytes) {
        start = log_segment_header_bytes;
        repair.skipped_bytes += start;
    } else {
        last_cut_ = content.size();
        segment.bytes = content.size();
        return;
    }
    LogFrameReader reader(std::string_view(content).substr(start), segment.number, true);
    while (const auto frame = reader.next()) {
        if (frame->kind == LogFrameKind::trim_mark)
            begin_ = std::max(begin_, frame->position);
        else if (frame->position >= segment.end) {
            segment.end = frame->position + 1;
            ++segment.sound;
        }
    }
    repair.skipped_bytes += reader.skipped();
    last_cut_ = content.size() - start - reader.offset();
    segment.bytes = content.size();
}

// Counts what is missing by position. Segments that have all their records are not read again.
void SegmentLog::settle_gaps(LogRepair& repair) {
    for (const Segment& segment : segments_) {
        if (segment.end <= begin_ || segment.end - segment.first == segment.sound) continue;
        Read read;
        Result<void> failure;
        const uint64_t from = std::max(begin_, segment.first);
        while (read.next < segment.end) {
            read.records.clear();
            if (!read_segment(segment, std::max(from, read.next), SIZE_MAX, read_window_bytes, read,
                              failure))
                break;
        }
        repair.lost_records += read.lost;
    }
}

Result<void> SegmentLog::begin_segment() {
    const uint64_t known = segments_.empty() ? end_ : std::min(segments_.back().end, end_);
    const Segment segment{next_segment_++, end_, end_, 0, 0};
    file_ = HW_TRY(disk_.create(path_of(segment)));
    unnamed_ = true;
    write_log_segment_header(buffer_, {segment.number, end_, known, begin_});
    saved_trim_ = begin_;
    segments_.push_back(segment);
    return {};
}

Result<void> SegmentLog::write(std::span<const std::string_view> records) {
    buffer_.clear();
    const bool full = file_ && segments_.back().bytes >= settings_.segment_bytes;
    const bool done =
        file_ && this->records() == 0 && segments_.back().bytes >= settings_.segment_bytes / 4;
    if (full || done) {
        // What is sealed is on disk, so that only the last segment can lose its end.
        (void)sync_file();
        seal();
    }
    if (!file_) HW_TRY(begin_segment());
    const Segment& segment = segments_.back();
    uint64_t saved = saved_trim_;
    if (saved_trim_ < begin_) {
        write_log_frame(buffer_, segment.number, {LogFrameKind::trim_mark, begin_, {}});
        saved = begin_;
    }
    uint64_t position = end_;
    for (const std::string_view record : records)
        write_log_frame(buffer_, segment.number, {LogFrameKind::record, position++, record});
    HW_TRY(file_->append(as_bytes(buffer_)));
    unsynced_ = true;
    if (settings_.sync_each) HW_TRY(sync_file());
    segments_.back().bytes += buffer_.size();
    segments_.back().end = position;
    segments_.back().sound += records.size();
    bytes_ += buffer_.size();
    end_ = position;
    saved_trim_ = saved;
    // All before is done: only now is there a newer segment that tells so.
    trim(begin_);
    return {};
}

// After a failure the file's end is not to be trusted. A file without records goes.
void SegmentLog::give_up_file() {
    ++failed_writes_;
    if (!file_) return;
    // What is in it from before should not wait for the kernel.
    if (unsynced_) (void)file_->sync();
    unsynced_ = false;
    seal();
    Segment& segment = segments_.back();
    if (segment.end == segment.first) {
        (void)disk_.remove(path_of(segment));
        bytes_ -= std::min(bytes_, segment.bytes);
        segments_.pop_back();
        saved_trim_ = 0;
    }
}

Result<uint64_t> SegmentLog::append(std::span<const std::string_view> records) {
    if (records.empty()) return end_;
    uint64_t size = log_segment_header_bytes + log_frame_bytes(0);
    for (const std::string_view record : records)
        size += log_frame_bytes(record.size());
    if (size > settings_.bytes_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} bytes are more than the whole buffer of {} bytes takes; raise "
                                "its limit",
                                size, settings_.bytes_limit));
    if (bytes_ + size > settings_.bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the buffer {} has {} bytes, its limit is {}", settings_.folder,
                                bytes_, settings_.bytes_limit));
    const uint64_t first = end_;
    // After a failure once more, in a new file.
    auto written = write(records);
    if (!written) {
        give_up_file();
        written = write(records);
        if (!written) give_up_file();
    }
    HW_TRY(written);
    return first;
}

Result<void> SegmentLog::sync() {
    HW_TRY(save_trim());
    return sync_file();
}

Result<void> SegmentLog::sync_file() {
    if (!file_ || !unsynced_) return {};
    auto synced = file_->sync();
    if (synced && unnamed_) {
        synced = disk_.sync_folder(settings_.folder);
        unnamed_ = !synced;
    }
    unsynced_ = false;
    if (synced) {
        trim(begin_);
    } else {
        ++failed_writes_;
        seal();
    }
    return synced;
}

Result<void> SegmentLog::save_trim() {
    if (saved_trim_ >= begin_ || segments_.empty()) return {};
    auto written = write({});
    if (!written) give_up_file();
    return written;
}

void SegmentLog::remove_front() {
    const Segment segment = segments_.front();
    segments_.pop_front();
    bytes_ -= std::min(bytes_, segment.bytes);
    // A file that stays is removed at the next open: its records are trimmed.
    (void)disk_.remove(path_of(segment));
}

void SegmentLog::trim(uint64_t position) {
    begin_ = std::clamp(position, begin_, end_);
    // The last one stays: it knows the positions. Until its name is on disk so does the one before.
    const size_t least = unnamed_ ? 2 : 1;
    while (segments_.size() > least && segments_.front().end <= begin_)
        remove_front();
}

uint64_t SegmentLog::drop_oldest() {
    if (records() == 0) return 0;
    const uint64_t end = segments_.front().end;
    const uint64_t before = begin_;
    // Else its file would have to stay.
    if (unnamed_ || segments_.size() == 1) (void)sync_file();
    // Its file goes with the first write behind it.
    if (segments_.size() == 1) seal();
    trim(std::max(end, begin_));
    return begin_ - before;
}

Result<SegmentLog::Read> SegmentLog::read(uint64_t from, size_t rows, size_t bytes) {
    Read out;
    out.next = std::max(from, begin_);
    Result<void> failure;
    auto at = std::upper_bound(
        segments_.begin(), segments_.end(), out.next,
        [](uint64_t position, const Segment& segment) { return position < segment.end; });
    for (; at != segments_.end() && out.records.size() < rows && out.next < end_; ++at) {
        out.next = std::max(out.next, at->first);
        if (!read_segment(*at, out.next, rows, bytes, out, failure)) break;
        if (!out.records.empty()) break;
    }
    if (!failure && out.records.empty()) return fail(std::move(failure).error());
    // Behind the last record: a gap that open() was asked for, or nothing.
    if (failure && out.records.empty()) out.next = std::max(out.next, end_);
    return out;
}

// Adds the records of one segment from `from` on. False: the disk said no.
bool SegmentLog::read_segment(const Segment& segment, uint64_t from, size_t rows, size_t bytes,
                              Read& out, Result<void>& failure) {
    uint64_t offset = log_segment_header_bytes;
    if (next_read_.segment == segment.number && next_read_.position <= from)
        offset = next_read_.offset;
    out.next = from;
    size_t window = std::max(read_window_bytes, bytes);
    size_t taken = 0;
    const size_t before = out.records.size();
    while (offset < segment.bytes) {
        const uint64_t left = segment.bytes - offset;
        const size_t size = std::min<uint64_t>(window, left);
        const auto content = disk_.read_part(path_of(segment), offset, size);
        if (!content) {
            failure = fail(content.error());
            return false;
        }
        LogFrameReader reader(*content, segment.number, size == left);
        while (const auto frame = reader.next()) {
            if (frame->kind != LogFrameKind::record || frame->position < out.next) continue;
            if (frame->position >= segment.end) break;
            out.lost += frame->position - out.next;
            out.next = frame->position + 1;
            taken += frame->body.size();
            out.records.push_back({frame->position, std::string(frame->body)});
            if (out.records.size() - before >= rows || taken >= bytes) {
                next_read_ = {out.next, segment.number, offset + reader.offset()};
                return true;
            }
        }
        if (size == left) break;
        offset += reader.offset();
        // No frame ends in the window: it is a long one, or the bytes are broken.
        if (reader.offset() == 0) window = segment.bytes;
    }
    out.lost += segment.end - out.next;
    out.next = segment.end;
    next_read_ = {out.next, segment.number, segment.bytes};
    return true;
}

}  // namespace hw::store
