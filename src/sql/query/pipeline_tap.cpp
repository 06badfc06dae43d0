#include <utility>

#include "sql/query/pipeline.h"

namespace hw::sql {

namespace {

void add_columns(const Record& record, Datum::Members& into) {
    const auto& columns = record.shape().columns;
    for (size_t i = 0; i < columns.size(); ++i)
        if (!record.column(i).is_null())
            into.push_back({Datum::text(columns[i].name), record.column(i)});
}

}  // namespace

// One event's columns lie flat; those of a join each under its source's name, null where an outer
// join has none.
Datum Pipeline::row_of(const RowScope& scope) const {
    Datum::Members members;
    size_t events = 0;
    for (size_t i = 0; i < records_.size(); ++i)
        events += scope.records[i] != nullptr ? 1 : 0;
    for (size_t i = 0; i < records_.size(); ++i) {
        const Record* record = scope.records[i];
        if (record == nullptr) continue;
        if (events == 1) {
            add_columns(*record, members);
        } else {
            Datum::Members own;
            add_columns(*record, own);
            members.push_back({Datum::text(parts_.source_names[i]), Datum::object(std::move(own))});
        }
    }
    for (const auto& [name, slot] : parts_.slot_names)
        if (!scope.slots[slot].is_null()) members.push_back({Datum::text(name), scope.slots[slot]});
    return Datum::object(std::move(members));
}

}  // namespace hw::sql
