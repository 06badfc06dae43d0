#include "connector/influxdb/line_form.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/assert.h"

namespace hw::connector::influxdb {

namespace {

std::unexpected<Error> flaw(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

// Of measurements, tags and names of fields: `special` gets a backslash before it. A line's end
// cannot be written there and becomes a space.
void append_escaped(std::string& out, std::string_view text, std::string_view special) {
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

Result<void> append_float(std::string& out, double number, std::string_view name) {
    if (!std::isfinite(number)) return flaw(fmt::format("field {} is not a finite number", name));
    fmt::format_to(std::back_inserter(out), "{}", number);
    return {};
}

template <class Integer>
Result<void> append_whole(std::string& out, std::string_view text, char suffix,
                          std::string_view name) {
    Integer number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return flaw(fmt::format("field {}: '{}' is not a whole number in range", name, text));
    fmt::format_to(std::back_inserter(out), "{}{}", number, suffix);
    return {};
}

// With i or u behind it: a number of that kind, also from a text that spells it.
Result<void> append_suffixed(std::string& out, const sql::Datum& value,
                             const LineForm::Field& field) {
    std::string text;
    if (value.kind() == sql::Kind::float64) {
        const double number = value.as_real();
        if (!(std::abs(number) < 9.2e18) || number != std::trunc(number))
            return flaw(
                fmt::format("field {}: {} is not a whole number in range", field.name, number));
        text = std::to_string(static_cast<int64_t>(number));
    } else if (value.kind() == sql::Kind::boolean) {
        text = value.as_boolean() ? "1" : "0";
    } else {
        sql::append_plain(text, value);
    }
    return field.suffix == 'u' ? append_whole<uint64_t>(out, text, 'u', field.name)
                               : append_whole<int64_t>(out, text, 'i', field.name);
}

Result<void> append_value(std::string& out, const sql::Datum& value, const LineForm::Field& field) {
    if (field.quoted) {
        std::string text;
        sql::append_plain(text, value);
        append_string(out, text);
        return {};
    }
    if (field.suffix != 0) return append_suffixed(out, value, field);
    switch (value.kind()) {
        case sql::Kind::boolean:
            out += value.as_boolean() ? "true" : "false";
            return {};
        case sql::Kind::int64:
        case sql::Kind::float64:
            return append_float(out, value.as_number(), field.name);
        default:
            break;
    }
    std::string text;
    sql::append_plain(text, value);
    append_string(out, text);
    return {};
}

// The first of `stops` outside of ${...} and, with `quotes`, outside of "...".
size_t find_outside(std::string_view text, std::string_view stops, bool quotes) {
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text.substr(i).starts_with("${")) {
            i = std::min(text.find('}', i), text.size());
        } else if (quotes && text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && stops.find(text[i]) != std::string_view::npos) {
            return i;
        }
    }
    return text.size();
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string_view take(std::string_view& text, std::string_view stops, bool quotes) {
    const size_t end = find_outside(text, stops, quotes);
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end);
    return piece;
}

Result<Template> part(std::string_view text) {
    return Template::compile(unescaped(text));
}

}  // namespace

Precision precision_of(std::string_view text) {
    if (text == "us") return Precision::us;
    if (text == "ms") return Precision::ms;
    if (text == "s") return Precision::s;
    HW_ASSERT(text == "ns");
    return Precision::ns;
}

Result<LineForm::Field> LineForm::field(std::string_view name, std::string_view value) {
    Field made;
    made.name = name;
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
        made.quoted = true;
        value = value.substr(1, value.size() - 2);
    } else if (value.ends_with("}i") || value.ends_with("}u")) {
        made.suffix = value.back();
        value.remove_suffix(1);
    }
    // A constant number or boolean as it is written.
    made.value = HW_TRY(Template::compile(value));
    if (const auto constant = made.value.constant(); constant && !made.quoted) {
        std::string_view digits = *constant;
        const bool whole = digits.ends_with('i') || digits.ends_with('u');
        if (whole) digits.remove_suffix(1);
        double number = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        const bool is_number =
            !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
        if (is_number && whole) {
            made.suffix = constant->back();
            made.value = HW_TRY(Template::compile(digits));
        } else if (!is_number && *constant != "true" && *constant != "false") {
            made.quoted = true;
        }
    }
    return made;
}

Result<LineForm::Settings> LineForm::parse(std::string_view text) {
    Settings made;
    std::string_view head = take(text, " ", false);
    made.measurement = HW_TRY(part(take(head, ",", false)));
    if (made.measurement.empty()) return flaw("write_syntax: a line begins with its measurement");
    while (!head.empty()) {
        head.remove_prefix(1);
        std::string_view tag = take(head, ",", false);
        const std::string_view name = take(tag, "=", false);
        if (tag.empty() || name.empty())
            return flaw(fmt::format("write_syntax: the tag '{}' is not name=value", name));
        made.tags.emplace_back(unescaped(name), HW_TRY(part(tag.substr(1))));
    }
    if (!text.empty()) text.remove_prefix(1);
    std::string_view fields = take(text, " ", true);
    if (fields.empty())
        return flaw("write_syntax: no field; write measurement,tag=${a} field=${b}");
    while (!fields.empty()) {
        std::string_view one = take(fields, ",", true);
        const std::string_view name = take(one, "=", false);
        if (one.size() < 2 || name.empty())
            return flaw(fmt::format("write_syntax: the field '{}' is not name=value", name));
        made.fields.push_back(HW_TRY(field(unescaped(name), one.substr(1))));
        if (!fields.empty()) fields.remove_prefix(1);
    }
    if (!text.empty()) made.timestamp = HW_TRY(Template::compile(text.substr(1)));
    return made;
}

Result<void> LineForm::append(std::string& out, const Item& item, Renderer& renderer) const {
    const size_t before = out.size();
    const auto line = [&]() -> Result<void> {
        const std::string measurement = HW_TRY(renderer.render(settings_.measurement, item));
        if (measurement.empty()) return flaw("the row has no measurement");
        append_escaped(out, measurement, ", ");
        for (const auto& [name, value] : settings_.tags) {
            const sql::Datum found = HW_TRY(renderer.value(value, item));
            std::string text;
            if (!found.is_null()) sql::append_plain(text, found);
            if (text.empty()) continue;
            if (text.ends_with('\\'))
                return flaw(
                    fmt::format("tag {} ends with a backslash, which no line can hold", name));
            out += ',';
            append_escaped(out, name, ",= ");
            out += '=';
            append_escaped(out, text, ",= ");
        }
        out += ' ';
        if (!HW_TRY(append_fields(out, item, renderer))) return flaw("no field has a value");
        return append_timestamp(out, item, renderer);
    };
    auto made = line();
    if (made)
        out += '\n';
    else
        out.resize(before);
    return made;
}

// Whether there was any.
Result<bool> LineForm::append_fields(std::string& out, const Item& item, Renderer& renderer) const {
    bool any = false;
    const auto add = [&](const Field& field, const sql::Datum& value) -> Result<void> {
        if (value.is_null()) return {};
        if (any) out += ',';
        any = true;
        append_escaped(out, field.name, ",= ");
        out += '=';
        return append_value(out, value, field);
    };
    for (const Field& field : settings_.fields) {
        sql::Datum value = HW_TRY(renderer.value(field.value, item));
        const auto constant = field.value.constant();
        if (constant && !field.quoted && field.suffix == 0) {
            // A number, true or false, as it was checked.
            if (any) out += ',';
            any = true;
            append_escaped(out, field.name, ",= ");
            out += '=';
            out += *constant;
            continue;
        }
        HW_TRY(add(field, value));
    }
    if (!settings_.fields.empty() || !item.row.is_object()) return any;
    for (const auto& [key, value] : item.row.members()) {
        const bool scalar = value.is_number() || value.kind() == sql::Kind::boolean ||
                            value.kind() == sql::Kind::text;
        if (scalar) HW_TRY(add({std::string(key.as_text()), {}, 0, false}, value));
    }
    return any;
}

Result<void> LineForm::append_timestamp(std::string& out, const Item& item,
                                        Renderer& renderer) const {
    Time time = item.time;
    if (!settings_.timestamp.empty()) {
        const sql::Datum value = HW_TRY(renderer.value(settings_.timestamp, item));
        if (value.kind() == sql::Kind::time) {
            time = value.as_time();
        } else {
            // A number in the precision of the settings.
            std::string text;
            sql::append_plain(text, value);
            out += ' ';
            const size_t at = out.size();
            HW_TRY(append_whole<int64_t>(out, text, ' ', "timestamp"));
            out.resize(out.find(' ', at));
            return {};
        }
    }
    constexpr int64_t units[] = {1, 1'000, 1'000'000, 1'000'000'000};
    fmt::format_to(std::back_inserter(out), " {}",
                   time.ns / units[static_cast<size_t>(settings_.precision)]);
    return {};
}

}  // namespace hw::connector::influxdb
