// Checks of a glTF file that has been taken apart.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "twin/scene/gltf_file.h"

namespace hw::twin {

namespace {

constexpr size_t findings_limit = 100;
// Accessors may overlap and be used again and again; an honest file stays far below.
constexpr size_t numbers_limit = 400'000'000;

class Judge {
  public:
    explicit Judge(const GltfFile& file) : file_(file), json_(file.json) {}

    std::vector<std::string> run() {
        views();
        accessors();
        meshes();
        nodes();
        textures();
        skins();
        animations();
        return std::move(findings_);
    }

  private:
    void add(std::string text) {
        if (findings_.size() < findings_limit) findings_.push_back(std::move(text));
    }
    // Whether so many numbers more may be looked at.
    bool may_look(size_t numbers) {
        looked_ += numbers;
        if (looked_ <= numbers_limit) return true;
        if (looked_ - numbers <= numbers_limit)
            add(fmt::format("its accessors have more than {} numbers between them", numbers_limit));
        return false;
    }
    size_t count(std::string_view list) const { return items_of(json_, list).size(); }
    // The member, where it is there, must be an index of `list`.
    void index(const sql::Datum& object, std::string_view name, std::string_view list,
               const std::string& where) {
        if (object.find(name) == nullptr) return;
        if (index_of(object, name) >= count(list))
            add(fmt::format("{}/{} is no index of {}", where, name, list));
    }

    void views() {
        const auto& list = items_of(json_, "bufferViews");
        for (size_t i = 0; i < list.size(); ++i) {
            const std::string where = fmt::format("/bufferViews/{}", i);
            const size_t buffer = index_of(list[i], "buffer");
            const size_t length = index_of(list[i], "byteLength");
            const size_t offset =
                list[i].find("byteOffset") == nullptr ? 0 : index_of(list[i], "byteOffset");
            if (buffer >= file_.buffers.size()) {
                add(where + "/buffer is no index of buffers");
                continue;
            }
            if (length == 0 || length == SIZE_MAX || offset == SIZE_MAX ||
                offset + length > file_.buffers[buffer].size())
                add(where + " reaches beyond its buffer");
            if (const auto* stride = list[i].find("byteStride"); stride != nullptr) {
                const size_t step = index_of(list[i], "byteStride");
                if (step < 4 || step > 252 || step % 4 != 0)
                    add(where + "/byteStride is not a multiple of 4 within 4 to 252");
            }
        }
    }

    void accessors() {
        const auto& list = items_of(json_, "accessors");
        for (size_t i = 0; i < list.size(); ++i) {
            const auto view = accessor_view(file_, i);
            if (!view) {
                add(view.error().text());
                continue;
            }
            if (list[i].find("sparse") == nullptr && view->data != nullptr)
                bounds(list[i], *view, fmt::format("/accessors/{}", i));
        }
    }

    // What min and max say is what is there (section 3.6.2.5).
    void bounds(const sql::Datum& accessor, const AccessorView& view, const std::string& where) {
        for (const std::string_view name : {"min", "max"}) {
            const auto* said = accessor.find(name);
            if (said == nullptr) continue;
            if (!said->is_array() || said->items().size() != view.parts) {
                add(fmt::format("{}/{} does not have {} numbers", where, name, view.parts));
                continue;
            }
            if (!may_look(view.count * view.parts)) return;
            for (unsigned part = 0; part < view.parts; ++part) {
                double found = view.number(0, part);
                for (size_t k = 1; k < view.count; ++k)
                    found = name == "min" ? std::min(found, view.number(k, part))
                                          : std::max(found, view.number(k, part));
                const auto& given = said->items()[part];
                const double wanted = given.is_number() ? given.as_number() : NAN;
                const double slack = 1e-6 * std::max(1.0, std::abs(found));
                if (!(std::abs(wanted - found) <= slack))
                    add(fmt::format("{}/{}/{} says {}, but it is {}", where, name, part, wanted,
                                    found));
            }
        }
    }

    void meshes() {
        const auto& list = items_of(json_, "meshes");
        for (size_t i = 0; i < list.size(); ++i) {
            const auto& primitives = items_of(list[i], "primitives");
            if (primitives.empty()) add(fmt::format("/meshes/{} has no primitives", i));
            for (size_t k = 0; k < primitives.size(); ++k)
                primitive(primitives[k], fmt::format("/meshes/{}/primitives/{}", i, k));
        }
    }

    void primitive(const sql::Datum& given, const std::string& where) {
        index(given, "material", "materials", where);
        const auto* attributes = given.find("attributes");
        if (attributes == nullptr || !attributes->is_object())
            return add(where + " has no attributes");
        size_t vertices = 0;
        for (const auto& attribute : attributes->members()) {
            const auto name = attribute.key.as_text();
            const auto view = accessor_view(file_, index_of(*attributes, name));
            if (!view) {
                add(fmt::format("{}/attributes/{}: {}", where, name, view.error().text()));
                continue;
            }
            if (vertices == 0) vertices = view->count;
            if (view->count != vertices)
                add(fmt::format("{}/attributes/{} has {} entries, others {}", where, name,
                                view->count, vertices));
            if (name == "POSITION") {
                const auto& accessor =
                    items_of(json_, "accessors")[index_of(*attributes, "POSITION")];
                if (view->parts != 3 || accessor.find("min") == nullptr ||
                    accessor.find("max") == nullptr)
                    add(where + "/attributes/POSITION is not VEC3 with min and max");
            }
            if (name == "NORMAL") normals(*view, where);
        }
        indices(given, vertices, where);
    }

    void normals(const AccessorView& view, const std::string& where) {
        if (view.parts != 3) return add(where + "/attributes/NORMAL is not VEC3");
        if (view.component != 5126 || view.data == nullptr) return;
        if (!may_look(view.count * 3)) return;
        for (size_t i = 0; i < view.count; ++i) {
            const double size = std::hypot(view.number(i, 0), view.number(i, 1), view.number(i, 2));
            if (std::abs(size - 1) < 5e-3) continue;
            return add(fmt::format("{}/attributes/NORMAL: number {} has the length {:.4f}", where,
                                   i, size));
        }
    }

    void indices(const sql::Datum& given, size_t vertices, const std::string& where) {
        const bool triangles = given.find("mode") == nullptr || index_of(given, "mode") == 4;
        if (given.find("indices") == nullptr) {
            if (triangles && vertices % 3 != 0)
                add(where + " has no indices and no whole triangles");
            return;
        }
        const auto view = accessor_view(file_, index_of(given, "indices"));
        if (!view) return add(fmt::format("{}/indices: {}", where, view.error().text()));
        const bool whole =
            view->component == 5121 || view->component == 5123 || view->component == 5125;
        if (view->parts != 1 || !whole) return add(where + "/indices are not unsigned scalars");
        if (triangles && view->count % 3 != 0) add(where + "/indices are no whole triangles");
        // Without data all are 0.
        const size_t given_count = view->data == nullptr ? 1 : view->count;
        if (!may_look(given_count)) return;
        for (size_t i = 0; i < given_count; ++i)
            if (view->number(i, 0) >= static_cast<double>(vertices))
                return add(fmt::format("{}/indices: number {} is {}, of {} vertices", where, i,
                                       view->number(i, 0), vertices));
    }

    void nodes() {
        const auto& list = items_of(json_, "nodes");
        std::vector<size_t> parent(list.size(), SIZE_MAX);
        for (size_t i = 0; i < list.size(); ++i) {
            const std::string where = fmt::format("/nodes/{}", i);
            index(list[i], "mesh", "meshes", where);
            index(list[i], "skin", "skins", where);
            index(list[i], "camera", "cameras", where);
            transform(list[i], where);
            for (const auto& child : items_of(list[i], "children")) {
                const double at = child.is_number() ? child.as_number() : -1;
                if (!(at >= 0 && at < static_cast<double>(list.size()))) {
                    add(where + "/children is no index of nodes");
                    continue;
                }
                auto& known = parent[static_cast<size_t>(at)];
                if (known != SIZE_MAX)
                    add(fmt::format("/nodes/{} has two parents, {} and {}", at, known, i));
                known = i;
            }
        }
        circles(parent);
        index(json_, "scene", "scenes", "");
        const auto& scenes = items_of(json_, "scenes");
        for (size_t i = 0; i < scenes.size(); ++i)
            for (const auto& root : items_of(scenes[i], "nodes")) {
                const double at = root.is_number() ? root.as_number() : -1;
                if (!(at >= 0 && at < static_cast<double>(list.size())))
                    add(fmt::format("/scenes/{}/nodes is no index of nodes", i));
                else if (parent[static_cast<size_t>(at)] != SIZE_MAX)
                    add(fmt::format("/scenes/{}/nodes: {} is no root", i, at));
            }
    }

    void circles(const std::vector<size_t>& parent) {
        std::vector<uint8_t> seen(parent.size(), 0);  // 1: on the way, 2: leads to a root
        for (size_t i = 0; i < parent.size(); ++i) {
            size_t at = i;
            while (at != SIZE_MAX && seen[at] == 0) {
                seen[at] = 1;
                at = parent[at];
            }
            if (at != SIZE_MAX && seen[at] == 1)
                return add(fmt::format("/nodes/{} is its own ancestor", at));
            for (at = i; at != SIZE_MAX && seen[at] == 1; at = parent[at])
                seen[at] = 2;
        }
    }

    void transform(const sql::Datum& node, const std::string& where) {
        const auto sized = [&](std::string_view name, size_t size) {
            const auto* value = node.find(name);
            if (value == nullptr) return;
            const bool right = value->is_array() && value->items().size() == size &&
                               std::all_of(value->items().begin(), value->items().end(),
                                           [](const auto& part) { return part.is_number(); });
            if (!right) add(fmt::format("{}/{} is not {} numbers", where, name, size));
        };
        sized("translation", 3);
        sized("rotation", 4);
        sized("scale", 3);
        sized("matrix", 16);
        if (node.find("matrix") != nullptr &&
            (node.find("translation") != nullptr || node.find("rotation") != nullptr ||
             node.find("scale") != nullptr))
            add(where + " has a matrix and its parts");
        const auto& rotation = items_of(node, "rotation");
        double square = rotation.empty() ? 1 : 0;
        for (const auto& part : rotation)
            if (part.is_number()) square += part.as_number() * part.as_number();
        if (std::abs(square - 1) > 1e-2) add(where + "/rotation is not of length 1");
    }

    // "index" of whatever ends in "Texture", as deep as materials go.
    void texture_infos(const sql::Datum& value, const std::string& where) {
        if (value.is_array())
            for (const auto& item : value.items())
                texture_infos(item, where);
        if (!value.is_object()) return;
        for (const auto& member : value.members()) {
            if (member.key.as_text().ends_with("Texture") && member.value.is_object())
                index(member.value, "index", "textures", where);
            texture_infos(member.value, where);
        }
    }
    void textures() {
        const auto each = [this](std::string_view list, auto look) {
            const auto& items = items_of(json_, list);
            for (size_t i = 0; i < items.size(); ++i)
                look(items[i], fmt::format("/{}/{}", list, i));
        };
        each("materials", [this](const auto& one, const auto& at) { texture_infos(one, at); });
        each("textures", [this](const auto& one, const auto& at) {
            index(one, "source", "images", at);
            index(one, "sampler", "samplers", at);
        });
        each("images", [this](const auto& one, const auto& at) {
            index(one, "bufferView", "bufferViews", at);
        });
    }

    void skins() {
        const auto& list = items_of(json_, "skins");
        for (size_t i = 0; i < list.size(); ++i) {
            const std::string where = fmt::format("/skins/{}", i);
            index(list[i], "inverseBindMatrices", "accessors", where);
            index(list[i], "skeleton", "nodes", where);
            for (const auto& joint : items_of(list[i], "joints"))
                if (!joint.is_number() || joint.as_number() < 0 ||
                    joint.as_number() >= static_cast<double>(count("nodes")))
                    add(where + "/joints is no index of nodes");
        }
    }

    void animations() {
        const auto& list = items_of(json_, "animations");
        for (size_t i = 0; i < list.size(); ++i) {
            const std::string where = fmt::format("/animations/{}", i);
            const size_t samplers = items_of(list[i], "samplers").size();
            for (const auto& sampler : items_of(list[i], "samplers")) {
                index(sampler, "input", "accessors", where + "/samplers");
                index(sampler, "output", "accessors", where + "/samplers");
            }
            for (const auto& channel : items_of(list[i], "channels")) {
                if (index_of(channel, "sampler") >= samplers)
                    add(where + "/channels names no sampler");
                if (const auto* target = channel.find("target"))
                    index(*target, "node", "nodes", where + "/channels/target");
            }
        }
    }

    const GltfFile& file_;
    const sql::Datum& json_;
    std::vector<std::string> findings_;
    size_t looked_ = 0;
};

}  // namespace

std::vector<std::string> check_gltf(const GltfFile& file) {
    return Judge(file).run();
}

}  // namespace hw::twin
