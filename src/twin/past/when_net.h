#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "twin/derive/accumulator.h"
#include "twin/derive/derivation.h"
#include "twin/derive/derive_graph.h"
#include "twin/model/state.h"

namespace hw::twin {

// A condition over one twin with all that it is made of, kept current as values come: own values,
// derived ones, roll-ups over related twins. Values alone count here: what is unknown is null. A
// change costs one evaluation of each expression that hangs on it. One thread; the snapshot must
// outlive it.
class WhenNet {
  public:
    struct Input {
        std::string point;
        const Content* content;
        uint32_t value;  // for set()
    };
    struct Limits {
        size_t inputs;
        size_t hops;
    };

    // Errors: invalid_argument where the condition names what the twin has not, or hangs on itself;
    // limit_exceeded. `condition` and `interfaces` outlive it.
    static Result<std::unique_ptr<WhenNet>> make(Derivation& condition, const Snapshot& described,
                                                 std::string_view twin,
                                                 DerivingInterfaces& interfaces, Limits limits);

    const std::vector<Input>& inputs() const { return inputs_; }
    void set(uint32_t value, sql::Datum datum);
    // Whether the condition holds; computes what has changed since the last call.
    bool holds(Time now);
    // Of the last evaluation of the condition; empty: none.
    const std::string& error() const { return error_; }

  private:
    static constexpr uint32_t none = UINT32_MAX;

    struct Rolled {
        std::unique_ptr<Accumulator> parts;
        std::vector<std::vector<uint32_t>> members;  // values by path; none: no such slot
    };
    struct Node {
        Derivation* derivation;
        const Content* content;  // null: the condition
        std::vector<uint32_t> own;
        std::vector<Rolled> rolled;
        uint32_t value = none;
        bool dirty = true;
    };
    struct Dependent {
        uint32_t node;
        uint32_t roll_up;  // none: an own value
        uint32_t member;
    };

    WhenNet(const Snapshot& described, DerivingInterfaces& interfaces, Limits limits)
        : described_(described), interfaces_(interfaces), limits_(limits) {}

    Result<uint32_t> value_of(size_t twin, size_t slot, size_t depth);
    Result<uint32_t> add_node(Derivation& derivation, const Content* content, size_t twin,
                              const std::vector<size_t>& own, size_t depth);
    Result<Rolled> roll_up_of(const RollUp& roll_up, size_t twin, size_t depth);
    std::vector<size_t> members_of(const RollUp& roll_up, size_t twin);
    void index_incoming();
    void contribute(Node& node, uint32_t roll_up, uint32_t member, Time now);
    void compute(Node& node, Time now);

    const Snapshot& described_;
    DerivingInterfaces& interfaces_;
    const Limits limits_;
    std::unordered_map<std::string_view, size_t> places_;
    std::unordered_multimap<size_t, std::pair<std::string_view, size_t>> incoming_;
    bool incoming_known_ = false;
    std::map<std::pair<size_t, size_t>, uint32_t> value_of_slot_;  // none: being made
    std::vector<sql::Datum> values_;
    std::vector<std::vector<Dependent>> dependents_;  // by value
    std::vector<Node> nodes_;                         // each after what it needs
    std::vector<Input> inputs_;
    std::vector<sql::Datum> own_, rolled_;  // of one evaluation
    size_t first_dirty_ = 0;
    Time now_{};
    bool holds_ = false;
    std::string error_;
};

}  // namespace hw::twin
