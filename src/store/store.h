#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::store {

// A column family: a key space of its own within one store.
enum class Family : uint8_t { meta, points, chunks, summaries, sessions };
inline constexpr size_t family_count = 5;

// Changes that happen together or not at all. Reusable after clear().
class WriteBatch {
  public:
    virtual ~WriteBatch() = default;
    virtual void put(Family family, std::string_view key, std::string_view value) = 0;
    virtual void remove(Family family, std::string_view key) = 0;
    // Keys in [from, to).
    virtual void remove_range(Family family, std::string_view from, std::string_view to) = 0;
    virtual void clear() = 0;
    virtual size_t bytes() const = 0;
};

// Walks keys in byte order over the state at its making. One thread. Views die at the next move.
class Cursor {
  public:
    virtual ~Cursor() = default;
    virtual void seek(std::string_view key) = 0;           // first key >= key
    virtual void seek_for_prev(std::string_view key) = 0;  // last key <= key
    virtual bool valid() const = 0;
    virtual void next() = 0;
    virtual void prev() = 0;
    virtual std::string_view key() const = 0;
    virtual std::string_view value() const = 0;
    // An I/O error ends a walk early; ask after it.
    virtual Result<void> status() const = 0;
};

// The one embedded key-value engine. RocksStore is the real one, MemoryStore the simulated one
// (one thread, loses unsynced writes at a crash, fails on purpose). Any thread.
class Store {
  public:
    virtual ~Store() = default;
    virtual std::unique_ptr<WriteBatch> make_batch() = 0;
    // Atomic, visible at once, not yet safe from power loss. Errors: no_space, io_failed.
    virtual Result<void> write(WriteBatch& batch) = 0;
    // All earlier writes are on disk when it returns.
    virtual Result<void> sync() = 0;
    // nullopt where there is no such key.
    virtual Result<std::optional<std::string>> get(Family family, std::string_view key) = 0;
    std::unique_ptr<Cursor> cursor(Family family) { return std::move(cursors({&family, 1})[0]); }
    // One cursor for each family, all over one and the same state.
    virtual std::vector<std::unique_ptr<Cursor>> cursors(std::span<const Family> families) = 0;
    // Reclaims space of replaced and removed keys; takes long.
    virtual Result<void> compact() = 0;
    // A consistent copy in a new folder (hard links where the file system allows it).
    virtual Result<void> checkpoint(const std::string& folder) = 0;
    virtual uint64_t disk_bytes(Family family) = 0;
    virtual size_t memory_bytes() = 0;
};

}  // namespace hw::store
