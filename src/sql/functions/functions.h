#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sql/function.h"

namespace hw::sql {

// Adds every function that comes with the program. To add a group: its file with its span here, a
// line in add_builtin_functions, its place in function_groups, its names in
// tests/sql/functions/names.txt and its cases beside them.
void add_builtin_functions(FunctionTable& table);

// The groups in the order of the documentation.
struct FunctionGroup {
    std::string_view name;  // as in Function::group
    std::string_view title;
};
std::span<const FunctionGroup> function_groups();

// docs/functions.md: the table by groups.
std::string functions_markdown(const FunctionTable& table);

// One span for each file of functions; the tables are static.
std::span<const Function> mathematical_functions();
std::span<const Function> bit_functions();  // and of the group binary
std::span<const Function> conversion_functions();
std::span<const Function> type_functions();
std::span<const Function> conditional_functions();
std::span<const Function> string_functions();
std::span<const Function> string_part_functions();
std::span<const Function> format_functions();  // of the group string
std::span<const Function> hash_functions();
std::span<const Function> compression_functions();
std::span<const Function> codec_functions();
std::span<const Function> schema_functions();  // and of the group sparkplug
std::span<const Function> system_functions();  // and of the group random
std::span<const Function> array_functions();
std::span<const Function> object_functions();
std::span<const Function> regex_functions();
std::span<const Function> json_functions();
std::span<const Function> date_functions();       // eKuiper's
std::span<const Function> unix_time_functions();  // EMQX's
std::span<const Function> geo_functions();
std::span<const Function> message_functions();  // and of the rule and the window
std::span<const Function> state_functions();
std::span<const Function> aggregate_functions();
std::span<const Function> collecting_functions();
std::span<const Function> analytic_functions();
std::span<const Function> accumulating_functions();
std::span<const Function> moment_functions();  // and unnest
std::span<const Function> water_functions();
std::span<const Function> water_states();  // water's aggregates and analytic functions

}  // namespace hw::sql
