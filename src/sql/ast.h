#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sql/datum.h"

namespace hw::sql {

// A place in a statement's text, for errors: both from 1, columns in characters.
struct Place {
    uint32_t line = 1;
    uint32_t column = 1;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class ExpressionType : uint8_t {
    literal,  // value
    name,     // text: an identifier, or "*" in meta(*) and count(*)
    member,   // operands[0].text   (EMQX a.b; also a source's column: source.column)
    arrow,    // operands[0] -> operands[1] (eKuiper's JSON path; operands[1] literal or name)
    index,    // operands[0][operands[1]]
    slice,    // operands[0][operands[1]:operands[2]], either may be null; EMQX's [1..3]: inclusive
    array,    // [operands...]
    range,    // [operands[0]..operands[1]], EMQX's list of integers
    unary,    // op; operands[0]
    binary,   // op; operands[0], operands[1]. Chains of AND, and of OR, are balanced trees
    between,  // operands[0] BETWEEN operands[1] AND operands[2]; negated
    in,       // operands[0] IN (operands[1...]); in_array: IN operands[1], an array; negated
    like,     // operands[0] LIKE operands[1]; negated
    is_null,  // operands[0] IS NULL; negated
    case_,    // operands: [subject or null,] when, then, ..., else or null; see has_subject
    call,     // text: the function's name as written; operands; filter, over
};

enum class Operator : uint8_t {
    none,
    plus,
    minus,
    times,
    divide,
    div,
    mod,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    and_,
    or_,
    not_,
    topic_match /* =~ */,
    bit_and,
    bit_or,
    bit_xor,
    concat /* || */,
};
std::string_view to_string(Operator op);  // "+", "AND", ...

struct Over {
    std::vector<ExpressionPtr> partition_by;
    ExpressionPtr when;  // null: none
};

// A node of the tree as it was written. Plain data; the planner gives it meaning.
struct Expression {
    ExpressionType type = ExpressionType::literal;
    Operator op = Operator::none;
    bool negated = false;      // NOT IN, NOT LIKE, NOT BETWEEN, IS NOT NULL
    bool has_subject = false;  // CASE x WHEN ...
    bool quoted = false;       // a name in "double quotes", which eKuiper takes for a text; one in
                               // `back ticks` is a name like any other
    bool in_array = false;     // x IN list, without parentheses around the one array
    bool inclusive = false;    // a slice of EMQX, [1..3]: its end belongs to it
    bool distinct = false;     // count(DISTINCT x)
    Place place;
    Datum value;
    std::string text;
    std::vector<ExpressionPtr> operands;
    ExpressionPtr filter;        // FILTER (WHERE ...) of an aggregate
    std::unique_ptr<Over> over;  // OVER (...)
};

// One of SELECT's fields.
struct Field {
    ExpressionPtr expression;         // null where it is `*`
    std::vector<std::string> alias;   // as parts: AS a.b[1] is {"a", "b", "[1]"} ([0] and [-0]: put
                                      // before the first, after the last); empty: none given
    std::string star_source;          // of `source.*`
    std::vector<std::string> except;  // * EXCEPT (a, b)
    std::vector<Field> replace;       // * REPLACE (expression AS name, ...)
    bool star = false;
    bool invisible = false;  // eKuiper's: usable by others, not put out
    Place place;
};

enum class SourceType : uint8_t {
    filter,   // "plant1/+/flow": an MQTT filter in quotes
    event,    // "$events/client/connected", also with wildcards
    ingress,  // "$sources/<name>", "$bridges/<name>": what a connector's source brings
    points,   // points('plant1/#' [, 'plant2/#' ...])
    named,    // a stream or table that CREATE STREAM or CREATE TABLE made
};

enum class JoinType : uint8_t { none, inner, left, right, full, cross };

// FROM's parts, in order; the first has JoinType::none, as have those after a comma (EMQX: any of
// these sources).
struct Source {
    SourceType type = SourceType::named;
    std::vector<std::string> names;  // the filter; the event and the ingress without "$.../" in
                                     // front; the stream; points: its filters
    std::string alias;
    JoinType join = JoinType::none;
    ExpressionPtr on;
    Place place;
};

enum class WindowType : uint8_t { none, tumbling, hopping, sliding, session, count, state };

struct Window {
    WindowType type = WindowType::none;
    Duration length;             // tumbling, hopping, sliding; session: its longest duration
    Duration hop;                // hopping: the step; session: the timeout
    Duration delay;              // sliding: how long after the trigger it still takes events
    uint64_t count = 0;          // COUNTWINDOW(count, every)
    uint64_t every = 0;          // 0: as count
    ExpressionPtr begin;         // STATEWINDOW(begin, end) or STATEWINDOW(single)
    ExpressionPtr end;           // null: the single condition, while `begin` holds
    ExpressionPtr filter;        // FILTER (WHERE ...): which events come in
    std::unique_ptr<Over> over;  // OVER (PARTITION BY ... WHEN ...)
    Place place;
};

struct OrderItem {
    ExpressionPtr expression;
    bool descending = false;
};

// EMQX's FOREACH array [AS alias] [DO fields] [INCASE condition].
struct Foreach {
    ExpressionPtr array;
    std::string alias;  // empty: "item"
    std::vector<Field> do_fields;
    ExpressionPtr incase;
};

struct Select {
    std::vector<Field> fields;  // of FOREACH: those before its array
    std::unique_ptr<Foreach> foreach;
    std::vector<Source> sources;
    ExpressionPtr where;
    Window window;
    std::vector<ExpressionPtr> group_by;  // without the window
    ExpressionPtr having;
    std::vector<OrderItem> order_by;
    std::optional<uint64_t> limit;
};

// CREATE STREAM / CREATE TABLE name (columns) WITH (OPTION="value", ...), as eKuiper's.
struct ColumnDefinition {
    std::string name;                       // of an array's one member: empty
    std::string type;                       // bigint, float, string, datetime, boolean, bytea,
    std::vector<ColumnDefinition> members;  // array(one member), struct(members)
    std::optional<Datum> default_value;     // DEFAULT 0
    Place place;
};
struct StreamDefinition {
    bool table = false;
    std::string name;
    std::vector<ColumnDefinition> columns;                     // empty: schemaless
    std::vector<std::pair<std::string, std::string>> options;  // keys in upper case
};

}  // namespace hw::sql
