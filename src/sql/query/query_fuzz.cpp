#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/query/query.h"
#include "sql/query/trial.h"

namespace hw::sql {

namespace {

class Counter final : public QueryOutput {
  public:
    void row(OutputRow row) override {
        HW_ASSERT(row.row.is_object());
        ++rows;
    }
    void late(const Record&) override { ++rows; }
    void failed(size_t, const std::string& reason) override {
        HW_ASSERT(!reason.empty());
        ++rows;
    }
    size_t rows = 0;
};

class Book final : public StreamBook {
  public:
    Book() { entry_.shape = &message_shape(); }
    const Entry* find(std::string_view name) const override {
        return name == "demo" ? &entry_ : nullptr;
    }
    std::vector<std::string> names() const override { return {"demo"}; }

  private:
    Entry entry_;
};

const FunctionTable& functions() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

// The rest of the input, a line an event: to each source in its turn.
void feed(Query& query, std::string_view lines, Counter& output) {
    Time now{1'772'323'200'000'000'000};
    size_t turn = 0;
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        now = now + milliseconds(700);
        const size_t source = turn++ % query.sources().size();
        if (query.sources()[source].shape != &message_shape()) continue;
        const auto record =
            trial_message(Datum::object({{Datum::text("topic"), Datum::text("t/1")},
                                         {Datum::text("payload"), Datum::text(line)}}),
                          now);
        for (size_t i = 0; i < query.indexable().size(); ++i)
            query.index_value(i, *record, now);
        query.push(source, record, now, output);
        query.advance(now, output);
    }
    query.finish(now, output);
}

}  // namespace

}  // namespace hw::sql

// The first line is a statement, the others are payloads. Whatever compiles runs, tells its plan
// and saves a state that it reads back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    namespace sql = hw::sql;
    if (size > 1 << 14) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view statement = text.substr(0, text.find('\n'));
    static const sql::Book book;
    sql::Services services;
    sql::QueryOptions options;
    options.rows_limit = 1'000;
    options.groups_limit = 1'000;
    const sql::Environment environment{sql::functions(), &book, services, "fuzz"};
    auto made = sql::Query::compile(statement, environment, options);
    if (!made) {
        HW_ASSERT(!made.error().text.empty());
        return 0;
    }
    auto& query = **made;
    HW_ASSERT(!query.plan_text().empty() && !query.plan_json().empty());
    sql::Counter output;
    sql::feed(query, text.substr(std::min(size, statement.size() + 1)), output);
    std::string state;
    query.save(state);
    auto again = sql::Query::compile(statement, environment, options);
    HW_ASSERT(again.has_value() && (*again)->load(hw::as_bytes(state)).has_value());
    std::string second;
    (*again)->save(second);
    HW_ASSERT(query.figures().size() == (*again)->figures().size());
    return 0;
}
