#include "twin/scene/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "base/config_text.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

std::string text_member(const sql::Datum& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->is_text() ? std::string(value->as_text()) : std::string();
}

// Null members are as if they were left out.
void drop_nulls(sql::Datum& object) {
    std::erase_if(object.own_members(), [](const auto& member) { return member.value.is_null(); });
}

SceneNodePtr node_of(sql::Datum body) {
    auto node = std::make_shared<SceneNode>();
    drop_nulls(body);
    node->id = text_member(body, "id");
    node->parent = text_member(body, "parent");
    node->twin = text_member(body, "twin");
    node->body = std::move(body);
    return node;
}

std::string node_path(size_t index, std::string_view member = {}) {
    return member.empty() ? fmt::format("/nodes/{}", index)
                          : fmt::format("/nodes/{}/{}", index, member);
}

// What the nodes of a scene say of each other.
class Whole {
  public:
    Whole(const Scene& scene, SceneFlaws& flaws) : scene_(scene), flaws_(flaws) {}

    void check() {
        unique("layers", "layer");
        unique("views", "view");
        const std::set<std::string, std::less<>> layers = ids("layers");
        for (size_t i = 0; i < scene_.nodes.size(); ++i) {
            const auto& node = *scene_.nodes[i];
            if (scene_.places.at(node.id) != i)
                add(i, "id",
                    fmt::format("'{}' is the id of node {} too; ids are unique", node.id,
                                scene_.places.at(node.id)));
            if (!node.parent.empty()) parent(i);
            if (const auto layer = text_member(node.body, "layer"); !layer.empty())
                if (!layers.contains(layer)) {
                    const std::vector<std::string> names(layers.begin(), layers.end());
                    add(i, "layer",
                        fmt::format("there is no layer '{}'{}", layer, did_you_mean(layer, names)));
                }
            if (const auto* drawing = node.body.find("schematic"))
                for (const auto end : {"from", "to"})
                    if (const auto other = text_member(*drawing, end); !other.empty())
                        if (!scene_.places.contains(other))
                            missing(i, fmt::format("schematic/{}", end), other);
        }
    }

  private:
    void add(size_t index, std::string_view member, std::string text) {
        flaws_.add(node_path(index, member), scene_.nodes[index]->id, std::move(text));
    }
    void missing(size_t index, std::string_view member, const std::string& other) {
        // Looking for the nearest costs; a scene of errors is told the first ones well.
        std::vector<std::string> names;
        if (flaws_.found().size() < 5)
            for (const auto& node : scene_.nodes)
                names.push_back(node->id);
        add(index, member,
            fmt::format("there is no node '{}'{}", other, did_you_mean(other, names)));
    }

    // Every ancestor is there, and none is the node itself.
    void parent(size_t index) {
        const auto& node = *scene_.nodes[index];
        const SceneNode* at = scene_.find(node.parent);
        if (at == nullptr) return missing(index, "parent", node.parent);
        for (size_t depth = 1; at != nullptr; ++depth) {
            if (at == &node)
                return add(
                    index, "parent",
                    fmt::format("'{}' is its own ancestor by way of '{}'", node.id, node.parent));
            if (depth > scene_depth_limit)
                return add(index, "parent",
                           fmt::format("has more than {} ancestors, or a circle among them",
                                       scene_depth_limit));
            at = at->parent.empty() ? nullptr : scene_.find(at->parent);
        }
    }

    std::set<std::string, std::less<>> ids(std::string_view list) const {
        std::set<std::string, std::less<>> out;
        if (const auto* items = scene_.head.find(list); items != nullptr && items->is_array())
            for (const auto& item : items->items())
                out.insert(text_member(item, "id"));
        return out;
    }
    void unique(std::string_view list, std::string_view what) {
        const auto* items = scene_.head.find(list);
        if (items == nullptr || !items->is_array()) return;
        std::set<std::string> seen;
        for (size_t i = 0; i < items->items().size(); ++i)
            if (const auto id = text_member(items->items()[i], "id"); !seen.insert(id).second)
                flaws_.add(fmt::format("/{}/{}/id", list, i), "",
                           fmt::format("there is a {} '{}' already; ids are unique", what, id));
    }

    const Scene& scene_;
    SceneFlaws& flaws_;
};

std::unexpected<Error> refused(const SceneFlaws& flaws) {
    return fail(ErrorCode::invalid_argument, flaws.summary());
}

// Places by id and the checks of the whole.
Result<Scene> finished(Scene scene, SceneFlaws& flaws) {
    if (scene.nodes.size() > scene_nodes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("a scene of {} nodes; at most {} are allowed, so make one of each "
                                "part of the site",
                                scene.nodes.size(), scene_nodes_limit));
    scene.places.clear();
    for (size_t i = 0; i < scene.nodes.size(); ++i)
        scene.places.try_emplace(scene.nodes[i]->id, i);
    Whole(scene, flaws).check();
    if (!flaws.none()) return refused(flaws);
    return scene;
}

Result<sql::Datum> json_object(std::string_view json, std::string_view what) {
    sql::JsonReader reader(scene_bytes_limit);
    auto value = HW_TRY(reader.read(json));
    if (!value.is_object())
        return fail(ErrorCode::invalid_argument, fmt::format("{} is an object", what));
    return value;
}

std::unexpected<Error> no_node(const Scene& scene, std::string_view id) {
    std::vector<std::string> names;
    for (const auto& node : scene.nodes)
        names.push_back(node->id);
    return fail(ErrorCode::not_found, fmt::format("scene '{}' has no node '{}'{}", scene.site, id,
                                                  did_you_mean(id, names)));
}

Result<Scene> with_body(const Scene& scene, std::string_view id, sql::Datum body,
                        SceneFlaws& flaws) {
    body.put("id", sql::Datum::text(id));
    check_fields(node_type(), body, "", "", flaws);
    if (!flaws.none()) return refused(flaws);
    Scene changed{scene.site, scene.head, scene.nodes, {}};
    auto node = node_of(std::move(body));
    if (const auto at = scene.index(id))
        changed.nodes[*at] = std::move(node);
    else
        changed.nodes.push_back(std::move(node));
    return finished(std::move(changed), flaws);
}

// A text for people: of several languages English, else the first.
std::string_view usual_text(const sql::Datum& value) {
    if (value.is_text()) return value.as_text();
    if (!value.is_object()) return {};
    std::string_view found;
    for (const auto& [language, text] : value.members()) {
        if (!text.is_text()) continue;
        const auto tag = language.as_text();
        if (tag == "en") return text.as_text();
        if (found.empty() || tag.starts_with("en-")) found = text.as_text();
    }
    return found;
}

}  // namespace

double number_of(const sql::Datum& object, const ObjectType& type, std::string_view name) {
    if (const auto* value = object.find(name); value != nullptr && value->is_number())
        return value->as_number();
    const Field* field = type.find(name);
    return field != nullptr ? field->standard : 0;
}

bool flag_of(const sql::Datum& object, const ObjectType& type, std::string_view name) {
    if (const auto* value = object.find(name);
        value != nullptr && value->kind() == sql::Kind::boolean)
        return value->as_boolean();
    const Field* field = type.find(name);
    return field != nullptr && field->standard != 0;
}

std::string_view word_of(const sql::Datum& object, const ObjectType& type, std::string_view name) {
    if (const auto* value = object.find(name); value != nullptr)
        if (const auto text = usual_text(*value); !text.empty() || value->is_text()) return text;
    const Field* field = type.find(name);
    if (field == nullptr) return {};
    return field->words.substr(0, field->words.find('|'));
}

Vector3 vector_of(const sql::Datum* value, const Vector3& otherwise) {
    if (value == nullptr || !value->is_array() || value->items().size() != 3) return otherwise;
    Vector3 out = otherwise;
    for (size_t i = 0; i < 3; ++i)
        if (value->items()[i].is_number()) out[i] = value->items()[i].as_number();
    return out;
}

std::string_view SceneNode::name() const {
    const auto* given = body.find("name");
    const auto text = given == nullptr ? std::string_view() : usual_text(*given);
    return text.empty() ? std::string_view(id) : text;
}

const sql::Datum* SceneNode::shape() const {
    return body.find("shape");
}

std::string_view SceneNode::kind() const {
    const auto* given = shape();
    const auto* word = given == nullptr ? nullptr : given->find("kind");
    return word != nullptr && word->is_text() ? word->as_text() : std::string_view();
}

const sql::Datum::Items& SceneNode::bindings() const {
    static const sql::Datum::Items none;
    const auto* given = body.find("bindings");
    return given != nullptr && given->is_array() ? given->items() : none;
}

std::optional<size_t> Scene::index(std::string_view id) const {
    const auto at = places.find(id);
    return at == places.end() ? std::nullopt : std::optional(at->second);
}

const SceneNode* Scene::find(std::string_view id) const {
    const auto at = index(id);
    return at ? nodes[*at].get() : nullptr;
}

std::string_view Scene::twin_of(const SceneNode& node) const {
    for (const SceneNode* at = &node; at != nullptr; at = find(at->parent)) {
        if (!at->twin.empty()) return at->twin;
        if (at->parent.empty()) break;
    }
    return {};
}

bool Scene::visible(const SceneNode& node) const {
    for (const SceneNode* at = &node; at != nullptr; at = find(at->parent)) {
        if (!flag_of(at->body, node_type(), "visible")) return false;
        if (at->parent.empty()) break;
    }
    return true;
}

bool Scene::z_up() const {
    return word_of(head, scene_type(), "up") == "z";
}

std::string Scene::json() const {
    std::string out = sql::to_json(head);
    out.pop_back();
    out += head.members().empty() ? "\"nodes\":[" : ",\"nodes\":[";
    for (size_t i = 0; i < nodes.size(); ++i) {
        out += i == 0 ? "\n" : ",\n";
        sql::append_json(out, nodes[i]->body);
    }
    out += "]}";
    return out;
}

Quaternion rotation_of(const sql::Datum& node) {
    const auto* given = node.find("quaternion");
    if (given != nullptr && given->is_array() && given->items().size() == 4) {
        Quaternion q;
        double square = 0;
        for (size_t i = 0; i < 4; ++i) {
            q[i] = given->items()[i].as_number();
            square += q[i] * q[i];
        }
        for (double& part : q)
            part /= std::sqrt(square);
        return q;
    }
    const Vector3 degrees = vector_of(node.find("rotation"), {0, 0, 0});
    // About x, then y, then z, each about the parent's fixed axis: q = qz qy qx.
    std::array<double, 3> s, c;
    for (size_t i = 0; i < 3; ++i) {
        const double half = degrees[i] * std::numbers::pi / 360;
        s[i] = std::sin(half);
        c[i] = std::cos(half);
    }
    return {s[0] * c[1] * c[2] - c[0] * s[1] * s[2], c[0] * s[1] * c[2] + s[0] * c[1] * s[2],
            c[0] * c[1] * s[2] - s[0] * s[1] * c[2], c[0] * c[1] * c[2] + s[0] * s[1] * s[2]};
}

Vector3 scale_of(const sql::Datum& node) {
    const auto* given = node.find("scale");
    if (given != nullptr && given->is_number())
        return {given->as_number(), given->as_number(), given->as_number()};
    return vector_of(given, {1, 1, 1});
}

Result<Scene> scene_of(std::string_view site, sql::Datum head, std::vector<sql::Datum> nodes,
                       SceneFlaws& flaws) {
    Scene scene;
    scene.site = site;
    drop_nulls(head);
    scene.head = std::move(head);
    scene.nodes.reserve(nodes.size());
    for (auto& node : nodes)
        scene.nodes.push_back(node_of(std::move(node)));
    if (const auto named = text_member(scene.head, "site"); !named.empty() && named != site)
        flaws.add("/site", "", fmt::format("names '{}', not '{}'; leave it out", named, site));
    return finished(std::move(scene), flaws);
}

Result<Scene> read_scene(std::string_view json, std::string_view site, SceneFlaws& flaws) {
    auto head = HW_TRY(json_object(json, "a scene"));
    std::vector<sql::Datum> nodes;
    if (const auto* list = head.find("nodes"); list != nullptr && list->is_array()) {
        // Before all is looked at.
        if (list->items().size() > scene_nodes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("a scene of {} nodes; at most {} are allowed, so make one of "
                                    "each part of the site",
                                    list->items().size(), scene_nodes_limit));
    }
    check_fields(scene_type(), head, "", "", flaws);
    if (!flaws.none()) return refused(flaws);
    if (const auto* list = head.find("nodes"); list != nullptr && list->is_array())
        nodes = list->items();
    std::erase_if(head.own_members(),
                  [](const auto& member) { return member.key.as_text() == "nodes"; });
    return scene_of(site, std::move(head), std::move(nodes), flaws);
}

Result<Scene> with_node(const Scene& scene, std::string_view id, std::string_view json,
                        SceneFlaws& flaws, bool& created) {
    auto body = HW_TRY(json_object(json, "a node"));
    if (const auto named = text_member(body, "id"); !named.empty() && named != id)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the body names '{}', not '{}'", named, id));
    created = !scene.index(id).has_value();
    return with_body(scene, id, std::move(body), flaws);
}

Result<Scene> with_patched_node(const Scene& scene, std::string_view id, std::string_view json,
                                SceneFlaws& flaws) {
    const auto patch = HW_TRY(json_object(json, "a merge patch"));
    const SceneNode* node = scene.find(id);
    if (node == nullptr) return no_node(scene, id);
    auto body = merged(node->body, patch);
    if (text_member(body, "id") != id)
        return fail(ErrorCode::invalid_argument, "a node keeps its id; make another one instead");
    return with_body(scene, id, std::move(body), flaws);
}

Result<Scene> without_node(const Scene& scene, std::string_view id, bool cascade) {
    if (scene.find(id) == nullptr) return no_node(scene, id);
    std::set<std::string_view> gone = {id};
    std::unordered_map<std::string_view, std::vector<std::string_view>> children;
    for (const auto& node : scene.nodes)
        if (!node->parent.empty()) children[node->parent].push_back(node->id);
    if (!cascade && children.contains(id))
        return fail(ErrorCode::conflict,
                    fmt::format("node '{}' has {} children, the first '{}'; remove them first, or "
                                "all with cascade=true",
                                id, children[id].size(), children[id].front()));
    std::vector<std::string_view> open = {id};
    while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        for (const auto child : children[at])
            if (gone.insert(child).second) open.push_back(child);
    }
    Scene changed{scene.site, scene.head, {}, {}};
    for (const auto& node : scene.nodes)
        if (!gone.contains(node->id)) changed.nodes.push_back(node);
    SceneFlaws flaws;
    auto done = finished(std::move(changed), flaws);
    if (!done && !flaws.none())
        return fail(ErrorCode::conflict,
                    fmt::format("node '{}' is still named: {}", id, flaws.summary()));
    return done;
}

Result<Scene> with_patched_head(const Scene& scene, std::string_view json, SceneFlaws& flaws) {
    const auto patch = HW_TRY(json_object(json, "a merge patch"));
    if (patch.find("nodes") != nullptr)
        return fail(ErrorCode::invalid_argument,
                    "a patch changes all but the nodes; change those one by one, or put the whole");
    auto head = merged(scene.head, patch);
    check_fields(scene_type(), head, "", "", flaws);
    if (!flaws.none()) return refused(flaws);
    if (const auto named = text_member(head, "site"); !named.empty() && named != scene.site)
        flaws.add("/site", "", fmt::format("names '{}', not '{}'", named, scene.site));
    return finished(Scene{scene.site, std::move(head), scene.nodes, {}}, flaws);
}

sql::Datum merged(sql::Datum target, const sql::Datum& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = sql::Datum::object({});
    for (const auto& member : patch.members()) {
        if (member.value.is_null()) {
            std::erase_if(target.own_members(),
                          [&](const auto& mine) { return mine.key == member.key; });
            continue;
        }
        const auto* before = target.find(member.key);
        target.put(member.key, merged(before == nullptr ? sql::Datum() : *before, member.value));
    }
    return target;
}

}  // namespace hw::twin
