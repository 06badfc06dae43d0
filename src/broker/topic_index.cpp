#include "broker/topic_index.h"

#include "base/assert.h"
#include "broker/topic.h"

namespace hw::broker {

struct IndexNode {
    IndexNode* parent = nullptr;
    std::string level;
    TextMap<std::unique_ptr<IndexNode>> children;
    std::unique_ptr<IndexNode> plus;
    std::unique_ptr<IndexNode> hash;
    std::vector<IndexEntry*> entries;

    bool unused() const { return entries.empty() && children.empty() && !plus && !hash; }
};

namespace {

void take(const IndexNode& node, std::vector<IndexEntry*>& out) {
    out.insert(out.end(), node.entries.begin(), node.entries.end());
}

void walk(const IndexNode& node, Levels levels, bool wildcards, std::vector<IndexEntry*>& out) {
    if (wildcards && node.hash) take(*node.hash, out);
    if (levels.done()) {
        take(node, out);
        return;
    }
    const std::string_view level = levels.next();
    if (wildcards && node.plus) walk(*node.plus, levels, true, out);
    if (const auto it = node.children.find(level); it != node.children.end())
        walk(*it->second, levels, true, out);
}

}  // namespace

TopicIndex::TopicIndex() : root_(std::make_unique<IndexNode>()) {}
TopicIndex::~TopicIndex() = default;

IndexNode& TopicIndex::child(IndexNode& node, std::string_view level) {
    std::unique_ptr<IndexNode>* slot = nullptr;
    if (level == "+")
        slot = &node.plus;
    else if (level == "#")
        slot = &node.hash;
    else if (const auto it = node.children.find(level); it != node.children.end())
        slot = &it->second;
    else
        slot = &node.children[std::string(level)];
    if (!*slot) {
        *slot = std::make_unique<IndexNode>();
        (*slot)->parent = &node;
        (*slot)->level = level;
        ++nodes_;
    }
    return **slot;
}

void TopicIndex::add(IndexEntry& entry, std::string_view filter) {
    HW_ASSERT(entry.node == nullptr);
    IndexNode* node = root_.get();
    for (Levels levels(filter); !levels.done();)
        node = &child(*node, levels.next());
    entry.node = node;
    entry.position = static_cast<uint32_t>(node->entries.size());
    node->entries.push_back(&entry);
    ++size_;
}

void TopicIndex::remove(IndexEntry& entry) {
    IndexNode* node = entry.node;
    HW_ASSERT(node != nullptr && node->entries[entry.position] == &entry);
    IndexEntry* last = node->entries.back();
    node->entries[entry.position] = last;
    last->position = entry.position;
    node->entries.pop_back();
    entry.node = nullptr;
    --size_;
    prune(node);
}

void TopicIndex::prune(IndexNode* node) {
    while (node->parent != nullptr && node->unused()) {
        IndexNode* parent = node->parent;
        if (parent->plus.get() == node) {
            parent->plus.reset();
        } else if (parent->hash.get() == node) {
            parent->hash.reset();
        } else {
            const auto it = parent->children.find(node->level);
            HW_ASSERT(it != parent->children.end());
            parent->children.erase(it);
        }
        --nodes_;
        node = parent;
    }
}

void TopicIndex::match(std::string_view topic, std::vector<IndexEntry*>& out) const {
    walk(*root_, Levels(topic), !topic.starts_with('$'), out);
}

}  // namespace hw::broker
