#include "twin/derive/snapshot_deriver.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "twin/derive/accumulator.h"
#include "twin/derive/components.h"
#include "twin/derive/derive_graph.h"
#include "twin/derive/slot_value.h"

namespace hw::twin {

namespace {

using model::Quality;
using sql::Datum;

// What the inputs of a value make of its quality, staleness and time: the worst, any, the newest.
struct Inputs {
    Quality quality = Quality::good;
    bool stale = false;
    Time time{};

    void add(Quality other, bool other_stale, Time other_time) {
        if (family(other) > family(quality)) quality = other;
        stale = stale || other_stale;
        time = std::max(time, other_time);
    }
    void add(const LiveValue& live) { add(live.quality, live.stale, live.time); }
};

LiveValue fresh() {
    LiveValue made;
    made.origin = Origin::derived;
    return made;
}

// What stays from call to call, and room for one computation.
struct Tools {
    Tools(const sql::FunctionTable& functions, size_t hops)
        : interfaces(functions), hops_limit(hops) {}

    DerivingInterfaces interfaces;
    const size_t hops_limit;
    std::vector<Datum> own, rolled, values;
    std::string error;
};

// One call of derive().
class Run {
  public:
    Run(Tools& tools, Snapshot& snapshot, DeriveGraph& graph)
        : tools_(tools), snapshot_(snapshot), graph_(graph), depths_(graph.nodes().size()) {}

    void settle(std::span<const uint32_t> component);

  private:
    static constexpr uint32_t unsettled = UINT32_MAX;  // a depth: null for good

    LiveValue& live(uint32_t node) {
        const auto& at = graph_.nodes()[node];
        return snapshot_.twins[at.twin].properties[graph_.derived(at).slot].live;
    }
    uint32_t depth_of_inputs(std::span<const uint32_t> component) const;
    void give_up(std::span<const uint32_t> component);
    bool compute(uint32_t node);
    Inputs roll_up(const DeriveGraph::Node& node, size_t r, Datum& result);
    void add_member(const DeriveGraph::Node& node, size_t r, uint32_t member, uint32_t number,
                    Accumulator& into, Time& newest);

    Tools& tools_;
    Snapshot& snapshot_;
    DeriveGraph& graph_;
    std::vector<uint32_t> depths_;
};

// The deepest of what the component needs beside itself.
uint32_t Run::depth_of_inputs(std::span<const uint32_t> component) const {
    uint32_t deepest = 0;
    for (const uint32_t node : component)
        for (const uint32_t other : graph_.needs(graph_.nodes()[node]))
            deepest = std::max(deepest, depths_[other]);
    return deepest;
}

void Run::give_up(std::span<const uint32_t> component) {
    for (const uint32_t node : component) {
        depths_[node] = unsettled;
        live(node) = fresh();
        live(node).quality = Quality::bad_configuration;
    }
}

// One slot, or a ring of slots that need each other: a ring may settle too, as the live state's do.
void Run::settle(std::span<const uint32_t> component) {
    const uint32_t depth = depth_of_inputs(component);
    if (depth >= tools_.hops_limit) return give_up(component);
    const auto needs = graph_.needs(graph_.nodes()[component[0]]);
    const bool ring = component.size() > 1 || std::ranges::find(needs, component[0]) != needs.end();
    bool changed = true;
    for (size_t round = 0; changed; ++round) {
        if (round >= tools_.hops_limit) return give_up(component);
        changed = false;
        for (const uint32_t node : component)
            changed = compute(node) || changed;
        if (!ring) break;
    }
    for (const uint32_t node : component)
        depths_[node] = depth + 1;
}

// True: the slot has become another.
bool Run::compute(uint32_t number) {
    const DeriveGraph::Node& node = graph_.nodes()[number];
    const DerivedSlot& compiled = graph_.derived(node);
    TwinState& twin = snapshot_.twins[node.twin];
    LiveValue made = fresh();
    Inputs inputs;
    if (compiled.derivation) {
        tools_.own.clear();
        for (const size_t slot : compiled.own) {
            tools_.own.push_back(twin.properties[slot].live.value);
            inputs.add(twin.properties[slot].live);
        }
        tools_.rolled.resize(compiled.derivation->roll_ups().size());
        for (size_t r = 0; r < tools_.rolled.size(); ++r) {
            const Inputs part = roll_up(node, r, tools_.rolled[r]);
            inputs.add(part.quality, part.stale, part.time);
        }
        tools_.error.clear();
        made.value =
            compiled.derivation->evaluate(tools_.own, tools_.rolled, snapshot_.time, tools_.error);
        if (!tools_.error.empty() && family(inputs.quality) != model::QualityFamily::bad)
            inputs.quality = Quality::bad_configuration;
        if (!fit_to_slot(*twin.model->slots[compiled.slot].content, made.value))
            inputs.quality = Quality::bad_configuration;
    } else {
        inputs.quality = Quality::bad_configuration;
    }
    made.time = inputs.time;
    made.quality = inputs.quality;
    made.stale = inputs.stale;
    LiveValue& kept = live(number);
    if (kept == made) return false;
    kept = std::move(made);
    return true;
}

Inputs Run::roll_up(const DeriveGraph::Node& node, size_t r, Datum& result) {
    const auto& derivation = *graph_.derived(node).derivation;
    const auto accumulator = Accumulator::make(derivation.roll_ups()[r].function);
    Inputs inputs;
    uint32_t number = 0;
    for (const uint32_t member : graph_.members(node, r))
        add_member(node, r, member, number++, *accumulator, inputs.time);
    result = accumulator->result();
    inputs.quality = accumulator->quality();
    inputs.stale = accumulator->stale();
    return inputs;
}

// A path that the member's model has not says nothing; a member that is not in the snapshot has
// values that nobody knows.
void Run::add_member(const DeriveGraph::Node& node, size_t r, uint32_t member, uint32_t number,
                     Accumulator& into, Time& newest) {
    auto& derivation = *graph_.derived(node).derivation;
    const auto& paths = derivation.roll_ups()[r].paths;
    Inputs inputs;
    tools_.values.assign(paths.size(), {});
    if (member == DeriveGraph::not_there) {
        if (!paths.empty()) inputs.quality = Quality::bad_waiting_for_initial_data;
    } else {
        const TwinState& twin = snapshot_.twins[member];
        for (size_t i = 0; i < paths.size(); ++i) {
            const auto slot = twin.model->slot_index.find(paths[i]);
            if (slot == twin.model->slot_index.end()) continue;
            const LiveValue& value = twin.properties[slot->second].live;
            tools_.values[i] = value.value;
            inputs.add(value);
        }
    }
    newest = std::max(newest, inputs.time);
    into.set(number, derivation.contribution(r, tools_.values, snapshot_.time), inputs.quality,
             inputs.stale);
}

}  // namespace

struct SnapshotDeriver::State : Tools {
    using Tools::Tools;
};

SnapshotDeriver::SnapshotDeriver(const sql::FunctionTable& functions, size_t hops_limit)
    : state_(std::make_unique<State>(functions, hops_limit)) {}
SnapshotDeriver::~SnapshotDeriver() = default;

void SnapshotDeriver::derive(Snapshot& snapshot) {
    state_->interfaces.trim();
    DeriveGraph graph(snapshot, state_->interfaces);
    for (const auto& node : graph.nodes())
        snapshot.twins[node.twin].properties[graph.derived(node).slot].live = fresh();
    Run run(*state_, snapshot, graph);
    Components components(graph.nodes().size(),
                          [&](uint32_t node) { return graph.needs(graph.nodes()[node]); });
    components.walk([&](std::span<const uint32_t> component) { run.settle(component); });
}

}  // namespace hw::twin
