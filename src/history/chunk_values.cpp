#include "history/chunk_values.h"

#include <bit>

namespace hw::history {

using model::QualityFamily;
using model::ValueType;

namespace {

bool numeric_value(const ColumnsView& rows, size_t i, double& value) {
    switch (rows.type_at(i)) {
        case ValueType::boolean:
            value = rows.values[i] != 0 ? 1 : 0;
            return true;
        case ValueType::int64:
            value = static_cast<double>(static_cast<int64_t>(rows.values[i]));
            return true;
        case ValueType::float64:
            value = std::bit_cast<double>(rows.values[i]);
            return value == value;
        default:
            return false;
    }
}

bool usable(model::Quality quality, bool good_only) {
    const QualityFamily of = family(quality);
    return of == QualityFamily::good || (of == QualityFamily::uncertain && !good_only);
}

// Doubles, the usual case: every row is written, and kept by moving on, so that no branch depends
// on the data. Returns how many are kept.
size_t keep_doubles(const ColumnsView& rows, bool good_only, int64_t* times_ns, double* values) {
    constexpr unsigned severity_shift = 14;
    const unsigned worst = good_only ? 0 : 1;
    const int64_t* const from_times = rows.times_ns.data();
    const uint64_t* const from_values = rows.values.data();
    const model::Quality* const qualities = rows.qualities.data();
    const bool all_good = rows.qualities.empty();
    const size_t count = rows.size();
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
        const auto value = std::bit_cast<double>(from_values[i]);
        const unsigned severity =
            all_good ? 0 : static_cast<unsigned>(qualities[i]) >> severity_shift;
        times_ns[kept] = from_times[i];
        values[kept] = value;
        kept += static_cast<size_t>(value == value) & static_cast<size_t>(severity <= worst);
    }
    return kept;
}

}  // namespace

void keep_values(const ColumnsView& rows, bool good_only, std::vector<int64_t>& times_ns,
                 std::vector<double>& values) {
    times_ns.resize(rows.size());
    values.resize(rows.size());
    size_t kept = 0;
    if (rows.types.empty() && rows.type == ValueType::float64) {
        kept = keep_doubles(rows, good_only, times_ns.data(), values.data());
    } else {
        for (size_t i = 0; i < rows.size(); ++i) {
            if (!usable(rows.quality_at(i), good_only)) continue;
            if (!numeric_value(rows, i, values[kept])) continue;
            times_ns[kept++] = rows.times_ns[i];
        }
    }
    times_ns.resize(kept);
    values.resize(kept);
}

}  // namespace hw::history
