#include "twin/live_state.h"

#include <cmath>
#include <utility>

#include "base/assert.h"
#include "sql/json.h"

namespace hw::twin {

uint32_t Slots::allocate(uint32_t count, uint32_t twin) {
    if (count == 0) return 0;
    HW_ASSERT(count <= chunk_slots);
    uint32_t first = 0;
    if (const auto at = free_.lower_bound(count); at != free_.end()) {
        const uint32_t found = at->first;
        first = at->second.back();
        at->second.pop_back();
        if (at->second.empty()) free_.erase(at);
        if (found > count) free_[found - count].push_back(first + count);
    } else {
        const uint32_t left = (chunk_slots - end_ % chunk_slots) % chunk_slots;
        if (left < count) {
            if (left > 0) free_[left].push_back(end_);
            end_ += left;
            chunks_.push_back(std::make_unique<Chunk>());
        }
        first = end_;
        end_ += count;
    }
    for (uint32_t slot = first; slot < first + count; ++slot) {
        chunk(slot).twins[slot & mask] = twin;
        chunk(slot).points[slot & mask] = no_point;
    }
    used_ += count;
    return first;
}

void Slots::free(uint32_t first, uint32_t count) {
    if (count == 0) return;
    for (uint32_t slot = first; slot < first + count; ++slot)
        (*this)[slot] = {};
    free_[count].push_back(first);
    used_ -= count;
}

size_t Interests::Hash::operator()(const Words& words) const {
    uint64_t hash = 0;
    for (const uint32_t word : words)
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 32);
}

void Interests::clear() {
    words_.assign(1, Words{});
    numbers_.clear();
    numbers_.emplace(Words{}, 0);
}

uint32_t Interests::number(const Words& words) {
    const auto [at, fresh] = numbers_.try_emplace(words, static_cast<uint32_t>(words_.size()));
    if (fresh) words_.push_back(words);
    return at->second;
}

namespace {

bool to_boolean(sql::Datum& value) {
    if (!value.is_number()) return value.kind() == sql::Kind::boolean;
    const double number = value.as_number();
    if (number != 0 && number != 1) return false;
    value = sql::Datum::boolean(number == 1);
    return true;
}

bool to_integer(sql::Datum& value, double least, double most) {
    if (value.kind() == sql::Kind::boolean) {
        value = sql::Datum::integer(value.as_boolean() ? 1 : 0);
        return true;
    }
    if (!value.is_number()) return false;
    const double number = value.as_number();
    if (!(number >= least && number <= most) || std::trunc(number) != number) return false;
    if (value.kind() == sql::Kind::float64)
        value = sql::Datum::integer(static_cast<int64_t>(number));
    return true;
}

bool to_real(sql::Datum& value) {
    if (value.kind() == sql::Kind::boolean)
        value = sql::Datum::real(value.as_boolean() ? 1 : 0);
    else if (value.kind() == sql::Kind::int64)
        value = sql::Datum::real(value.as_number());
    return value.kind() == sql::Kind::float64;
}

bool is_structure(SchemaKind kind) {
    return kind == SchemaKind::array || kind == SchemaKind::map || kind == SchemaKind::object ||
           (kind >= SchemaKind::point && kind <= SchemaKind::multi_polygon);
}

// Whatever is not one look at the type: enumerations, times, and structures that come as JSON.
bool to_checked(const Schema& schema, sql::Datum& value) {
    sql::Datum asked = value;
    if (is_structure(schema.kind) && value.is_text()) {
        sql::JsonReader reader;
        auto read = reader.read(value.as_text());
        if (!read) return false;
        asked = std::move(*read);
    } else if (schema.kind == SchemaKind::enumeration) {
        if (schema.enum_kind != SchemaKind::string && !asked.is_text())
            if (!to_integer(asked, -0x1p31, 0x1p31)) return false;
    }
    auto checked = check_value(schema, asked);
    if (!checked) return false;
    value = std::move(*checked);
    return true;
}

}  // namespace

bool convert(const Schema* schema, SchemaKind kind, sql::Datum& value) {
    if (value.is_null()) return true;
    switch (kind) {
        case SchemaKind::boolean:
            return to_boolean(value);
        case SchemaKind::float32:
        case SchemaKind::float64:
            return to_real(value);
        case SchemaKind::int32:
            return to_integer(value, -0x1p31, 0x1p31 - 1);
        case SchemaKind::int64:
            if (value.kind() == sql::Kind::int64) return true;
            return to_integer(value, -0x1p63, 0x1p62);
        case SchemaKind::string:
            return value.is_text();
        default:
            return schema == nullptr || to_checked(*schema, value);
    }
}

}  // namespace hw::twin
