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
#include "sql/datum.h"
#include "sql/record.h"

namespace hw::sql {

// Whose habits a statement follows where EMQX and eKuiper differ (the base of indexes, the meaning
// of `*`, functions of one name and two meanings). A statement on MQTT filters, events and points
// is of `emqx`, one that reads a named stream is of `ekuiper`; a rule may say so itself.
enum class Dialect : uint8_t { emqx = 1, ekuiper = 2, both = 3 };

// What a function may ask beside its arguments. Made once for each evaluation of a row; cheap.
class CallContext {
  public:
    // The event that the row came from; null for rows of windows with many.
    const Record* record = nullptr;
    Time now;  // when the row is evaluated: the clock of the run, not of the machine
    Dialect dialect = Dialect::emqx;
    std::string_view rule_id;
    Time rule_start;  // when the rule was started last; 0: not known
    // Where the row is of a window, its bounds; both 0 else.
    Time window_start, window_end;
    Time event_time;
    // What the statement has let through before: rows past WHERE, and rows of windows past HAVING.
    struct Passed {
        uint64_t count = 0;
        Time last;  // the event's time, or the window's end
    };
    Passed passed, passed_of_windows;
    // What outlives a row and is shared by functions with state of their own (kv_store, counters
    // for random numbers, the zone's name); see services.h. Never null.
    class Services* services = nullptr;

    // Returns null and makes the row fail: counted by the rule under this text's first words, the
    // row is dropped, the rule goes on. Only the first error of a row is kept.
    Datum fail(std::string text);
    bool failed() const { return failed_; }
    const std::string& error() const { return error_; }
    void clear_error();

  private:
    bool failed_ = false;
    std::string error_;
};

using Arguments = std::span<const Datum>;
using Scalar = Datum (*)(Arguments arguments, CallContext& context);

// One aggregate over the rows of one group in one window. One thread. Rows are only added; windows
// that overlap merge the aggregates of their panes where `can_merge`, else add their rows anew.
class Aggregate {
  public:
    virtual ~Aggregate() = default;
    virtual void add(Arguments arguments, CallContext& context) = 0;
    // `other` is of the same function and comes after this one. Only where Function::can_merge.
    virtual void merge(const Aggregate& other);
    virtual Datum result(CallContext& context) const = 0;
    virtual void save(ByteWriter& out) const = 0;
    virtual void load(ByteReader& in) = 0;  // broken bytes: in.failed()
    virtual size_t bytes() const = 0;       // held on the heap beside the object itself
};

// A function whose answer depends on the rows before (lag, had_changed, acc_sum ...): one object
// for each call in a statement and each value of its PARTITION BY.
class Analytic {
  public:
    virtual ~Analytic() = default;
    // `when`: what its WHEN says, true without one. Where false the row must not change the state.
    virtual Datum row(Arguments arguments, bool when, CallContext& context) = 0;
    virtual void save(ByteWriter& out) const = 0;
    virtual void load(ByteReader& in) = 0;
    virtual size_t bytes() const = 0;
};

// The code of a function that is not built in (sql/user), in place of Function::scalar or
// ::aggregate. Outlives the table. Any thread.
class UserCode {
  public:
    virtual ~UserCode() = default;
    // Of a scalar. May block, up to the limit that its maker told (docs/user_functions.md).
    virtual Datum call(Arguments arguments, CallContext& context) const;
    // Of an aggregate.
    virtual std::unique_ptr<Aggregate> make() const;
};

enum class FunctionClass : uint8_t {
    scalar,
    aggregate,
    analytic,
    set_returning,  // a scalar that gives an array; each item becomes a row (unnest)
    window,         // window_start(), row_number(): done by the query itself
};

// What happens before the call where an argument is null.
enum class Nulls : uint8_t {
    to_null,  // the answer is null and the function is not called (aggregates: the row is skipped)
    seen,     // the function is called
};

// One row of the table that the language, `headworks sql functions` and docs/functions.md share.
// All texts are static, or live as long as `user`.
struct Function {
    std::string_view name;  // lower case; names are found in any case
    FunctionClass type = FunctionClass::scalar;
    Dialect dialect = Dialect::both;  // one name may have an entry for each
    std::string_view group;           // "mathematical", "string", "water" ...
    std::string_view origin;          // "EMQX", "eKuiper", "EMQX, eKuiper", "Headworks"
    std::string_view signature;       // "round(x [, digits])"
    std::string_view help;            // what it gives, units, nulls, limits: one or two sentences
    std::string_view example;         // "round(2.345, 2)"; empty where it needs a stream
    std::string_view example_result;  // as JSON: "2.35"; checked by a test
    uint8_t least_arguments = 0;
    uint8_t most_arguments = 0;  // 255: any number
    Nulls nulls = Nulls::to_null;
    bool pure = true;  // same arguments, same answer: folded where they are constants
    Scalar scalar = nullptr;
    std::unique_ptr<Aggregate> (*aggregate)() = nullptr;
    bool can_merge = false;  // merge() works
    std::unique_ptr<Analytic> (*analytic)() = nullptr;
    const UserCode* user = nullptr;  // a scalar or aggregate of somebody else

    // How a scalar is called and an aggregate is made, whoever wrote it.
    Datum call(Arguments arguments, CallContext& context) const {
        return user != nullptr ? user->call(arguments, context) : scalar(arguments, context);
    }
    std::unique_ptr<Aggregate> make_aggregate() const {
        return user != nullptr ? user->make() : aggregate();
    }
};

// All functions: built in, and users' (see user_functions.h). Built once at the start, then read
// from any thread.
class FunctionTable {
  public:
    void add(const Function& function);  // a name of an overlapping dialect that exists: asserted
    void add(std::span<const Function> functions) {
        for (const auto& function : functions)
            add(function);
    }
    // In any case; nullptr: none. Where both dialects have their own, that of `dialect`.
    const Function* find(std::string_view name, Dialect dialect) const;
    std::vector<const Function*> all() const;  // by group, then name
    std::vector<std::string> names() const;    // for "did you mean"

  private:
    std::vector<std::unique_ptr<Function>> functions_;
};

}  // namespace hw::sql
