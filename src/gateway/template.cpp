#include "gateway/template.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/config_text.h"
#include "gateway/device_json.h"
#include "ingest/csv.h"

namespace hw::gateway {

namespace {

constexpr size_t parameters_limit = 200;
constexpr size_t parameter_name_limit = 64;

using simdjson::dom::element;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

Result<std::string> text_of(element value, std::string_view name) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
    return refuse(fmt::format("'{}' must be a text", name));
}

// Numbers and truth values as they would be typed.
Result<std::string> plain_of(element value, std::string_view name) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
    if (value.is_bool() || value.is_number()) return simdjson::minify(value);
    return refuse(fmt::format("'{}' must be a text, a number, true or false", name));
}

constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

bool is_parameter_name(std::string_view name) {
    return !name.empty() && name.size() <= parameter_name_limit && name != "name" &&
           name.find_first_not_of(name_characters) == std::string_view::npos;
}

Result<TemplateParameter> read_parameter(element value) {
    TemplateParameter parameter;
    simdjson::dom::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
        return refuse(R"(a parameter must be an object such as {"name":"host"})");
    static const std::vector<std::string> known = {"name", "description", "default"};
    for (const auto [name, member] : object) {
        if (name == "name") {
            parameter.name = HW_TRY(text_of(member, name));
        } else if (name == "description") {
            parameter.description = HW_TRY(text_of(member, name));
        } else if (name == "default") {
            if (!member.is_null()) parameter.default_value = HW_TRY(plain_of(member, name));
        } else {
            return fail(unknown_member("a parameter", name, known));
        }
    }
    if (!is_parameter_name(parameter.name))
        return refuse(
            fmt::format("the parameter's name '{}' must be of letters, digits, '_' and "
                        "'-', at most {}, and not 'name'",
                        parameter.name.substr(0, 100), parameter_name_limit));
    return parameter;
}

Result<void> read_parameters(element value, std::vector<TemplateParameter>& parameters) {
    simdjson::dom::array list;
    if (value.get_array().get(list) != simdjson::SUCCESS)
        return refuse("'parameters' must be a list");
    for (const element one : list) {
        if (parameters.size() == parameters_limit)
            return refuse(fmt::format("there are more than {} parameters", parameters_limit));
        auto parameter = read_parameter(one);
        if (!parameter)
            return fail(parameter.error().within(fmt::format("parameters[{}]", parameters.size())));
        for (const auto& other : parameters)
            if (other.name == parameter->name)
                return refuse(fmt::format("parameter '{}' is there twice", other.name));
        parameters.push_back(std::move(*parameter));
    }
    return {};
}

std::vector<std::string> names_of(const Template& what) {
    std::vector<std::string> names = {"name"};
    for (const auto& parameter : what.parameters)
        names.push_back(parameter.name);
    return names;
}

// Writes the text with every place filled; `value` yields nothing for a name it does not know.
template <class ValueOf>
Result<std::string> fill(std::string_view text, const std::vector<std::string>& names,
                         const ValueOf& value) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = text.find("${", at);
        if (begin == std::string_view::npos) {
            out += text.substr(at);
            break;
        }
        if (begin > at && text[begin - 1] == '$') {
            out.append(text.substr(at, begin - 1 - at)).append("${");
            at = begin + 2;
            continue;
        }
        out += text.substr(at, begin - at);
        const size_t end = text.find_first_not_of(name_characters, begin + 2);
        if (end == std::string_view::npos || text[end] != '}')
            return refuse(
                fmt::format("the place '{}' has no end; write ${{param}}, or $${{ for a "
                            "plain ${{",
                            text.substr(begin, 20)));
        const auto name = text.substr(begin + 2, end - begin - 2);
        const auto filled = value(name);
        if (!filled)
            return refuse(fmt::format("the place '${{{}}}' names no parameter{}; known are {}",
                                      name, did_you_mean(name, names), fmt::join(names, ", ")));
        out += *filled;
        at = end + 1;
    }
    return out;
}

// As it stands within the quotes of a JSON text.
std::string escaped(std::string_view text) {
    std::string quoted;
    append_json_string(quoted, text);
    return quoted.substr(1, quoted.size() - 2);
}

Result<void> check_places(const Template& what) {
    const auto names = names_of(what);
    const auto known = [&](std::string_view name) -> std::optional<std::string> {
        if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
        return std::string();
    };
    HW_TRY(fill(what.device, names, known));
    return {};
}

}  // namespace

Result<Template> read_template(std::string_view json, std::string_view name) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    const auto error = parser.parse(json.data(), json.size()).get_object().get(object);
    if (error != simdjson::SUCCESS)
        return refuse(
            fmt::format("a template must be a JSON object: {}", simdjson::error_message(error)));
    static const std::vector<std::string> known = {"name", "description", "parameters", "device"};
    Template out;
    out.name = name;
    for (const auto [key, member] : object) {
        if (key == "name") {
            out.name = HW_TRY(text_of(member, key));
        } else if (key == "description") {
            out.description = HW_TRY(text_of(member, key));
        } else if (key == "parameters") {
            HW_TRY(read_parameters(member, out.parameters));
        } else if (key == "device") {
            if (!member.is_object()) return refuse("'device' must be an object");
            out.device = simdjson::minify(member);
        } else {
            return fail(unknown_member("a template", key, known));
        }
    }
    if (out.name.empty()) return refuse("the template has no name");
    if (out.device.empty()) return refuse("the template has no 'device'");
    HW_TRY(check_places(out));
    return out;
}

void write_template(JsonWriter& json, const Template& what) {
    json.begin_object();
    json.member("name", what.name);
    json.member("description", what.description);
    json.key("parameters");
    json.begin_array();
    for (const auto& parameter : what.parameters) {
        json.begin_object();
        json.member("name", parameter.name);
        json.member("description", parameter.description);
        json.key("default");
        if (parameter.default_value) {
            json.value(*parameter.default_value);
        } else {
            json.null();
        }
        json.end_object();
    }
    json.end_array();
    json.key("device");
    json.raw(what.device);
    json.end_object();
}

std::string template_text(const Template& what) {
    std::string text;
    JsonWriter json(text);
    write_template(json, what);
    return text;
}

Result<DeviceSpec> instantiate(const Template& what, std::string_view name,
                               const ParameterValues& values) {
    const auto names = names_of(what);
    for (const auto& [given, text] : values)
        if (given == "name" || std::find(names.begin(), names.end(), given) == names.end())
            return refuse(fmt::format("template '{}' has no parameter '{}'{}", what.name, given,
                                      did_you_mean(given, names)));
    ParameterValues all;
    all.emplace("name", name);
    for (const auto& parameter : what.parameters) {
        const auto at = values.find(parameter.name);
        if (at == values.end() && !parameter.default_value)
            return refuse(fmt::format("template '{}' needs a value for '{}'{}{}", what.name,
                                      parameter.name, parameter.description.empty() ? "" : ": ",
                                      parameter.description));
        all.emplace(parameter.name, at != values.end() ? at->second : *parameter.default_value);
    }
    const auto value = [&](std::string_view place) -> std::optional<std::string> {
        const auto at = all.find(place);
        if (at == all.end()) return std::nullopt;
        return escaped(at->second);
    };
    const std::string filled = HW_TRY(fill(what.device, names, value));
    auto device = HW_TRY(read_device(filled, Texts::may_be_any));
    device.name = name;
    return device;
}

Result<std::vector<TemplateInstance>> read_instances(std::string_view json) {
    simdjson::dom::parser parser;
    element root;
    const auto error = parser.parse(json.data(), json.size()).get(root);
    if (error != simdjson::SUCCESS)
        return refuse(fmt::format("this is not JSON: {}", simdjson::error_message(error)));
    static const std::vector<std::string> known = {"name", "parameters"};
    std::vector<TemplateInstance> instances;
    const auto take = [&](element value) -> Result<void> {
        TemplateInstance instance;
        simdjson::dom::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS)
            return refuse(
                R"(an instance must be an object such as {"name":"works/p1","parameters":{}})");
        for (const auto [name, member] : object) {
            simdjson::dom::object parameters;
            if (name == "name") {
                instance.name = HW_TRY(text_of(member, name));
            } else if (name != "parameters") {
                return fail(unknown_member("an instance", name, known));
            } else if (member.get_object().get(parameters) != simdjson::SUCCESS) {
                return refuse("'parameters' must be an object");
            } else {
                for (const auto [key, text] : parameters)
                    instance.values[std::string(key)] = HW_TRY(plain_of(text, key));
            }
        }
        instances.push_back(std::move(instance));
        return {};
    };
    simdjson::dom::array list;
    if (root.get_array().get(list) != simdjson::SUCCESS) {
        HW_TRY(take(root));
        return instances;
    }
    for (const element one : list)
        if (auto taken = take(one); !taken)
            return fail(taken.error().within(fmt::format("[{}]", instances.size())));
    return instances;
}

Result<std::vector<TemplateInstance>> read_instance_table(std::string_view csv,
                                                          const Template& what) {
    ingest::CsvReader reader;
    reader.feed(csv);
    reader.finish();
    ingest::CsvRow row;
    if (reader.next(row) != ingest::CsvReader::Step::row)
        return refuse("the table is empty; its header is name and the template's parameters");
    const auto names = names_of(what);
    std::vector<std::string> columns;
    for (const auto cell : row.cells) {
        if (std::find(names.begin(), names.end(), cell) == names.end())
            return refuse(fmt::format(
                "column '{}' is no parameter of template '{}'{}; known are "
                "{}",
                cell.substr(0, 64), what.name, did_you_mean(cell, names), fmt::join(names, ", ")));
        columns.emplace_back(cell);
    }
    if (std::find(columns.begin(), columns.end(), "name") == columns.end())
        return refuse("column 'name' is missing");
    std::vector<TemplateInstance> instances;
    for (;;) {
        const auto step = reader.next(row);
        if (step == ingest::CsvReader::Step::bad) return refuse(reader.error());
        if (step != ingest::CsvReader::Step::row) return instances;
        TemplateInstance instance{row.line, "", {}};
        for (size_t i = 0; i < columns.size(); ++i) {
            if (columns[i] == "name") {
                instance.name = row.cells[i];
            } else if (!row.cells[i].empty()) {
                instance.values.insert_or_assign(columns[i], std::string(row.cells[i]));
            }
        }
        instances.push_back(std::move(instance));
    }
}

}  // namespace hw::gateway
