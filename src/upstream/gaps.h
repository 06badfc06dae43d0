#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "upstream/interval_set.h"

namespace hw::upstream {

// Why the centre lacks, or lacked for a time, what the edge measured.
enum class GapReason : uint8_t {
    link_down = 1,      // the samples wait in the queue
    edge_stopped = 2,   // nothing was measured
    edge_killed = 3,    // the same, without a shutdown
    queue_full = 4,     // the oldest samples went
    too_old = 5,        // the same, by age
    queue_damaged = 6,  // samples on disk that failed their check
    queue_failed = 7,   // samples that the disk did not take
    refused = 8,        // the centre will not have them
    too_large = 9,      // over the centre's packet size
};
enum class GapState : uint8_t {
    open = 1,     // goes on
    delayed = 2,  // over, but its samples still wait
    filled = 3,   // its samples have arrived
    lost = 4,     // they never will
};
std::string_view to_string(GapReason reason);
std::string_view to_string(GapState state);

struct Gap {
    uint64_t id = 0;  // grows; also tells two gaps of one moment apart
    GapReason reason = GapReason::link_down;
    GapState state = GapState::open;
    Time from;
    Time to;
    uint64_t samples = 0;
    Interval records;    // of a delay: the queue's records from its begin to its end
    std::string detail;  // what was said by who closed the link

    friend bool operator==(const Gap&, const Gap&) = default;
};

// The last gaps, 1,000 at most, and what becomes of them. No I/O; one thread. Whatever changes is
// to be told to the centre: take_changed().
class GapLog {
  public:
    static constexpr size_t limit = 1000;

    // At the start, from what was kept. An outage that was open goes on.
    void restore(std::vector<Gap> gaps);
    const std::deque<Gap>& gaps() const { return gaps_; }

    // The link is down: from then on records of at least `next_record` wait. Does nothing where an
    // outage is open.
    void outage(Time now, std::string_view why, uint64_t next_record);
    // So many more samples wait because of it.
    void outage_grew(uint64_t samples);
    // The link is up again.
    void outage_over(Time now, uint64_t next_record);
    bool in_outage() const { return open_.has_value(); }

    // The edge was not running.
    void stopped(Time from, Time to, bool clean);
    // Joined to the newest gap of the same reason where it goes on from there.
    void lost(GapReason reason, Time from, Time to, uint64_t samples, std::string_view detail = {});

    // Fills the delays whose records are all in the set; those from `next_record` on are to come.
    void acknowledged(const IntervalSet& acknowledged, uint64_t oldest_record);

    // Gaps that are new or have changed since the last call.
    std::vector<Gap> take_changed();
    uint64_t total() const { return next_id_ - 1; }

  private:
    Gap& add(Gap gap);
    void changed(const Gap& gap);
    Gap* find(uint64_t id);

    std::deque<Gap> gaps_;  // by id
    std::optional<uint64_t> open_;
    std::vector<uint64_t> delayed_;  // ids
    std::vector<uint64_t> changed_;
    uint64_t next_id_ = 1;
};

}  // namespace hw::upstream
