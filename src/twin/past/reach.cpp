#include "twin/past/reach.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "twin/derive/derive_graph.h"

namespace hw::twin {

namespace {

using Places = std::unordered_map<std::string_view, size_t>;

Places places_of(const Snapshot& snapshot) {
    Places places;
    places.reserve(snapshot.twins.size());
    for (size_t i = 0; i < snapshot.twins.size(); ++i)
        places.emplace(snapshot.twins[i].id, i);
    return places;
}

}  // namespace

struct Reach::State {
    explicit State(const sql::FunctionTable& functions) : interfaces(functions) {}

    DerivingInterfaces interfaces;

    template <class Visit>
    void each_roll_up(const TwinState& twin, const Visit& visit) {
        for (const auto& derived : interfaces.get(twin.model).derived)
            if (derived.derivation)
                for (const auto& roll_up : derived.derivation->roll_ups())
                    visit(roll_up);
    }
};

Reach::Reach(const sql::FunctionTable& functions) : state_(std::make_unique<State>(functions)) {}
Reach::~Reach() = default;

bool Reach::is_closed(const Snapshot& snapshot) {
    const Places places = places_of(snapshot);
    bool closed = true;
    for (const auto& twin : snapshot.twins)
        state_->each_roll_up(twin, [&](const RollUp& roll_up) {
            closed = closed && !roll_up.incoming &&
                     std::ranges::all_of(twin.relationships, [&](const RelationshipSpec& one) {
                         return one.name != roll_up.relationship || places.contains(one.target);
                     });
        });
    return closed;
}

Snapshot Reach::of(const Snapshot& wanted, Snapshot all) {
    const Places places = places_of(all);
    std::unordered_multimap<size_t, const RelationshipSpec*> incoming;
    for (const auto& twin : all.twins)
        for (const auto& one : twin.relationships)
            if (const auto target = places.find(one.target); target != places.end())
                incoming.emplace(target->second, &one);
    std::vector<bool> in(all.twins.size());
    std::vector<size_t> front;
    const auto enter = [&](std::string_view id) {
        const auto place = places.find(id);
        if (place == places.end() || in[place->second]) return;
        in[place->second] = true;
        front.push_back(place->second);
    };
    for (const auto& twin : wanted.twins)
        enter(twin.id);
    while (!front.empty()) {
        const size_t at = front.back();
        front.pop_back();
        state_->each_roll_up(all.twins[at], [&](const RollUp& roll_up) {
            if (!roll_up.incoming) {
                for (const auto& one : all.twins[at].relationships)
                    if (one.name == roll_up.relationship) enter(one.target);
                return;
            }
            const auto [begin, end] = incoming.equal_range(at);
            for (auto one = begin; one != end; ++one)
                if (one->second->name == roll_up.relationship) enter(one->second->source);
        });
    }
    Snapshot out;
    out.time = all.time;
    for (size_t i = 0; i < in.size(); ++i)
        if (in[i]) out.twins.push_back(std::move(all.twins[i]));
    return out;
}

}  // namespace hw::twin
