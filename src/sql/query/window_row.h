#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "sql/query/operators.h"

namespace hw::sql {

// An event that is kept: its record, and what was computed before the window.
struct StoredRow {
    RecordRef record;
    uint32_t source = 0;
    uint32_t bytes = 0;  // as counted when it was stored
    // A failure of its grouping was reported: not again with each window that it is in.
    mutable bool reported = false;
    Time time;
    std::unique_ptr<Datum[]> kept;  // as many as WindowPlan::kept_slots; null: none
};

// How much the operator's state takes, against its limits.
class StateUsage {
  public:
    explicit StateUsage(const StateLimits& limits) : limits_(limits) {}

    const StateLimits& limits() const { return limits_; }
    // Null where another one fits, else what to tell the user.
    const std::string* refuse_row() const;
    const std::string* refuse_group() const;

    uint64_t rows = 0, groups = 0;
    uint64_t bytes = 0;

  private:
    const std::string* refuse_bytes() const;
    const StateLimits limits_;
    mutable std::string text_;
};

// A count of failures by reason: the first 16 reasons, then "other".
class ErrorTally {
  public:
    void count(std::string_view reason);
    void put_into(OperatorFigures& figures) const;

  private:
    uint64_t all_ = 0;
    std::map<std::string, uint64_t, std::less<>> by_reason_;
};

// Far enough from the ends of what there is that sums with durations of a plan do not overflow (the
// years 1752 to 2189).
constexpr Time clamp_time(Time time) {
    constexpr int64_t most = INT64_MAX - (1ll << 61);
    return Time{time.ns > most ? most : time.ns < -most ? -most : time.ns};
}

// Rough bytes of a record on the heap, its body's JSON not counted.
size_t record_bytes(const Record& record);
StoredRow store_row(const RecordRef& record, size_t source, Time time,
                    std::span<const size_t> kept_slots, const Datum* slots);

// As columns; what was read from the body is read again. Loading takes the source's shape and sets
// in.failed() where the columns are not as many as it has.
void save_record(ByteWriter& out, const Record& record);
RecordRef load_record(ByteReader& in, const Shape& shape);
void save_row(ByteWriter& out, const StoredRow& row, size_t kept);
StoredRow load_row(ByteReader& in, std::span<const Shape* const> shapes, size_t kept);
void save_rows(ByteWriter& out, std::span<const StoredRow> rows, size_t kept);
std::vector<StoredRow> load_rows(ByteReader& in, std::span<const Shape* const> shapes, size_t kept);

}  // namespace hw::sql
