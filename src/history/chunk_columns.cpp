#include "history/chunk_columns.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"

namespace hw::history {

using model::Quality;
using model::ValueType;

namespace {

bool holds_text(ValueType type) {
    return type >= ValueType::text;
}

// The column's rows in that order, in place.
template <class T>
void gather(std::vector<T>& column, const std::vector<uint32_t>& order) {
    if (column.empty()) return;
    std::vector<T> sorted(order.size());
    for (size_t i = 0; i < order.size(); ++i)
        sorted[i] = column[order[i]];
    column = std::move(sorted);
}

}  // namespace

ColumnsView ColumnsView::rows(size_t from, size_t to) const {
    HW_ASSERT(from <= to && to <= size());
    ColumnsView part = *this;
    part.times_ns = times_ns.subspan(from, to - from);
    part.values = values.subspan(from, to - from);
    if (!types.empty()) part.types = types.subspan(from, to - from);
    if (!qualities.empty()) part.qualities = qualities.subspan(from, to - from);
    return part;
}

size_t Columns::bytes() const {
    return times_ns.capacity() * 8 + values.capacity() * 8 + types.capacity() +
           qualities.capacity() * 2 + arena.capacity();
}

void Columns::clear() {
    times_ns.clear();
    values.clear();
    types.clear();
    qualities.clear();
    arena.clear();
}

ColumnsView Columns::view() const {
    return {times_ns, values, types, qualities, type, arena};
}

void Columns::append(int64_t time_ns, ValueType value_type, uint64_t value, Quality quality) {
    if (empty()) type = value_type;
    if (value_type != type && types.empty()) types.assign(size(), type);
    if (quality != Quality::good && qualities.empty()) qualities.assign(size(), Quality::good);
    if (value_type != type || !types.empty()) types.push_back(value_type);
    if (quality != Quality::good || !qualities.empty()) qualities.push_back(quality);
    times_ns.push_back(time_ns);
    values.push_back(value);
}

void Columns::append_text(int64_t time_ns, ValueType value_type, std::string_view text,
                          Quality quality) {
    HW_ASSERT(holds_text(value_type) && arena.size() + text.size() <= UINT32_MAX);
    const uint64_t value = static_cast<uint64_t>(arena.size()) << 32 | text.size();
    arena.append(text);
    append(time_ns, value_type, value, quality);
}

void Columns::append_row(const ColumnsView& other, size_t i) {
    const ValueType value_type = other.type_at(i);
    if (holds_text(value_type))
        append_text(other.times_ns[i], value_type, other.text_at(i), other.quality_at(i));
    else
        append(other.times_ns[i], value_type, other.values[i], other.quality_at(i));
}

void Columns::append_rows(const ColumnsView& other, size_t from, size_t to) {
    HW_ASSERT(from <= to && to <= other.size());
    if (from == to) return;
    const bool simple = other.types.empty() && other.qualities.empty() && !holds_text(other.type) &&
                        qualities.empty() && types.empty() && (empty() || type == other.type);
    if (!simple) {
        for (size_t i = from; i < to; ++i)
            append_row(other, i);
        return;
    }
    const auto begin = static_cast<ptrdiff_t>(from);
    const auto end = static_cast<ptrdiff_t>(to);
    type = other.type;
    times_ns.insert(times_ns.end(), other.times_ns.begin() + begin, other.times_ns.begin() + end);
    values.insert(values.end(), other.values.begin() + begin, other.values.begin() + end);
}

void Columns::truncate(size_t size) {
    HW_ASSERT(size <= times_ns.size());
    times_ns.resize(size);
    values.resize(size);
    if (!types.empty()) types.resize(size);
    if (!qualities.empty()) qualities.resize(size);
}

void Columns::drop_front(size_t rows) {
    HW_ASSERT(rows <= size());
    const auto end = static_cast<ptrdiff_t>(rows);
    times_ns.erase(times_ns.begin(), times_ns.begin() + end);
    values.erase(values.begin(), values.begin() + end);
    if (!types.empty()) types.erase(types.begin(), types.begin() + end);
    if (!qualities.empty()) qualities.erase(qualities.begin(), qualities.begin() + end);
}

bool Columns::is_sorted() const {
    for (size_t i = 1; i < times_ns.size(); ++i)
        if (times_ns[i - 1] >= times_ns[i]) return false;
    return true;
}

void Columns::sort() {
    if (is_sorted()) return;
    HW_ASSERT(size() <= UINT32_MAX);
    std::vector<uint32_t> order(size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
        return times_ns[a] != times_ns[b] ? times_ns[a] < times_ns[b] : a < b;
    });
    size_t kept = 0;
    for (size_t i = 0; i < order.size(); ++i) {
        const bool last = i + 1 == order.size() || times_ns[order[i + 1]] != times_ns[order[i]];
        if (last) order[kept++] = order[i];
    }
    order.resize(kept);
    gather(times_ns, order);
    gather(values, order);
    gather(types, order);
    gather(qualities, order);
}

void merge_columns(const ColumnsView& older, const ColumnsView& newer, Columns& out) {
    out.clear();
    size_t o = 0;
    size_t n = 0;
    while (o < older.size() && n < newer.size()) {
        const int64_t older_time = older.times_ns[o];
        const int64_t newer_time = newer.times_ns[n];
        if (older_time < newer_time) {
            out.append_row(older, o++);
            continue;
        }
        if (older_time == newer_time) ++o;
        out.append_row(newer, n++);
    }
    out.append_rows(older, o, older.size());
    out.append_rows(newer, n, newer.size());
}

}  // namespace hw::history
