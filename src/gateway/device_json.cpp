#include "gateway/device_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/decimal.h"

namespace hw::gateway {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

std::string inside(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

// An error seen from the member it is in; the device itself has no path.
Error at(std::string_view path, const Error& error) {
    return path.empty() ? error : error.within(path);
}

Result<std::vector<std::string>> texts_of(array elements, std::string_view name) {
    std::vector<std::string> list;
    for (const element one : elements) {
        std::string_view text;
        if (one.get_string().get(text) != simdjson::SUCCESS)
            return refuse(fmt::format("'{}' may be a list of texts only", name));
        list.emplace_back(text);
    }
    return list;
}

Result<void> read_field(element value, std::string_view name, FieldValue& out) {
    switch (value.type()) {
        case simdjson::dom::element_type::NULL_VALUE:
            break;
        case simdjson::dom::element_type::BOOL:
            out.emplace<bool>(value.get_bool().value_unsafe());
            break;
        case simdjson::dom::element_type::INT64:
            out.emplace<int64_t>(value.get_int64().value_unsafe());
            break;
        case simdjson::dom::element_type::UINT64:
            out.emplace<double>(static_cast<double>(value.get_uint64().value_unsafe()));
            break;
        case simdjson::dom::element_type::DOUBLE:
            out.emplace<double>(value.get_double().value_unsafe());
            break;
        case simdjson::dom::element_type::STRING:
            out.emplace<std::string>(value.get_string().value_unsafe());
            break;
        case simdjson::dom::element_type::ARRAY:
            out.emplace<std::vector<std::string>>(
                HW_TRY(texts_of(value.get_array().value_unsafe(), name)));
            break;
        case simdjson::dom::element_type::OBJECT:
            return refuse(fmt::format("'{}' may not be an object", name));
    }
    return {};
}

// Every member that is one value goes to set_field.
template <class Spec>
Result<void> take_field(element value, std::string_view name, Spec& spec, Texts texts,
                        std::string_view path) {
    FieldValue field;
    const auto read = read_field(value, name, field);
    // The name first: a list in a member that is not there is the lesser mistake.
    if (auto set = set_field(spec, name, field, texts); !set) return fail(at(path, set.error()));
    if (!read) return fail(at(path, read.error()));
    return {};
}

Result<object> object_of(element value, std::string_view path, std::string_view what) {
    object found;
    if (value.get_object().get(found) == simdjson::SUCCESS) return found;
    return refuse(fmt::format("{}{}{} must be an object", path, path.empty() ? "" : ": ", what));
}

Result<array> array_of(element value, std::string_view path, std::string_view name) {
    array found;
    if (value.get_array().get(found) == simdjson::SUCCESS) return found;
    return fail(
        at(path, Error(ErrorCode::invalid_argument, fmt::format("'{}' must be a list", name))));
}

Result<void> take_tag(element value, TagSpec& tag, Texts texts, std::string_view path) {
    for (const auto [name, member] : HW_TRY(object_of(value, path, "a tag")))
        HW_TRY(take_field(member, name, tag, texts, path));
    return {};
}

Result<void> take_tags(element value, GroupSpec& group, Texts texts, std::string_view path) {
    const array list = HW_TRY(array_of(value, path, "tags"));
    group.tags.clear();
    group.tags.reserve(list.size());
    for (const element one : list) {
        const size_t index = group.tags.size();
        HW_TRY(take_tag(one, group.tags.emplace_back(), texts,
                        inside(path, fmt::format("tags[{}]", index))));
    }
    return {};
}

Result<void> take_group(element value, GroupSpec& group, Texts texts, std::string_view path) {
    for (const auto [name, member] : HW_TRY(object_of(value, path, "a group"))) {
        if (name == "tags" && !member.is_null()) {
            HW_TRY(take_tags(member, group, texts, path));
        } else if (name == "tags") {
            group.tags.clear();
        } else {
            HW_TRY(take_field(member, name, group, texts, path));
        }
    }
    return {};
}

Result<void> take_groups(element value, DeviceSpec& device, Texts texts, std::string_view path) {
    const array list = HW_TRY(array_of(value, path, "groups"));
    device.groups.clear();
    for (const element one : list) {
        const size_t index = device.groups.size();
        HW_TRY(take_group(one, device.groups.emplace_back(), texts,
                          inside(path, fmt::format("groups[{}]", index))));
    }
    return {};
}

Result<void> take_settings(element value, DeviceSpec& device, std::string_view path) {
    const std::string here = inside(path, "settings");
    for (const auto [name, member] : HW_TRY(object_of(value, path, "settings"))) {
        FieldValue field;
        if (auto read = read_field(member, name, field); !read)
            return fail(read.error().within(here));
        HW_TRY(set_setting(device, name, field));
    }
    return {};
}

Result<void> take_device(element value, DeviceSpec& device, Texts texts, std::string_view path) {
    for (const auto [name, member] : HW_TRY(object_of(value, path, "a device"))) {
        if (name == "settings" && !member.is_null()) {
            HW_TRY(take_settings(member, device, path));
        } else if (name == "settings") {
            device.settings.clear();
        } else if (name == "groups" && !member.is_null()) {
            HW_TRY(take_groups(member, device, texts, path));
        } else if (name == "groups") {
            device.groups.clear();
        } else {
            HW_TRY(take_field(member, name, device, texts, path));
        }
    }
    return {};
}

// The parser owns what the element points to.
Result<element> parsed(simdjson::dom::parser& parser, std::string_view json) {
    element root;
    const auto error = parser.parse(json.data(), json.size()).get(root);
    if (error == simdjson::SUCCESS) return root;
    return refuse(fmt::format("this is not JSON: {}", simdjson::error_message(error)));
}

}  // namespace

Result<DeviceSpec> read_device(std::string_view json, Texts texts) {
    simdjson::dom::parser parser;
    DeviceSpec device;
    const element root = HW_TRY(parsed(parser, json));
    HW_TRY(take_device(root, device, texts, ""));
    return device;
}

Result<std::vector<Result<DeviceSpec>>> read_devices(std::string_view json) {
    simdjson::dom::parser parser;
    element root = HW_TRY(parsed(parser, json));
    std::vector<Result<DeviceSpec>> devices;
    const auto take = [&](element value, std::string_view path) {
        DeviceSpec device;
        if (auto taken = take_device(value, device, Texts::as_written, path); !taken) {
            devices.emplace_back(fail(taken.error()));
        } else {
            devices.emplace_back(std::move(device));
        }
    };
    std::string path;
    if (object whole; root.get_object().get(whole) == simdjson::SUCCESS) {
        if (whole["devices"].get(root) != simdjson::SUCCESS) {
            take(root, "");
            return devices;
        }
        for (const auto [name, member] : whole)
            if (name != "devices")
                return refuse(fmt::format("'{}' is not expected beside 'devices'", name));
        path = "devices";
    }
    array list;
    if (root.get_array().get(list) != simdjson::SUCCESS)
        return refuse("this must be a device, a list of devices, or {\"devices\":[...]}");
    for (const element one : list)
        take(one, fmt::format("{}[{}]", path, devices.size()));
    return devices;
}

Result<void> patch_device(std::string_view json, DeviceSpec& device) {
    simdjson::dom::parser parser;
    const element root = HW_TRY(parsed(parser, json));
    return take_device(root, device, Texts::as_written, "");
}

Result<void> patch_group(std::string_view json, GroupSpec& group) {
    simdjson::dom::parser parser;
    const element root = HW_TRY(parsed(parser, json));
    return take_group(root, group, Texts::as_written, "");
}

Result<void> patch_tag(std::string_view json, TagSpec& tag, std::string* group) {
    simdjson::dom::parser parser;
    const element root = HW_TRY(parsed(parser, json));
    for (const auto [name, member] : HW_TRY(object_of(root, "", "a tag"))) {
        std::string_view to;
        if (name != "group" || group == nullptr) {
            HW_TRY(take_field(member, name, tag, Texts::as_written, ""));
        } else if (member.get_string().get(to) == simdjson::SUCCESS) {
            *group = to;
        } else {
            return refuse("'group' must be a text");
        }
    }
    return {};
}

namespace {

void write_number(JsonWriter& json, std::string_view name, double value) {
    json.key(name);
    json.raw(number_text(value));
}

void write_limit(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
    if (value) return write_number(json, name, *value);
    json.key(name);
    json.null();
}

}  // namespace

void write_tag(JsonWriter& json, const TagSpec& tag) {
    json.begin_object();
    json.member("name", tag.name);
    json.member("address", tag.address);
    json.member("type", to_string(tag.type));
    json.member("access", to_string(tag.access));
    write_number(json, "scale", tag.scale);
    write_number(json, "offset", tag.offset);
    write_number(json, "bias", tag.bias);
    json.member("precision", tag.precision);
    write_number(json, "deadband", tag.deadband);
    write_number(json, "deadband_percent", tag.deadband_percent);
    write_limit(json, "min", tag.min);
    write_limit(json, "max", tag.max);
    json.member("unit", tag.unit);
    json.member("description", tag.description);
    json.member("point", tag.point);
    json.end_object();
}

void write_group(JsonWriter& json, const GroupSpec& group) {
    json.begin_object();
    json.member("name", group.name);
    json.member("interval_ms", group.interval.ns / 1'000'000);
    json.key("tags");
    json.begin_array();
    for (const auto& tag : group.tags)
        write_tag(json, tag);
    json.end_array();
    json.end_object();
}

namespace {

// Settings are texts here; one that reads as a number or a truth goes out as such, and comes back
// as the same text.
void write_setting(JsonWriter& json, const std::string& text) {
    const Decimal number = scan_decimal(text);
    if (number.kind == Decimal::Kind::integer && fmt::format("{}", number.integer) == text)
        return json.value(number.integer);
    if (text == "true" || text == "false") return json.value(text == "true");
    json.value(std::string_view(text));
}

}  // namespace

void write_device_members(JsonWriter& json, const DeviceSpec& device) {
    json.member("name", device.name);
    json.member("driver", device.driver);
    json.member("description", device.description);
    json.member("enabled", device.enabled);
    json.key("settings");
    json.begin_object();
    for (const auto& [name, text] : device.settings) {
        json.key(name);
        write_setting(json, text);
    }
    json.end_object();
    json.key("groups");
    json.begin_array();
    for (const auto& group : device.groups)
        write_group(json, group);
    json.end_array();
}

void write_device(JsonWriter& json, const DeviceSpec& device) {
    json.begin_object();
    write_device_members(json, device);
    json.end_object();
}

std::string device_text(const DeviceSpec& device) {
    std::string text;
    JsonWriter json(text);
    write_device(json, device);
    return text;
}

std::string tag_text(const TagSpec& tag) {
    std::string text;
    JsonWriter json(text);
    write_tag(json, tag);
    return text;
}

}  // namespace hw::gateway
