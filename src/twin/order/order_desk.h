#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"
#include "twin/order/order.h"

namespace hw::twin {

// All orders that are not over, as a state machine: no I/O, no clock, no thread. Inputs and the
// time go in; what to keep, to write and to publish comes out. The owner keeps the changes before
// it acts on the rest. Commands and desired values share the rule that a property has one write
// under way at a time. Cost: a few look-ups an input; a turn costs what is due.
class OrderDesk {
  public:
    struct Limits {
        Duration attempt_timeout = seconds(5);    // of one write
        Duration answer_slack = seconds(10);      // an answer later than that never comes
        Duration back_off_least = seconds(1);     // after a write that found the link down
        Duration back_off_most = seconds(60);     // each failure doubles it up to here
        Duration listener_back_off = seconds(2);  // the same where nobody heard a command
        Duration drift_grace = seconds(2);        // a report that differs must last as long
        size_t writes = 256;                      // under way at a time; others wait their turn
        size_t desired = 100'000;                 // desired values that are followed
        size_t commands = 10'000;                 // open ones
        size_t commands_per_twin = 100;
    };

    enum class Step : uint8_t { asked, moved, ended };
    struct DesiredChange {
        Desired desired;
        Step step = Step::moved;  // ended: applied, or over
    };
    struct CommandChange {
        Command command;
        Step step = Step::moved;
    };
    // Write a property's point; answered() or, where a message carries it, announced().
    struct Write {
        uint64_t ticket = 0;
        bool of_command = false;    // then only a device will do
        bool is_announced = false;  // a message carries it already; perhaps a device can now
        std::string id;             // of the order
        std::string twin, path;
        sql::Datum value;
        Duration timeout{};
        Time deadline{};
        std::string actor, origin, reason;
    };
    // Publish a command; answered() says whether anybody heard it.
    struct Message {
        uint64_t ticket = 0;
        Command command;
    };
    // The message that carries a desired value is out of date.
    struct Clear {
        std::string twin, path;
    };
    struct Outputs {
        std::vector<DesiredChange> desired;
        std::vector<CommandChange> commands;
        std::vector<Clear> clears;
        std::vector<Write> writes;
        std::vector<Message> messages;
        bool empty() const {
            return desired.empty() && commands.empty() && clears.empty() && writes.empty() &&
                   messages.empty();
        }
    };

    explicit OrderDesk(const Limits& limits) : limits_(limits) {}

    // New orders. They only lie there until settle() says that they are on disk, or take_back()
    // that they could not be kept: then all is as before. `desired.revision` is raised where a
    // newer one is known. Errors: limit_exceeded.
    Result<void> ask(Desired desired, Time now, Outputs& out);
    Result<void> ask(Command command, Outputs& out);
    void settle();
    void take_back();

    // What was kept, after a restart. A command that was under way ends as timed_out: whether it
    // was done is not known. A desired value is tried again unless its write had been answered.
    void restore(Desired desired, Time now);
    void restore(Command command, Time now, Outputs& out);

    // Cancels; a write that is under way is not called back. False: there is none.
    bool cancel(std::string_view twin, std::string_view path, std::string_view why, Time now,
                Outputs& out);
    // not_found; conflict: it was sent.
    Result<void> cancel_command(std::string_view id, std::string_view why, Time now, Outputs& out);
    void twin_removed(std::string_view twin, Time now, Outputs& out);

    // The read-back where there was one. unavailable, timed_out and limit_exceeded are tried again.
    using WriteAnswer = Result<std::optional<sql::Datum>>;
    void answered(uint64_t ticket, const WriteAnswer& answer, Time now, Outputs& out);
    // The desired value went out as a message, which stays until clears has it. Now and then it is
    // given out as a write again: a device may have come that has the point.
    void announced(uint64_t ticket, Time now, Outputs& out);
    void responded(std::string_view command, Result<sql::Datum> response, Time now, Outputs& out);
    // Of number(): a usable value of that time.
    void reported(uint32_t number, const sql::Datum& value, Time time, Time now, Outputs& out);
    // Links came up: those for whom `concerned` holds do not wait any longer.
    void link_up(const std::function<bool(std::string_view twin, std::string_view path)>& concerned,
                 Time now);

    // Starts what is due, ends what is too late.
    void turn(Time now, Outputs& out);
    // When turn() has something to do at the latest; Time{INT64_MAX}: never by itself.
    Time next_wake() const;

    // The number by which reports of a followed property come; 0: it is not followed. Numbers are
    // never used again.
    uint32_t number(std::string_view twin, std::string_view path) const;
    const Desired* find(std::string_view twin, std::string_view path) const;
    const Command* find_command(std::string_view id) const;
    void each_desired(const std::function<void(const Desired&)>& call) const;
    // A ticket whose answer is waited for: what is not need not be sent any more.
    bool waits_for(uint64_t ticket) const { return tickets_.contains(ticket); }
    size_t desired_count() const { return slots_.size(); }
    size_t command_count() const { return commands_.size(); }
    size_t writes_under_way() const { return tickets_.size(); }

  private:
    // A command by its seq, a slot by its number above slot_jobs.
    using Job = int64_t;
    static constexpr Job slot_jobs = Job{1} << 62;
    static bool is_slot(Job job) { return job >= slot_jobs; }
    static uint32_t number_of(Job job) { return static_cast<uint32_t>(job - slot_jobs); }
    struct Asked {
        Job job = 0;
        std::optional<Desired> before;  // what it replaced
        bool announced = false;
    };
    struct Slot {
        std::string key;
        uint32_t number = 0;
        std::optional<Desired> current;
        bool announced = false;  // a message carries it
        bool down = false;       // the last write found the link down
        bool queued = false;
        uint32_t failures = 0;  // in a row
        uint64_t ticket = 0;    // of the write of `current` that is under way
        Time look_again{};      // whether a device can take what a message carries
        Time drift_since{};
        Time wake{};
        sql::Datum seen;  // the last report
        Time seen_at{};
        sql::Datum confirmed;   // what the device made of it
        uint32_t quarrels = 0;  // drifts that were put right, in a row
    };
    struct Open {
        Command command;
        uint64_t ticket = 0;
        bool queued = false;
        uint32_t failures = 0;
        Time next_attempt{};
        Time wake{};
    };
    struct Ticket {
        Job job = 0;
        std::string order;  // its id
        std::string key;    // of the busy slot; empty for messages
        Time give_up{};
    };
    struct Busy {
        std::vector<Job> waiting;
    };

    static Job job_of(const Slot& slot) { return slot_jobs + slot.number; }
    static std::string key_of(std::string_view twin, std::string_view path);
    Slot* find_slot(std::string_view twin, std::string_view path);
    Slot& slot_of(const Desired& desired);
    void erase(Slot& slot);
    void erase(Open& open);
    void schedule(Job job, Time& wake, Time next);
    void plan(Slot& slot);
    void plan(Open& open);
    void run(Job job, Time now, Outputs& out);
    void run(Slot& slot, Time now, Outputs& out);
    void run(Open& open, Time now, Outputs& out);

    // 0: it waits in a queue.
    uint64_t begin(Job job, bool& queued, const std::string& key, std::string_view order,
                   Time give_up);
    std::optional<Ticket> end(uint64_t ticket);
    void attempt(Slot& slot, Time now, Outputs& out);
    void attempt(Open& open, Time now, Outputs& out);
    void answered(Slot& slot, const WriteAnswer& answer, Time now, Outputs& out);
    void answered(Open& open, const WriteAnswer& answer, Time now, Outputs& out);
    void write_failed(Open& open, const Error& error, Time now, Outputs& out);
    void expire_tickets(Time now, Outputs& out);

    static void moved(Slot& slot, DesiredState state, std::string detail, Time now, Outputs& out);
    void finish(Slot& slot, DesiredState state, std::string detail, Time now, Outputs& out);
    void apply(Slot& slot, const sql::Datum& value, Time time, Time now, Outputs& out);
    void drift(Slot& slot, Time now, Outputs& out);
    void finish(Open& open, CommandState state, std::string detail, Time now, Outputs& out);
    static bool confirms(const Slot& slot);
    Duration back_off(uint32_t failures, Duration most) const;

    const Limits limits_;
    std::map<std::string, Slot, std::less<>> slots_;  // by key: twin, 0, path
    std::unordered_map<uint32_t, Slot*> by_number_;
    std::map<int64_t, Open> commands_;
    std::map<std::string, int64_t, std::less<>> command_ids_;
    std::unordered_map<std::string, size_t> commands_of_;  // by twin
    std::map<std::string, Busy, std::less<>> busy_;        // by key
    std::map<uint64_t, Ticket> tickets_;
    std::set<std::pair<int64_t, uint64_t>> give_ups_;
    std::set<std::pair<int64_t, Job>> wakes_;
    std::deque<Job> ready_;
    std::vector<Asked> asked_;  // not settled
    uint32_t last_number_ = 0;
    uint64_t last_ticket_ = 0;
};

}  // namespace hw::twin
