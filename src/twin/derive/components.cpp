#include "twin/derive/components.h"

#include <algorithm>
#include <utility>

namespace hw::twin {

Components::Components(size_t nodes, Needs needs)
    : needs_(std::move(needs)), order_(nodes), low_(nodes), open_(nodes) {}

void Components::enter(uint32_t node) {
    order_[node] = low_[node] = ++entered_;
    open_[node] = true;
    open_nodes_.push_back(node);
    way_.push_back({node, 0});
}

void Components::leave(uint32_t node, const std::function<void(std::span<const uint32_t>)>& visit) {
    way_.pop_back();
    if (!way_.empty()) {
        uint32_t& above = low_[way_.back().node];
        above = std::min(above, low_[node]);
    }
    if (low_[node] != order_[node]) return;
    auto first = open_nodes_.end();
    do {
        --first;
        open_[*first] = false;
    } while (*first != node);
    std::sort(first, open_nodes_.end());
    visit({first, open_nodes_.end()});
    open_nodes_.erase(first, open_nodes_.end());
}

void Components::walk(const std::function<void(std::span<const uint32_t>)>& visit) {
    for (uint32_t root = 0; root < order_.size(); ++root) {
        if (order_[root] != 0) continue;
        enter(root);
        while (!way_.empty()) {
            Step& step = way_.back();
            const auto needs = needs_(step.node);
            if (step.next == needs.size()) {
                leave(step.node, visit);
                continue;
            }
            const uint32_t other = needs[step.next++];
            if (order_[other] == 0)
                enter(other);
            else if (open_[other])
                low_[step.node] = std::min(low_[step.node], order_[other]);
        }
    }
}

}  // namespace hw::twin
