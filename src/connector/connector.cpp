#include "connector/connector.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::connector {

Result<void> Registry::add(const Kind& kind) {
    if (find(kind.name) != nullptr)
        return fail(ErrorCode::conflict,
                    fmt::format("there is a kind of connector '{}' already", kind.name));
    const auto at = std::lower_bound(
        kinds_.begin(), kinds_.end(), kind.name,
        [](const Kind* known, std::string_view name) { return known->name < name; });
    kinds_.insert(at, &kind);
    return {};
}

const Kind* Registry::find(std::string_view name) const {
    const auto at = std::find_if(kinds_.begin(), kinds_.end(),
                                 [&](const Kind* kind) { return kind->name == name; });
    return at == kinds_.end() ? nullptr : *at;
}

std::vector<std::string> Registry::names() const {
    std::vector<std::string> names;
    for (const Kind* kind : kinds_)
        names.emplace_back(kind->name);
    return names;
}

}  // namespace hw::connector
