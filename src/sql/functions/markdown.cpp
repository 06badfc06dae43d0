#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sql/functions/functions.h"

namespace hw::sql {

namespace {

constexpr std::string_view head =
    R"(# Functions of the stream language

`headworks sql functions` lists the same: the functions of EMQX's rule engine and of eKuiper, with
ours beside them; "from" says whose meaning one has. Names may be written in any case.

- A statement on MQTT filters, events and points follows EMQX's habits, one that reads a named
  stream eKuiper's; most functions are of both, some of one alone, and where one name has two
  meanings each has its own row.
- Where an argument is null the answer is null, unless the row says what else.
- A value that does not fit makes the row fail: it is counted by the rule with the reason, the row
  is dropped, the rule goes on. So do results beyond the range of an int, and floats that are not
  finite.
- Strings are UTF-8; lengths and places count characters (Unicode's code points). Numbers, booleans
  and datetimes may stand where a string is needed.
- What a function makes is at most 64 MiB.
- In the examples strings are in single quotes, answers are JSON.
)";

// In a cell of a table a bar would end it.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '|' ? std::string("\\|") : c == '\n' ? std::string("\\n") : std::string(1, c);
    return out;
}

std::string origin(const Function& function) {
    if (function.dialect == Dialect::emqx) return fmt::format("{} dialect alone", function.origin);
    if (function.dialect == Dialect::ekuiper)
        return fmt::format("{} dialect alone", function.origin);
    return std::string(function.origin);
}

std::string row(const Function& function) {
    std::string example;
    if (!function.example.empty()) example = "`" + cell(function.example) + "`";
    if (!function.example_result.empty())
        example += " gives `" + cell(function.example_result) + "`";
    return fmt::format("| `{}` | {} | {} | {} |\n", cell(function.signature), cell(function.help),
                       example, origin(function));
}

std::string anchor(std::string_view title) {
    std::string out;
    for (const char c : title)
        out += c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::vector<const Function*> of_group(const FunctionTable& table, std::string_view group) {
    std::vector<const Function*> found = table.all();
    std::erase_if(found, [&](const Function* function) { return function->group != group; });
    return found;
}

}  // namespace

std::string functions_markdown(const FunctionTable& table) {
    std::string contents = "\n| group | functions |\n|---|---|\n";
    std::string groups;
    for (const auto& group : function_groups()) {
        const auto functions = of_group(table, group.name);
        if (functions.empty()) continue;
        std::string names;
        for (const Function* function : functions)
            if (const std::string name = fmt::format("`{}`", function->name);
                !names.ends_with(name))
                names += (names.empty() ? "" : ", ") + name;
        contents += fmt::format("| [{}](#{}) | {} |\n", group.title, anchor(group.title), names);
        groups +=
            fmt::format("\n## {}\n\n| function | what it gives | example | from |\n", group.title);
        groups += "|---|---|---|---|\n";
        for (const Function* function : functions)
            groups += row(*function);
    }
    return std::string(head) + contents + groups;
}

}  // namespace hw::sql
