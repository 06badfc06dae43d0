#include "rules/refused.h"

#include <utility>

#include "connector/runner_core.h"

namespace hw::rules {

void RefusedRows::add(connector::Item item, std::shared_ptr<const ActionSpec> fallback) {
    const uint64_t bytes = connector::item_bytes(item);
    push({std::move(item), std::move(fallback), {}}, bytes);
}

void RefusedRows::flush(std::string rule_id, std::shared_ptr<const ActionSpec> fallback,
                        Done done) {
    Entry entry{{}, std::move(fallback), std::move(done)};
    entry.item.rule_id = std::move(rule_id);
    push(std::move(entry), 0);
}

void RefusedRows::push(Entry entry, uint64_t bytes) {
    const MutexLock lock(mutex_);
    if (bytes > 0 && bytes_ + bytes > bytes_limit_) {
        ++dropped_;
        return;
    }
    bytes_ += bytes;
    entries_.push_back(std::move(entry));
    if (entries_.size() == 1 && added_) added_();
}

void RefusedRows::on_added(std::function<void()> call) {
    const MutexLock lock(mutex_);
    added_ = std::move(call);
}

std::vector<RefusedRows::Entry> RefusedRows::take() {
    const MutexLock lock(mutex_);
    bytes_ = 0;
    return std::exchange(entries_, {});
}

bool RefusedRows::empty() const {
    const MutexLock lock(mutex_);
    return entries_.empty();
}

void RefusedRows::count_dropped(uint64_t rows) {
    const MutexLock lock(mutex_);
    dropped_ += rows;
}

uint64_t RefusedRows::dropped() const {
    const MutexLock lock(mutex_);
    return dropped_;
}

}  // namespace hw::rules
