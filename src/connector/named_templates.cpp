#include "connector/named_templates.h"

#include <fmt/format.h>

namespace hw::connector {

Result<NamedTemplates> NamedTemplates::compile(const std::vector<std::string>& entries) {
    NamedTemplates made;
    for (const auto& entry : entries) {
        const size_t equals = entry.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is not of the form name=template", entry));
        made.entries_.emplace_back(entry.substr(0, equals),
                                   HW_TRY(Template::compile(entry.substr(equals + 1))));
    }
    return made;
}

Result<std::vector<std::pair<std::string, std::string>>> NamedTemplates::render(
    Renderer& renderer, const Item& item) const {
    std::vector<std::pair<std::string, std::string>> rendered;
    rendered.reserve(entries_.size());
    for (const auto& [name, text] : entries_)
        rendered.emplace_back(name, HW_TRY(renderer.render(text, item)));
    return rendered;
}

}  // namespace hw::connector
