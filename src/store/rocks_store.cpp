#include "store/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/assert.h"

namespace hw::store {

namespace {

constexpr std::array<const char*, family_count> family_names = {"meta", "points", "chunks",
                                                                "summaries", "sessions"};

rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& s) {
    return {s.data(), s.size()};
}

std::unexpected<Error> failure(const rocksdb::Status& status, const std::string& what) {
    ErrorCode code = ErrorCode::io_failed;
    if (status.IsNoSpace()) code = ErrorCode::no_space;
    if (status.IsCorruption()) code = ErrorCode::corrupt;
    if (status.IsBusy() || status.ToString().find("lock") != std::string::npos)
        code = ErrorCode::unavailable;
    return fail(code, "the store cannot " + what + ": " + status.ToString());
}

using Handles = std::array<rocksdb::ColumnFamilyHandle*, family_count>;

class RocksBatch final : public WriteBatch {
  public:
    explicit RocksBatch(const Handles& handles) : handles_(handles) {}

    void put(Family family, std::string_view key, std::string_view value) override {
        check(batch_.Put(handle(family), slice(key), slice(value)));
    }
    void remove(Family family, std::string_view key) override {
        check(batch_.Delete(handle(family), slice(key)));
    }
    void remove_range(Family family, std::string_view from, std::string_view to) override {
        check(batch_.DeleteRange(handle(family), slice(from), slice(to)));
    }
    void clear() override { batch_.Clear(); }
    size_t bytes() const override { return batch_.GetDataSize(); }
    rocksdb::WriteBatch& raw() { return batch_; }

  private:
    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return handles_[static_cast<size_t>(family)];
    }
    // A batch in memory without a size limit only fails on a handle of another store.
    static void check(const rocksdb::Status& status) { HW_ASSERT(status.ok()); }

    const Handles handles_;
    rocksdb::WriteBatch batch_;
};

class RocksCursor final : public Cursor {
  public:
    explicit RocksCursor(rocksdb::Iterator* iterator) : iterator_(iterator) {}

    void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
    void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
    bool valid() const override { return iterator_->Valid(); }
    void next() override { iterator_->Next(); }
    void prev() override { iterator_->Prev(); }
    std::string_view key() const override { return view(iterator_->key()); }
    std::string_view value() const override { return view(iterator_->value()); }
    Result<void> status() const override {
        const rocksdb::Status status = iterator_->status();
        if (!status.ok()) return failure(status, "read");
        return {};
    }

  private:
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Of the memtables' memory chunks have a third and every other family a twelfth, so that two of
// each fit.
rocksdb::ColumnFamilyOptions family_options(Family family, const RocksSettings& settings,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions options;
    const bool chunks = family == Family::chunks;
    options.write_buffer_size = settings.memtable_bytes / (chunks ? 3 : 12);
    options.max_write_buffer_number = 2;
    // Small memtables make small files, and each merge of those writes the whole next level: so
    // more of them are let come together.
    const uint64_t files = 4 * (chunks ? 16 << 20 : 4 << 20) / options.write_buffer_size;
    options.level0_file_num_compaction_trigger =
        static_cast<int>(std::clamp<uint64_t>(files, 4, 12));
    options.level_compaction_dynamic_level_bytes = true;
    options.target_file_size_base = 32 << 20;
    options.max_bytes_for_level_base = chunks ? 256 << 20 : 64 << 20;
    const auto& known = rocksdb::GetSupportedCompressions();
    const bool lz4 = std::find(known.begin(), known.end(), rocksdb::kLZ4Compression) != known.end();
    options.compression =
        chunks || !lz4 ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;  // chunks are dense
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = 16 << 10;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.format_version = 5;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

class RocksStore final : public Store {
  public:
    RocksStore(std::unique_ptr<rocksdb::DB> db, const Handles& handles,
               std::shared_ptr<rocksdb::Cache> cache)
        : cache_(std::move(cache)), db_(std::move(db)), handles_(handles) {}

    ~RocksStore() override {
        for (auto* handle : handles_)
            db_->DestroyColumnFamilyHandle(handle);
        const rocksdb::Status status = db_->Close();
        (void)status;
    }

    std::unique_ptr<WriteBatch> make_batch() override {
        return std::make_unique<RocksBatch>(handles_);
    }

    Result<void> write(WriteBatch& batch) override {
        auto& raw = static_cast<RocksBatch&>(batch).raw();
        rocksdb::Status status = db_->Write({}, &raw);
        if (!status.ok() && db_->Resume().ok()) status = db_->Write({}, &raw);
        if (!status.ok()) return failure(status, "write");
        return {};
    }

    Result<void> sync() override {
        const rocksdb::Status status = db_->FlushWAL(true);
        if (!status.ok()) return failure(status, "sync");
        return {};
    }

    Result<std::optional<std::string>> get(Family family, std::string_view key) override {
        std::string value;
        const rocksdb::Status status = db_->Get({}, handle(family), slice(key), &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return failure(status, "read");
        return std::optional<std::string>(std::move(value));
    }

    std::vector<std::unique_ptr<Cursor>> cursors(std::span<const Family> families) override {
        std::vector<rocksdb::ColumnFamilyHandle*> wanted;
        for (const Family family : families)
            wanted.push_back(handle(family));
        std::vector<rocksdb::Iterator*> iterators;
        const rocksdb::Status status = db_->NewIterators({}, wanted, &iterators);
        std::vector<std::unique_ptr<Cursor>> cursors;
        for (size_t i = 0; i < families.size(); ++i)
            cursors.push_back(std::make_unique<RocksCursor>(
                status.ok() ? iterators[i] : rocksdb::NewErrorIterator(status)));
        return cursors;
    }

    Result<void> compact() override {
        rocksdb::CompactRangeOptions options;
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        for (auto* handle : handles_) {
            const rocksdb::Status status = db_->CompactRange(options, handle, nullptr, nullptr);
            if (!status.ok()) return failure(status, "compact");
        }
        return {};
    }

    Result<void> checkpoint(const std::string& folder) override {
        rocksdb::Checkpoint* made = nullptr;
        rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
        const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
        if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
        if (!status.ok()) return failure(status, "copy itself to " + folder);
        return {};
    }

    uint64_t disk_bytes(Family family) override {
        return property(family, rocksdb::DB::Properties::kLiveSstFilesSize) +
               property(family, rocksdb::DB::Properties::kCurSizeActiveMemTable);
    }

    size_t memory_bytes() override {
        size_t bytes = cache_->GetUsage();
        for (size_t i = 0; i < family_count; ++i)
            bytes += property(static_cast<Family>(i), rocksdb::DB::Properties::kSizeAllMemTables);
        return bytes;
    }

  private:
    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return handles_[static_cast<size_t>(family)];
    }
    uint64_t property(Family family, const std::string& name) {
        uint64_t value = 0;
        db_->GetIntProperty(handle(family), name, &value);
        return value;
    }

    const std::shared_ptr<rocksdb::Cache> cache_;
    const std::unique_ptr<rocksdb::DB> db_;
    const Handles handles_;
};

rocksdb::DBOptions store_options(const RocksSettings& settings) {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.max_background_jobs = settings.background_jobs;
    options.db_write_buffer_size = settings.memtable_bytes;
    options.max_total_wal_size = 128 << 20;
    options.max_open_files = 1000;
    options.keep_log_file_num = 3;
    options.max_log_file_size = 4 << 20;
    options.stats_dump_period_sec = 0;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    return options;
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocks_store(const std::string& folder,
                                                const RocksSettings& settings) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const auto cache = rocksdb::NewLRUCache(settings.cache_bytes);
    // RocksDB insists on its family "default"; it stays empty.
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
    for (size_t i = 0; i < family_count; ++i)
        descriptors.emplace_back(family_names[i],
                                 family_options(static_cast<Family>(i), settings, cache));
    std::vector<rocksdb::ColumnFamilyHandle*> opened;
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(store_options(settings), folder, descriptors, &opened, &raw);
    if (!status.ok()) return failure(status, "open " + folder);
    std::unique_ptr<rocksdb::DB> db(raw);
    db->DestroyColumnFamilyHandle(opened[0]);
    Handles handles{};
    std::copy(opened.begin() + 1, opened.end(), handles.begin());
    return std::make_unique<RocksStore>(std::move(db), handles, cache);
}

}  // namespace hw::store
