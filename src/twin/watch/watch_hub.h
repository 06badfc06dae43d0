#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "sql/function.h"
#include "sql/services.h"
#include "twin/follower.h"
#include "twin/twins.h"
#include "twin/watch/matcher.h"
#include "twin/watch/watch.h"

namespace hw::twin {

// Follows the twins for all watches. An update costs one look into a table where nobody takes its
// events (about 30 ns with the lock); where somebody does, an event of 64 bytes for each, gathered
// over a round. Follower's calls come under the lock of the live state and take this one inside
// it, so nobody may call Twins while holding this one, but from within those calls.
class WatchHub final : public Follower {
  public:
    // `ready`: the watch has new events; on the twins' thread, quick.
    WatchHub(Twins& twins, const sql::FunctionTable& functions, const Clock& clock,
             size_t queue_limit, std::function<void(const WatchPtr&)> ready);
    ~WatchHub() override;

    // Errors: the condition's. The watch follows nothing before set_watches().
    Result<WatchPtr> make(WatchSpec spec);
    // From now on these; then let the twins ask again. Any thread, not under the twins' lock; so
    // all that follow.
    void set_watches(std::vector<WatchPtr> watches);
    void set_live(Watch& watch, bool live);
    // Of a watch with a root. True: they are others than before; let the twins ask again.
    bool set_members(Watch& watch, std::shared_ptr<const WatchMembers> members);
    // Of a watch whose events have the twins' names.
    void set_name(const TwinName& twin, std::string_view name);

    // Whether the graph has changed since the last call, which sub-graphs must follow.
    bool take_graph_changed() { return graph_changed_.exchange(false); }
    // Twins whose names are wanted.
    std::vector<const TwinName*> take_names_wanted();

    // The present state of a twin as events of the watch; those that `where` lets through. What is
    // sent so is what the next value is compared with.
    void initial(Watch& watch, const TwinState& twin, std::vector<WatchEvent>& out);
    Where::Verdict check(Watch& watch, const TwinState& twin, std::string& error);
    // Paths of the condition that the model does not have.
    std::vector<std::string> missing(const Watch& watch, const Interface& model) const;
    const WatchPath* path(std::string_view text);
    // Of the condition; empty: it has not failed.
    std::string last_error(const Watch& watch) const;
    // Counters of all become whole; slots followed now by the watch's number.
    std::unordered_map<uint32_t, uint64_t> settle();

    uint32_t interest(const TwinName& twin, const Interface& model, size_t slot) override;
    void changed(uint32_t interest, const TwinName& twin, size_t slot,
                 const LiveValue& value) override;
    void happened(const Happening& happening) override;
    void round_end() override;

  private:
    // The value that a slot had at its last update, kept while somebody asks for changes only.
    struct Previous {
        sql::Datum value;
        model::Quality quality = model::Quality::good;
        bool stale = false;
        uint32_t epoch = 0;  // when it was noted; 0: never
    };
    struct Names {
        sql::Datum name;
        bool wanted = false;
    };

    void offer(const WatchGroup& group, const WatchInterest& interest, const TwinName& twin,
               size_t slot, const LiveValue& value) HW_LOCKING(requires_capability(mutex_));
    uint32_t note(const TwinName& twin, size_t slot, const LiveValue& value)
        HW_LOCKING(requires_capability(mutex_));
    bool passes(Watch& watch, const TwinName& twin, size_t slot, const LiveValue* value)
        HW_LOCKING(requires_capability(mutex_));
    sql::Datum extra_of(const Watch& watch, const TwinName& twin, size_t slot,
                        const LiveValue* value) HW_LOCKING(requires_capability(mutex_));
    sql::Datum extra_of(const Watch& watch, const TwinState& twin) const;
    sql::Datum name_of(const TwinName& twin) HW_LOCKING(requires_capability(mutex_));
    void stage(Watch& watch, WatchEvent event) HW_LOCKING(requires_capability(mutex_));
    void tell(const Happening& happening, WatchEventKind kind)
        HW_LOCKING(requires_capability(mutex_));
    void flush(Watch& watch) HW_LOCKING(requires_capability(mutex_));

    Twins& twins_;
    const sql::FunctionTable& functions_;
    const Clock& clock_;
    const size_t queue_limit_;
    const std::function<void(const WatchPtr&)> ready_;
    std::atomic<bool> graph_changed_{false};

    mutable Mutex mutex_;
    sql::Services services_ HW_LOCKING(guarded_by(mutex_));
    Matcher matcher_ HW_LOCKING(guarded_by(mutex_));
    uint32_t watches_made_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint32_t epoch_ HW_LOCKING(guarded_by(mutex_)) = 1;
    std::vector<std::vector<Previous>> previous_ HW_LOCKING(guarded_by(mutex_));  // by twin, slot
    std::unordered_map<uint32_t, Names> names_ HW_LOCKING(guarded_by(mutex_));
    std::vector<const TwinName*> names_wanted_ HW_LOCKING(guarded_by(mutex_));
    std::vector<WatchPtr> staged_ HW_LOCKING(guarded_by(mutex_));
    std::string error_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::twin
