#include "gateway/spec_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/config_text.h"
#include "base/decimal.h"

namespace hw::gateway {

namespace {

const std::vector<std::string> tag_names = {
    "name",     "address",          "type", "access", "scale", "offset",      "bias", "precision",
    "deadband", "deadband_percent", "min",  "max",    "unit",  "description", "point"};
const std::vector<std::string> group_names = {"name", "interval_ms", "interval", "tags"};
const std::vector<std::string> device_names = {"name",    "driver",   "description",
                                               "enabled", "settings", "groups"};

constexpr double most_interval_ms = 86'400'000.0 * 366;

std::string shown(const FieldValue& value) {
    struct Show {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(int64_t number) const { return fmt::format("{}", number); }
        std::string operator()(double number) const { return number_text(number); }
        std::string operator()(const std::string& text) const {
            return fmt::format("'{}'", text.substr(0, 64));
        }
        std::string operator()(const std::vector<std::string>&) const { return "a list"; }
    };
    return std::visit(Show(), value);
}

std::unexpected<Error> wrong(std::string_view name, std::string_view wanted,
                             const FieldValue& value) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' must be {}, not {}", name, wanted, shown(value)));
}

Result<void> take_text(std::string& place, std::string_view name, const FieldValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        place.clear();
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        place = *text;
    } else {
        return wrong(name, "a text", value);
    }
    return {};
}

Result<double> number_of(std::string_view name, const FieldValue& value, Texts texts) {
    double number = NAN;
    if (const auto* whole = std::get_if<int64_t>(&value)) {
        number = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
        number = *real;
    } else if (const auto* text = std::get_if<std::string>(&value);
               text != nullptr && texts == Texts::may_be_any) {
        const auto read = scan_decimal(*text);
        if (read.kind != Decimal::Kind::out_of_range && read.length == text->size() &&
            read.length > 0)
            number = read.real;
    }
    if (!std::isfinite(number)) return wrong(name, "a number", value);
    return number;
}

Result<void> take_number(double& place, double otherwise, std::string_view name,
                         const FieldValue& value, Texts texts) {
    place = std::holds_alternative<std::monostate>(value) ? otherwise
                                                          : HW_TRY(number_of(name, value, texts));
    return {};
}

Result<void> take_limit(std::optional<double>& place, std::string_view name,
                        const FieldValue& value, Texts texts) {
    place.reset();
    if (!std::holds_alternative<std::monostate>(value))
        place = HW_TRY(number_of(name, value, texts));
    return {};
}

Result<void> take_bool(bool& place, bool otherwise, std::string_view name, const FieldValue& value,
                       Texts texts) {
    if (std::holds_alternative<std::monostate>(value)) {
        place = otherwise;
        return {};
    }
    if (const auto* flag = std::get_if<bool>(&value)) {
        place = *flag;
        return {};
    }
    if (const auto* text = std::get_if<std::string>(&value);
        text != nullptr && texts == Texts::may_be_any && (*text == "true" || *text == "false")) {
        place = *text == "true";
        return {};
    }
    return wrong(name, "true or false", value);
}

Result<void> take_precision(int& place, const FieldValue& value, Texts texts) {
    if (std::holds_alternative<std::monostate>(value)) {
        place = -1;
        return {};
    }
    const double number = HW_TRY(number_of("precision", value, texts));
    if (number != std::floor(number) || number < -1 || number > 17)
        return wrong("precision", "a whole number from 0 to 17, or -1 for all places", value);
    place = static_cast<int>(number);
    return {};
}

Result<void> take_type(TagType& place, const FieldValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        place = TagSpec().type;
        return {};
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return wrong("type", "a text such as \"float\"", value);
    place = HW_TRY(parse_tag_type(*text));
    return {};
}

Result<void> take_access(TagAccess& place, const FieldValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        place = {};
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        place = HW_TRY(parse_tag_access(*text));
    } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        place = HW_TRY(parse_tag_access(fmt::format("{}", fmt::join(*list, ","))));
    } else {
        return wrong("access", "a text such as \"read,write\" or a list of texts", value);
    }
    return {};
}

Result<void> take_interval(Duration& place, std::string_view name, const FieldValue& value,
                           Texts texts) {
    if (std::holds_alternative<std::monostate>(value)) {
        place = GroupSpec().interval;
        return {};
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && name == "interval" &&
        text->find_first_not_of("0123456789.") != std::string::npos) {
        const auto parsed = parse_duration(*text);
        if (!parsed) return fail(parsed.error().within(name));
        if (parsed->ns % 1'000'000 != 0) return wrong(name, "of whole milliseconds", value);
        place = *parsed;
        return {};
    }
    const auto number = number_of(name, value, name == "interval" ? Texts::may_be_any : texts);
    if (!number || *number < 0 || *number != std::floor(*number) || *number > most_interval_ms)
        return wrong(name,
                     name == "interval" ? "a length of time such as \"1s\" or \"250ms\""
                                        : "a whole number of milliseconds",
                     value);
    place = milliseconds(static_cast<int64_t>(*number));
    return {};
}

}  // namespace

Error unknown_member(std::string_view of, std::string_view name,
                     std::span<const std::string> known) {
    const std::string hint = did_you_mean(name, known);
    return Error(
        ErrorCode::invalid_argument,
        fmt::format("'{}' is not a member of {}{}", name.substr(0, 64), of,
                    hint.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : hint));
}

Result<void> set_field(TagSpec& tag, std::string_view name, const FieldValue& value, Texts texts) {
    if (name == "name") return take_text(tag.name, name, value);
    if (name == "address") return take_text(tag.address, name, value);
    if (name == "type") return take_type(tag.type, value);
    if (name == "access") return take_access(tag.access, value);
    if (name == "scale") return take_number(tag.scale, 1, name, value, texts);
    if (name == "offset") return take_number(tag.offset, 0, name, value, texts);
    if (name == "bias") return take_number(tag.bias, 0, name, value, texts);
    if (name == "precision") return take_precision(tag.precision, value, texts);
    if (name == "deadband") return take_number(tag.deadband, 0, name, value, texts);
    if (name == "deadband_percent") return take_number(tag.deadband_percent, 0, name, value, texts);
    if (name == "min") return take_limit(tag.min, name, value, texts);
    if (name == "max") return take_limit(tag.max, name, value, texts);
    if (name == "unit") return take_text(tag.unit, name, value);
    if (name == "description") return take_text(tag.description, name, value);
    if (name == "point") return take_text(tag.point, name, value);
    return fail(unknown_member("a tag", name, tag_names));
}

Result<void> set_field(GroupSpec& group, std::string_view name, const FieldValue& value,
                       Texts texts) {
    if (name == "name") return take_text(group.name, name, value);
    if (name == "interval_ms" || name == "interval")
        return take_interval(group.interval, name, value, texts);
    return fail(unknown_member("a group", name, group_names));
}

Result<void> set_field(DeviceSpec& device, std::string_view name, const FieldValue& value,
                       Texts texts) {
    if (name == "name") return take_text(device.name, name, value);
    if (name == "driver") return take_text(device.driver, name, value);
    if (name == "description") return take_text(device.description, name, value);
    if (name == "enabled") return take_bool(device.enabled, true, name, value, texts);
    return fail(unknown_member("a device", name, device_names));
}

Result<void> set_setting(DeviceSpec& device, std::string_view name, const FieldValue& value) {
    auto& settings = device.settings;
    const auto at = std::find_if(settings.begin(), settings.end(),
                                 [&](const auto& setting) { return setting.first == name; });
    if (std::holds_alternative<std::monostate>(value)) {
        if (at != settings.end()) settings.erase(at);
        return {};
    }
    std::string text;
    if (const auto* words = std::get_if<std::string>(&value)) {
        text = *words;
    } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        text = join_list(*list);
    } else {
        text = shown(value);
    }
    if (at != settings.end()) {
        at->second = std::move(text);
    } else {
        settings.emplace_back(name, std::move(text));
    }
    return {};
}

std::span<const std::string> tag_field_names() {
    return tag_names;
}

std::string field_text(const TagSpec& tag, std::string_view name) {
    const auto limit = [](const std::optional<double>& end) {
        return end ? number_text(*end) : std::string();
    };
    if (name == "name") return tag.name;
    if (name == "address") return tag.address;
    if (name == "type") return std::string(to_string(tag.type));
    if (name == "access") return to_string(tag.access);
    if (name == "scale") return number_text(tag.scale);
    if (name == "offset") return number_text(tag.offset);
    if (name == "bias") return number_text(tag.bias);
    if (name == "precision") return tag.precision < 0 ? "" : fmt::format("{}", tag.precision);
    if (name == "deadband") return number_text(tag.deadband);
    if (name == "deadband_percent") return number_text(tag.deadband_percent);
    if (name == "min") return limit(tag.min);
    if (name == "max") return limit(tag.max);
    if (name == "unit") return tag.unit;
    if (name == "description") return tag.description;
    return tag.point;
}

std::string number_text(double value) {
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return std::string(buffer.data(), end.ptr);
}

}  // namespace hw::gateway
