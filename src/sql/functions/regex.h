#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::sql {

// Regular expressions in RE2's syntax: time linear in the text, no look-around, no references back.
// A pattern has at most 4 KiB; the last of them are kept compiled, 64 to 128 a thread with at most
// 1 MiB each. Errors: invalid_argument says what of the pattern is wrong.

Result<bool> regex_search(std::string_view text, std::string_view pattern);
// The first match and its groups, [0] the whole; empty where there is none. A group that took no
// part is nothing. They point into `text`.
using Groups = std::vector<std::optional<std::string_view>>;
Result<Groups> regex_groups(std::string_view text, std::string_view pattern);

// How a replacement names groups: EMQX (PCRE in Erlang) \1, \g{1} and & for all; eKuiper (Go) $1,
// ${1}, ${name} and $$.
enum class Replacement : uint8_t { backslash, dollar };
// Replaces every match. limit_exceeded where more than `bytes_limit` bytes come out.
Result<std::string> regex_replace_all(std::string_view text, std::string_view pattern,
                                      std::string_view with, Replacement habit, size_t bytes_limit);

}  // namespace hw::sql
