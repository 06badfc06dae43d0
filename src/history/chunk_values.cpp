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

}  // namespace

void keep_values(const ColumnsView& rows, bool good_only, std::vector<int64_t>& times_ns,
                 std::vector<double>& values) {
    times_ns.clear();
    values.clear();
    for (size_t i = 0; i < rows.size(); ++i) {
        const QualityFamily quality = family(rows.quality_at(i));
        double value = 0;
        if (quality == QualityFamily::bad) continue;
        if (good_only && quality == QualityFamily::uncertain) continue;
        if (!numeric_value(rows, i, value)) continue;
        times_ns.push_back(rows.times_ns[i]);
        values.push_back(value);
    }
}

}  // namespace hw::history
