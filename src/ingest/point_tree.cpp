#include "ingest/point_tree.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/assert.h"

namespace hw::ingest {

namespace {

constexpr size_t first_slots = 256;

uint64_t hash_of(PointTree::Node parent, std::string_view name) {
    return XXH3_64bits_withSeed(name.data(), name.size(), parent);
}

}  // namespace

void PointTree::clear() {
    nodes_.clear();
    names_.clear();
    slots_.assign(first_slots, none);
    ++generation_;
}

PointTree::Node PointTree::add_root() {
    nodes_.emplace_back();
    return static_cast<Node>(nodes_.size() - 1);
}

PointTree::Node PointTree::find_or_add(Node parent, Node after, std::string_view name) {
    HW_ASSERT(parent < nodes_.size() && after < nodes_.size());
    const uint64_t hash = hash_of(parent, name);
    if ((nodes_.size() + 1) * 2 > slots_.size()) grow();
    const size_t mask = slots_.size() - 1;
    size_t at = hash & mask;
    for (; slots_[at] != none; at = (at + 1) & mask) {
        const Entry& entry = nodes_[slots_[at]];
        if (entry.hash == hash && entry.parent == parent && this->name(slots_[at]) == name) break;
    }
    if (slots_[at] == none) {
        slots_[at] = static_cast<Node>(nodes_.size());
        Entry entry;
        entry.parent = parent;
        entry.name_offset = names_.size();
        entry.name_size = static_cast<uint32_t>(name.size());
        entry.hash = hash;
        nodes_.push_back(entry);
        names_ += name;
    }
    const Node found = slots_[at];
    (after == parent ? nodes_[after].first_child : nodes_[after].next_sibling) = found;
    return found;
}

void PointTree::grow() {
    slots_.assign(slots_.size() * 2, none);
    const size_t mask = slots_.size() - 1;
    for (Node node = 0; node < nodes_.size(); ++node) {
        if (nodes_[node].parent == none) continue;
        size_t at = nodes_[node].hash & mask;
        while (slots_[at] != none)
            at = (at + 1) & mask;
        slots_[at] = node;
    }
}

}  // namespace hw::ingest
