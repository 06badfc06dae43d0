#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/message.h"
#include "broker/views.h"

namespace hw::broker {

struct RetainedNode;

// The last retained message of each topic, as a tree by level so that wildcards are answered
// without looking at every topic. Expired ones are taken out by expire(); until then readers skip
// them. One thread.
class Retained {
  public:
    struct Limits {
        uint64_t count = 0;
        uint64_t bytes = 0;
    };
    // Leads straight to a topic's node. Kept with its route, so that a topic that is published
    // retained again and again is looked up once.
    struct Slot {
        RetainedNode* node = nullptr;
        uint64_t version = 0;
    };

    explicit Retained(Limits limits);
    ~Retained();

    // An empty payload clears. False: the limit forbids one more (an existing one is left as it
    // is). The slot is read and brought up to date.
    bool set(Slot& slot, const MessageRef& message);
    // The message, or null.
    MessageRef get(std::string_view topic) const;
    // Calls for each message whose topic matches and that is not expired, in no order.
    void match(std::string_view filter, Time now,
               const std::function<void(const MessageRef&)>& call) const;
    // Messages after the topic `after` in the order of topics, level by level, as many as `limit`
    // and `visits` of nodes allow: costs no more than that, however many there are.
    struct Page {
        std::vector<MessageRef> messages;
        std::optional<std::string> next;  // go on after this; nullopt at the end
    };
    Page page(std::string_view filter, std::string_view after, size_t limit, size_t visits,
              Time now) const;
    // The levels below a prefix ("": the first), after the level `after`.
    std::vector<TopicLevel> levels(std::string_view prefix, std::string_view after,
                                   size_t limit) const;
    // False: there is none of this topic.
    bool drop(std::string_view topic);
    // Drops what is past its time; costs as much as there is to drop.
    void expire(Time now);

    uint64_t count() const { return count_; }
    uint64_t bytes() const { return bytes_; }

  private:
    struct Deadline {
        Time when;
        std::string topic;
        bool operator>(const Deadline& other) const { return when > other.when; }
    };

    RetainedNode* find(std::string_view topic) const;
    RetainedNode& make(std::string_view topic);
    void clear(RetainedNode& node);
    void watch(RetainedNode& node);
    void drop_stale_deadlines();

    Limits limits_;
    std::unique_ptr<RetainedNode> root_;
    uint64_t version_ = 1;  // grows when a node is freed: slots of before are void
    uint64_t count_ = 0;
    uint64_t bytes_ = 0;
    std::vector<Deadline> deadlines_;  // a heap, soonest first; one a node, and some stale
};

}  // namespace hw::broker
