#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "model/value.h"

namespace hw::model {

// Samples on their way, as columns of equal length. Point and time in any order; where a point and
// time occur twice, the later row wins. Texts and bytes live in one arena of the batch (at most
// 4 GiB). One owner at a time; 23 bytes a sample plus the texts. Clearing keeps the memory.
class SampleBatch {
  public:
    size_t size() const { return points_.size(); }
    bool empty() const { return points_.empty(); }
    size_t bytes() const { return points_.size() * 23 + arena_.size(); }
    void clear();
    void reserve(size_t samples);

    void add_bool(PointId point, Time time, bool value, Quality quality = Quality::good) {
        push(point, time, ValueType::boolean, value ? 1 : 0, quality);
    }
    void add_int(PointId point, Time time, int64_t value, Quality quality = Quality::good) {
        push(point, time, ValueType::int64, static_cast<uint64_t>(value), quality);
    }
    void add_double(PointId point, Time time, double value, Quality quality = Quality::good) {
        push(point, time, ValueType::float64, std::bit_cast<uint64_t>(value), quality);
    }
    void add_text(PointId point, Time time, std::string_view value,
                  Quality quality = Quality::good) {
        push(point, time, ValueType::text, store(value), quality);
    }
    void add_bytes(PointId point, Time time, std::string_view value,
                   Quality quality = Quality::good) {
        push(point, time, ValueType::bytes, store(value), quality);
    }
    void add(PointId point, const Sample& sample);
    // Row `i` of `other`, its text copied to this arena.
    void add_row(const SampleBatch& other, size_t i);
    // Keeps the first `size` rows; for taking back a half-decoded message.
    void truncate(size_t size);

    // Columns, for loops that matter. Values: bool 0/1, int64 two's complement, double its bits,
    // text and bytes by text().
    const std::vector<PointId>& points() const { return points_; }
    const std::vector<int64_t>& times_ns() const { return times_; }
    const std::vector<ValueType>& types() const { return types_; }
    const std::vector<uint64_t>& values() const { return values_; }
    const std::vector<Quality>& qualities() const { return qualities_; }

    std::string_view text(size_t i) const {
        HW_ASSERT(types_[i] >= ValueType::text);
        return std::string_view(arena_).substr(values_[i] >> 32, static_cast<uint32_t>(values_[i]));
    }
    Sample sample(size_t i) const;

  private:
    void push(PointId point, Time time, ValueType type, uint64_t value, Quality quality) {
        points_.push_back(point);
        times_.push_back(time.ns);
        types_.push_back(type);
        values_.push_back(value);
        qualities_.push_back(quality);
    }
    uint64_t store(std::string_view value);

    std::vector<PointId> points_;
    std::vector<int64_t> times_;
    std::vector<uint64_t> values_;
    std::vector<Quality> qualities_;
    std::vector<ValueType> types_;
    std::string arena_;
};

}  // namespace hw::model
