#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "gateway/tag.h"

namespace hw::gateway {

struct TemplateParameter {
    std::string name;  // letters, digits, '_' and '-', at most 64
    std::string description;
    std::optional<std::string> default_value;  // none: must be given

    friend bool operator==(const TemplateParameter&, const TemplateParameter&) = default;
};

// A device with places for parameters, for the many devices that are alike:
//   {"name":"pump-station","description":"","parameters":[{"name":"host","description":"..."},
//    {"name":"port","default":"502"}],
//    "device":{"driver":"modbus-tcp","settings":{"host":"${host}","port":"${port}"},
//     "groups":[...]}}
// Within the device's texts ${param} stands for the parameter's value, ${name} for the new device's
// name, $${ for a plain ${. A number's member may be a text with a place: "scale":"${scale}".
struct Template {
    std::string name;
    std::string description;
    std::vector<TemplateParameter> parameters;
    std::string device;  // JSON

    friend bool operator==(const Template&, const Template&) = default;
};

using ParameterValues = std::map<std::string, std::string, std::less<>>;

// `name` is taken where the text has none. Errors: the form; a place that no parameter has.
Result<Template> read_template(std::string_view json, std::string_view name);
void write_template(JsonWriter& json, const Template& what);
std::string template_text(const Template& what);

// The device of that name. Errors: a value that is missing or not known; a device that cannot be
// read with them.
Result<DeviceSpec> instantiate(const Template& what, std::string_view name,
                               const ParameterValues& values);

// One device to make.
struct TemplateInstance {
    uint64_t line = 0;  // of the table
    std::string name;
    ParameterValues values;
};
// {"name":"works/p1","parameters":{"host":"10.0.0.1"}}, or a list of them.
Result<std::vector<TemplateInstance>> read_instances(std::string_view json);
// A table with the column name and one for each parameter; an empty cell is the default.
Result<std::vector<TemplateInstance>> read_instance_table(std::string_view csv,
                                                          const Template& what);

}  // namespace hw::gateway
