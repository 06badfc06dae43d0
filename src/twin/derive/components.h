#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hw::twin {

// The strongly connected components of a directed graph, each after all that it needs (R. Tarjan,
// "Depth-first search and linear graph algorithms", 1972). Without recursion: chains may be as
// long as memory goes. 20 bytes a node, one look at each edge.
class Components {
  public:
    using Needs = std::function<std::span<const uint32_t>(uint32_t node)>;

    Components(size_t nodes, Needs needs);
    // The nodes of a component in the order of their numbers.
    void walk(const std::function<void(std::span<const uint32_t>)>& visit);

  private:
    struct Step {
        uint32_t node;
        uint32_t next;  // of its needs
    };

    void enter(uint32_t node);
    void leave(uint32_t node, const std::function<void(std::span<const uint32_t>)>& visit);

    const Needs needs_;
    uint32_t entered_ = 0;
    std::vector<uint32_t> order_;  // 0: not yet
    std::vector<uint32_t> low_;
    std::vector<bool> open_;  // on open_nodes_
    std::vector<uint32_t> open_nodes_;
    std::vector<Step> way_;
};

}  // namespace hw::twin
