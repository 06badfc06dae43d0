#include "twin/model/interface.h"

#include <algorithm>

namespace hw::twin {

std::string_view to_string(ContentKind kind) {
    constexpr std::string_view names[] = {"Telemetry", "Property", "Command", "Relationship",
                                          "Component"};
    return names[static_cast<size_t>(kind)];
}

const Content* Interface::find(std::string_view name) const {
    if (content_index.size() == contents.size()) {
        const auto found = content_index.find(name);
        return found == content_index.end() ? nullptr : &contents[found->second];
    }
    const auto found = std::ranges::find(contents, name, &Content::name);
    return found == contents.end() ? nullptr : &*found;
}

std::optional<size_t> Interface::slot(std::string_view path) const {
    const auto found = slot_index.find(std::string(path));
    if (found == slot_index.end()) return std::nullopt;
    return found->second;
}

bool Interface::is_a(std::string_view ancestor) const {
    return std::ranges::binary_search(ancestors, ancestor);
}

}  // namespace hw::twin
