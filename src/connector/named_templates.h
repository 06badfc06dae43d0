#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connector/settings_text.h"
#include "connector/template.h"

namespace hw::connector {

// Headers and properties of one row.
inline Result<std::vector<std::pair<std::string, std::string>>> render_named(
    const NamedTemplates& named, Renderer& renderer, const Item& item) {
    std::vector<std::pair<std::string, std::string>> rendered;
    rendered.reserve(named.size());
    for (const auto& [name, text] : named)
        rendered.emplace_back(name, HW_TRY(renderer.render(text, item)));
    return rendered;
}

}  // namespace hw::connector
