#include "sql/batch/cells.h"

#include <charconv>
#include <cmath>

#include "base/assert.h"
#include "base/base64.h"
#include "base/json_writer.h"
#include "sql/batch/cell_text.h"

namespace hw::sql::batch {

using duck::TypeId;

namespace {

template <class T>
void append_number(std::string& out, T value) {
    char buffer[40];
    const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
    out.append(buffer, result.ptr);
}

// JSON has no word for what is not finite; a text has.
void append_double(std::string& out, double value) {
    if (std::isfinite(value)) return append_json_double(out, value);
    out += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

void append_float(std::string& out, float value) {
    if (!std::isfinite(value)) return append_double(out, static_cast<double>(value));
    append_number(out, value);
}

Wide wide(const duck::HugeValue& value) {
    return static_cast<Wide>(static_cast<UnsignedWide>(static_cast<uint64_t>(value.upper)) << 64 |
                             value.lower);
}

bool is_nested(TypeId id) {
    return id == TypeId::list || id == TypeId::array || id == TypeId::map ||
           id == TypeId::structure || id == TypeId::tagged_union;
}

// A JSON text of a result may have line breaks; rows are lines.
void append_one_line(std::string& out, std::string_view text) {
    for (const char c : text)
        out += c == '\n' || c == '\r' ? ' ' : c;
}

}  // namespace

Cells::Cells(const duck::Api& api, const ResultType& type, duck::Vector vector)
    : type_(&type), data_(api.vector_get_data(vector)), valid_(api.vector_get_validity(vector)) {
    switch (type.id) {
        case TypeId::list:
            within_.emplace_back(api, type.within[0], api.list_vector_get_child(vector));
            break;
        case TypeId::array:
            within_.emplace_back(api, type.within[0], api.array_vector_get_child(vector));
            break;
        case TypeId::map: {
            duck::Vector entries = api.list_vector_get_child(vector);
            for (uint64_t i = 0; i < 2; ++i)
                within_.emplace_back(api, type.within[i], api.struct_vector_get_child(entries, i));
            break;
        }
        case TypeId::structure:
        case TypeId::tagged_union: {
            // A union is a struct that begins with the tag.
            const uint64_t skip = type.id == TypeId::tagged_union ? 1 : 0;
            if (skip != 0) data_ = api.vector_get_data(api.struct_vector_get_child(vector, 0));
            for (uint64_t i = 0; i < type.within.size(); ++i)
                within_.emplace_back(api, type.within[i],
                                     api.struct_vector_get_child(vector, i + skip));
            break;
        }
        default:
            break;
    }
}

int64_t Cells::stored_integer(TypeId stored, size_t row) const {
    switch (stored) {
        case TypeId::smallint:
            return at<int16_t>(row);
        case TypeId::integer:
            return at<int32_t>(row);
        case TypeId::bigint:
            return at<int64_t>(row);
        case TypeId::utinyint:
            return at<uint8_t>(row);
        case TypeId::usmallint:
            return at<uint16_t>(row);
        case TypeId::uinteger:
            return at<uint32_t>(row);
        default:
            HW_UNREACHABLE();
    }
}

// Writes what is a bare word or number in JSON too (true); or a text that JSON puts in quotes and
// which needs no escapes (false).
bool Cells::append_bare(size_t row, std::string& out) const {
    switch (type_->id) {
        case TypeId::boolean:
            out += at<uint8_t>(row) != 0 ? "true" : "false";
            return true;
        case TypeId::tinyint:
            return append_number(out, static_cast<int>(at<int8_t>(row))), true;
        case TypeId::smallint:
            return append_number(out, at<int16_t>(row)), true;
        case TypeId::integer:
            return append_number(out, at<int32_t>(row)), true;
        case TypeId::bigint:
            return append_number(out, at<int64_t>(row)), true;
        case TypeId::utinyint:
            return append_number(out, static_cast<unsigned>(at<uint8_t>(row))), true;
        case TypeId::usmallint:
            return append_number(out, at<uint16_t>(row)), true;
        case TypeId::uinteger:
            return append_number(out, at<uint32_t>(row)), true;
        case TypeId::ubigint:
            return append_number(out, at<uint64_t>(row)), true;
        case TypeId::real:
            return append_float(out, at<float>(row)), true;
        case TypeId::double_precision:
            return append_double(out, at<double>(row)), true;
        case TypeId::hugeint: {
            const Wide value = wide(at<duck::HugeValue>(row));
            return append_decimal(out, value, 0), true;
        }
        case TypeId::uhugeint:
            return append_huge(out, static_cast<UnsignedWide>(wide(at<duck::HugeValue>(row))),
                               false),
                   true;
        case TypeId::decimal:
            append_decimal(out,
                           type_->stored == TypeId::hugeint
                               ? wide(at<duck::HugeValue>(row))
                               : static_cast<Wide>(stored_integer(type_->stored, row)),
                           type_->scale);
            return true;
        case TypeId::timestamp:
        case TypeId::timestamp_tz:
            return append_timestamp(out, at<int64_t>(row), 1'000'000), false;
        case TypeId::timestamp_s:
            return append_timestamp(out, at<int64_t>(row), 1), false;
        case TypeId::timestamp_ms:
            return append_timestamp(out, at<int64_t>(row), 1'000), false;
        case TypeId::timestamp_ns:
            return append_timestamp(out, at<int64_t>(row), 1'000'000'000), false;
        case TypeId::date:
            return append_date(out, at<int32_t>(row)), false;
        case TypeId::time:
            return append_day_time(out, at<int64_t>(row), 1'000'000), false;
        case TypeId::time_ns:
            return append_day_time(out, at<int64_t>(row), 1'000'000'000), false;
        case TypeId::time_tz:
            return append_time_tz(out, at<uint64_t>(row)), false;
        case TypeId::interval:
            return append_interval(out, at<duck::IntervalValue>(row)), false;
        case TypeId::uuid:
            return append_uuid(out, at<duck::HugeValue>(row)), false;
        case TypeId::blob:
            return out += base64(at<duck::Text>(row).view()), false;
        case TypeId::bit:
            return append_bits(out, at<duck::Text>(row).view()), false;
        default:
            return out += "null", true;
    }
}

void Cells::append_json(size_t row, std::string& out) const {
    if (is_null(row)) {
        out += "null";
        return;
    }
    if (is_nested(type_->id)) return append_nested(row, out);
    switch (type_->id) {
        case TypeId::varchar:
            if (type_->json) return append_one_line(out, at<duck::Text>(row).view());
            return append_json_string(out, at<duck::Text>(row).view());
        case TypeId::enumeration:
            return append_json_string(
                out, type_->words[static_cast<size_t>(stored_integer(type_->stored, row))]);
        case TypeId::double_precision:
            return append_json_double(out, at<double>(row));
        case TypeId::real:
            if (!std::isfinite(at<float>(row))) {
                out += "null";
                return;
            }
            break;
        default:
            break;
    }
    const size_t begin = out.size();
    out += '"';
    if (append_bare(row, out))
        out.erase(begin, 1);
    else
        out += '"';
}

void Cells::append_text(size_t row, std::string& out) const {
    if (is_null(row)) return;
    switch (type_->id) {
        case TypeId::varchar:
            out += at<duck::Text>(row).view();
            return;
        case TypeId::enumeration:
            out += type_->words[static_cast<size_t>(stored_integer(type_->stored, row))];
            return;
        default:
            if (is_nested(type_->id)) return append_nested(row, out);
            append_bare(row, out);
    }
}

void Cells::append_nested(size_t row, std::string& out) const {
    switch (type_->id) {
        case TypeId::list: {
            const auto entry = at<duck::ListEntry>(row);
            return append_items(entry.offset, entry.length, out);
        }
        case TypeId::array:
            return append_items(row * type_->array_size, type_->array_size, out);
        case TypeId::map: {
            const auto entry = at<duck::ListEntry>(row);
            return append_map(entry.offset, entry.length, out);
        }
        case TypeId::tagged_union:
            return append_union(row, out);
        default:
            return append_members(row, out);
    }
}

void Cells::append_items(uint64_t from, uint64_t count, std::string& out) const {
    out += '[';
    for (uint64_t i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        within_[0].append_json(from + i, out);
    }
    out += ']';
}

void Cells::append_map(uint64_t from, uint64_t count, std::string& out) const {
    out += '{';
    for (uint64_t i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        std::string key;
        within_[0].append_text(from + i, key);
        append_json_string(out, key);
        out += ':';
        within_[1].append_json(from + i, out);
    }
    out += '}';
}

void Cells::append_members(size_t row, std::string& out) const {
    out += '{';
    for (size_t i = 0; i < within_.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, type_->within[i].name);
        out += ':';
        within_[i].append_json(row, out);
    }
    out += '}';
}

void Cells::append_union(size_t row, std::string& out) const {
    const size_t tag = at<uint8_t>(row);
    if (tag < within_.size()) return within_[tag].append_json(row, out);
    out += "null";
}

}  // namespace hw::sql::batch
