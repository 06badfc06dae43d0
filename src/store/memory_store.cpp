#include "store/memory_store.h"

#include "base/assert.h"

namespace hw::store {

class MemoryStore::Batch final : public WriteBatch {
  public:
    void put(Family family, std::string_view key, std::string_view value) override {
        add({Change::Kind::put, family, std::string(key), std::string(value)});
    }
    void remove(Family family, std::string_view key) override {
        add({Change::Kind::remove, family, std::string(key), {}});
    }
    void remove_range(Family family, std::string_view from, std::string_view to) override {
        add({Change::Kind::remove_range, family, std::string(from), std::string(to)});
    }
    void clear() override {
        changes_.clear();
        bytes_ = 0;
    }
    size_t bytes() const override { return bytes_; }
    const std::vector<Change>& changes() const { return changes_; }

  private:
    void add(Change change) {
        bytes_ += change.key.size() + change.value.size();
        changes_.push_back(std::move(change));
    }

    std::vector<Change> changes_;
    size_t bytes_ = 0;
};

namespace {

class MemoryCursor final : public Cursor {
  public:
    explicit MemoryCursor(std::shared_ptr<const MemoryStore::Rows> rows)
        : rows_(std::move(rows)), at_(rows_->end()) {}

    void seek(std::string_view key) override { at_ = rows_->lower_bound(key); }
    void seek_for_prev(std::string_view key) override {
        at_ = rows_->upper_bound(key);
        at_ = at_ == rows_->begin() ? rows_->end() : std::prev(at_);
    }
    bool valid() const override { return at_ != rows_->end(); }
    void next() override { ++at_; }
    void prev() override { at_ = at_ == rows_->begin() ? rows_->end() : std::prev(at_); }
    std::string_view key() const override { return at_->first; }
    std::string_view value() const override { return at_->second; }
    Result<void> status() const override { return {}; }

  private:
    std::shared_ptr<const MemoryStore::Rows> rows_;
    MemoryStore::Rows::const_iterator at_;
};

}  // namespace

void MemoryStore::apply(Rows& rows, const Change& change) {
    switch (change.kind) {
        case Change::Kind::put:
            rows[change.key] = change.value;
            break;
        case Change::Kind::remove:
            rows.erase(change.key);
            break;
        case Change::Kind::remove_range:
            rows.erase(rows.lower_bound(change.key), rows.lower_bound(change.value));
            break;
    }
}

void MemoryStore::crash() {
    const size_t kept = random_.below(unsynced_.size() + 1);
    for (size_t i = 0; i < kept; ++i)
        for (const Change& change : unsynced_[i])
            apply(*durable_[static_cast<size_t>(change.family)], change);
    unsynced_.clear();
    for (size_t i = 0; i < family_count; ++i)
        families_[i] = std::make_shared<Rows>(*durable_[i]);
}

std::unique_ptr<WriteBatch> MemoryStore::make_batch() {
    return std::make_unique<Batch>();
}

Result<void> MemoryStore::write(WriteBatch& batch) {
    if (random_.chance(write_fails_))
        return fail(ErrorCode::io_failed, "the simulated store failed to write");
    const auto& changes = dynamic_cast<const Batch&>(batch).changes();
    for (const Change& change : changes) {
        auto& rows = families_[static_cast<size_t>(change.family)];
        if (rows.use_count() > 1) rows = std::make_shared<Rows>(*rows);
        apply(*rows, change);
    }
    unsynced_.push_back(changes);
    return {};
}

Result<void> MemoryStore::sync() {
    if (random_.chance(sync_fails_))
        return fail(ErrorCode::io_failed, "the simulated store failed to sync");
    for (const auto& changes : unsynced_)
        for (const Change& change : changes)
            apply(*durable_[static_cast<size_t>(change.family)], change);
    unsynced_.clear();
    return {};
}

Result<std::optional<std::string>> MemoryStore::get(Family family, std::string_view key) {
    const Rows& rows = *families_[static_cast<size_t>(family)];
    const auto row = rows.find(key);
    if (row == rows.end()) return std::nullopt;
    return row->second;
}

std::vector<std::unique_ptr<Cursor>> MemoryStore::cursors(std::span<const Family> families) {
    std::vector<std::unique_ptr<Cursor>> cursors;
    for (const Family family : families)
        cursors.push_back(std::make_unique<MemoryCursor>(families_[static_cast<size_t>(family)]));
    return cursors;
}

Result<void> MemoryStore::checkpoint(const std::string& folder) {
    return fail(ErrorCode::unsupported, "a store in memory cannot be copied to " + folder);
}

uint64_t MemoryStore::disk_bytes(Family family) {
    uint64_t bytes = 0;
    for (const auto& [key, value] : *families_[static_cast<size_t>(family)])
        bytes += key.size() + value.size();
    return bytes;
}

}  // namespace hw::store
