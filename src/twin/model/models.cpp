#include "twin/model/models.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "model/point_path.h"
#include "twin/model/models_maker.h"

namespace hw::twin {

namespace {

constexpr size_t named_limit = 5;

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (size_t i = 0; i < std::min(all.size(), named_limit); ++i)
        text += (i == 0 ? "'" : ", '") + all[i] + "'";
    if (all.size() > named_limit) text += fmt::format(" and {} more", all.size() - named_limit);
    return text;
}

std::string shown(std::string_view id) {
    return model::printable(id.substr(0, 140));
}

}  // namespace

std::shared_ptr<const Models> Models::none() {
    static const auto empty = std::make_shared<const Models>();
    return empty;
}

std::shared_ptr<const Models> Models::with(std::span<const std::string_view> documents,
                                           std::vector<ModelFlaw>& flaws) const {
    flaws.clear();
    return ModelsMaker(*this, flaws).add(documents);
}

Result<std::shared_ptr<const Models>> Models::without(std::string_view id) const {
    const auto found = interfaces_.find(id);
    if (found == interfaces_.end()) return fail(get(id).error());
    std::vector<std::string> users;
    for (const auto& [other, interface] : interfaces_) {
        if (other == id) continue;
        const bool extends = std::ranges::find(interface->extends, id) != interface->extends.end();
        const bool contains =
            std::ranges::find(interface->parts, id, [](const auto& part) -> std::string_view {
                return part->id;
            }) != interface->parts.end();
        if (extends || contains) users.push_back(other);
    }
    if (!users.empty())
        return fail(ErrorCode::conflict,
                    fmt::format("the model '{}' is used by {}, which extend it or have it as a "
                                "component; delete them first",
                                shown(id), joined(users)));
    auto models = std::make_shared<Models>(*this);
    models->interfaces_.erase(std::string(id));
    return models;
}

InterfacePtr Models::find(std::string_view id) const {
    const auto found = interfaces_.find(id);
    return found == interfaces_.end() ? nullptr : found->second;
}

Result<InterfacePtr> Models::get(std::string_view id) const {
    if (auto found = find(id)) return found;
    const std::string_view path = id.substr(0, id.find(';'));
    std::vector<std::string> versions;
    std::vector<std::string> names;
    for (const auto& [other, interface] : interfaces_) {
        if (std::string_view(other).substr(0, other.find(';')) == path) versions.push_back(other);
        names.push_back(other);
    }
    std::string text = fmt::format("there is no model '{}'", shown(id));
    if (!versions.empty()) {
        text += fmt::format("; there is {}", joined(versions));
    } else if (const auto close = id.size() <= 140 ? nearest(id, names) : std::nullopt) {
        text += fmt::format("; did you mean '{}'?", *close);
    }
    return fail(ErrorCode::not_found, std::move(text));
}

}  // namespace hw::twin
