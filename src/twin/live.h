#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "twin/binder.h"
#include "twin/compiled_model.h"
#include "twin/derive_net.h"
#include "twin/follower.h"
#include "twin/graph.h"
#include "twin/live_lock.h"
#include "twin/live_state.h"
#include "twin/point_table.h"
#include "twin/sample_queue.h"
#include "twin/settings.h"

namespace hw::twin {

// Where a slot's value comes from, as model and description say it.
struct SlotSource {
    Origin origin = Origin::none;
    sql::Datum value;     // fixed
    std::string point;    // of origin point
    bool broken = false;  // its pattern names what is not there

    friend bool operator==(const SlotSource&, const SlotSource&) = default;
};

// What a twin's description says of a slot.
SlotSource source_of(const Interface& model, size_t slot, std::string_view id,
                     const sql::Datum& fixed, const std::map<std::string, std::string>* bindings);

// How a version of a twin's description came about.
struct Stamp {
    int64_t revision = 0;
    Time created, updated;
    std::string_view actor;
};

// Graph and live state with all that reacts to changes of them: bindings, derivations, staleness,
// followers. Who changes it holds work() for all of one change, so that changes do not mix, and
// lock() as writer for some ten microseconds at a time, so that readers do not wait.
class Live {
  public:
    struct Rooms {
        const Settings& settings;
        model::PointDirectory& points;
        const history::History& history;
        const Clock& clock;
        const sql::FunctionTable& functions;
    };
    static constexpr size_t piece_samples = 256;
    static constexpr size_t pieces_a_round = 32;
    static constexpr size_t piece_twins = 64;

    explicit Live(Rooms rooms);

    WorkMutex& work() const { return work_; }
    LiveLock& lock() const { return lock_; }
    const Graph& graph() const { return graph_; }
    const Slots& slots() const { return slots_; }
    const PointTable& point_table() const { return points_; }
    PointTable& point_table() { return points_; }
    Binder& binder() { return binder_; }
    std::string point_path(const Twin& twin, uint32_t slot) const;  // empty: none

    void add_follower(Follower& follower);
    size_t followers() const { return followers_.size(); }

    // With both locks. `told`: followers hear of it. After each group of them, settle().
    void put_twin(const TwinSpec& spec, const InterfacePtr& model, const Stamp& stamp, bool told);
    void remove_twin(Twin& twin);  // without relationships
    // It will be removed after its relationships: nothing is derived for it any more.
    void stop_deriving(Twin& twin) { net_.twin_removed(twin); }
    void add_edge(Twin& source, std::string_view name, Twin& target, sql::Datum values, bool told);
    void change_edge(uint32_t edge, sql::Datum values);
    void remove_edge(uint32_t edge);
    void replace_model(const InterfacePtr& model);
    void forget_model(std::string_view id) { book_.forget(id); }
    void tell(const Happening& happening);
    void settle();
    Graph& graph() { return graph_; }

    // The following take the locks themselves.
    // Binds all, takes the last values from history and asks the followers. Once, before samples.
    void load();
    // Puts the last values that history has into slots that were bound since the last call.
    void fetch_last_values();
    void apply(SampleQueue::Work& work);
    void ask_again(std::string_view filter);
    // What has become stale; about once a second.
    void sweep();
    // Derived values that history keeps and that have changed since.
    model::SampleBatch take_kept();

    struct Figures {
        std::atomic<uint64_t> updates{0}, derivations{0}, outdated{0}, mistyped{0};
        std::atomic<size_t> twins{0}, relationships{0}, slots{0}, bound{0}, derived{0};
    };
    const Figures& figures() const { return figures_; }
    size_t bytes() const;  // about; takes the lock, again and again

  private:
    void set_source(Twin& twin, uint32_t slot, const SlotSource& source, bool bind);
    void drop_source(Twin& twin, uint32_t slot, const SlotSource& source);
    void make_slots(Twin& twin);
    void free_slots(Twin& twin, std::span<const SlotSource> sources);
    std::vector<SlotSource> sources_of(const Twin& twin) const;
    void flag_slots(CompiledModel& model);
    void ask(Twin& twin);
    void forget_interests();
    void fetch_last_values_locked() HW_LOCKING(requires_capability(work_));
    void give_way() HW_LOCKING(requires_capability(work_));
    void apply_sample(uint32_t slot, QueuedSample& sample, Time now);
    void note_stale_time(uint32_t slot, SlotRecord& record, Duration stale_after);
    void become_stale(uint32_t slot, Time now);
    void notify(const Twin& twin, uint32_t slot, const SlotRecord& record);
    void derived_changed(Twin& twin, uint32_t derived);
    void round_end();
    void count();

    const Rooms rooms_;
    mutable WorkMutex work_;
    mutable LiveLock lock_;
    ModelBook book_;
    Graph graph_;
    Slots slots_;
    PointTable points_;
    Binder binder_;
    DeriveNet net_;
    Interests interests_;
    std::vector<Follower*> followers_;
    std::map<int64_t, std::vector<uint32_t>> wheel_;   // slots by the second they may become stale
    std::vector<std::pair<uint32_t, uint32_t>> keep_;  // twin, derived
    std::vector<std::pair<uint32_t, model::PointId>> bound_;  // slots without their last value
    bool loaded_ = false;
    Figures figures_;
};

}  // namespace hw::twin
