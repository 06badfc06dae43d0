#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "base/time.h"
#include "connector/connector.h"
#include "connector/template.h"
#include "model/sample_batch.h"
#include "rules/rule.h"
#include "sql/query/query.h"

namespace hw::rules {

// Once, on any thread: what was handed over is as safe as it gets, or could not be done.
using Done = std::move_only_function<void(const Result<void>&)>;

// A message that a rule publishes.
struct Publish {
    std::string topic;
    std::string payload;
    uint8_t qos = 0;
    bool retain = false;
    bool direct = false;  // to subscribers only: neither kept as points nor seen by rules
    std::vector<std::pair<std::string, std::string>> user_properties;
    std::string rule_id;
};

// An order to set a device's point.
struct WriteOrder {
    std::string path;
    model::Value value;
    std::string rule_id;
};

// What rules may do to the rest of the server. The integrator's; called on the rules thread only,
// never blocking.
class Ports {
  public:
    virtual ~Ports() = default;
    // A round's messages in order. Done: the broker has routed them (and, where they are kept, they
    // are on disk).
    virtual void publish(std::vector<Publish> messages, Done done) = 0;
    // As History::submit. Done: on disk.
    virtual void keep(model::SampleBatch batch, Done done) = 0;
    virtual void describe(model::PointId point, std::string_view unit) = 0;
    // Done: the device answered.
    virtual void write(WriteOrder order, Done done) = 0;
    // The path's id, made if new and if rules may keep there.
    virtual Result<model::PointId> point(std::string_view path) = 0;
    // True while history or the broker asks to be spared: the engine takes nothing meanwhile.
    virtual bool overloaded() = 0;
};

// Counts of one action, from any thread. Shared with what is still under way when the rule goes.
class ActionFigures {
  public:
    std::atomic<uint64_t> rows{0};     // offered to it
    std::atomic<uint64_t> sent{0};     // rows that arrived where they should
    std::atomic<uint64_t> failed{0};   // rows that could not be sent
    std::atomic<uint64_t> skipped{0};  // by only_on_change, omit_empty
    std::atomic<uint64_t> dropped{0};  // by a limit: loop, full queue

    void fail(Time now, std::string_view reason, uint64_t count = 1);
    struct Last {
        std::string text;
        Time time;
    };
    Last last_error() const;

  private:
    mutable Mutex mutex_;
    Last last_ HW_LOCKING(guarded_by(mutex_));
};

// The way of one action's rows to a foreign system: a queue of its own (memory, disk) before a
// shared connection. The rules thread's.
class Outlet {
  public:
    virtual ~Outlet() = default;
    // Never blocks. False: dropped, the queue is full by its policy (counted by the outlet).
    virtual bool offer(connector::Item item) = 0;
    // Done: all that was offered before is sent, or on disk.
    virtual void flush(Done done) = 0;
    struct Figures {
        uint64_t queued = 0, queued_bytes = 0, sent = 0, retried = 0, dropped = 0;
        bool connected = false;
        std::string last_error;
    };
    virtual Figures figures() const = 0;
};

// Makes the ways to foreign systems; see outlets.h.
class OutletMaker {
  public:
    virtual ~OutletMaker() = default;
    virtual Result<std::unique_ptr<Outlet>> make(const ActionSpec& action, std::string_view rule_id,
                                                 Guarantee qos) = 0;
};

class Outputs;

// What a row brings with it.
struct RowContext {
    Time now;
    uint8_t hops = 0;  // how often its event has been through rules
    Outputs* outputs = nullptr;
    connector::Renderer* loose = nullptr;   // "undefined" for what is not there
    connector::Renderer* strict = nullptr;  // fails instead
    std::shared_ptr<ActionFigures> figures;
};

// One action of one rule. The rules thread's; as light as its templates (some 500 bytes).
class Action {
  public:
    virtual ~Action() = default;
    // Errors: the row could not be rendered or handed on; the caller counts, and uses the fallback.
    // What comes of it later, elsewhere, is counted in context.figures.
    virtual Result<void> send(const connector::Item& item, const RowContext& context) = 0;
    // What waits in an outlet of its own; null: none.
    virtual Outlet* outlet() { return nullptr; }
};

struct ActionRooms {
    OutletMaker* outlets = nullptr;  // null: inner actions only
};

// Checks the settings and makes it: errors name the member, what is allowed and the nearest.
Result<std::unique_ptr<Action>> make_action(const ActionSpec& spec, std::string_view rule_id,
                                            Guarantee qos, const ActionRooms& rooms);
// "republish", "keep", "write", "console".
std::span<const std::string_view> inner_action_types();

}  // namespace hw::rules
