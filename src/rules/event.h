#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "model/sample_batch.h"
#include "sql/record.h"

namespace hw::rules {

// Where an event came in.
enum class Channel : uint8_t {
    message = 1,  // published to the broker; name: its topic
    event = 2,    // of the server: "client/connected"; name: that
    ingress = 3,  // a connector's source brought it; name: the source's
};

// One event on its way to the engine. The record is of message_shape() (message, ingress) or of
// the event's own shape.
struct Event {
    Channel channel = Channel::message;
    bool durable = false;  // wanted by a rule with a guarantee: goes to the input log
    sql::Datum name;
    sql::RecordRef record;
};

// What a producer offered at one moment. The unit of the input log and of checkpoints.
struct Group {
    Time arrival;           // stamped under the inlet's lock: never goes back
    uint64_t position = 0;  // in the input log; 0: not there
    std::vector<Event> events;
    model::SampleBatch samples;  // those that a points() rule wants
    size_t bytes = 0;            // rough heap bytes

    bool empty() const { return events.empty() && samples.empty(); }
    size_t size() const { return events.size() + samples.size(); }
};

// Events that were dropped, by what they are called, so that each rule can count what it missed. At
// most names_limit of each channel and of points; beyond it only lanes count.
struct Missed {
    static constexpr size_t names_limit = 1'000;
    std::array<std::map<std::string, uint64_t, std::less<>>, 4> events;  // by channel
    std::map<model::PointId, uint64_t> samples;

    void add(const Event& event);
    void add(model::PointId point);
};

// What the broker knows of a message. Views.
struct MessageFields {
    std::string_view topic;
    BytesView payload;
    std::string_view client_id;
    std::string_view username;
    std::string_view peerhost;
    uint8_t qos = 0;
    bool retain = false;
    bool dup = false;
    uint64_t id = 0;  // 0: none
    std::vector<std::pair<std::string_view, std::string_view>> user_properties = {};
};
// As an event of Channel::message. About 300 ns. Any thread.
Event message_event(const MessageFields& message, Time arrived, const sql::Datum& node);
// What a connector's source brought. `meta` is an object or null.
Event ingress_event(std::string_view source, std::string_view topic, std::string_view payload,
                    Time arrived, sql::Datum meta);
// A server's event by its columns' names; members that the shape does not have are left out.
// nullopt-like: record is null where there is no such event.
Event server_event(std::string_view name, Time arrived, const sql::Datum& columns);

// The durable part of a group as bytes and back (docs/formats/rule_input.md); nothing where no
// event is durable. Reading distrusts. Errors: corrupt.
void encode_group(std::string& out, Time arrival, const std::vector<Event>& events,
                  const model::SampleBatch& durable_samples);
Result<Group> decode_group(std::string_view bytes);

}  // namespace hw::rules
