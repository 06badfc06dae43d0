#pragma once

#include <array>
#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/driver.h"
#include "gateway/modbus/tag_address.h"
#include "model/quality.h"
#include "wire/modbus/client.h"
#include "wire/modbus/planner.h"

namespace hw::gateway::modbus {

struct AdapterOptions {
    wire::ClientOptions client;
    wire::PlanLimits limits;
    DefaultOrders orders;
    bool always_multiple = false;  // functions 15 and 16 for single writes, too
    bool mask_write = true;        // function 22 for a bit of a register
    Duration bad_address_retry = seconds(60);
    // A TCP connection on which no unit has answered for so long is made anew; 0: never. Some
    // devices are mute for good on the connection that confused them.
    Duration silence_limit{};
};

// A device: its groups as read plans, its writes as orders. Reading allocates nothing per tag.
//
// Where a device refuses a merged read by exception 2 or 3 the block is split and its parts are
// read, in the same poll, until what is bad stands alone; the split is remembered. What stands
// alone is asked again every bad_address_retry, one at a time; when it answers, its whole block is
// put together again.
class Adapter final : public Driver, private wire::ClientHandler {
  public:
    Adapter(const AdapterOptions& options, DriverHost& host);

    void configure(std::span<const DriverGroup> groups) override;
    void connected(ConnectionId connection, std::string_view peer) override;
    void received(ConnectionId connection, BytesView bytes) override;
    void disconnected(ConnectionId connection, const Error& why) override;
    void poll(GroupIndex group) override;
    void write(RequestId request, const DriverTag& tag, const model::Value& value) override;
    void read(RequestId request, const DriverTag& tag) override;
    std::optional<Time> deadline() const override;
    void tick() override;

    const wire::ClientCounts& counts() const { return client_.counts(); }

    // Tokens: orders have this bit; polls carry group and read.
    static constexpr uint64_t order_bit = uint64_t{1} << 63;

  private:
    struct TagPlan {
        TagIndex index;
        wire::Field field;
    };
    struct Read {
        wire::Block block;
        uint32_t origin = 0;  // of Group::plan.blocks
        bool bad = false;     // refused, and cannot be split
        bool gone = false;    // replaced by its parts
        Time retry_at{};
        std::string why;  // it is bad
    };
    struct Group {
        wire::Plan plan;
        std::vector<TagPlan> tags;  // by PlanItem::id
        std::vector<Read> reads;
        std::vector<uint32_t> restore;  // origins to put together again
        bool has_gone = false;
        size_t pending = 0;
    };
    // A write or a single read under way.
    struct Order {
        enum class Step : uint8_t { read, write, mask_write, read_before_write };
        RequestId id;
        Step step = Step::write;
        wire::Address address;
        bool bit = false;       // what a bit of a register becomes
        bool rewrites = false;  // the register was read for it
    };
    struct UnitState {
        UnitReport report;
        Time last_report{};
        bool told = false;
        bool no_mask_write = false;
    };
    struct Held {
        RequestId id;
        wire::Address address;
        wire::Value value;
    };

    void on_send(std::string bytes) override;
    void on_answer(wire::Token token, const wire::Answer& answer) override;
    void on_unit(uint8_t unit, bool up, std::string_view why) override;
    void on_close(const Error& why) override;

    static Error error_of(const wire::Answer& answer);
    Time now() const { return host_.clock().monotonic(); }
    // Sends what may be sent, unless this is a call from within a call of the client's: a host
    // may ask anew when it is answered. The outer call sends it.
    void run();
    void settle();
    void tidy(Group& group);
    void ask(GroupIndex group, uint32_t read);
    void poll_answered(GroupIndex group, uint32_t read, const wire::Answer& answer);
    bool split_read(GroupIndex group, uint32_t read);
    void deliver(const Group& group, const wire::Block& block, BytesView data);
    // All tags of a unit that has just been found down, without waiting for each one's own poll.
    void fail_unit(uint8_t unit, const std::string& why);
    void fail_tags(const Group& group, const wire::Block& block, model::Quality quality,
                   const Error& why);
    void start_write(RequestId id, const wire::Address& address, const wire::Value& value);
    void write_bit_of_register(const Order& order);
    void write_registers(const Order& order, BytesView registers);
    void write_coil(const Order& order, bool on);
    void place(const Order& order, const wire::Request& request, wire::Urgency urgency);
    void order_answered(const Order& order, const wire::Answer& answer);
    void bit_read(const Order& order, BytesView data);
    void hold(RequestId id, const wire::Address& address, wire::Value value);
    void finish(const Order& order, Result<model::Value> result);
    void release_held(uint8_t unit);
    UnitState& unit_state(uint8_t unit);
    void account(uint8_t unit, const wire::Answer& answer);
    void report(uint8_t unit, UnitState& state);

    AdapterOptions options_;
    DriverHost& host_;
    wire::Client client_;
    std::optional<ConnectionId> connection_;
    std::optional<Error> closing_;
    Time heard_{};         // the last answer of any unit on this connection, or its start
    bool inside_ = false;  // a call of the client's is under way
    std::vector<Group> groups_;
    std::map<uint64_t, Order> orders_;  // by token
    uint64_t last_order_ = 0;
    // Reading a register and writing it back must not be mixed with other writes to the unit.
    std::bitset<256> rewriting_;  // the units
    std::deque<Held> held_;
    std::array<std::unique_ptr<UnitState>, 256> units_;
    std::vector<uint8_t> turned_;  // units to be reported
};

}  // namespace hw::gateway::modbus
