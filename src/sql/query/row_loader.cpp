#include "sql/query/row_loader.h"

#include <algorithm>

namespace hw::sql {

RowLoader::RowLoader(const WindowPlan& plan)
    : plan_(plan), records_(plan.shapes.size()), slots_(plan.slots), context_(plan.context) {
    scope_.records = records_.data();
    scope_.slots = slots_.data();
    scope_.call = &context_;
}

void RowLoader::clear() {
    std::ranges::fill(records_, nullptr);
    for (auto& slot : slots_)
        slot = Datum();
    context_.record = nullptr;
    if (context_.failed()) context_.clear_error();
}

void RowLoader::put(const StoredRow& row) {
    records_[row.source] = row.record.get();
    if (!row.kept) return;
    for (size_t i = 0; i < plan_.kept_slots.size(); ++i)
        if (!row.kept[i].is_null()) slots_[plan_.kept_slots[i]] = row.kept[i];
}

void RowLoader::load(const StoredRow& row) {
    clear();
    put(row);
    context_.record = row.record.get();
    context_.event_time = row.time;
}

void RowLoader::load(std::span<const StoredRow* const> rows) {
    clear();
    for (const auto* row : rows) {
        if (row == nullptr) continue;
        put(*row);
        context_.event_time = row->time;
    }
}

}  // namespace hw::sql
