#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"

namespace hw {

// A list as one text: elements parted by commas; a comma or backslash within one has a backslash
// before it.
std::string join_list(const std::vector<std::string>& elements);
std::vector<std::string> split_list(std::string_view text);

// Whether the text can be a value of the property: its type, bounds and choices. The error names
// the key, the value and what is allowed.
Result<void> check_property(const Property& property, std::string_view text);

// "; did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view text, std::span<const std::string> candidates);

}  // namespace hw
