#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/text_hash.h"

namespace hw::broker {

struct IndexNode;

// What hangs in the index under a filter: a session's subscription or a shared group. Owned by
// whoever adds it; knows its place, so that leaving a filter with many subscribers costs no search.
struct IndexEntry {
    enum class Kind : uint8_t { subscription, group };

    explicit IndexEntry(Kind k) : kind(k) {}
    IndexEntry(const IndexEntry&) = delete;
    IndexEntry& operator=(const IndexEntry&) = delete;

    IndexNode* node = nullptr;  // null: not in the index
    uint32_t position = 0;
    const Kind kind;
};

// From filters to their subscribers: a tree by level. Asked only when a topic is new to the route
// cache. A match visits at most the nodes that exist along the topic with '+' and '#' beside each
// level. One thread.
class TopicIndex {
  public:
    TopicIndex();
    ~TopicIndex();

    // The filter is valid and without "$share".
    void add(IndexEntry& entry, std::string_view filter);
    void remove(IndexEntry& entry);
    // Appends every entry whose filter matches; order unspecified.
    void match(std::string_view topic, std::vector<IndexEntry*>& out) const;

    size_t size() const { return size_; }
    size_t nodes() const { return nodes_; }

  private:
    IndexNode& child(IndexNode& node, std::string_view level);
    void prune(IndexNode* node);

    std::unique_ptr<IndexNode> root_;
    size_t size_ = 0;
    size_t nodes_ = 0;
};

}  // namespace hw::broker
