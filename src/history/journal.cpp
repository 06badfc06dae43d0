#include "history/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assert.h"

namespace hw::history {

namespace {

constexpr std::string_view suffix = ".journal";

std::optional<uint64_t> number_of(std::string_view name) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number, 16);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
    return number;
}

}  // namespace

struct Journal::Replay {
    const OnRecord& on_record;
    Damages& damages;
    uint64_t expected_lsn = 0;  // 0: not known yet
};

std::string Journal::path_of(uint64_t number) const {
    return fmt::format("{}/{:016x}{}", settings_.folder, number, suffix);
}

uint64_t Journal::bytes() const {
    uint64_t bytes = 0;
    for (const Segment& segment : segments_)
        bytes += segment.bytes;
    return bytes;
}

Result<void> Journal::replay(const OnRecord& on_record, uint64_t least_lsn, Damages& damages) {
    HW_TRY(disk_.make_folder(settings_.folder));
    std::vector<uint64_t> numbers;
    for (const std::string& name : HW_TRY(disk_.list(settings_.folder)))
        if (const auto number = number_of(name)) numbers.push_back(*number);
    std::sort(numbers.begin(), numbers.end());

    Replay state{on_record, damages};
    // Each segment is read when its successor's header is known. A segment with a torn header was
    // never used: the crash came while it was made.
    std::optional<SegmentHeader> before;
    std::string before_content;
    for (const uint64_t number : numbers) {
        next_number_ = number + 1;
        std::string content = HW_TRY(disk_.read(path_of(number)));
        const auto header = read_segment_header(as_bytes(content));
        if (!header || header->number != number) {
            if (content.size() > segment_header_bytes)
                damages.push_back(path_of(number) + " has no sound header and is left out");
            HW_TRY(disk_.remove(path_of(number)));
            continue;
        }
        if (before) HW_TRY(replay_segment(state, before_content, *before, header->void_from));
        segments_.push_back({number, content.size()});
        before = *header;
        before_content = std::move(content);
    }
    if (before) HW_TRY(replay_segment(state, before_content, *before, 0));
    next_lsn_ = std::max({state.expected_lsn, least_lsn, uint64_t{1}});
    synced_lsn_ = next_lsn_ - 1;
    void_from_ = std::max<uint64_t>(state.expected_lsn, 1);
    // On a full disk what is kept can still be read; prepare() tries again.
    const Result<void> begun = begin_segment();
    if (!begun && begun.error().code() != ErrorCode::no_space) return begun;
    return {};
}

Result<void> Journal::replay_segment(Replay& state, const std::string& content,
                                     const SegmentHeader& header, uint64_t void_from) {
    const std::string path = path_of(header.number);
    RecordReader reader(as_bytes(content), header.number);
    state.expected_lsn = header.first_lsn;
    bool skipped = false;
    while (const auto record = reader.next(skipped)) {
        if (void_from != 0 && record->lsn >= void_from) break;
        if (record->lsn < state.expected_lsn) continue;
        if (record->lsn > state.expected_lsn) {
            // What is missing was never acknowledged unless a record says that it was on disk.
            if (record->synced_lsn < state.expected_lsn) break;
            state.damages.push_back(fmt::format("{} lacks the records {} to {}", path,
                                                state.expected_lsn, record->lsn - 1));
        }
        const Result<void> taken = state.on_record(*record, header.number);
        if (!taken) {
            if (taken.error().code() != ErrorCode::corrupt) return taken;
            state.damages.push_back(path + ": " + taken.error().text());
        }
        state.expected_lsn = record->lsn + 1;
    }
    if (void_from > state.expected_lsn)
        state.damages.push_back(
            fmt::format("{} lacks the records {} to {}", path, state.expected_lsn, void_from - 1));
    return {};
}

Result<void> Journal::begin_segment() {
    HW_ASSERT(!file_);
    const uint64_t number = next_number_++;
    auto file = HW_TRY(disk_.create(path_of(number)));
    std::string head;
    write_segment_header(head, {number, void_from_, next_lsn_});
    Result<void> made = file->append(as_bytes(head));
    if (made) made = file->sync();
    if (made) made = disk_.sync_folder(settings_.folder);
    ++syncs_;
    if (!made) {
        file.reset();
        // A leftover without a sound header is harmless and goes at the next start.
        [[maybe_unused]] const auto removed = disk_.remove(path_of(number));
        return made;
    }
    file_ = std::move(file);
    segments_.push_back({number, head.size()});
    return {};
}

RecordHeader Journal::next_header() {
    // The segment is known only when there is one; flush() refuses the rest.
    return {current_segment(), next_lsn_++, synced_lsn_};
}

void Journal::abandon() {
    buffer_.clear();
    void_from_ = synced_lsn_ + 1;
    synced_lsn_ = next_lsn_ - 1;
    file_.reset();
}

Result<void> Journal::prepare() {
    HW_ASSERT(buffer_.empty());
    if (file_) return {};
    return begin_segment();
}

Result<void> Journal::flush() {
    HW_ASSERT(file_ != nullptr);
    const Result<void> written = file_->append(as_bytes(buffer_));
    if (!written) {
        abandon();
        // Voids what was torn. If even that fails, prepare() tries again before the next records.
        [[maybe_unused]] const auto begun = begin_segment();
        return written;
    }
    segments_.back().bytes += buffer_.size();
    buffer_.clear();
    return {};
}

Result<void> Journal::sync() {
    if (!file_ || synced_lsn_ + 1 == next_lsn_) return {};
    ++syncs_;
    const Result<void> synced = file_->sync();
    if (!synced) {
        abandon();
        [[maybe_unused]] const auto begun = begin_segment();
        return synced;
    }
    synced_lsn_ = next_lsn_ - 1;
    return {};
}

Result<void> Journal::rotate() {
    HW_ASSERT(buffer_.empty() && synced_lsn_ + 1 == next_lsn_);
    if (file_ && segments_.back().bytes <= segment_header_bytes) return {};
    file_.reset();
    void_from_ = next_lsn_;
    return begin_segment();
}

Result<void> Journal::remove_oldest() {
    HW_ASSERT(segments_.size() > 1);
    HW_TRY(disk_.remove(path_of(segments_.front().number)));
    segments_.pop_front();
    return {};
}

}  // namespace hw::history
