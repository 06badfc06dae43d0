// What a scene refers to: twins, properties, assets.

#include <fmt/format.h>

#include <set>

#include "twin/scene/scene.h"

namespace hw::twin {

namespace {

bool any_of_words(std::string_view word, std::initializer_list<std::string_view> words) {
    for (const auto known : words)
        if (word == known) return true;
    return false;
}

// Whether the shape has what the binding moves.
std::string_view useless(std::string_view binding, std::string_view shape) {
    if (binding == "fill" &&
        !any_of_words(shape, {"tank", "basin", "clarifier", "filter", "tower"}))
        return "only tank, basin, clarifier, filter and tower can be filled";
    if (binding == "spin" && !any_of_words(shape, {"pump", "mixer", "clarifier", "asset"}))
        return "only pump, mixer, clarifier and asset have a part that turns";
    if (binding == "flow" && !any_of_words(shape, {"pipe", "river", "arrow"}))
        return "only pipe, river and arrow have a direction";
    return {};
}

std::string_view twin_of_binding(const Scene& scene, const SceneNode& node,
                                 const sql::Datum& binding) {
    const auto* own = binding.find("twin");
    return own != nullptr && own->is_text() ? own->as_text() : scene.twin_of(node);
}

class Referrer {
  public:
    Referrer(const Scene& scene, const SceneReferences& references)
        : scene_(scene), references_(references) {}

    SceneFlaws run(std::string_view only) {
        if (only.empty() && references_.twin && !references_.twin(scene_.site))
            flaws_.add("/site", "", fmt::format("there is no twin '{}'", scene_.site));
        for (size_t i = 0; i < scene_.nodes.size(); ++i) {
            const auto& node = *scene_.nodes[i];
            if (!only.empty() && node.id != only) continue;
            const std::string path = fmt::format("/nodes/{}", i);
            if (!node.twin.empty() && references_.twin && !references_.twin(node.twin))
                add(path + "/twin", node, fmt::format("there is no twin '{}'", node.twin));
            if (node.kind() == "asset" && references_.asset) {
                const auto name = word_of(*node.shape(), *shape_type("asset"), "asset");
                if (!references_.asset(name))
                    add(path + "/shape/asset", node,
                        fmt::format("there is no asset '{}'; upload it", name));
            }
            const auto& bindings = node.bindings();
            for (size_t k = 0; k < bindings.size(); ++k)
                binding(node, bindings[k], fmt::format("{}/bindings/{}", path, k));
        }
        return std::move(flaws_);
    }

  private:
    void add(std::string path, const SceneNode& node, std::string text) {
        flaws_.add(std::move(path), node.id, std::move(text));
    }
    void binding(const SceneNode& node, const sql::Datum& given, const std::string& path) {
        const auto kind = word_of(given, node_type(), "kind");
        if (const auto why = useless(kind, node.kind()); !why.empty())
            add(path, node, fmt::format("does nothing; {}", why));
        const auto twin = twin_of_binding(scene_, node, given);
        if (twin.empty())
            return add(path, node,
                       "has no twin; give one here, at the node or at one of its parents");
        if (!references_.property) return;
        const auto property = word_of(given, node_type(), "property");
        switch (references_.property(twin, property)) {
            case SceneReferences::Answer::known:
                return;
            case SceneReferences::Answer::no_twin:
                // The node's own is told above already.
                if (given.find("twin") != nullptr)
                    add(path + "/twin", node, fmt::format("there is no twin '{}'", twin));
                return;
            case SceneReferences::Answer::no_property:
                add(path + "/property", node,
                    fmt::format("twin '{}' has no property '{}'", twin, property));
        }
    }

    const Scene& scene_;
    const SceneReferences& references_;
    SceneFlaws flaws_;
};

}  // namespace

SceneFlaws warnings_of(const Scene& scene, const SceneReferences& references,
                       std::string_view only) {
    return Referrer(scene, references).run(only);
}

std::vector<std::string> assets_of(const Scene& scene) {
    std::set<std::string> names;
    for (const auto& node : scene.nodes)
        if (node->kind() == "asset")
            names.emplace(word_of(*node->shape(), *shape_type("asset"), "asset"));
    return {names.begin(), names.end()};
}

std::vector<std::string> twins_of(const Scene& scene) {
    std::set<std::string> names;
    for (const auto& node : scene.nodes) {
        if (!node->twin.empty()) names.insert(node->twin);
        for (const auto& binding : node->bindings())
            if (const auto twin = twin_of_binding(scene, *node, binding); !twin.empty())
                names.emplace(twin);
    }
    return {names.begin(), names.end()};
}

}  // namespace hw::twin
