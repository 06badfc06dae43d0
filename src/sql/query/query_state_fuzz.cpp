#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/assert.h"
#include "sql/functions/functions.h"
#include "sql/query/query.h"

// The first byte chooses a statement, the others are its operators' state, behind the head that any
// state of that statement has. What loads is saved so that it loads again, and works on.

namespace hw::sql {
namespace {

constexpr const char* statements[] = {
    R"(SELECT payload.k AS k, count(*) AS c, sum(payload.v) AS s, avg(payload.v) AS a,
       min(payload.v) AS lo, max(payload.v) AS hi, stddev(payload.v) AS d, var(payload.v) AS e
       FROM "t" GROUP BY payload.k, TUMBLINGWINDOW(ms, 10))",
    R"(SELECT collect(payload.v) AS all, last_value(payload.v, true) AS z,
       deduplicate(payload.v, true) AS d, percentile_cont(payload.v, 0.5) AS m,
       count(DISTINCT payload.v) AS n
       FROM "t" GROUP BY HOPPINGWINDOW(ms, 10, 5))",
    R"(SELECT payload.v AS v, lag(payload.v) AS b FROM "t" GROUP BY SLIDINGWINDOW(ms, 10, 2))",
    R"(SELECT count(*) AS c FROM "t" GROUP BY SESSIONWINDOW(ms, 20, 5))",
    R"(SELECT collect(payload.v) AS all, merge_agg(payload) AS m FROM "t"
       GROUP BY COUNTWINDOW(5, 2))",
    R"(SELECT payload.v AS v FROM "t"
       GROUP BY STATEWINDOW(payload.v > 3, payload.v < 2) OVER (PARTITION BY payload.k))",
    R"(SELECT lag(payload.v, 2) OVER (PARTITION BY payload.k) AS l, latest(payload.v) AS n,
       had_changed(true, payload.v) AS h, changed_col(true, payload.v) AS c,
       acc_sum(payload.v) AS s, acc_avg(payload.v) AS a, acc_count(payload.v) AS n2,
       acc_max(payload.v) AS m, acc_min(payload.v) AS i FROM "t")",
};

class Nowhere final : public QueryOutput {
  public:
    void row(OutputRow) override {}
    void late(const Record&) override {}
    void failed(size_t, const std::string&) override {}
};

const FunctionTable& functions() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

std::unique_ptr<Query> compile(size_t number, Services& services) {
    QueryOptions options;
    options.event_time = number % 2 == 1;
    options.allowed_lateness = Duration{5'000'000};
    auto query = Query::compile(statements[number], {functions(), nullptr, services, "r"}, options);
    HW_ASSERT(query.has_value());
    return std::move(*query);
}

std::string saved(const Query& query) {
    std::string state;
    query.save(state);
    return state;
}

RecordRef message(int64_t k, int64_t v, Time time) {
    const Shape& shape = message_shape();
    std::vector<Datum> columns(shape.columns.size());
    columns[static_cast<size_t>(shape.find("topic"))] = Datum::text("t");
    columns[static_cast<size_t>(shape.find("payload"))] =
        Datum::text("{\"k\": " + std::to_string(k) + ", \"v\": " + std::to_string(v) + "}");
    return std::make_shared<const Record>(shape, time, std::move(columns));
}

void feed(Query& query, Time from, size_t count) {
    Nowhere nowhere;
    for (size_t i = 0; i < count; ++i) {
        const Time time = from + milliseconds(static_cast<int64_t>(i * 3));
        const auto v = static_cast<int64_t>(i * i % 7);
        query.push(0, message(static_cast<int64_t>(i % 3), v, time), time, nowhere);
    }
}

void check(size_t number, std::string_view rest) {
    Services services;
    auto query = compile(number, services);
    std::string state = saved(*query);
    ByteReader head(as_bytes(state));
    head.u8();
    head.text(head.varint());
    state.resize(state.size() - head.remaining());
    state += rest;
    if (!query->load(as_bytes(state))) return;
    const std::string again = saved(*query);
    auto other = compile(number, services);
    HW_ASSERT(other->load(as_bytes(again)).has_value());
    HW_ASSERT(saved(*other) == again);
    Nowhere nowhere;
    feed(*query, query->next_due().value_or(Time{}), 12);
    query->finish(Time{int64_t{1} << 61}, nowhere);
}

}  // namespace
}  // namespace hw::sql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0 || data[0] >= std::size(hw::sql::statements)) return 0;
    hw::sql::check(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
