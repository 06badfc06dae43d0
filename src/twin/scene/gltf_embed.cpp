// Another glTF file's contents as part of ours: every index is moved to where its list begins.

#include <fmt/format.h>

#include "twin/scene/gltf_document.h"

namespace hw::twin {

namespace {

using sql::Datum;

Datum integer(size_t value) {
    return Datum::integer(static_cast<int64_t>(value));
}

void move_index(Datum& object, std::string_view name, size_t by) {
    if (const size_t at = index_of(object, name); at != SIZE_MAX)
        object.put(name, integer(at + by));
}

// Members that are objects, changed in place.
void with_member(Datum& object, std::string_view name, const auto& change) {
    const auto* member = object.find(name);
    if (member == nullptr || !member->is_object()) return;
    Datum copy = *member;
    change(copy);
    object.put(name, std::move(copy));
}

void with_items(Datum& object, std::string_view name, const auto& change) {
    const auto* member = object.find(name);
    if (member == nullptr || !member->is_array()) return;
    Datum copy = *member;
    for (auto& item : copy.own_items())
        change(item);
    object.put(name, std::move(copy));
}

// All that ends in "Texture" within a material, its extensions too, names a texture by "index".
void move_textures(Datum& value, size_t by) {
    if (value.is_array())
        for (auto& item : value.own_items())
            move_textures(item, by);
    if (!value.is_object()) return;
    for (auto& member : value.own_members()) {
        if (member.key.as_text().ends_with("Texture") && member.value.is_object())
            move_index(member.value, "index", by);
        move_textures(member.value, by);
    }
}

void move_number(Datum& value, size_t by) {
    if (value.is_number()) value = integer(static_cast<size_t>(value.as_number()) + by);
}

}  // namespace

// What instances share.
Result<GltfDocument::Embedded> GltfDocument::embed_shared(const GltfFile& file) {
    std::vector<size_t> begins;
    for (const auto& bytes : file.buffers) {
        buffer_.resize((buffer_.size() + 3) / 4 * 4, '\0');
        if (buffer_.size() + bytes.size() > bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the export has more than {} MiB; use assets by reference "
                                    "(assets=reference)",
                                    bytes_limit >> 20));
        begins.push_back(buffer_.size());
        buffer_ += bytes;
    }
    const Embedded at{size("bufferViews"), size("accessors"), size("materials"), size("meshes"),
                      size("textures"),    size("images"),    size("samplers"),  size("cameras")};
    const auto each = [&](std::string_view list, const auto& change) {
        for (Datum item : items_of(file.json, list)) {
            if (item.is_object()) change(item);
            push(list, std::move(item));
        }
    };
    each("bufferViews", [&](Datum& view) {
        const size_t buffer = index_of(view, "buffer");
        const size_t offset = index_of(view, "byteOffset");
        view.put("byteOffset", integer(begins[buffer] + (offset == SIZE_MAX ? 0 : offset)));
        view.put("buffer", Datum::integer(0));
    });
    each("accessors", [&](Datum& accessor) {
        move_index(accessor, "bufferView", at.views);
        with_member(accessor, "sparse", [&](Datum& sparse) {
            for (const auto part : {"indices", "values"})
                with_member(sparse, part,
                            [&](Datum& inner) { move_index(inner, "bufferView", at.views); });
        });
    });
    each("materials", [&](Datum& material) { move_textures(material, at.textures); });
    each("textures", [&](Datum& texture) {
        move_index(texture, "source", at.images);
        move_index(texture, "sampler", at.samplers);
        with_member(texture, "extensions", [&](Datum& extensions) {
            with_member(extensions, "EXT_texture_webp",
                        [&](Datum& webp) { move_index(webp, "source", at.images); });
        });
    });
    each("images", [&](Datum& image) { move_index(image, "bufferView", at.views); });
    each("samplers", [](Datum&) {});
    each("cameras", [](Datum&) {});
    const auto move_attributes = [&](Datum& attributes) {
        for (auto& attribute : attributes.own_members())
            move_number(attribute.value, at.accessors);
    };
    each("meshes", [&](Datum& mesh) {
        with_items(mesh, "primitives", [&](Datum& primitive) {
            move_index(primitive, "indices", at.accessors);
            move_index(primitive, "material", at.materials);
            with_member(primitive, "attributes", move_attributes);
            with_items(primitive, "targets", move_attributes);
        });
    });
    for (const auto& extension : items_of(file.json, "extensionsUsed"))
        if (extension.is_text()) extensions_.emplace(extension.as_text());
    for (const auto& extension : items_of(file.json, "extensionsRequired"))
        if (extension.is_text()) required_.emplace(extension.as_text());
    return at;
}

// Skins and animations belong to the nodes of one instance.
void GltfDocument::embed_moving(const GltfFile& file, const Embedded& at, size_t nodes) {
    for (Datum skin : items_of(file.json, "skins")) {
        move_index(skin, "inverseBindMatrices", at.accessors);
        move_index(skin, "skeleton", nodes);
        with_items(skin, "joints", [&](Datum& joint) { move_number(joint, nodes); });
        push("skins", std::move(skin));
    }
    for (Datum animation : items_of(file.json, "animations")) {
        with_items(animation, "samplers", [&](Datum& sampler) {
            move_index(sampler, "input", at.accessors);
            move_index(sampler, "output", at.accessors);
        });
        with_items(animation, "channels", [&](Datum& channel) {
            with_member(channel, "target",
                        [&](Datum& target) { move_index(target, "node", nodes); });
        });
        push("animations", std::move(animation));
    }
}

// Copies the nodes below the roots, or all of them in their order; gives where the roots lie.
std::vector<size_t> GltfDocument::embed_nodes(const GltfFile& file, const Embedded& at,
                                              const std::vector<size_t>& roots, bool all) {
    const auto& nodes = items_of(file.json, "nodes");
    std::vector<size_t> order;
    if (all)
        for (size_t i = 0; i < nodes.size(); ++i)
            order.push_back(i);
    else
        order = roots;
    for (size_t i = 0; !all && i < order.size(); ++i)
        for (const auto& child : items_of(nodes[order[i]], "children"))
            order.push_back(static_cast<size_t>(child.as_number()));
    const size_t first = size("nodes"), skins = size("skins");
    std::map<size_t, size_t> places;
    for (size_t i = 0; i < order.size(); ++i)
        places[order[i]] = first + i;
    for (const size_t index : order) {
        Datum copy = nodes[index];
        if (!copy.is_object()) copy = Datum::object({});
        move_index(copy, "mesh", at.meshes);
        move_index(copy, "camera", at.cameras);
        move_index(copy, "skin", skins);
        if (!all)
            std::erase_if(copy.own_members(),
                          [](const auto& member) { return member.key.as_text() == "skin"; });
        with_items(copy, "children", [&](Datum& child) {
            child = integer(places.at(static_cast<size_t>(child.as_number())));
        });
        push("nodes", std::move(copy));
    }
    if (all) embed_moving(file, at, first);
    std::vector<size_t> out;
    for (const size_t root : roots)
        out.push_back(places.at(root));
    return out;
}

Result<std::vector<size_t>> GltfDocument::embed(std::string_view digest, const GltfFile& file,
                                                std::string_view node) {
    const auto& nodes = items_of(file.json, "nodes");
    std::vector<size_t> roots;
    if (node.empty()) {
        const auto& scenes = items_of(file.json, "scenes");
        const size_t scene = file.json.find("scene") == nullptr ? 0 : index_of(file.json, "scene");
        if (scene < scenes.size())
            for (const auto& root : items_of(scenes[scene], "nodes"))
                roots.push_back(static_cast<size_t>(root.as_number()));
    } else {
        for (size_t i = 0; i < nodes.size() && roots.empty(); ++i)
            if (const auto* name = nodes[i].find("name");
                name != nullptr && name->is_text() && name->as_text() == node)
                roots.push_back(i);
        if (roots.empty())
            return fail(ErrorCode::not_found, fmt::format("the asset has no node '{}'", node));
    }
    if (size("nodes") + nodes.size() > nodes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the export has more than {} nodes; use assets by reference "
                                "(assets=reference)",
                                nodes_limit));
    auto known = embedded_.find(digest);
    if (known == embedded_.end()) {
        const auto at = HW_TRY(embed_shared(file));
        known = embedded_.emplace(std::string(digest), at).first;
    }
    return embed_nodes(file, known->second, roots, node.empty());
}

}  // namespace hw::twin
