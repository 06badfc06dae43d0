#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "sql/datum.h"
#include "twin/compiled_model.h"
#include "twin/derive/accumulator.h"
#include "twin/edge_list.h"
#include "twin/follower.h"
#include "twin/model/state.h"
#include "twin/names.h"

namespace hw::twin {

// What a twin with derived properties keeps beside its slots.
struct DerivedState {
    static constexpr int64_t unknown_time = INT64_MIN;
    struct Rolled {
        std::unique_ptr<Accumulator> parts;
        int64_t time_ns = 0;  // of the newest member
    };
    std::vector<Rolled> rolled;  // as CompiledModel::roll_ups
    std::vector<uint8_t> marks;  // as CompiledModel::derived, see DeriveNet
};

// A twin: some 250 bytes beside its texts and slots.
struct Twin {
    TwinName name;
    CompiledModel* model = nullptr;  // null: it is gone
    uint32_t first_slot = 0;
    std::string display_name;
    sql::Datum properties;
    std::unique_ptr<std::map<std::string, std::string>> bindings;  // null: none
    int64_t revision = 0;
    Time created, updated;
    const std::string* updated_by = nullptr;
    EdgeList out, in;
    std::unique_ptr<DerivedState> derived;

    bool exists() const { return model != nullptr; }
    TwinSpec spec() const;
};

struct Edge {
    uint32_t source = 0, target = 0;
    uint32_t name = 0;
    sql::Datum properties;
};

// Twins and what relates them. Guarded by whoever owns it; const functions from many threads.
class Graph {
  public:
    explicit Graph(Names& names) : names_(names) {}

    const Twin* find(std::string_view id) const;  // null: there is none now
    Twin* find(std::string_view id);
    const TwinName* name(std::string_view id) const;  // those that are gone too
    Twin& at(uint32_t index) { return twins_[index]; }
    const Twin& at(uint32_t index) const { return twins_[index]; }
    // The place of a twin of that id, which is not there yet as long as it has no model.
    Twin& place(std::string_view id);
    void add(Twin& twin, CompiledModel& model);
    void remove(Twin& twin);
    void change_model(Twin& twin, CompiledModel& model);
    size_t size() const { return ordered_.size(); }
    size_t names() const { return twins_.size(); }
    // In the order of the ids.
    using Ordered = std::map<std::string_view, uint32_t>;
    const Ordered& ordered() const { return ordered_; }
    std::vector<std::string> near(std::string_view id) const;  // ids for "did you mean"
    const std::string* actor(std::string_view name) { return &*actors_.emplace(name).first; }

    // nullopt: there is none.
    std::optional<uint32_t> edge(const Twin& source, std::string_view name,
                                 const Twin& target) const;
    const Edge& edge(uint32_t number) const { return edges_[number]; }
    uint32_t add_edge(uint32_t source, std::string_view name, uint32_t target, sql::Datum values);
    void change_edge(uint32_t number, sql::Datum values) {
        edges_[number].properties = std::move(values);
    }
    void remove_edge(uint32_t number);
    size_t edges() const { return edges_.size() - free_edges_.size(); }
    RelationshipSpec spec_of(uint32_t edge) const;
    const std::string& name_of(const Edge& edge) const { return names_.text(edge.name); }

    // Edges of a name, or of all names, in the order of name and other id; from behind
    // (`after_name`, `after_other`) where given. Until `take` says false.
    struct Walk {
        bool incoming = false;
        std::string_view name = {};  // empty: all
        std::string_view after_name = {}, after_other = {};
    };
    template <class Take>
    void walk(const Twin& twin, const Walk& walk, const Take& take) const {
        const EdgeList& list = walk.incoming ? twin.in : twin.out;
        auto at = walk.after_name.empty()
                      ? first(list, walk.incoming, walk.name, {}, false)
                      : first(list, walk.incoming, walk.after_name, walk.after_other, true);
        const auto wanted = walk.name.empty() ? std::optional<uint32_t>() : names_.find(walk.name);
        if (!walk.name.empty() && !wanted) return;
        for (; !list.at_end(at); list.next(at)) {
            const uint32_t number = list[at];
            if (wanted && edges_[number].name != *wanted) {
                if (name_of(edges_[number]) > walk.name) return;
                continue;  // not there yet: the place to go on from is of another name
            }
            if (!take(number)) return;
        }
    }
    // The same by the name's number.
    template <class Take>
    void walk(const Twin& twin, bool incoming, uint32_t name, const Take& take) const {
        walk(twin, Walk{incoming, names_.text(name), {}, {}}, take);
    }
    size_t bytes() const;                   // without what follows
    size_t bytes_of(uint32_t index) const;  // texts, relationships and roll-ups of a twin

  private:
    EdgeList::Position first(const EdgeList& list, bool incoming, std::string_view name,
                             std::string_view other, bool behind) const;
    // -1, 0, 1: the edge against (name, other).
    int compare(uint32_t edge, bool incoming, std::string_view name, std::string_view other) const;

    Names& names_;
    std::deque<Twin> twins_;
    std::unordered_map<std::string_view, uint32_t> by_id_;
    Ordered ordered_;
    std::deque<Edge> edges_;
    std::vector<uint32_t> free_edges_;
    std::unordered_set<std::string> actors_;
};

// The part of the filter that every id which matches begins with.
std::string_view literal_prefix(std::string_view filter);

}  // namespace hw::twin
