#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"
#include "upstream/interval_set.h"
#include "upstream/queue.h"

namespace hw::upstream {

enum class Lane : uint8_t { live, backlog };

// Decides what goes out next: live records first, as they come but in company; the backlog, oldest
// first, in the room that is left. Knows record numbers only. No I/O; one thread. Memory: 40 bytes
// a live record that waits, plus what is in flight.
class Lanes {
  public:
    struct Settings {
        Duration linger = milliseconds(250);  // a live sample waits so long for others
        size_t batch_rows = 8192;             // of a live message
        size_t live_rows_limit = 200'000;     // beyond it the oldest become backlog
        size_t live_in_flight = 8;            // messages
        size_t backlog_in_flight = 8;         // messages
        size_t reserved_window = 2;           // of the peer's receive maximum, for live ones
    };
    struct Order {
        Lane lane = Lane::live;
        uint64_t first = 0;  // live: all of [first, last]; backlog: look from the start
        uint64_t last = 0;
    };

    Lanes(Settings settings, const IntervalSet& acknowledged)
        : settings_(settings), claimed_(acknowledged) {}

    // What was queued before is backlog; what comes from now on is live.
    void connected() { connected_ = backlog_ = true; }
    // All that is in flight or waits in the live lane becomes backlog.
    void lost();
    bool is_connected() const { return connected_; }

    void live_added(RecordSamples record, Time now);
    // Records that left the live lane without being sent: the caller forgets their rows.
    std::optional<uint64_t> take_evicted() { return std::exchange(evicted_to_, std::nullopt); }
    // There is something in the queue that was never added here.
    void backlog_grew() { backlog_ = true; }

    // nullopt: nothing to send now; ask again after an answer or at deadline(). `window`: messages
    // the peer would take now.
    std::optional<Order> next(Time now, size_t window);
    std::optional<Time> deadline() const;
    // No record of the queue is unclaimed.
    void backlog_empty() { backlog_ = false; }

    // It goes out as one transmission; the token comes back in the two below.
    uint64_t sent(Lane lane, std::vector<RecordSamples> records);
    // Its records, to be acknowledged; empty for a token of a connection before.
    std::vector<RecordSamples> answered(uint64_t token);
    // To be sent again, from the backlog; its records.
    std::vector<RecordSamples> refused(uint64_t token);
    // Never to be sent (lost, or not to be found).
    void give_up(Interval records) { claimed_.add(records); }
    void forget_before(uint64_t record);

    const IntervalSet& claimed() const { return claimed_; }
    size_t in_flight(Lane lane) const { return in_flight_[static_cast<size_t>(lane)]; }
    size_t live_rows() const { return live_rows_; }

  private:
    struct Live {
        RecordSamples record;
        Time added;
    };
    struct Flight {
        Lane lane = Lane::live;
        std::vector<RecordSamples> records;
    };
    void unclaim(const std::vector<RecordSamples>& records);

    const Settings settings_;
    bool connected_ = false;
    bool backlog_ = true;
    std::deque<Live> live_;
    size_t live_rows_ = 0;
    std::optional<uint64_t> evicted_to_;
    IntervalSet claimed_;  // acknowledged, in flight or in the live lane
    std::map<uint64_t, Flight> flights_;
    size_t in_flight_[2] = {0, 0};
    uint64_t next_token_ = 1;
};

}  // namespace hw::upstream
