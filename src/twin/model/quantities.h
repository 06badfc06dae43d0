#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::twin {

// The semantic types and units of DTDL's extension "dtmi:dtdl:extension:quantitativeTypes;1".
bool is_semantic_type(std::string_view name);
bool is_unit(std::string_view name);
// "TemperatureUnit" for "Temperature"; empty: no semantic type.
std::string_view unit_type_of(std::string_view semantic_type);
// The units that a value of this semantic type may have, in the order of the standard.
std::vector<std::string_view> units_of(std::string_view semantic_type);
// The same by unit type; empty: no such type.
std::vector<std::string_view> units_of_type(std::string_view unit_type);
// Semantic types whose values may have this unit, by name.
std::vector<std::string_view> types_with(std::string_view unit);
const std::vector<std::string>& semantic_type_names();
const std::vector<std::string>& unit_names();

}  // namespace hw::twin
