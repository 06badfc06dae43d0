#pragma once

#include <span>
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

// One span for each file of functions; the tables are static.
std::span<const Function> conditional_functions();

}  // namespace hw::sql
