#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sql/query/group_table.h"
#include "sql/query/window_core.h"
#include "sql/query/window_row.h"

namespace hw::sql {

// Groups of any range of a sliding window's rows without going through all of them: rows are taken
// together in chunks of 64, and these in chunks of 4,096, counted from the first row there ever
// was; a chunk's groups are made when a range first has it in full, and merged from then on. So a
// range of n rows costs some 250 merges and rows and n / 4,096, whatever n is. What comes out
// depends on the rows and their numbers only, not on which chunks were made before.
class WindowChunks {
  public:
    // Below this range it is cheaper to go through the rows.
    static constexpr size_t worth_rows = 256;

    // The rows and the core outlive it.
    WindowChunks(WindowCore& core, const std::deque<StoredRow>& rows) : core_(core), rows_(rows) {}

    // Adds the rows of [first, end), as places in the list, to a table.
    void collect(size_t first, size_t end, GroupTable& into);
    // The first `count` rows are about to leave the list.
    void forget(size_t count);
    // Where chunks begin goes on after a restart.
    uint64_t forgotten() const { return forgotten_; }
    void set_forgotten(uint64_t forgotten) { forgotten_ = forgotten; }

  private:
    static constexpr uint64_t factor = 64;
    static constexpr size_t levels = 2;
    static uint64_t width(size_t level);  // rows of a chunk

    struct Chunk {
        std::unique_ptr<GroupTable> groups;
        bool made = false;  // without groups: they were too many to be worth it
    };

    // Null: its parts are to be taken instead.
    const GroupTable* chunk(size_t level, uint64_t number);
    void make(size_t level, uint64_t number, Chunk& chunk);
    void collect(size_t level, uint64_t first, uint64_t end, GroupTable& into);

    WindowCore& core_;
    const std::deque<StoredRow>& rows_;
    uint64_t forgotten_ = 0;  // rows that were in the list before
    // By level; numbers from first_[level] on.
    std::deque<Chunk> chunks_[levels];
    uint64_t first_[levels] = {};
};

}  // namespace hw::sql
