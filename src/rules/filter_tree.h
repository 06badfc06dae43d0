#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hw::rules {

// From MQTT filters to numbers: a tree by level. A match visits the nodes along the topic with '+'
// and '#' beside each level. A filter that begins with a wildcard does not match a topic that
// begins with '$'. One thread. About 120 bytes a level that is not shared.
class FilterTree {
  public:
    // One filter may have several numbers, each once.
    void add(std::string_view filter, uint32_t number);
    void remove(std::string_view filter, uint32_t number);
    // Appends every number whose filter matches; order unspecified.
    void match(std::string_view topic, std::vector<uint32_t>& out) const;

  private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
        std::vector<uint32_t> numbers;
    };
    static bool remove_below(Node& node, std::string_view rest, bool at_end, uint32_t number);
    static void match_below(const Node& node, std::string_view rest, bool at_end, bool wildcards,
                            std::vector<uint32_t>& out);

    Node root_;
};

}  // namespace hw::rules
