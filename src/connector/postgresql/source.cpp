#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "connector/lookup_cache.h"
#include "connector/postgresql/parts.h"
#include "connector/postgresql/session.h"
#include "connector/postgresql/statement.h"
#include "sql/json.h"

namespace hw::connector::postgresql {

namespace {

// Asks its query every interval. With a tracking column only rows beyond the last one that was
// kept: the query has $1 in its place.
class Poller final : public SourceLink {
  public:
    Poller(Config::Table settings, Rooms rooms)
        : settings_(std::move(settings)), rooms_(std::move(rooms)) {}
    ~Poller() override { stop(); }

    Result<void> test() override {
        HW_TRY(connect(settings_, rooms_));
        return {};
    }
    void start(Receiver& receiver) override {
        stopping_ = false;
        thread_ = std::thread([this, &receiver] { run(receiver); });
    }
    void stop() override {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run(Receiver& receiver);
    Result<void> poll(pg_conn& connection, Receiver& receiver, Parameter& last);
    void wait(Duration time) const;

    const Config::Table settings_;
    const Rooms rooms_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

void Poller::wait(Duration time) const {
    for (Duration waited; waited < time && !stopping_; waited = waited + milliseconds(50))
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

Result<void> Poller::poll(pg_conn& connection, Receiver& receiver, Parameter& last) {
    const auto& tracking = settings_.at("tracking_column").as_text();
    std::vector<Parameter> parameters;
    if (!tracking.empty()) parameters.push_back(last);
    const auto answer =
        HW_TRY(postgresql::run(connection, settings_.at("query").as_text(), parameters));
    const auto rows = rows_of(*answer);
    if (rows.empty()) return {};
    std::vector<Received> batch;
    Parameter furthest = last;
    for (const auto& row : rows) {
        batch.push_back({settings_.at("topic").as_text(), sql::to_json(row), {}, {}});
        if (const auto* mark = row.find(tracking); mark != nullptr && !mark->is_null())
            furthest = parameter_of(*mark);
    }
    while (!receiver.offer(batch, [] {}) && !stopping_)
        wait(milliseconds(50));
    last = furthest;
    return {};
}

void Poller::run(Receiver& receiver) {
    Parameter last;
    const auto& first = settings_.at("tracking_start").as_text();
    if (!first.empty()) last = first;
    Connection connection;
    while (!stopping_) {
        if (!connection) {
            auto made = connect(settings_, rooms_);
            receiver.state(made.has_value(), made ? "" : made.error().text());
            if (made) connection = std::move(*made);
        }
        if (connection) {
            if (auto polled = poll(*connection, receiver, last); !polled) {
                receiver.state(false, polled.error().text());
                connection.reset();
            }
        }
        wait(settings_.at("interval").as_duration());
    }
}

// One query a look-up: the table's rows with these values.
class Finder final : public Lookup {
  public:
    Finder(Config::Table settings, Rooms rooms)
        : settings_(std::move(settings)),
          rooms_(std::move(rooms)),
          cache_({settings_.at("cache_ttl").as_duration(),
                  settings_.at("cache_missing_ttl").as_duration(),
                  static_cast<size_t>(settings_.at("cache_size").as_integer())},
                 rooms_.clock) {}

    Result<void> test() override {
        connection_ = HW_TRY(connect(settings_, rooms_));
        return {};
    }
    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys,
                                         std::span<const sql::Datum> values) override {
        std::vector<sql::Datum> question(values.begin(), values.end());
        for (const auto& key : keys)
            question.push_back(sql::Datum::text(key));
        if (const auto* rows = cache_.find(question)) return *rows;
        std::string sql = fmt::format("SELECT * FROM {}", quoted(settings_.at("table").as_text()));
        std::vector<Parameter> parameters;
        for (size_t i = 0; i < keys.size(); ++i) {
            sql += fmt::format(" {} {} = ${}", i == 0 ? "WHERE" : "AND", quoted(keys[i]), i + 1);
            parameters.push_back(parameter_of(values[i]));
        }
        sql += fmt::format(" LIMIT {}", settings_.at("rows_limit").as_integer());
        auto rows = HW_TRY(ask(sql, parameters));
        cache_.put(question, rows);
        return rows;
    }

  private:
    Result<std::vector<sql::Datum>> ask(const std::string& sql,
                                        const std::vector<Parameter>& parameters) {
        const bool old = connection_ != nullptr;
        if (!old) HW_TRY(test());
        auto answer = run(*connection_, sql, parameters);
        if (!answer && answer.error().code() == ErrorCode::unavailable) {
            connection_.reset();
            if (!old) return fail(std::move(answer).error());
            // The server may have been started again since the last question.
            HW_TRY(test());
            answer = run(*connection_, sql, parameters);
        }
        if (answer) return rows_of(**answer);
        // A value that cannot be one of the column's is in no row: 'x' in a column of numbers.
        if (answer.error().code() == ErrorCode::unsupported) return std::vector<sql::Datum>();
        return fail(std::move(answer).error());
    }

    const Config::Table settings_;
    const Rooms rooms_;
    LookupCache cache_;
    Connection connection_;
};

}  // namespace

Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("query").as_text().empty())
        return fail(ErrorCode::invalid_argument, "query is empty; write the SELECT to ask");
    return std::unique_ptr<SourceLink>(std::make_unique<Poller>(settings, rooms));
}

Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("table").as_text().empty())
        return fail(ErrorCode::invalid_argument, "table is empty; name the table to look up");
    return std::unique_ptr<Lookup>(std::make_unique<Finder>(settings, rooms));
}

}  // namespace hw::connector::postgresql
