#include "rules/stream_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "base/base64.h"
#include "base/config_text.h"
#include "base/decimal.h"
#include "sql/json.h"

namespace hw::rules {

namespace {

using sql::ColumnDefinition;
using sql::Datum;
using sql::Kind;

constexpr size_t fields_limit = 10'000;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::unexpected<Error> unfit(const Datum& value, const ColumnDefinition& column) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("column '{}' is not a {}: {}", column.name, lower(column.type),
                            sql::to_json(value).substr(0, 100)));
}

Result<Datum> as_bigint(const Datum& value, const ColumnDefinition& column) {
    if (value.kind() == Kind::int64) return value;
    double number = 0;
    if (value.kind() == Kind::float64) {
        number = value.as_real();
    } else if (value.is_text()) {
        const Decimal read = scan_decimal(value.as_text());
        if (read.length != value.as_text().size() || read.length == 0) return unfit(value, column);
        if (read.kind == Decimal::Kind::integer) return Datum::integer(read.integer);
        number = read.real;
    } else {
        return unfit(value, column);
    }
    if (!(std::abs(number) < 9.2e18)) return unfit(value, column);
    return Datum::integer(static_cast<int64_t>(number));
}

Result<Datum> as_float(const Datum& value, const ColumnDefinition& column) {
    if (value.is_number()) return Datum::real(value.as_number());
    if (!value.is_text()) return unfit(value, column);
    const Decimal read = scan_decimal(value.as_text());
    if (read.length != value.as_text().size() || read.length == 0) return unfit(value, column);
    return Datum::real(read.real);
}

Result<Datum> as_boolean(const Datum& value, const ColumnDefinition& column) {
    if (value.kind() == Kind::boolean) return value;
    if (value.kind() == Kind::int64) return Datum::boolean(value.as_integer() != 0);
    if (value.is_text() && (value.as_text() == "true" || value.as_text() == "false"))
        return Datum::boolean(value.as_text() == "true");
    return unfit(value, column);
}

Result<Datum> as_bytea(const Datum& value, const ColumnDefinition& column) {
    if (value.kind() == Kind::bytes) return value;
    if (!value.is_text()) return unfit(value, column);
    if (const auto decoded = from_base64(value.as_text())) return Datum::bytes(*decoded);
    return Datum::bytes(value.as_text());
}

Result<Datum> as_array(const Datum& value, const ColumnDefinition& column) {
    if (!value.is_array()) return unfit(value, column);
    if (column.members.empty()) return value;
    Datum::Items items;
    for (const auto& item : value.items())
        items.push_back(HW_TRY(as_column(item, column.members.front())));
    return Datum::array(std::move(items));
}

}  // namespace

Result<Time> time_in(const Datum& value) {
    if (value.kind() == Kind::time) return value.as_time();
    if (value.is_number()) {
        const double ms = value.as_number();
        if (!(std::abs(ms) < 9e15)) return fail(ErrorCode::invalid_argument, "no time of ours");
        return Time{static_cast<int64_t>(ms) * 1'000'000};
    }
    if (value.is_text()) return parse_rfc3339(value.as_text());
    return fail(ErrorCode::invalid_argument, "it is neither a number nor a text");
}

Result<Datum> as_column(const Datum& value, const ColumnDefinition& column) {
    if (value.is_null()) return value;
    const std::string type = lower(column.type);
    if (type == "bigint") return as_bigint(value, column);
    if (type == "float") return as_float(value, column);
    if (type == "boolean") return as_boolean(value, column);
    if (type == "bytea") return as_bytea(value, column);
    if (type == "array") return as_array(value, column);
    if (type == "datetime") {
        const auto time = time_in(value);
        if (!time) return unfit(value, column);
        return Datum::time(*time);
    }
    if (type == "string") {
        if (value.is_text()) return value;
        std::string text;
        sql::append_plain(text, value);
        return Datum::text(text);
    }
    if (!value.is_object()) return unfit(value, column);
    return column.members.empty() ? Result<Datum>(value) : as_columns(value, column.members);
}

Result<Datum> as_columns(const Datum& object, const std::vector<ColumnDefinition>& columns) {
    Datum::Members members;
    members.reserve(columns.size());
    for (const auto& column : columns)
        if (const Datum* value = object.find(column.name)) {
            Datum fitting = HW_TRY(as_column(*value, column));
            members.push_back({Datum::text(column.name), std::move(fitting)});
        }
    return Datum::object(std::move(members));
}

Result<void> check_column(const ColumnDefinition& column) {
    static const std::vector<std::string> known = {"bigint",  "float", "string", "datetime",
                                                   "boolean", "bytea", "array",  "struct"};
    const std::string type = lower(column.type);
    if (std::find(known.begin(), known.end(), type) == known.end())
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("column '{}' has the type '{}', which is not one of {}{}", column.name,
                        column.type, fmt::join(known, ", "), did_you_mean(type, known)));
    for (const auto& member : column.members)
        HW_TRY(check_column(member));
    return {};
}

namespace {

std::string_view unquoted(std::string_view field) {
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
        return field.substr(1, field.size() - 2);
    return field;
}

// The field at the front, and what comes behind its delimiter.
std::string_view take_field(std::string_view& rest, std::string_view delimiter, bool& last) {
    size_t from = 0;
    if (rest.starts_with('"')) {
        const size_t close = rest.find('"', 1);
        if (close != std::string_view::npos) from = close;
    }
    const size_t at = rest.find(delimiter, from);
    const std::string_view field = rest.substr(0, at);
    last = at == std::string_view::npos;
    rest = last ? std::string_view() : rest.substr(at + delimiter.size());
    return unquoted(field);
}

}  // namespace

Result<Datum> read_delimited(std::string_view text, std::string_view delimiter,
                             const std::vector<ColumnDefinition>& columns) {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    Datum::Members members;
    for (bool last = false; !last;) {
        const size_t i = members.size();
        if (i >= fields_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("more than {} fields", fields_limit));
        const Datum field = Datum::text(take_field(text, delimiter, last));
        if (columns.empty()) {
            members.push_back({Datum::text(fmt::format("col{}", i)), field});
            continue;
        }
        if (i >= columns.size()) break;
        const bool empty = field.as_text().empty() && lower(columns[i].type) != "string";
        members.push_back(
            {Datum::text(columns[i].name), empty ? Datum() : HW_TRY(as_column(field, columns[i]))});
    }
    return Datum::object(std::move(members));
}

}  // namespace hw::rules
