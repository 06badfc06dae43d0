#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "connector/connector.h"
#include "connector/template.h"

namespace hw::connector {

// Reading what kinds have in common out of their settings.

// One table after another, for kinds that share properties.
std::vector<Property> joined(std::initializer_list<std::span<const Property>> tables);

// The value of a property that the kind declares (asserted).
const Config::Value& setting(const Config::Table& settings, std::string_view key);
// A text that must be given. Errors: invalid_argument names the property.
Result<std::string> needed(const Config::Table& settings, std::string_view key);

// "name=template" entries. Errors name the property and the entry.
using NamedTemplates = std::vector<std::pair<std::string, Template>>;
Result<NamedTemplates> named_templates(const Config::Table& settings, std::string_view key);
Result<Template> template_setting(const Config::Table& settings, std::string_view key,
                                  Put put = Put::plain);

// Whether connectors may use a file: of the server's data folder only what lies in its folders
// files and secrets. The rest has the administrator's key, everybody's hashes, and what is run at
// the next start. Errors: permission_denied.
Result<void> check_place(const std::string& path, std::string_view key, const Rooms& rooms);

// The first line of the file that the property names, empty where it names none; relative paths
// lie in the folder of secrets. Errors: not_found, permission_denied (see check_place).
Result<std::string> secret_setting(const Config::Table& settings, std::string_view key,
                                   const Rooms& rooms);

}  // namespace hw::connector
