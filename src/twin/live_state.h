#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "model/quality.h"
#include "model/value.h"
#include "sql/datum.h"
#include "twin/follower.h"
#include "twin/model/schema.h"
#include "twin/model/state.h"

namespace hw::twin {

// The value of one slot and what concerns each change of it: half a cache line.
struct SlotRecord {
    static constexpr uint8_t origin_mask = 3;
    static constexpr uint8_t stale = 4;
    static constexpr uint8_t dependents = 8;  // somebody derives from it
    static constexpr uint8_t watched = 16;    // can become stale
    static constexpr uint8_t in_wheel = 32;   // its time of becoming stale is noted

    sql::Datum value;
    int64_t time_ns = 0;
    model::Quality quality = model::Quality::bad_waiting_for_initial_data;
    SchemaKind kind = SchemaKind::float64;
    uint8_t flags = 0;
    uint32_t interest = 0;  // 0: nobody's; see Interests

    Origin origin() const { return static_cast<Origin>(flags & origin_mask); }
    void set_origin(Origin origin) {
        flags = static_cast<uint8_t>((flags & ~origin_mask) | static_cast<uint8_t>(origin));
    }
    bool has(uint8_t flag) const { return (flags & flag) != 0; }
    void set(uint8_t flag, bool on) {
        flags = static_cast<uint8_t>(on ? flags | flag : flags & ~flag);
    }
    LiveValue live() const { return {value, Time{time_ns}, quality, has(stale), origin()}; }
};
static_assert(sizeof(SlotRecord) == 32);

// All slots, those of one twin side by side, in chunks that never move. 40 bytes a slot. Guarded by
// whoever owns it.
class Slots {
  public:
    static constexpr uint32_t no_point = UINT32_MAX;
    static constexpr uint32_t awaited_point = UINT32_MAX - 1;  // is bound once the point exists

    // Slots of one twin, all fresh.
    uint32_t allocate(uint32_t count, uint32_t twin);
    void free(uint32_t first, uint32_t count);

    SlotRecord& operator[](uint32_t slot) { return chunk(slot).records[slot & mask]; }
    const SlotRecord& operator[](uint32_t slot) const { return chunk(slot).records[slot & mask]; }
    uint32_t twin(uint32_t slot) const { return chunk(slot).twins[slot & mask]; }
    uint32_t point(uint32_t slot) const { return chunk(slot).points[slot & mask]; }
    void set_point(uint32_t slot, uint32_t point) { chunk(slot).points[slot & mask] = point; }
    size_t used() const { return used_; }
    size_t bytes() const { return chunks_.size() * sizeof(Chunk); }
    void prefetch(uint32_t slot) const { __builtin_prefetch(&chunk(slot).records[slot & mask], 1); }

  private:
    static constexpr uint32_t chunk_slots = 1 << 14;  // over the most slots of a model
    static constexpr uint32_t mask = chunk_slots - 1;
    struct Chunk {
        std::array<SlotRecord, chunk_slots> records;
        std::array<uint32_t, chunk_slots> twins;
        std::array<uint32_t, chunk_slots> points;
    };
    Chunk& chunk(uint32_t slot) { return *chunks_[slot / chunk_slots]; }
    const Chunk& chunk(uint32_t slot) const { return *chunks_[slot / chunk_slots]; }

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::map<uint32_t, std::vector<uint32_t>> free_;  // by count
    uint32_t end_ = 0;                                // of what was ever handed out
    size_t used_ = 0;
};

// What each follower wants of a slot. Most slots interest nobody and the others share few
// combinations, so that a slot keeps a number alone.
class Interests {
  public:
    static constexpr size_t followers_limit = 4;
    using Words = std::array<uint32_t, followers_limit>;

    Interests() { clear(); }
    uint32_t number(const Words& words);  // 0 for nobody
    const Words& words(uint32_t number) const { return words_[number]; }
    void clear();  // all numbers but 0 are void then
    size_t size() const { return words_.size(); }

  private:
    struct Hash {
        size_t operator()(const Words& words) const;
    };
    std::vector<Words> words_;
    std::unordered_map<Words, uint32_t, Hash> numbers_;
};

}  // namespace hw::twin
