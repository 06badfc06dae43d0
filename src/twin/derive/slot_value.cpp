#include "twin/derive/slot_value.h"

#include <cmath>
#include <utility>

#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;
using sql::Kind;

bool to_boolean(Datum& value) {
    if (value.kind() == Kind::boolean) return true;
    if (!value.is_number()) return false;
    const double number = value.as_number();
    if (number != 0 && number != 1) return false;
    value = Datum::boolean(number == 1);
    return true;
}

// From `least` to below `beyond`; both are exact as doubles.
bool to_integer(Datum& value, double least, double beyond) {
    if (value.kind() == Kind::boolean) {
        value = Datum::integer(value.as_boolean() ? 1 : 0);
        return true;
    }
    if (!value.is_number()) return false;
    const double number = value.as_number();
    if (value.kind() == Kind::int64 && least <= -0x1p63) return true;
    if (!(number >= least && number < beyond) || std::trunc(number) != number) return false;
    if (value.kind() == Kind::float64) value = Datum::integer(static_cast<int64_t>(number));
    return true;
}

bool to_real(Datum& value) {
    if (value.kind() == Kind::boolean)
        value = Datum::real(value.as_boolean() ? 1 : 0);
    else if (value.kind() == Kind::int64)
        value = Datum::real(value.as_number());
    return value.kind() == Kind::float64;
}

bool is_structure(SchemaKind kind) {
    return kind == SchemaKind::array || kind == SchemaKind::map || kind == SchemaKind::object ||
           (kind >= SchemaKind::point && kind <= SchemaKind::multi_polygon);
}

// Times, enumerations and structures, which a point brings as JSON.
bool to_checked(const Schema& schema, Datum& value) {
    Datum asked = value;
    if (is_structure(schema.kind) && value.is_text()) {
        sql::JsonReader reader;
        auto read = reader.read(value.as_text());
        if (!read) return false;
        asked = std::move(*read);
    } else if (schema.kind == SchemaKind::enumeration && schema.enum_kind != SchemaKind::string &&
               !asked.is_text() && !to_integer(asked, -0x1p31, 0x1p31)) {
        return false;
    }
    auto checked = check_value(schema, asked);
    if (!checked) return false;
    value = std::move(*checked);
    return true;
}

}  // namespace

bool fit_to_slot(const Content& content, Datum& value) {
    if (value.is_null() || !content.schema) return true;
    switch (content.schema->kind) {
        case SchemaKind::boolean:
            return to_boolean(value);
        case SchemaKind::float32:
        case SchemaKind::float64:
            return to_real(value);
        case SchemaKind::int32:
            return to_integer(value, -0x1p31, 0x1p31);
        case SchemaKind::int64:
            return to_integer(value, -0x1p63, 0x1p63);
        case SchemaKind::string:
            return value.is_text();
        default:
            return to_checked(*content.schema, value);
    }
}

}  // namespace hw::twin
