#include "sql/query/window_row.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "sql/datum_codec.h"

namespace hw::sql {

const std::string* StateUsage::refuse_bytes() const {
    if (bytes < limits_.bytes) return nullptr;
    text_ = fmt::format(
        "the state takes {} bytes, the limit bytes_limit: make the window or its "
        "groups smaller, or raise the limit",
        limits_.bytes);
    return &text_;
}

const std::string* StateUsage::refuse_row() const {
    if (rows < limits_.rows) return refuse_bytes();
    text_ = fmt::format(
        "{} rows are held, the limit rows_limit: make the window shorter or raise "
        "the limit",
        limits_.rows);
    return &text_;
}

const std::string* StateUsage::refuse_group() const {
    if (groups < limits_.groups) return refuse_bytes();
    text_ = fmt::format(
        "{} groups are held, the limit groups_limit: group by less or raise the "
        "limit",
        limits_.groups);
    return &text_;
}

void ErrorTally::count(std::string_view reason) {
    constexpr size_t reasons_limit = 16;
    ++all_;
    auto at = by_reason_.find(reason);
    if (at == by_reason_.end()) {
        const bool full = by_reason_.size() + 1 >= reasons_limit;
        at = by_reason_.try_emplace(full ? std::string("other") : std::string(reason)).first;
    }
    ++at->second;
}

void ErrorTally::put_into(OperatorFigures& figures) const {
    figures.errors = all_;
    figures.errors_by_reason.assign(by_reason_.begin(), by_reason_.end());
}

size_t record_bytes(const Record& record) {
    const size_t columns = record.shape().columns.size();
    size_t bytes = sizeof(Record) + columns * sizeof(Datum) + 16;
    for (size_t i = 0; i < columns; ++i)
        bytes += record.column(i).heap_bytes();
    return bytes;
}

StoredRow store_row(const RecordRef& record, size_t source, Time time,
                    std::span<const size_t> kept_slots, const Datum* slots) {
    StoredRow row;
    row.record = record;
    row.source = static_cast<uint32_t>(source);
    row.time = time;
    size_t bytes = sizeof(StoredRow) + record_bytes(*record);
    if (!kept_slots.empty()) {
        row.kept = std::make_unique<Datum[]>(kept_slots.size());
        for (size_t i = 0; i < kept_slots.size(); ++i) {
            row.kept[i] = slots[kept_slots[i]];
            bytes += sizeof(Datum) + row.kept[i].heap_bytes();
        }
    }
    row.bytes =
        static_cast<uint32_t>(std::min<size_t>(bytes, std::numeric_limits<uint32_t>::max()));
    return row;
}

void save_record(ByteWriter& out, const Record& record) {
    const size_t columns = record.shape().columns.size();
    out.signed_varint(record.time().ns);
    out.varint(columns);
    for (size_t i = 0; i < columns; ++i)
        save(out, record.column(i));
}

RecordRef load_record(ByteReader& in, const Shape& shape) {
    const Time time{in.signed_varint()};
    const uint64_t count = in.varint();
    if (count != shape.columns.size()) in.fail();
    if (in.failed()) return nullptr;
    std::vector<Datum> columns;
    columns.reserve(count);
    for (uint64_t i = 0; i < count; ++i)
        columns.push_back(load_datum(in));
    if (in.failed()) return nullptr;
    return std::make_shared<const Record>(shape, time, std::move(columns));
}

void save_row(ByteWriter& out, const StoredRow& row, size_t kept) {
    out.varint(row.source);
    out.signed_varint(row.time.ns);
    save_record(out, *row.record);
    for (size_t i = 0; i < kept; ++i)
        save(out, row.kept[i]);
}

StoredRow load_row(ByteReader& in, std::span<const Shape* const> shapes, size_t kept) {
    StoredRow row;
    const uint64_t source = in.varint();
    const Time time{in.signed_varint()};
    if (source >= shapes.size() || shapes[source] == nullptr) in.fail();
    if (in.failed()) return row;
    auto record = load_record(in, *shapes[source]);
    std::vector<Datum> slots(kept);
    std::vector<size_t> numbers(kept);
    for (size_t i = 0; i < kept; ++i) {
        slots[i] = load_datum(in);
        numbers[i] = i;
    }
    if (in.failed()) return row;
    return store_row(record, source, time, numbers, slots.data());
}

void save_rows(ByteWriter& out, std::span<const StoredRow> rows, size_t kept) {
    out.varint(rows.size());
    for (const auto& row : rows)
        save_row(out, row, kept);
}

std::vector<StoredRow> load_rows(ByteReader& in, std::span<const Shape* const> shapes,
                                 size_t kept) {
    std::vector<StoredRow> rows;
    const uint64_t count = in.varint();
    if (count > in.remaining()) in.fail();
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
        rows.push_back(load_row(in, shapes, kept));
        if (in.failed()) break;
    }
    if (in.failed()) rows.clear();
    return rows;
}

}  // namespace hw::sql
