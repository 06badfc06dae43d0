#include "broker/retained.h"

#include <algorithm>

#include "base/assert.h"
#include "broker/topic.h"

namespace hw::broker {

struct RetainedNode {
    RetainedNode* parent = nullptr;
    std::string level;
    TextMap<std::unique_ptr<RetainedNode>> children;
    MessageRef message;
    Time watched = Message::never;  // the deadline that will look at it
};

namespace {

using Call = std::function<void(const MessageRef&)>;

void offer(const RetainedNode& node, Time now, const Call& call) {
    if (node.message && node.message->expires > now) call(node.message);
}

void offer_all(const RetainedNode& node, Time now, const Call& call) {
    offer(node, now, call);
    for (const auto& [level, child] : node.children)
        offer_all(*child, now, call);
}

void walk(const RetainedNode& node, Levels levels, bool at_root, Time now, const Call& call) {
    if (levels.done()) {
        offer(node, now, call);
        return;
    }
    const std::string_view level = levels.next();
    if (level != "+" && level != "#") {
        const auto it = node.children.find(level);
        if (it != node.children.end()) walk(*it->second, levels, false, now, call);
        return;
    }
    if (level == "#" && !at_root) offer(node, now, call);
    for (const auto& [name, child] : node.children) {
        if (at_root && name.starts_with('$')) continue;
        if (level == "#")
            offer_all(*child, now, call);
        else
            walk(*child, levels, false, now, call);
    }
}

}  // namespace

Retained::Retained(Limits limits) : limits_(limits), root_(std::make_unique<RetainedNode>()) {}
Retained::~Retained() = default;

RetainedNode* Retained::find(std::string_view topic) const {
    RetainedNode* node = root_.get();
    for (Levels levels(topic); !levels.done();) {
        const auto it = node->children.find(levels.next());
        if (it == node->children.end()) return nullptr;
        node = it->second.get();
    }
    return node;
}

RetainedNode& Retained::make(std::string_view topic) {
    RetainedNode* node = root_.get();
    for (Levels levels(topic); !levels.done();) {
        const std::string_view level = levels.next();
        const auto it = node->children.find(level);
        if (it != node->children.end()) {
            node = it->second.get();
            continue;
        }
        auto& child = node->children[std::string(level)];
        child = std::make_unique<RetainedNode>();
        child->parent = node;
        child->level = level;
        node = child.get();
    }
    return *node;
}

bool Retained::set(Slot& slot, const MessageRef& message) {
    const bool known = slot.node != nullptr && slot.version == version_;
    RetainedNode* node = known ? slot.node : find(message->topic());
    const bool holds = node != nullptr && node->message;
    if (message->payload_size == 0) {
        if (holds) clear(*node);
        return true;
    }
    const uint64_t old_bytes = holds ? node->message->bytes() : 0;
    if (!holds && count_ >= limits_.count) return false;
    if (bytes_ - old_bytes + message->bytes() > limits_.bytes) return false;
    if (node == nullptr) node = &make(message->topic());
    if (!holds) ++count_;
    bytes_ = bytes_ - old_bytes + message->bytes();
    node->message = message;
    watch(*node);
    slot = {node, version_};
    return true;
}

void Retained::clear(RetainedNode& cleared) {
    --count_;
    bytes_ -= cleared.message->bytes();
    cleared.message = MessageRef();
    RetainedNode* node = &cleared;
    while (node->parent != nullptr && node->children.empty() && !node->message) {
        RetainedNode* parent = node->parent;
        const auto it = parent->children.find(node->level);
        HW_ASSERT(it != parent->children.end());
        parent->children.erase(it);
        ++version_;
        node = parent;
    }
}

MessageRef Retained::get(std::string_view topic) const {
    const RetainedNode* node = find(topic);
    return node == nullptr ? MessageRef() : node->message;
}

void Retained::match(std::string_view filter, Time now, const Call& call) const {
    walk(*root_, Levels(filter), true, now, call);
}

std::vector<MessageRef> Retained::page(std::string_view filter, std::string_view after,
                                       size_t limit, Time now) const {
    std::vector<MessageRef> found;
    match(filter, now, [&](const MessageRef& message) {
        if (message->topic() > after) found.push_back(message);
    });
    const auto by_topic = [](const auto& a, const auto& b) { return a->topic() < b->topic(); };
    const size_t count = std::min(limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<long>(count), found.end(),
                      by_topic);
    found.resize(count);
    return found;
}

void Retained::watch(RetainedNode& node) {
    const Time expires = node.message->expires;
    // A topic that is published again and again has one deadline, which moves when it fires.
    if (expires >= node.watched) return;
    node.watched = expires;
    drop_stale_deadlines();
    deadlines_.push_back({expires, std::string(node.message->topic())});
    std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
}

void Retained::drop_stale_deadlines() {
    if (deadlines_.size() < 1024 + 4 * count_) return;
    std::erase_if(deadlines_, [this](const Deadline& deadline) {
        const RetainedNode* node = find(deadline.topic);
        return node == nullptr || node->watched != deadline.when;
    });
    std::make_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
}

void Retained::expire(Time now) {
    while (!deadlines_.empty() && deadlines_.front().when <= now) {
        std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
        const Deadline deadline = std::move(deadlines_.back());
        deadlines_.pop_back();
        RetainedNode* node = find(deadline.topic);
        if (node == nullptr || node->watched != deadline.when) continue;
        node->watched = Message::never;
        if (!node->message) continue;
        if (node->message->expires <= now)
            clear(*node);
        else
            watch(*node);
    }
}

}  // namespace hw::broker
