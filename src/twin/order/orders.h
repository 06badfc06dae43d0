#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "model/value.h"
#include "sql/function.h"
#include "twin/follower.h"
#include "twin/order/order.h"
#include "twin/order/order_check.h"
#include "twin/order/order_desk.h"
#include "twin/order/order_inbox.h"
#include "twin/order/order_request.h"
#include "twin/order/order_store.h"
#include "twin/order/settings.h"
#include "twin/twins.h"

namespace hw::twin {

// One write of a point.
struct PointWrite {
    std::string point;
    model::Value value;
    bool verify = false;  // read it back
    Duration timeout{};
    std::string actor, origin, reason;
};

// One message that orders send.
struct OrderMessage {
    std::string topic, payload;
    bool retain = false;
    bool must_be_heard = false;  // unavailable where nobody subscribes to it
    Duration expiry{};
    std::string response_topic, correlation_data;
};

// Desired values and commands of the running server. Its thread "twin-order" owns the desk, writes
// every change to the catalogue before it acts on it, and follows the reported values. Where the
// disk says no, nothing is sent and new orders are refused until it says yes again. Every ask and
// every end leaves an audit record and is told to those who follow the twins.
//
// Any thread; no call waits but store(). Answers come on the thread "twin-order", or on the
// caller's where too much waits already (limit_exceeded) or the server ends (unavailable).
class Orders final : public Follower {
  public:
    struct Ports {
        // Both answer once, on any thread. The value that was read back, where one was; not_found
        // where no device, node or edge has the point. Null: there are no devices.
        std::function<void(PointWrite,
                           std::move_only_function<void(Result<std::optional<sql::Datum>>)>)>
            write;
        std::function<void(OrderMessage, std::move_only_function<void(Result<void>)>)> publish;
        // Whether a device here has that point; null: not known.
        std::function<bool(std::string_view)> has_point;
    };
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        Twins& twins;
        const Clock& clock;
        Metrics& metrics;
        const sql::FunctionTable& functions;  // of the expressions of commands
        Ports ports;
    };

    // Reads what is kept and follows the twins (Twins::add_follower), so before Twins::load().
    static Result<std::unique_ptr<Orders>> open(const OrderSettings& settings, Rooms rooms);
    ~Orders() override;

    // After Twins::load(), when ports can be used.
    void start();
    // Answers who waits, keeps what has come in. What is open goes on after the next start.
    void stop();

    struct DesiredAsk {
        std::string twin, path;
        sql::Datum value;
        std::optional<Duration> timeout;  // 0: for ever; none: as configured
        bool keep = false;
    };
    using DesiredDone = std::move_only_function<void(Result<Desired>)>;
    // The answer comes when it is on disk or, with `wait`, when it is applied, over or drifted, at
    // the latest after `wait`. Errors: not_found, permission_denied, invalid_argument (type or
    // range), limit_exceeded.
    void desire(DesiredAsk ask, Change change, Duration wait, DesiredDone done);
    // Each for itself, in one transaction.
    using DesiredListDone = std::move_only_function<void(std::vector<Result<Desired>>)>;
    void desire_all(std::vector<DesiredAsk> asks, Change change, DesiredListDone done);
    // It is no longer followed. not_found; conflict: it is over already.
    void cancel(std::string twin, std::string path, Change change, DesiredDone done);

    struct CommandAsk {
        std::string twin, name;
        sql::Datum request;
        std::string id;  // the caller's; asked again it gives the first one's state
        std::optional<Duration> timeout;
    };
    using CommandDone = std::move_only_function<void(Result<Command>)>;
    void command(CommandAsk ask, Change change, Duration wait, CommandDone done);
    void cancel_command(std::string id, Change change, CommandDone done);
    // A response that came; with an id in neither place it is dropped.
    void respond(std::string twin, std::string name, std::string correlation_data,
                 std::string payload);
    // A link came up.
    void link_up();

    const OrderStore& store() const { return *store_; }
    bool knows_twin(std::string_view id) const;

    uint32_t interest(const TwinName& twin, const Interface& model, size_t slot) override;
    void changed(uint32_t interest, const TwinName& twin, size_t slot,
                 const LiveValue& value) override;
    void happened(const Happening& happening) override;
    void round_end() override;

    // For tests: what start() does without the thread, and one turn of it.
    void begin();
    void run_once();

  private:
    // What one turn brings.
    struct Round {
        Time now;
        OrderDesk::Outputs asks;  // not kept yet
        using Answer = std::move_only_function<void(const Error*)>;
        std::vector<Answer> answers;  // of these
        OrderDesk::Outputs out;
        std::vector<Answer> kept;  // once the rest is kept
    };
    using Inbox = OrderInbox<Round>;
    struct Waiter {
        Time until;
        Order last;
        std::move_only_function<void(const Order&)> done;
    };
    struct Figures {
        std::atomic<uint64_t> desired{0}, commands{0}, writes{0};
    };

    Orders(const OrderSettings& settings, Rooms rooms);
    void add_gauges();
    void loop();
    Time next_time() const;
    void upkeep(Time now);

    void take(DesiredAsk ask, const Change& change, Duration wait, DesiredDone done, Round& round);
    void take(CommandAsk ask, const Change& change, Duration wait, CommandDone done, Round& round);
    Result<Desired> made(const DesiredAsk& ask, const Change& change, Time now);
    Result<Command> made(const CommandAsk& ask, const Change& change, Time now);
    Result<InterfacePtr> model_of(std::string_view twin) const;
    sql::Datum live(std::string_view twin, std::string_view path) const;
    std::optional<Desired> unchanged(const DesiredAsk& ask) const;
    Result<std::optional<Command>> asked_before(const CommandAsk& ask) const;

    void keep_asks(Round& round);
    void finish(Round& round);
    Result<void> keep(const OrderDesk::Outputs& outputs);
    Result<void> keep_held();
    void act(OrderDesk::Outputs outputs, Time now);
    void send(OrderDesk::Write write);
    void announce(const OrderDesk::Write& write);
    void send(OrderDesk::Message message);
    void answer(uint64_t ticket, OrderDesk::WriteAnswer what);
    void told(const OrderDesk::DesiredChange& change, Time now);
    void told(const OrderDesk::CommandChange& change, Time now);
    void note(const Change& change, std::string_view action, std::string target,
              std::string old_value, std::string new_value, std::string_view result,
              std::string detail);
    void note_refused(const Change& change, std::string_view action, std::string target,
                      const sql::Datum& value, const Error& error);

    void wait_for(int64_t seq, Duration wait, Order order,
                  std::move_only_function<void(const Order&)> done, Time now);
    void tell_waiters(int64_t seq, const Order& order, bool over);
    void end_waits(Time now, bool all);

    void follow(std::string_view twin, std::string_view path, Round& round);
    void unfollow(std::string_view twin, std::string_view path);
    void take_reports(Round& round);
    void ask_interests(Time now);
    void look(std::string_view twin, std::string_view path, Round& round);

    const OrderSettings settings_;
    const Rooms rooms_;
    std::unique_ptr<OrderStore> store_;
    OrderStore::Live loaded_;
    Counter& asked_;
    Counter& refused_;
    Counter& disk_failures_;
    Figures figures_;

    // The thread's own.
    OrderDesk desk_;
    CommandPlanner planner_;
    int64_t last_seq_ = 0;
    OrderDesk::Outputs held_;  // not kept yet, so not acted upon
    bool disk_fails_ = false;
    Time retry_at_{}, upkeep_at_{}, ask_again_at_{};
    std::set<std::pair<std::string, std::string>> ask_again_;  // twin and path: newly followed
    size_t followed_since_ = 0;                                // all were asked
    std::unordered_multimap<int64_t, Waiter> waiters_;

    const std::shared_ptr<Inbox> inbox_;
    std::thread thread_;

    // What followers' calls share with the thread.
    struct Notes {
        std::unordered_map<uint32_t, LiveValue> reports;
        std::vector<std::string> removed;
        bool wake = false;
    };
    Mutex notes_mutex_;
    Notes notes_ HW_LOCKING(guarded_by(notes_mutex_));
    std::vector<uint32_t> followed_twins_ HW_LOCKING(guarded_by(notes_mutex_));  // by index: slots
    std::map<std::string, uint32_t, std::less<>> followed_ HW_LOCKING(guarded_by(notes_mutex_));
};

}  // namespace hw::twin
