#include "broker/retained.h"

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "broker/topic.h"

namespace hw::broker {

struct RetainedNode {
    RetainedNode* parent = nullptr;
    std::string level;
    std::map<std::string, std::unique_ptr<RetainedNode>, std::less<>> children;
    MessageRef message;
    uint64_t below = 0;             // messages here and in all that is below
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
    if (!holds) {
        ++count_;
        for (RetainedNode* up = node; up != nullptr; up = up->parent)
            ++up->below;
    }
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
    for (RetainedNode* up = &cleared; up != nullptr; up = up->parent)
        --up->below;
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

namespace {

std::vector<std::string_view> split(std::string_view topic) {
    std::vector<std::string_view> levels;
    for (Levels rest(topic); !rest.done();)
        levels.push_back(rest.next());
    return levels;
}

std::string path_of(const RetainedNode& node) {
    std::string path = node.level;
    for (const RetainedNode* up = node.parent; up != nullptr && up->parent != nullptr;
         up = up->parent)
        path.insert(0, up->level + '/');
    return path;
}

// Walks the nodes that a filter reaches in the order of topics, each before those below it.
class Pager {
  public:
    Pager(std::string_view filter, std::string_view after, size_t limit, size_t visits, Time now)
        : filter_(split(filter)),
          after_(after.empty() ? std::vector<std::string_view>() : split(after)),
          after_text_(after),
          limit_(limit),
          visits_(visits),
          now_(now) {}

    // `along`: the way to the node is the beginning of `after`, so it was seen before. `all`: the
    // filter's '#' is above.
    void visit(const RetainedNode& node, size_t depth, bool along, bool all) {
        if (page.next) return;
        const bool hash = depth < filter_.size() && filter_[depth] == "#";
        if (!along && depth > 0) {
            if (visits_ == 0 || page.messages.size() == limit_) {
                page.next = last_ == nullptr ? after_text_ : path_of(*last_);
                return;
            }
            --visits_;
            last_ = &node;
            const bool ends = all || hash || depth == filter_.size();
            if (ends && node.message && node.message->expires > now_)
                page.messages.push_back(node.message);
        }
        if (!all && depth == filter_.size()) return;
        descend(node, depth, along && depth < after_.size(), all || hash);
    }

    Retained::Page page;

  private:
    void descend(const RetainedNode& node, size_t depth, bool along, bool all) {
        if (!all && filter_[depth] != "+") {
            const auto it = node.children.find(filter_[depth]);
            if (it == node.children.end() || (along && it->first < after_[depth])) return;
            visit(*it->second, depth + 1, along && it->first == after_[depth], false);
            return;
        }
        auto it = along ? node.children.lower_bound(after_[depth]) : node.children.begin();
        for (; it != node.children.end() && !page.next; ++it) {
            if (depth == 0 && it->first.starts_with('$')) continue;
            visit(*it->second, depth + 1, along && it->first == after_[depth], all);
        }
    }

    const std::vector<std::string_view> filter_;
    const std::vector<std::string_view> after_;
    const std::string after_text_;
    const size_t limit_;
    size_t visits_;
    const Time now_;
    const RetainedNode* last_ = nullptr;
};

}  // namespace

Retained::Page Retained::page(std::string_view filter, std::string_view after, size_t limit,
                              size_t visits, Time now) const {
    Pager pager(filter, after, limit, visits, now);
    pager.visit(*root_, 0, !after.empty(), false);
    return std::move(pager.page);
}

std::vector<TopicLevel> Retained::levels(std::string_view prefix, std::string_view after,
                                         size_t limit) const {
    std::vector<TopicLevel> found;
    const RetainedNode* node = prefix.empty() ? root_.get() : find(prefix);
    if (node == nullptr) return found;
    for (auto it = node->children.upper_bound(after);
         it != node->children.end() && found.size() < limit; ++it)
        found.push_back({it->first, it->second->message.get() != nullptr, it->second->below});
    return found;
}

bool Retained::drop(std::string_view topic) {
    RetainedNode* node = find(topic);
    if (node == nullptr || !node->message) return false;
    clear(*node);
    return true;
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
