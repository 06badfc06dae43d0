#include "sql/query/trial.h"

#include <algorithm>
#include <utility>

#include "model/point_path.h"
#include "sql/json.h"
#include "sql/query/compare.h"

namespace hw::sql {

namespace {

constexpr size_t events_between_looks = 64;  // at the machine's clock

class Collector final : public QueryOutput {
  public:
    Collector(TrialResult& result, const TrialLimits& limits) : result_(result), limits_(limits) {}

    void row(OutputRow row) override {
        if (result_.rows.size() >= limits_.rows) {
            ++result_.rows_more;
            return;
        }
        result_.rows.push_back({std::move(row.row), row.time, row.window_start, row.window_end});
    }
    void late(const Record&) override { ++result_.late; }
    void failed(size_t operator_id, const std::string& reason) override {
        ++result_.failed;
        if (result_.failures.size() < limits_.failures)
            result_.failures.emplace_back(operator_id, reason);
    }

  private:
    TrialResult& result_;
    const TrialLimits& limits_;
};

Datum default_of(std::string_view column, Time time) {
    if (column == "topic") return Datum::text("");
    if (column == "clientid") return Datum::text("trial");
    if (column == "qos") return Datum::integer(0);
    if (column == "flags")
        return Datum::object({{Datum::text("retain"), Datum::boolean(false)},
                              {Datum::text("dup"), Datum::boolean(false)}});
    if (column == "timestamp" || column == "publish_received_at") return milliseconds_of(time);
    if (column == "peerhost") return Datum::text("127.0.0.1");
    if (column == "pub_props" || column == "client_attrs") return Datum::object({});
    return {};
}

}  // namespace

TrialResult run_trial(Query& query, const std::vector<TrialEvent>& events, const Clock& clock,
                      bool finish, const TrialLimits& limits) {
    TrialResult result;
    Collector output(result, limits);
    const Time end = clock.monotonic() + limits.time;
    Time now;
    for (const auto& event : events) {
        if (result.events % events_between_looks == 0 && clock.monotonic() > end) {
            result.timed_out = true;
            break;
        }
        now = std::max(now, event.time);
        // Windows end when they are due, not when the next event happens to come.
        while (const auto due = query.next_due()) {
            if (*due > now) break;
            query.advance(*due, output);
            if (query.next_due() == due) break;
        }
        query.push(event.source, event.record, now, output);
        ++result.events;
    }
    if (finish && !result.timed_out) query.finish(now, output);
    result.figures = query.figures();
    result.plan_text = query.plan_text();
    result.plan_json = query.plan_json();
    return result;
}

std::optional<size_t> source_for_topic(const Query& query, std::string_view topic) {
    const auto sources = query.sources();
    for (size_t i = 0; i < sources.size(); ++i)
        if (sources[i].type == SourceType::filter && model::check_filter(sources[i].names[0]) &&
            model::matches(sources[i].names[0], topic))
            return i;
    return {};
}

RecordRef trial_message(const Datum& message, Time time) {
    const Shape& shape = message_shape();
    std::vector<Datum> columns;
    for (const auto& column : shape.columns) {
        const Datum* given = message.find(column.name);
        columns.push_back(given ? *given : default_of(column.name, time));
    }
    auto& payload = columns[static_cast<size_t>(shape.body)];
    if (!payload.is_null() && !payload.is_text() && payload.kind() != Kind::bytes)
        payload = Datum::text(to_json(payload));
    return std::make_shared<const Record>(shape, time, std::move(columns));
}

}  // namespace hw::sql
