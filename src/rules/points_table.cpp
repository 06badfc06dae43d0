#include "rules/points_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/point_path.h"
#include "rules/engine_work.h"

namespace hw::rules {

namespace {

constexpr size_t scan_limit = 1'000;

}  // namespace

void PointsTable::add(model::PointId point, std::span<const std::string> keys,
                      sql::Arguments values, std::vector<sql::Datum>& rows) const {
    const auto state = last_(point);
    if (!state) return;
    model::SampleBatch batch;
    batch.add(point, state->last);
    const auto unit = state->unit.empty() ? sql::Datum() : sql::Datum::text(state->unit);
    const auto record =
        sample_record(sql::Datum::text(points_.path(point)), batch, 0, unit, state->last.time);
    sql::Datum::Members members;
    for (size_t i = 0; i < record->shape().columns.size(); ++i)
        members.push_back({sql::Datum::text(record->shape().columns[i].name), record->column(i)});
    sql::Datum row = sql::Datum::object(std::move(members));
    for (size_t i = 0; i < keys.size(); ++i) {
        const sql::Datum* value = row.find(keys[i]);
        if (value == nullptr || value->is_null() || !(*value == values[i])) return;
    }
    rows.push_back(std::move(row));
}

Result<std::vector<sql::Datum>> PointsTable::find(std::span<const std::string> keys,
                                                  sql::Arguments values, Time) {
    std::vector<sql::Datum> rows;
    const auto topic = std::find(keys.begin(), keys.end(), "topic");
    if (topic != keys.end()) {
        const sql::Datum& path = values[static_cast<size_t>(topic - keys.begin())];
        if (!path.is_text() || !model::matches(filter_, path.as_text())) return rows;
        if (const auto point = points_.find(path.as_text())) add(*point, keys, values, rows);
        return rows;
    }
    const auto all = points_.match(filter_, {}, scan_limit + 1);
    if (all.size() > scan_limit)
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("'{}' has more than {} points; join on its topic", filter_, scan_limit));
    for (const auto point : all)
        add(point, keys, values, rows);
    return rows;
}

}  // namespace hw::rules
