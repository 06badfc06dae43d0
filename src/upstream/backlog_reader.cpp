#include "upstream/backlog_reader.h"

#include <algorithm>

#include "base/log.h"

namespace hw::upstream {

void BacklogReader::give_up(Interval records, uint64_t samples, Time from, Time to) {
    outbox_.with_queue([&](Queue& queue) { queue.give_up(records, samples); });
    lanes_.give_up(records);
    on_loss_({GapReason::queue_damaged, from, to, samples,
              samples == 0 ? "records of unknown size" : ""});
}

// Stands before the place's record; the segment is read anew where that lies behind or beyond.
bool BacklogReader::go_to(const Queue::Place& place) {
    if (reader_ && info_.number == place.segment && place.record >= next_ &&
        place.record < info_.next)
        return true;
    reader_.reset();
    ahead_.reset();
    const auto file =
        outbox_.with_queue([&](const Queue& queue) { return queue.file(place.segment); });
    if (!file) return false;  // dropped meanwhile
    info_ = file->info;
    next_ = info_.first;
    samples_ = 0;
    queued_ = info_.from;
    auto content = disk_.read(file->path);
    if (!content && content.error().code() != ErrorCode::not_found)
        log_error("upstream", "the queue cannot be read: " + content.error().text());
    if (content) {
        // What lies behind may be half written.
        content->resize(std::min<size_t>(content->size(), info_.bytes));
        auto reader = SegmentReader::open(*std::move(content), info_.number);
        if (reader) reader_.emplace(*std::move(reader));
    }
    if (reader_) return true;
    // Gone or without its head: nothing of it will ever be read.
    const bool still_there = outbox_.with_queue(
        [&](const Queue& queue) { return queue.file(place.segment).has_value(); });
    if (still_there)
        give_up({info_.first, info_.next - 1}, info_.samples - info_.acknowledged, info_.from,
                info_.to);
    return false;
}

// The next record that is not claimed. Numbers that are missing before it are given up.
std::optional<RecordHead> BacklogReader::take(uint64_t at_least) {
    while (true) {
        bool skipped = false;
        auto head = std::exchange(ahead_, std::nullopt);
        if (!head) head = reader_->next(skipped);
        const uint64_t number = head ? std::min(head->number, info_.next) : info_.next;
        const uint64_t before = head ? head->samples_before : info_.samples;
        // A repeated number lies in the trace of a write that failed.
        if (head && head->number < next_) continue;
        if (number > next_) {
            const uint64_t from = std::max(next_, at_least);
            const uint64_t lost = before > samples_ ? before - samples_ : 0;
            if (from < number && !lanes_.claimed().contains_all({from, number - 1}))
                give_up({from, number - 1}, lost, queued_, head ? head->queued : info_.to);
        }
        if (!head || head->number >= info_.next) {
            next_ = info_.next;
            return std::nullopt;
        }
        next_ = head->number + 1;
        samples_ = head->samples_before + head->samples;
        queued_ = head->queued;
        if (head->number >= at_least && !lanes_.claimed().contains(head->number)) return head;
    }
}

std::optional<BacklogReader::Chunk> BacklogReader::next(size_t rows, size_t records) {
    const auto place = outbox_.with_queue(
        [&](const Queue& queue) { return queue.find(0, queue.next_record(), lanes_.claimed()); });
    if (!place) {
        lanes_.backlog_empty();
        reader_.reset();
        return std::nullopt;
    }
    if (!go_to(*place)) return std::nullopt;
    Chunk chunk;
    while (chunk.rows.size() < rows) {
        const auto head = take(std::max(place->record, next_));
        if (!head) break;
        if (!chunk.records.empty() && chunk.rows.size() + head->samples > rows) {
            ahead_ = head;
            next_ = head->number;
            samples_ = head->samples_before;
            break;
        }
        const auto read = reader_->rows(chunk.rows);
        if (!read || *read < head->samples) {
            const uint64_t lost = head->samples - (read ? *read : 0);
            on_loss_({GapReason::queue_damaged, head->queued, head->queued, lost, {}});
            if (!read) {
                outbox_.with_queue([&](Queue& queue) {
                    queue.give_up({head->number, head->number}, head->samples);
                });
                lanes_.give_up({head->number, head->number});
                continue;
            }
        }
        chunk.records.push_back({head->number, head->samples});
        if (chunk.records.size() >= records) break;
    }
    if (chunk.records.empty()) return std::nullopt;
    chunk.paths = &reader_->paths();
    return chunk;
}

}  // namespace hw::upstream
