#pragma once

#include <string>
#include <string_view>

namespace hw::rules {

// Line by line, as few lines as can be: " in both", "-only in `from`", "+only in `to`". Texts of
// more than 5,000 lines are shown as all removed and all added.
std::string text_diff(std::string_view from, std::string_view to);

}  // namespace hw::rules
