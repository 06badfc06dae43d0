#include "upstream/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hw::upstream {

namespace {

constexpr std::string_view extension = ".queue";
constexpr size_t number_digits = 16;
// A set of more pieces forgets the smallest ones: their records are sent once more.
constexpr size_t intervals_limit = 4096;

std::optional<uint64_t> number_of(std::string_view name) {
    if (name.size() != number_digits + extension.size() || !name.ends_with(extension))
        return std::nullopt;
    uint64_t number = 0;
    const char* const end = name.data() + number_digits;
    const auto [at, error] = std::from_chars(name.data(), end, number, 16);
    if (error != std::errc() || at != end) return std::nullopt;
    return number;
}

void bound(IntervalSet& set) {
    while (set.size() > intervals_limit) {
        auto least = set.intervals().begin();
        for (auto at = least; at != set.intervals().end(); ++at)
            if (at->second - at->first < least->second - least->first) least = at;
        set.remove({least->first, least->second});
    }
}

}  // namespace

Queue::Queue(io::Disk& disk, QueueSettings settings)
    : disk_(disk), settings_(std::move(settings)) {}

std::string Queue::path_of_segment(uint64_t number) const {
    return fmt::format("{}/{:016x}{}", settings_.folder, number, extension);
}

void Queue::lose(Loss loss) {
    losses_.push_back(std::move(loss));
}

Result<void> Queue::open(const QueueState& state, Time now) {
    HW_TRY(disk_.make_folder(settings_.folder));
    for (const Interval& interval : state.acknowledged) {
        acknowledged_.add(interval);
        next_record_ = std::max(next_record_, interval.last + 1);
    }
    // A number must never mean two records, not even where the disk lost the first.
    next_record_ = std::max(next_record_, state.next_record);
    std::vector<uint64_t> numbers;
    for (const auto& name : HW_TRY(disk_.list(settings_.folder)))
        if (const auto number = number_of(name)) numbers.push_back(*number);
    std::sort(numbers.begin(), numbers.end());
    for (const uint64_t number : numbers)
        HW_TRY(adopt(number, state));
    for (const SegmentInfo& known : state.segments) {
        next_segment_ = std::max(next_segment_, known.number + 1);
        if (std::binary_search(numbers.begin(), numbers.end(), known.number)) continue;
        // Gone without our doing: its name was not on disk when the power went.
        if (known.samples > known.acknowledged)
            lose({GapReason::queue_damaged, known.from, known.to,
                  known.samples - known.acknowledged, "a segment is gone"});
    }
    clean_up(now);
    return {};
}

Result<void> Queue::adopt(uint64_t number, const QueueState& state) {
    next_segment_ = std::max(next_segment_, number + 1);
    const auto known =
        std::find_if(state.segments.begin(), state.segments.end(),
                     [number](const SegmentInfo& info) { return info.number == number; });
    const bool remembered = known != state.segments.end();
    std::optional<SegmentInfo> info;
    if (remembered && known->sealed) {
        info = *known;
    } else {
        info = scan(number, UINT64_MAX);
    }
    if (remembered && info && info->samples < known->samples)
        lose({GapReason::queue_damaged, info->to, known->to, known->samples - info->samples,
              "the end of a segment was not on disk"});
    if (!info && remembered && known->samples > known->acknowledged)
        lose({GapReason::queue_damaged, known->from, known->to,
              known->samples - known->acknowledged, "a segment cannot be read"});
    if (!info || info->next == info->first) {
        const auto removed = disk_.remove(path_of_segment(number));
        if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
        return {};
    }
    info->sealed = true;
    next_record_ = std::max(next_record_, info->next);
    bytes_ += info->bytes;
    // A write that failed may have left records whose numbers were then used again.
    if (!segments_.empty() && segments_.back().next > info->first) {
        const bool sealed = segments_.back().sealed;
        const auto shorter = scan(segments_.back().number, info->first);
        if (shorter) segments_.back() = *shorter;
        segments_.back().sealed = sealed;
    }
    segments_.push_back(*info);
    return {};
}

// What is in a segment that nobody remembers, up to record `end`; nothing where it cannot be read.
std::optional<SegmentInfo> Queue::scan(uint64_t number, uint64_t end) {
    auto content = disk_.read(path_of_segment(number));
    if (!content) return std::nullopt;
    SegmentInfo info;
    info.number = number;
    info.bytes = content->size();
    auto reader = SegmentReader::open(*std::move(content), number);
    if (!reader) return std::nullopt;
    info.first = info.next = reader->header().first_record;
    bool skipped = false;
    while (const auto head = reader->next(skipped)) {
        if (head->number >= end) break;
        if (head->number < info.next) continue;
        if (info.samples == 0) info.from = head->queued;
        info.to = head->queued;
        info.next = head->number + 1;
        info.samples = head->samples_before + head->samples;
        if (acknowledged_.contains(head->number)) info.acknowledged += head->samples;
    }
    return info;
}

Result<void> Queue::begin_segment(Time now) {
    SegmentInfo info;
    info.number = next_segment_++;
    info.first = info.next = next_record_;
    info.from = info.to = now;
    file_ = HW_TRY(disk_.create(path_of_segment(info.number)));
    unnamed_ = true;
    writer_.begin({info.number, info.first}, buffer_);
    if (!segments_.empty()) segments_.back().sealed = true;
    segments_.push_back(info);
    return {};
}

size_t Queue::record_end(const model::SampleBatch& batch, size_t from) const {
    size_t text = 0;
    size_t to = from;
    while (to < batch.size() && to - from < settings_.record_rows) {
        if (batch.types()[to] >= model::ValueType::text) text += batch.text(to).size();
        if (text > settings_.record_text_bytes && to > from) break;
        ++to;
    }
    return to;
}

Result<void> Queue::write_records(const model::SampleBatch& batch, const PathOf& path_of, Time now,
                                  std::vector<RecordSamples>& records) {
    records.clear();
    buffer_.clear();
    const bool full = file_ && segments_.back().bytes >= settings_.segment_bytes;
    const bool old = file_ && now - segments_.back().from > Duration{settings_.age_limit.ns / 16};
    if (full || old) {
        // What is sealed is on disk, so that only the last segment can lose its end.
        const auto synced = sync();
        if (synced) seal();
    }
    if (!file_) HW_TRY(begin_segment(now));
    SegmentInfo info = segments_.back();
    for (size_t from = 0; from < batch.size();) {
        const size_t to = record_end(batch, from);
        const RecordHead head{info.next, info.samples, to - from, now};
        writer_.write(head, batch, from, to, path_of, buffer_);
        records.push_back({info.next++, to - from});
        info.samples += to - from;
        from = to;
    }
    HW_TRY(file_->append(as_bytes(buffer_)));
    unsynced_ = true;
    info.bytes += buffer_.size();
    info.to = now;
    bytes_ += buffer_.size();
    segments_.back() = info;
    next_record_ = info.next;
    if (settings_.sync_each) HW_TRY(sync());
    return {};
}

Result<void> Queue::append(const model::SampleBatch& batch, const PathOf& path_of, Time now,
                           std::vector<RecordSamples>& records) {
    records.clear();
    if (batch.empty()) return {};
    Result<void> written;
    // After a failure the file's end is not to be trusted: once more, in a new one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        written = write_records(batch, path_of, now, records);
        if (written) {
            appended_samples_ += batch.size();
            if (bytes_ > settings_.bytes_limit) clean_up(now);
            return {};
        }
        ++failed_writes_;
        // With sync_each it may be the sync that failed: then the records are in the file.
        if (!segments_.empty() && segments_.back().next == segments_.back().first &&
            file_ != nullptr) {
            seal();
            remove_file(segments_.back());
            segments_.pop_back();
        }
        // What is in it from before should not wait for the kernel. Where it was the sync that
        // failed, there is no file any more.
        if (file_ && unsynced_) (void)file_->sync();
        seal();
    }
    records.clear();
    lose({GapReason::queue_failed, now, now, batch.size(), written.error().text()});
    return written;
}

Result<void> Queue::sync() {
    if (!file_ || !unsynced_) return {};
    auto synced = file_->sync();
    if (synced && unnamed_) {
        synced = disk_.sync_folder(settings_.folder);
        unnamed_ = false;
    }
    unsynced_ = false;
    if (!synced) {
        ++failed_writes_;
        seal();
    }
    return synced;
}

SegmentInfo* Queue::segment_of(uint64_t record) {
    const auto at = std::upper_bound(
        segments_.begin(), segments_.end(), record,
        [](uint64_t number, const SegmentInfo& info) { return number < info.next; });
    return at == segments_.end() || record < at->first ? nullptr : &*at;
}

void Queue::acknowledge(std::span<const RecordSamples> records) {
    for (const auto& [number, samples] : records) {
        SegmentInfo* info = segment_of(number);
        if (info == nullptr || acknowledged_.contains(number)) continue;
        acknowledged_.add({number, number});
        info->acknowledged = std::min(info->samples, info->acknowledged + samples);
    }
    bound(acknowledged_);
}

void Queue::give_up(Interval records, uint64_t samples) {
    acknowledged_.add(records);
    if (SegmentInfo* info = segment_of(records.first))
        info->acknowledged = std::min(info->samples, info->acknowledged + samples);
    bound(acknowledged_);
}

bool Queue::remove_file(const SegmentInfo& segment) {
    bytes_ -= std::min(bytes_, segment.bytes);
    const auto removed = disk_.remove(path_of_segment(segment.number));
    return removed.has_value();
}

void Queue::drop_front(GapReason reason) {
    const SegmentInfo segment = segments_.front();
    segments_.pop_front();
    if (segment.samples > segment.acknowledged)
        lose({reason, segment.from, segment.to, segment.samples - segment.acknowledged, {}});
    remove_file(segment);
}

void Queue::clean_up(Time now) {
    const auto done = [this](const SegmentInfo& info) {
        return info.next > info.first && acknowledged_.contains_all({info.first, info.next - 1});
    };
    while (!segments_.empty()) {
        const SegmentInfo& front = segments_.front();
        const bool writing = file_ && segments_.size() == 1;
        const bool old = front.to < now - settings_.age_limit && front.next > front.first;
        if (writing && old) seal();
        if (writing && !old) break;
        if (done(front)) {
            remove_file(front);
            segments_.pop_front();
        } else if (old) {
            drop_front(GapReason::too_old);
        } else if (bytes_ > settings_.bytes_limit && segments_.size() > 1) {
            drop_front(GapReason::queue_full);
        } else {
            break;
        }
    }
    // Segments behind one that still waits may be done as well: live samples pass the backlog.
    for (auto at = segments_.begin(); at != segments_.end();) {
        if (at->sealed && done(*at)) {
            remove_file(*at);
            at = segments_.erase(at);
        } else {
            ++at;
        }
    }
    const uint64_t oldest = oldest_record();
    if (oldest > 0) acknowledged_.remove({0, oldest - 1});
}

uint64_t Queue::oldest_record() const {
    return segments_.empty() ? next_record_ : segments_.front().first;
}

std::optional<Queue::Place> Queue::find(uint64_t from, uint64_t end,
                                        const IntervalSet& claimed) const {
    for (const SegmentInfo& info : segments_) {
        if (info.next <= from) continue;
        if (info.first >= end) break;
        const uint64_t record = claimed.first_missing(std::max(from, info.first));
        if (record < std::min(info.next, end)) return Place{info.number, record};
    }
    return std::nullopt;
}

std::optional<Queue::File> Queue::file(uint64_t segment) const {
    for (const SegmentInfo& info : segments_)
        if (info.number == segment) return File{path_of_segment(segment), info};
    return std::nullopt;
}

uint64_t Queue::waiting_samples() const {
    uint64_t waiting = 0;
    for (const SegmentInfo& info : segments_)
        waiting += info.samples - info.acknowledged;
    return waiting;
}

std::optional<Time> Queue::oldest() const {
    for (const SegmentInfo& info : segments_)
        if (info.samples > info.acknowledged) return info.from;
    return std::nullopt;
}

std::optional<Time> Queue::newest() const {
    if (segments_.empty()) return std::nullopt;
    return segments_.back().to;
}

QueueState Queue::state() const {
    QueueState state;
    state.next_record = next_record_;
    for (const auto& [first, last] : acknowledged_.intervals())
        state.acknowledged.push_back({first, last});
    state.segments.assign(segments_.begin(), segments_.end());
    return state;
}

}  // namespace hw::upstream
