#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/value.h"

namespace hw::ingest {

// Remembers which names lead to which point: members of JSON objects under a topic, fields under a
// series. Names mostly come in the order of the last time, so each node knows which sibling came
// after it, and one comparison of bytes finds the next; only where the order changes is a name
// hashed. One thread; about 60 bytes a node with its name.
class PointTree {
  public:
    using Node = uint32_t;
    static constexpr Node none = UINT32_MAX;

    PointTree() { clear(); }

    // A new node that is nobody's child.
    Node add_root();
    // The child of that name, made if new. `after`: the sibling asked for before it; `parent`
    // itself for the first.
    Node child(Node parent, Node after, std::string_view name) {
        const Node likely = nodes_[after].next(parent == after);
        if (likely != none && this->name(likely) == name) [[likely]]
            return likely;
        return find_or_add(parent, after, name);
    }
    // The name that followed `after` the last time; empty if nobody knows.
    std::string_view likely_name(Node parent, Node after) const {
        const Node likely = nodes_[after].next(parent == after);
        return likely == none ? std::string_view() : name(likely);
    }

    Node parent(Node node) const { return nodes_[node].parent; }
    std::string_view name(Node node) const {
        return std::string_view(names_).substr(nodes_[node].name_offset, nodes_[node].name_size);
    }
    std::optional<model::PointId> point(Node node) const {
        if (nodes_[node].point == none) return std::nullopt;
        return model::PointId(nodes_[node].point);
    }
    void set_point(Node node, model::PointId point) { nodes_[node].point = point.value(); }

    size_t size() const { return nodes_.size(); }
    // Forgets everything; nodes given out before are void, which the generation tells.
    void clear();
    uint32_t generation() const { return generation_; }

  private:
    struct Entry {
        Node parent = none;
        Node first_child = none;   // the one asked for first the last time
        Node next_sibling = none;  // the one asked for after this the last time
        uint32_t point = none;
        uint32_t name_size = 0;
        size_t name_offset = 0;
        uint64_t hash = 0;

        Node next(bool is_parent) const { return is_parent ? first_child : next_sibling; }
    };

    Node find_or_add(Node parent, Node after, std::string_view name);
    void grow();

    std::vector<Entry> nodes_;
    std::string names_;
    std::vector<Node> slots_;  // open addressing, power of two, roots are not in it
    uint32_t generation_ = 0;
};

}  // namespace hw::ingest
