#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/value.h"

namespace hw::history {

// Keys of chunks and summaries: the point's number, then the chunk's first time with its sign bit
// flipped, both big-endian, so that byte order is time order. 12 bytes, no allocation.
class ChunkKey {
  public:
    ChunkKey(model::PointId point, int64_t first_time_ns) {
        put(0, 4, point.value());
        put(4, 8, static_cast<uint64_t>(first_time_ns) ^ (uint64_t{1} << 63));
    }
    operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

    static constexpr size_t size = 12;
    static model::PointId point(std::string_view key) {
        return model::PointId{static_cast<uint32_t>(get(key, 0, 4))};
    }
    static int64_t first_time_ns(std::string_view key) {
        return static_cast<int64_t>(get(key, 4, 8) ^ (uint64_t{1} << 63));
    }

  private:
    void put(size_t at, size_t count, uint64_t value) {
        for (size_t i = 0; i < count; ++i)
            bytes_[at + i] = static_cast<char>(value >> (8 * (count - 1 - i)));
    }
    static uint64_t get(std::string_view key, size_t at, size_t count) {
        uint64_t value = 0;
        for (size_t i = 0; i < count; ++i)
            value = value << 8 | static_cast<uint8_t>(key[at + i]);
        return value;
    }

    std::array<char, size> bytes_;
};

// Keys of Family::points: the point's number and what the row holds.
enum class PointRowKind : char { path = 'p', sealed = 's', unit = 'u' };

class PointKey {
  public:
    PointKey(model::PointId point, PointRowKind kind) {
        for (size_t i = 0; i < 4; ++i)
            bytes_[i] = static_cast<char>(point.value() >> (8 * (3 - i)));
        bytes_[4] = static_cast<char>(kind);
    }
    operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

    static constexpr size_t size = 5;
    static model::PointId point(std::string_view key) { return ChunkKey::point(key); }

  private:
    std::array<char, size> bytes_;
};

}  // namespace hw::history
