#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "sql/ast.h"
#include "sql/function.h"
#include "sql/parser.h"
#include "sql/record.h"
#include "sql/services.h"

namespace hw::sql {

// A lookup table as a join sees it. `find` may block only where it says so (then the engine calls
// it on a worker); most answer from memory.
class LookupTable {
  public:
    virtual ~LookupTable() = default;
    // Rows (objects) whose members `keys[i]` equal values[i]. Errors make the event's row fail.
    virtual Result<std::vector<Datum>> find(std::span<const std::string> keys, Arguments values,
                                            Time now) = 0;
};

// What CREATE STREAM and CREATE TABLE have made, by name; of the engine's thread.
class StreamBook {
  public:
    virtual ~StreamBook() = default;
    struct Entry {
        StreamDefinition definition;
        const Shape* shape = nullptr;   // a stream's; body_is_json as its FORMAT says
        LookupTable* lookup = nullptr;  // a table's
    };
    virtual const Entry* find(std::string_view name) const = 0;
    virtual std::vector<std::string> names() const = 0;
};

// How a statement runs. Zero durations: none.
struct QueryOptions {
    bool event_time = false;      // else the time of arrival
    std::string timestamp_field;  // event time: this field (ms number, or RFC 3339 text); empty:
                                  // the source's own time
    Duration late_tolerance = seconds(1);  // eKuiper's lateTolerance: the watermark's lag
    Duration allowed_lateness;  // how long a closed window still takes late rows (emits again)
    uint64_t rows_limit = 1'000'000;     // rows held by windows and joins
    uint64_t bytes_limit = 64ull << 20;  // of all state
    uint64_t groups_limit = 1'000'000;
    std::optional<Dialect> dialect;  // else by the sources
};

struct Environment {
    const FunctionTable& functions;
    const StreamBook* streams = nullptr;  // null: named streams are unknown
    Services& services;                   // outlives the query
    std::string rule_id;
    Time rule_start = {};  // for rule_start(); 0: not known
};

// What a query is fed with: FROM's sources in order; one of events with wildcards is an entry for
// each event that it means.
struct QuerySource {
    SourceType type;
    std::vector<std::string> names;
    const Shape* shape;  // null for a lookup table, which is asked instead
};

// One row that came out.
struct OutputRow {
    Datum row;                      // an object
    Time time;                      // of the event that made it, or the window's end
    Time window_start, window_end;  // both 0: not of a window
    const Record* record =
        nullptr;  // the event it was made of, where there is one; during the call
};
class QueryOutput {
  public:
    virtual ~QueryOutput() = default;
    virtual void row(OutputRow row) = 0;
    virtual void late(const Record& record) = 0;  // the side output of late rows
    // A row failed; `operator_id` is an index of figures().
    virtual void failed(size_t operator_id, const std::string& reason) = 0;
};

// Sees the rows between a query's operators: for people who ask where a row was lost. `operator_id`
// is an index of figures(), `row` what left that operator: an object of the event's columns, the
// rows of lookups, and the values of GROUP BY, aggregates and analytic calls by their texts. What
// the last operator makes comes out of QueryOutput alone.
class QueryTap {
  public:
    virtual ~QueryTap() = default;
    virtual void passed(size_t operator_id, Datum row) = 0;
};

// A conjunct of WHERE that an index over many rules can serve. `key` is the canonical text of the
// left side (equal texts are equal expressions over the same source shape).
struct Indexable {
    enum class Type : uint8_t { equal, in, less, less_equal, greater, greater_equal, topic };
    Type type = Type::equal;
    std::string key;
    std::vector<Datum> values;  // equal, topic and the comparisons: one; in: all
    size_t conjunct = 0;        // which conjunct of WHERE it is
};

// Counts of one operator, in the order of the data's way.
struct OperatorFigures {
    std::string name;    // "source", "filter", "window", "join", "aggregate", "project", ...
    std::string detail;  // "WHERE payload.temp > 30"
    uint64_t in = 0, out = 0, errors = 0, late = 0;
    uint64_t state_rows = 0, state_bytes = 0;
    std::vector<std::pair<std::string, uint64_t>> errors_by_reason;  // at most 16 reasons
};

// A statement made ready to run; no I/O, no threads, no clock: events and the time go in, rows come
// out. The same input in the same order gives the same rows. One thread. A filter and projection
// takes about 2 KiB, and 100 to 500 ns an event.
class Query {
  public:
    static Parsed<std::unique_ptr<Query>> compile(std::string_view sql,
                                                  const Environment& environment,
                                                  const QueryOptions& options = {});
    virtual ~Query() = default;

    virtual std::span<const QuerySource> sources() const = 0;
    virtual Dialect dialect() const = 0;
    // No windows, joins or functions with state: nothing to save, timers never due.
    virtual bool stateless() const = 0;

    // The event has arrived; `now` never goes back.
    virtual void push(size_t source, const RecordRef& record, Time now, QueryOutput& output) = 0;
    // All events that arrived before `now` have been pushed: windows due by then close.
    virtual void advance(Time now, QueryOutput& output) = 0;
    // When advance() has something to do next; nothing: not before another event.
    virtual std::optional<Time> next_due() const = 0;
    // End of input (a recorded range, a test): closes all windows that have begun.
    virtual void finish(Time now, QueryOutput& output) = 0;

    // For sharing predicates: the value of an Indexable's key for an event (asked of any of the
    // queries that share the key), and push() with WHERE's conjunct `known_conjunct` known to hold.
    virtual std::span<const Indexable> indexable() const = 0;
    virtual Datum index_value(size_t indexable, const Record& record, Time now) = 0;
    virtual void push_known(size_t source, const RecordRef& record, Time now, size_t known_conjunct,
                            QueryOutput& output) = 0;

    // Until follow(nullptr) the tap sees what passes. Making its rows costs some 1 us each; without
    // a tap it is one branch an operator.
    virtual void follow(QueryTap* tap) = 0;

    virtual std::vector<OperatorFigures> figures() const = 0;
    // One operator a line, indented: for people; and as a JSON array of {id, name, detail, inputs}.
    virtual std::string plan_text() const = 0;
    virtual std::string plan_json() const = 0;
    virtual size_t state_bytes() const = 0;

    // The whole state as bytes (docs/formats/rule_state.md), and back into a freshly compiled query
    // of the same statement. Errors: corrupt; unsupported where the statement differs.
    virtual void save(std::string& out) const = 0;
    virtual Result<void> load(BytesView state) = 0;
};

}  // namespace hw::sql
