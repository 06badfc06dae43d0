#include "ingest/scalar.h"

#include <limits>

#include "base/decimal.h"
#include "model/point_path.h"

namespace hw::ingest {

namespace {

constexpr bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

// `lower` is in lower case.
bool equals_any_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i)
        if (static_cast<char>(text[i] | 0x20) != lower[i]) return false;
    return true;
}

bool read_no_number(std::string_view text, Scalar& scalar) {
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    if (equals_any_case(text, "nan")) {
        scalar.real = std::numeric_limits<double>::quiet_NaN();
        scalar.quality = model::Quality::bad;
    } else if (equals_any_case(text, "inf") || equals_any_case(text, "infinity")) {
        const double infinity = std::numeric_limits<double>::infinity();
        scalar.real = negative ? -infinity : infinity;
        scalar.quality = model::Quality::bad_out_of_range;
    } else {
        return false;
    }
    scalar.type = model::ValueType::float64;
    return true;
}

Reason read_text(std::string_view payload, size_t text_bytes_limit, Scalar& scalar) {
    if (!model::is_mqtt_text(payload)) return Reason::not_text;
    if (payload.size() > text_bytes_limit) return Reason::text_bytes;
    scalar.type = model::ValueType::text;
    scalar.text = payload;
    return Reason::none;
}

Reason read_word(std::string_view payload, std::string_view text, size_t text_bytes_limit,
                 Scalar& scalar) {
    if (text.size() <= 9) {
        const bool yes = equals_any_case(text, "true");
        if (yes || equals_any_case(text, "false")) {
            scalar.type = model::ValueType::boolean;
            scalar.boolean = yes;
            return Reason::none;
        }
        if (text == "null") return Reason::nothing;
        if (read_no_number(text, scalar)) return Reason::none;
    }
    // A JSON text; one with escapes inside is left to the text rule, as it is.
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        const auto inner = text.substr(1, text.size() - 2);
        if (inner.find_first_of("\"\\") == inner.npos) payload = inner;
    }
    return read_text(payload, text_bytes_limit, scalar);
}

}  // namespace

Reason read_scalar(std::string_view payload, size_t text_bytes_limit, Scalar& scalar) {
    const std::string_view text = trimmed(payload);
    if (payload.empty()) return Reason::empty;
    if (text.empty()) return read_text(payload, text_bytes_limit, scalar);
    scalar.quality = model::Quality::good;
    const Decimal number = scan_decimal(text);
    if (number.length != text.size()) [[unlikely]]
        return read_word(payload, text, text_bytes_limit, scalar);
    if (number.kind == Decimal::Kind::out_of_range) return Reason::number_range;
    if (number.kind == Decimal::Kind::integer) {
        scalar.type = model::ValueType::int64;
        scalar.integer = number.integer;
    } else {
        scalar.type = model::ValueType::float64;
    }
    scalar.real = number.real;
    return Reason::none;
}

void add_scalar(model::SampleBatch& batch, model::PointId point, Time time, const Scalar& scalar) {
    switch (scalar.type) {
        case model::ValueType::boolean:
            return batch.add_bool(point, time, scalar.boolean, scalar.quality);
        case model::ValueType::int64:
            return batch.add_int(point, time, scalar.integer, scalar.quality);
        case model::ValueType::float64:
            return batch.add_double(point, time, scalar.real, scalar.quality);
        case model::ValueType::text:
        case model::ValueType::bytes:
            return batch.add_text(point, time, scalar.text, scalar.quality);
    }
}

}  // namespace hw::ingest
