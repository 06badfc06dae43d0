#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/driver.h"
#include "gateway/iec104/tag_address.h"
#include "wire/iec104/client.h"

namespace hw::gateway::iec104 {

// What poll(group) does, beyond what the stations send by themselves.
enum class PollKind : uint8_t { none, interrogation, read };

struct AdapterSettings {
    hw::iec104::ClientSettings client{};
    uint16_t common_address = 1;  // of addresses without one
    PollKind poll = PollKind::none;
};

// Ties tags to a controlling station (wire/iec104). Values come by spontaneous reports and
// interrogations, each with its own quality and, where it has one, its own time. A unit is a common
// address, named as the tags' addresses name it: "" for those without one. Memory: about 100 bytes
// a tag. The gateway's thread.
class Adapter final : public Driver, private hw::iec104::ClientHandler {
  public:
    // The host outlives the adapter.
    Adapter(const AdapterSettings& settings, DriverHost& host);

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
    struct Tag {
        DriverTag tag;
        TagAddress address;
        uint16_t station = 0;
        bool heard = false;  // since the link was started
    };
    // One common address, and how it does since the last report.
    struct Station {
        std::set<std::string> names;
        UnitReport report;
        std::optional<Time> due;    // of the next report
        bool interrogated = false;  // since the link was started
        bool silence_told = false;
    };
    // What an order of the client was given for.
    struct Order {
        std::optional<RequestId> request;  // nullopt: a poll's read
        bool is_read = false;
        TagType type = TagType::float32;
        std::optional<uint8_t> bit;
        uint16_t station = 0;
        uint32_t object = 0;
        GroupIndex group;
        uint64_t generation = 0;
    };
    struct PollRun {
        GroupIndex group;
        std::vector<std::pair<uint16_t, uint32_t>> objects;  // to be read
        size_t next = 0;
        size_t under_way = 0;
        std::set<uint16_t> stations;  // to be interrogated
    };

    void on_started() override;
    void on_stopped() override;
    void on_object(const hw::iec104::AsduHeader& header, const hw::iec104::Object& object) override;
    void on_initialized(uint16_t common_address,
                        const hw::iec104::EndOfInitialization& how) override;
    void on_procedure(uint16_t common_address, hw::iec104::Procedure procedure,
                      Result<Duration> result) override;
    void on_answer(hw::iec104::OrderId id, Result<Duration> result) override;
    void on_discarded(const Error& why) override;

    void tell(Tag& tag, const hw::iec104::Object& object);
    void tell_silent(uint16_t common_address, hw::iec104::Procedure procedure);
    void fail_station(uint16_t common_address, const Error& why, bool silent_only);
    void note(uint16_t common_address, bool up, const Error* error);
    void report_due(Time now, bool all);
    void continue_run(PollRun& run);
    void finish_runs();
    hw::iec104::OrderId add_order(Order order);
    // Sends what the client wants to say; ends the connection where it failed.
    void settle(const Result<void>& result);
    void end(const Error& why);

    AdapterSettings settings_;
    DriverHost& host_;
    hw::iec104::Client client_;
    std::optional<ConnectionId> connection_;
    std::string out_;
    std::vector<Tag> tags_;
    std::vector<std::vector<size_t>> groups_;                    // positions in tags_
    std::unordered_map<uint64_t, std::vector<size_t>> objects_;  // by station and object
    std::map<uint16_t, Station> stations_;
    std::map<hw::iec104::OrderId, Order> orders_;
    uint64_t last_order_ = 0;
    uint64_t generation_ = 0;  // of configure()
    std::vector<PollRun> runs_;
    hw::iec104::Object last_object_;  // the one told last, for on_answer
    bool discarded_ = false;          // something was, since the link was made
};

}  // namespace hw::gateway::iec104
