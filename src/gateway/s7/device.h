#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/driver.h"
#include "gateway/s7/read_set.h"
#include "wire/s7/address.h"
#include "wire/s7/client.h"

namespace hw::gateway::s7 {

struct DeviceSettings {
    hw::s7::ClientSettings client;
    uint32_t gap_bytes = 16;
    bool has_timers = true;  // timers and counters that are addressed like an S7-300's
};

// What the wire's address parser needs to know of a tag's type.
hw::s7::Kind kind_of(TagType type);

// One S7 CPU: ties the client's state machine to the gateway. One thread.
class Device final : public Driver, private hw::s7::ClientHandler {
  public:
    static constexpr size_t orders_limit = 4096;  // writes and single reads that wait

    Device(const DeviceSettings& settings, DriverHost& host);

    void configure(std::span<const DriverGroup> groups) override;
    void connected(ConnectionId connection, std::string_view peer) override;
    void received(ConnectionId connection, BytesView bytes) override;
    void disconnected(ConnectionId connection, const Error& why) override;
    void poll(GroupIndex group) override;
    void write(RequestId request, const DriverTag& tag, const model::Value& value) override;
    void read(RequestId request, const DriverTag& tag) override;
    std::optional<Time> deadline() const override;
    void tick() override;

  private:
    struct Group {
        std::vector<TagIndex> tags;        // by the set's places
        std::vector<TagIndex> unreadable;  // addresses this CPU has not
        ReadSet set;
        bool is_polling = false;
        size_t submitted = 0;    // requests of this round
        size_t outstanding = 0;  // of them, without answer
    };
    // A write or single read.
    struct Order {
        RequestId request;
        hw::s7::Address address;
        bool is_write = false;
        std::string bytes;     // of a write
        uint32_t skip = 0;     // where they begin, from the address's start
        size_t unwritten = 0;  // of bytes; the end is written first, a text's length last
        ReadSet set;           // of a read
    };
    class GroupSink;
    class OrderSink;

    void on_ready(const hw::s7::Negotiation& agreed) override;
    void on_read(hw::s7::JobToken job, BytesView data, size_t items, Duration round_trip) override;
    void on_written(hw::s7::JobToken job, BytesView codes, Duration round_trip) override;
    void on_refused(hw::s7::JobToken job, const Error& why) override;
    void on_closed(const Error& why) override;

    Time now() const { return host_.clock().monotonic(); }
    hw::s7::PlanLimits limits() const;
    void start_round(GroupIndex index);
    void submit_round(GroupIndex index);
    void answer_round(GroupIndex index);
    void group_answer(uint64_t token, const BytesView* data, const Error* refused);
    void order_answer(uint64_t number, size_t request, const BytesView* data, const Error* refused);
    bool admit(RequestId request);
    void start_order(uint64_t number);
    void write_part(uint64_t number, Order& order);
    void finish_order(uint64_t number, Result<model::Value> result);
    void end_link(const Error& why);
    void flush();
    void count(Duration round_trip);
    void note_error(const Error& why);
    void report(bool turned);

    DeviceSettings settings_;
    DriverHost& host_;
    hw::s7::Client client_;
    std::optional<ConnectionId> connection_;
    std::vector<std::unique_ptr<Group>> groups_;
    uint16_t generation_ = 0;  // of the groups; answers for older ones are dropped
    std::unordered_map<uint64_t, Order> orders_;
    uint64_t last_order_ = 0;
    std::string out_;
    UnitReport report_;
    Time reported_{};
};

}  // namespace hw::gateway::s7
