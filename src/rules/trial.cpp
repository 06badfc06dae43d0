#include "rules/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "model/point_path.h"
#include "rules/engine_work.h"
#include "rules/figures.h"
#include "rules/rule_json.h"
#include "sql/json.h"
#include "sql/query/step_rows.h"

namespace hw::rules {

namespace {

using sql::Datum;

constexpr size_t errors_limit = 100;
constexpr size_t events_between_looks = 256;
constexpr size_t rows_of_operator = 20;
constexpr size_t bytes_of_operators = 256 << 10;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

// Takes the rows of a trial, up to its limits.
class Gathering final : public sql::QueryOutput {
  public:
    Gathering(TrialResult& result, size_t rows_limit) : result_(result), limit_(rows_limit) {}

    void row(sql::OutputRow row) override {
        if (result_.rows.size() >= limit_) {
            result_.rows_cut = true;
            return;
        }
        result_.rows.push_back(std::move(row.row));
        result_.times.push_back(row.time);
    }
    void late(const sql::Record&) override { ++result_.late; }
    void failed(size_t, const std::string& reason) override {
        ++result_.failed;
        if (result_.errors.size() < errors_limit) result_.errors.push_back(reason);
    }

  private:
    TrialResult& result_;
    const size_t limit_;
};

// A statement made ready, with services and streams of its own.
class Bench {
  public:
    Bench(const TrialOrder& order, const TrialRooms& rooms)
        : order_(order), rooms_(rooms), streams_(rooms.tables) {
        services_.time_zone = rooms.settings.time_zone;
        services_.schemas = rooms.schemas;
        until_ = rooms.clock.monotonic() + order.run_limit;
    }

    Result<void> compile(sql::Flaw* flaw) {
        for (const auto* list : {&rooms_.streams, &order_.streams})
            for (const auto& stream : *list)
                if (auto put = streams_.put(stream); !put && list == &order_.streams)
                    return fail(put.error().within("stream '" + stream.name + "'"));
        const sql::Environment environment{rooms_.functions, &streams_, services_, "trial"};
        auto query = rooms_.compile(order_.sql, environment, options_of(order_.options));
        if (!query) {
            if (flaw != nullptr) *flaw = query.error();
            return refuse(query.error().full_text());
        }
        query_ = std::move(*query);
        query_->follow(&steps_);
        return {};
    }

    sql::Query& query() { return *query_; }
    const Streams& streams() const { return streams_; }
    TrialResult& result() { return result_; }

    // False: a limit is reached.
    bool push(size_t source, const sql::RecordRef& record, Time now) {
        if (result_.events >= order_.events_limit) {
            result_.events_cut = true;
            return false;
        }
        if (++result_.events % events_between_looks == 0 && rooms_.clock.monotonic() > until_) {
            result_.time_cut = true;
            return false;
        }
        go_to(now);
        query_->push(source, record, now_, output_);
        return true;
    }

    // By way of a stream's format where the source is one.
    bool push_message(size_t source, const Event& event, Time now) {
        const auto& from = query_->sources()[source];
        StreamReader* reader =
            from.type == sql::SourceType::named ? streams_.reader(from.names.front()) : nullptr;
        if (reader == nullptr) return push(source, event.record, now);
        std::string why;
        for (const auto& record : reader->read(event.record, services_.json, why))
            if (!push(source, record, now)) return false;
        if (!why.empty()) output_.failed(0, why);
        return true;
    }

    TrialResult finish() {
        query_->finish(now_, output_);
        result_.operators = query_->figures();
        result_.operator_rows = steps_.rows();
        result_.plan = query_->plan_json();
        result_.plan_text = query_->plan_text();
        return std::move(result_);
    }

  private:
    // Windows that close on the way do so at their own moments.
    void go_to(Time now) {
        now_ = std::max(now_, now);
        for (auto due = query_->next_due(); due && *due <= now_;) {
            query_->advance(*due, output_);
            const auto next = query_->next_due();
            if (next && *next <= *due) break;
            due = next;
        }
    }

    const TrialOrder& order_;
    const TrialRooms& rooms_;
    sql::Services services_;
    Streams streams_;
    std::unique_ptr<sql::Query> query_;
    TrialResult result_;
    Gathering output_{result_, order_.rows_limit};
    sql::StepRows steps_{rows_of_operator, bytes_of_operators};
    Time now_;
    Time until_;
};

// Sources that the message belongs to: as the engine would route it.
bool takes(const sql::QuerySource& source, const Streams& streams, std::string_view topic) {
    if (source.shape == nullptr) return false;
    switch (source.type) {
        case sql::SourceType::filter:
            return std::any_of(source.names.begin(), source.names.end(),
                               [&](const auto& filter) { return model::matches(filter, topic); });
        case sql::SourceType::ingress:
            return true;
        case sql::SourceType::named: {
            const StreamOrigin* origin = streams.origin(source.names.front());
            return origin != nullptr && (origin->ingress || model::matches(origin->filter, topic));
        }
        default:
            return false;
    }
}

// A row of points() typed into the box: the topic is its path, the payload its value.
sql::RecordRef point_of(const TrialMessage& message, Time time) {
    sql::JsonReader reader;
    auto value = reader.read(message.payload);
    Datum::Members members;
    std::vector<Datum> columns = {Datum::text(message.topic),
                                  value ? *value : Datum::text(message.payload),
                                  Datum::text("good"),
                                  Datum::time(time),
                                  Datum::integer(time.ns / 1'000'000),
                                  Datum()};
    columns.resize(sql::points_shape().columns.size());
    return std::make_shared<const sql::Record>(sql::points_shape(), time, std::move(columns));
}

bool of_points(const sql::QuerySource& source, std::string_view topic) {
    return source.type == sql::SourceType::points &&
           std::any_of(source.names.begin(), source.names.end(),
                       [&](const auto& filter) { return model::matches(filter, topic); });
}

// An event typed into the box: its name is the topic, with "$events/" or without.
sql::RecordRef event_of(const sql::QuerySource& source, const TrialMessage& message, Time time) {
    if (source.type != sql::SourceType::event || source.names.empty()) return nullptr;
    std::string_view name = message.topic;
    if (name.starts_with("$events/")) name.remove_prefix(8);
    if (sql::event_shape(name) == nullptr || sql::event_shape(name) != source.shape) return nullptr;
    sql::JsonReader reader;
    auto columns = reader.read(message.payload);
    return server_event(name, time, columns ? *columns : Datum::object({})).record;
}

Event message_of(const TrialMessage& message, Time time) {
    MessageFields fields;
    fields.topic = message.topic;
    fields.payload = as_bytes(message.payload);
    fields.client_id = message.client_id;
    fields.username = message.username;
    fields.qos = message.qos;
    fields.retain = message.retain;
    return message_event(fields, time, Datum::text("trial"));
}

bool push_given(Bench& bench, const TrialMessage& message, Time time) {
    const auto sources = bench.query().sources();
    bool taken = false;
    for (size_t i = 0; i < sources.size(); ++i) {
        sql::RecordRef record;
        if (of_points(sources[i], message.topic)) {
            record = point_of(message, time);
        } else {
            record = event_of(sources[i], message, time);
        }
        if (record) {
            taken = true;
            if (!bench.push(i, record, time)) return false;
        } else if (takes(sources[i], bench.streams(), message.topic) && !taken) {
            taken = true;
            if (!bench.push_message(i, message_of(message, time), time)) return false;
        }
    }
    if (!taken && bench.result().errors.size() < errors_limit)
        bench.result().errors.push_back(
            fmt::format("no source of the statement takes the topic '{}'", message.topic));
    return true;
}

}  // namespace

Result<TrialResult> try_messages(const TrialOrder& order, const std::vector<TrialMessage>& messages,
                                 const TrialRooms& rooms, sql::Flaw* flaw) {
    Bench bench(order, rooms);
    HW_TRY(bench.compile(flaw));
    Time time = rooms.clock.now();
    for (const auto& message : messages) {
        time = message.time.value_or(time);
        if (!push_given(bench, message, time)) break;
    }
    return bench.finish();
}

namespace {

struct PointRange {
    std::vector<model::PointId> ids;
    std::vector<size_t> sources;  // of the query that read points
};

Result<PointRange> points_of(const sql::Query& query, const model::PointDirectory& points) {
    constexpr size_t points_limit = 100'000;
    PointRange range;
    const auto sources = query.sources();
    for (size_t i = 0; i < sources.size(); ++i) {
        if (sources[i].type != sql::SourceType::points) continue;
        range.sources.push_back(i);
        for (const auto& filter : sources[i].names)
            for (const auto id : points.match(filter, {}, points_limit))
                range.ids.push_back(id);
    }
    if (range.sources.empty())
        return refuse("a run over history needs a statement that reads points('...')");
    std::sort(range.ids.begin(), range.ids.end());
    range.ids.erase(std::unique(range.ids.begin(), range.ids.end()), range.ids.end());
    return range;
}

}  // namespace

// History gives the samples point by point: they are gathered, up to the limit of events, and put
// in the order of their times.
Result<TrialResult> try_history(const TrialOrder& order, Time from, Time to,
                                const history::History& history,
                                const model::PointDirectory& points, const TrialRooms& rooms,
                                sql::Flaw* flaw) {
    Bench bench(order, rooms);
    HW_TRY(bench.compile(flaw));
    const PointRange range = HW_TRY(points_of(bench.query(), points));
    model::SampleBatch all;
    history::RawQuery query;
    query.points = range.ids;
    query.from = from;
    query.to = to;
    query.limit = order.events_limit + 1;
    HW_TRY(history.raw(query, [&](const model::SampleBatch& rows) {
        for (size_t i = 0; i < rows.size(); ++i)
            all.add_row(rows, i);
        return true;
    }));
    std::vector<uint32_t> rows(all.size());
    for (uint32_t i = 0; i < rows.size(); ++i)
        rows[i] = i;
    std::stable_sort(rows.begin(), rows.end(),
                     [&](uint32_t a, uint32_t b) { return all.times_ns()[a] < all.times_ns()[b]; });
    for (const uint32_t row : rows) {
        const Time time{all.times_ns()[row]};
        const std::string_view path = points.path(all.points()[row]);
        const auto record = sample_record(Datum::text(path), all, row, {}, time);
        bool more = true;
        for (const size_t source : range.sources)
            if (more && of_points(bench.query().sources()[source], path))
                more = bench.push(source, record, time);
        if (!more) break;
    }
    return bench.finish();
}

namespace {

// Gathers on the rules thread; the caller waits for the time to pass or for enough rows.
class Live final : public sql::QueryOutput {
  public:
    explicit Live(size_t rows_limit) : output_(result_, rows_limit) {}

    void row(sql::OutputRow row) override {
        output_.row(std::move(row));
        if (!result_.rows_cut) return;
        MutexLock lock(mutex_);
        full_ = true;
        changed_.notify_all();
    }
    void late(const sql::Record& record) override { output_.late(record); }
    void failed(size_t operator_id, const std::string& reason) override {
        output_.failed(operator_id, reason);
    }
    TrialResult take() { return std::move(result_); }

    void wait(Duration duration) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(duration.ns);
        MutexLock lock(mutex_);
        while (!full_ && std::chrono::steady_clock::now() < until)
            changed_.wait_until(mutex_, until);
    }

  private:
    TrialResult result_;
    Gathering output_;
    Mutex mutex_;
    Condition changed_;
    bool full_ HW_LOCKING(guarded_by(mutex_)) = false;
};

// Unlike any rule's.
std::string next_trial_id() {
    static std::atomic<uint64_t> next{1};
    return fmt::format("trial:{}", next.fetch_add(1));
}

}  // namespace

Result<TrialResult> try_live(const TrialOrder& order, Duration duration, Runtime& runtime,
                             const TrialRooms&, sql::Flaw* flaw) {
    constexpr Duration duration_limit = seconds(300);
    if (duration <= Duration{} || duration > duration_limit)
        return refuse("a live run may last up to 5 minutes");
    if (!order.streams.empty())
        return refuse("a live run reads the streams that are there; make them first");
    auto spec = std::make_shared<RuleSpec>();
    spec->id = next_trial_id();
    spec->sql = order.sql;
    spec->options = order.options;
    spec->options.qos = Guarantee::none;
    const std::string id = spec->id;
    const auto live = std::make_shared<Live>(order.rows_limit);
    Result<void> put;
    runtime.call([&](Worker& worker) {
        put = worker.put(spec, 0, flaw);
        if (put) worker.engine().listen(id, live);
    });
    if (!put) return fail(put.error());
    live->wait(duration);
    TrialResult result;
    runtime.call([&](Worker& worker) {
        result = live->take();
        const auto figures = worker.engine().figures(id);
        result.plan = worker.engine().plan_json(id);
        result.plan_text = worker.engine().plan_text(id);
        worker.remove(id);
        if (!figures) return;
        result.events = figures->in;
        result.operators = figures->operators;
    });
    return result;
}

namespace {

void write_operator_rows(JsonWriter& json, const std::vector<std::vector<std::string>>& rows) {
    json.key("operator_rows");
    json.begin_array();
    for (const auto& of : rows) {
        json.begin_array();
        for (const auto& row : of)
            json.raw(row);
        json.end_array();
    }
    json.end_array();
}

}  // namespace

std::string trial_json(const TrialResult& result) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.key("rows");
    json.begin_array();
    for (const auto& row : result.rows)
        json.raw(sql::to_json(row));
    json.end_array();
    json.key("times");
    json.begin_array();
    for (const Time time : result.times)
        json.value(time);
    json.end_array();
    json.member("events", result.events);
    json.member("failed", result.failed);
    json.member("late", result.late);
    json.key("errors");
    json.begin_array();
    for (const auto& error : result.errors)
        json.value(error);
    json.end_array();
    json.member("rows_cut", result.rows_cut);
    json.member("events_cut", result.events_cut);
    json.member("time_cut", result.time_cut);
    json.key("plan");
    json.raw(result.plan.empty() ? "null" : std::string_view(result.plan));
    json.member("plan_text", result.plan_text);
    write_operators(json, result.operators);
    write_operator_rows(json, result.operator_rows);
    json.end_object();
    return text;
}

}  // namespace hw::rules
