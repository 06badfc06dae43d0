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

// Doubles, the usual case: every row is written, and kept by moving on.
void keep_doubles(const ColumnsView& rows, bool good_only, int64_t* times_ns, double* values,
                  size_t& kept) {
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto value = std::bit_cast<double>(rows.values[i]);
        times_ns[kept] = rows.times_ns[i];
        values[kept] = value;
        const bool keep = value == value && usable(rows.quality_at(i), good_only);
        kept += keep ? 1 : 0;
    }
}

}  // namespace

void keep_values(const ColumnsView& rows, bool good_only, std::vector<int64_t>& times_ns,
                 std::vector<double>& values) {
    times_ns.resize(rows.size());
    values.resize(rows.size());
    size_t kept = 0;
    if (rows.types.empty() && rows.type == ValueType::float64) {
        keep_doubles(rows, good_only, times_ns.data(), values.data(), kept);
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
