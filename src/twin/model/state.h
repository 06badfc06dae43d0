#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "model/quality.h"
#include "sql/datum.h"
#include "twin/model/interface.h"

namespace hw::twin {

// A twin as somebody describes it. The id is a path ("bluewater/plant1/intake/pump1"): its
// telemetry and properties are fed by the points below it unless the model or `bindings` says
// otherwise.
struct TwinSpec {
    std::string id;
    std::string model;                               // DTMI
    std::string name;                                // for people; empty: the id's last level
    sql::Datum properties = sql::Datum::object({});  // fixed values; components are members
    std::map<std::string, std::string> bindings;     // path -> point; "" cuts a slot off

    friend bool operator==(const TwinSpec&, const TwinSpec&) = default;
};

// One edge of the graph; source, name and target are its key.
struct RelationshipSpec {
    std::string source;
    std::string name;
    std::string target;
    sql::Datum properties = sql::Datum::object({});

    friend bool operator==(const RelationshipSpec&, const RelationshipSpec&) = default;
};

enum class Origin : uint8_t { none, fixed, point, derived };  // who says the value
std::string_view to_string(Origin origin);

// The value of one slot at one time.
struct LiveValue {
    sql::Datum value;  // null: nothing known yet
    Time time{};       // of the value; 0: none
    model::Quality quality = model::Quality::bad_waiting_for_initial_data;
    bool stale = false;  // older than the slot allows, or made of such
    Origin origin = Origin::none;

    friend bool operator==(const LiveValue&, const LiveValue&) = default;
};

struct PropertyState {
    std::string path;
    std::string point;  // that feeds it; empty: none
    LiveValue live;
};

// One twin at one time: now, as it was, or as it would be.
struct TwinState {
    std::string id;
    std::string name;
    InterfacePtr model;
    int64_t revision = 0;  // of its description, from 1
    Time created;
    Time updated;  // of its description
    std::string updated_by;
    std::vector<PropertyState> properties;        // in the order of the model's slots
    std::vector<RelationshipSpec> relationships;  // outgoing, by name, then target
    const PropertyState* find(std::string_view path) const;
};

// Some twins at one time, in the order of their ids.
struct Snapshot {
    Time time;
    std::vector<TwinState> twins;
    const TwinState* find(std::string_view id) const;
};

// {"id","model","name","revision","updated_at","properties":{path:{"value","time","quality",...}},
//  "relationships":[...]}: the form of the API.
// Of relationships the first are written, then "relationships_more" says how many there are yet.
inline constexpr size_t relationships_shown_limit = 1'000;
void write_twin(JsonWriter& json, const TwinState& twin);
void write_live(JsonWriter& json, const LiveValue& live);  // one object
void write_relationship(JsonWriter& json, const RelationshipSpec& relationship);
// The form of Azure Digital Twins: "$dtId", "$metadata", plain values; relationships apart.
void write_dtdl_twin(JsonWriter& json, const TwinState& twin);
// Reads {"id"?,"model","name","properties","bindings"} and the form with "$dtId", where every
// other member is a property. `id` where the text has none. A property of a component may be
// written as member of its component or by its path ("drive/speed"). Errors name the member.
Result<TwinSpec> read_twin(std::string_view json, std::string_view id = {});
Result<TwinSpec> read_twin(const sql::Datum& json, std::string_view id = {});
// What read_twin reads back to the same.
void write_spec(JsonWriter& json, const TwinSpec& spec);
// Puts a property by its path; members on the way are made. An error where one is no object.
Result<void> put_property(sql::Datum& properties, std::string_view path, sql::Datum value);

// What differs from one snapshot to another.
struct Difference {
    enum class What : uint8_t { added, removed, changed };
    std::string twin;
    What what = What::changed;
    struct Value {
        std::string path;
        LiveValue before, after;
    };
    std::vector<Value> values;  // of slots whose value or quality differs
    std::vector<RelationshipSpec> relationships_added, relationships_removed;
    std::optional<std::string> model_before, model_after;
};
std::vector<Difference> diff(const Snapshot& before, const Snapshot& after);
void write_difference(JsonWriter& json, const Difference& difference);

// One change that somebody asks for.
struct Change {
    std::string actor;
    std::string origin;                    // "http 127.0.0.1:50211"
    std::optional<int64_t> revision = {};  // the thing must still be of this revision
    std::string reason = {};
};

}  // namespace hw::twin
