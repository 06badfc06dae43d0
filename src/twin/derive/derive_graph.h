#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/function.h"
#include "sql/services.h"
#include "twin/derive/derivation.h"
#include "twin/model/state.h"

namespace hw::twin {

// A derived slot of a model, ready to be computed.
struct DerivedSlot {
    size_t slot = 0;
    std::unique_ptr<Derivation> derivation;  // null: it cannot be; see SnapshotDeriver
    std::vector<size_t> own;                 // slots
};
struct DerivingInterface {
    InterfacePtr interface;  // held: its address is a key
    std::vector<DerivedSlot> derived;
    std::vector<int32_t> derived_of_slot;  // -1: it is not derived
    bool rolls_up_incoming = false;
};

// Models by their address; compiled on first use.
class DerivingInterfaces {
  public:
    static constexpr size_t limit = 20'000;  // versions of models; beyond, all are compiled anew

    explicit DerivingInterfaces(const sql::FunctionTable& functions) : functions_(functions) {}
    DerivingInterface& get(const InterfacePtr& interface);
    void trim() {
        if (known_.size() > limit) known_.clear();
    }

  private:
    const sql::FunctionTable& functions_;
    sql::Services services_;
    std::unordered_map<const Interface*, std::unique_ptr<DerivingInterface>> known_;
};

// Which derived slots of a snapshot need which others. A node is one slot of one twin. What it
// rolls up is laid out flat: 4 bytes for each member and each dependence.
class DeriveGraph {
  public:
    static constexpr uint32_t not_there = UINT32_MAX;

    struct Node {
        uint32_t twin = 0;
        uint32_t derived = 0;  // of its compiled interface
        uint32_t first_roll_up = 0;
        uint32_t first_need = 0, needs = 0;
    };
    struct Members {
        uint32_t first = 0, count = 0;
    };

    DeriveGraph(Snapshot& snapshot, DerivingInterfaces& interfaces);

    const std::vector<Node>& nodes() const { return nodes_; }
    DerivingInterface& interface_of(uint32_t twin) const { return *interfaces_[twin]; }
    const DerivedSlot& derived(const Node& node) const {
        return interfaces_[node.twin]->derived[node.derived];
    }
    // Nodes that this one's inputs are.
    std::span<const uint32_t> needs(const Node& node) const {
        return {needs_.data() + node.first_need, node.needs};
    }
    // The twins at the other end, as indexes of the snapshot; not_there: one that is not in it.
    std::span<const uint32_t> members(const Node& node, size_t roll_up) const {
        const Members& list = roll_ups_[node.first_roll_up + roll_up];
        return {members_.data() + list.first, list.count};
    }

  private:
    struct Incoming {
        uint32_t target;
        std::string_view name;
        uint32_t source;
    };

    void index_twins(DerivingInterfaces& interfaces);
    void index_incoming();
    void make_nodes(uint32_t twin);
    void find_members(Node& node);
    void find_needs(Node& node);
    uint32_t node_of(uint32_t twin, size_t slot) const;

    Snapshot& snapshot_;
    std::vector<DerivingInterface*> interfaces_;  // by twin
    std::vector<uint32_t> first_node_;            // by twin
    std::unordered_map<std::string_view, uint32_t> twin_of_id_;
    std::vector<Incoming> incoming_;  // sorted
    std::vector<Node> nodes_;
    std::vector<uint32_t> node_of_derived_;  // by first_node_ of the twin + derived
    std::vector<Members> roll_ups_;
    std::vector<uint32_t> members_;
    std::vector<uint32_t> needs_;
};

}  // namespace hw::twin
