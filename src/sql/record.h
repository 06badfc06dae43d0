#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sql/datum.h"
#include "sql/json.h"

namespace hw::sql {

// What the events of a source look like: its named columns, known to the planner.
struct Shape {
    struct Column {
        std::string name;  // as EMQX and eKuiper users write it
        std::string help;
    };
    std::string name;  // "message", "client/connected", "points" ...
    std::vector<Column> columns;
    // The column whose members bare names mean that are no column (payload); -1: none.
    int body = -1;
    // Where `body` is text or bytes it is read as JSON on first use.
    bool body_is_json = false;

    int find(std::string_view column) const;  // -1: none
};

// One event of a source on its way: immutable once made, shared by all rules of an engine. 48 bytes
// and 16 for each column. Made on any thread, then read by one thread (the body's JSON is read into
// the record itself on first use, without a lock).
class Record {
  public:
    // `columns` has as many values as the shape; the shape outlives the record.
    Record(const Shape& shape, Time time, std::vector<Datum> columns)
        : shape_(shape), time_(time), columns_(std::move(columns)) {}

    const Shape& shape() const { return shape_; }
    Time time() const { return time_; }  // when it arrived
    const Datum& column(size_t i) const { return columns_[i]; }
    // The body as an object or whatever its JSON is; null where there is none or it is not JSON
    // (then `broken` tells why, else empty).
    const Datum& body(JsonReader& reader) const;
    std::string_view broken() const { return broken_; }

  private:
    mutable bool body_read_ = false;
    const Shape& shape_;
    const Time time_;
    const std::vector<Datum> columns_;
    mutable Datum body_;
    mutable std::string broken_;
};

using RecordRef = std::shared_ptr<const Record>;

// The shapes of built-in sources. "message" has topic, payload, clientid, username, qos, flags
// (object: retain, dup), timestamp (ms), publish_received_at (ms), peerhost, id, pub_props, node.
const Shape& message_shape();
// topic (the point's path), value, quality ("good" ...), time (datetime), timestamp (ms), unit.
const Shape& points_shape();
// By the event's name without "$events/" ("client/connected", or EMQX's old "client_connected");
// nullptr: no such event.
const Shape* event_shape(std::string_view event);
std::span<const Shape* const> event_shapes();

}  // namespace hw::sql
