#include <fmt/format.h>
#include <libpq-fe.h>

#include <utility>

#include "connector/postgresql/parts.h"
#include "connector/postgresql/session.h"
#include "connector/postgresql/statement.h"

namespace hw::connector::postgresql {

namespace {

constexpr const char* prepared = "hw";

// A batch is one transaction: all rows in one round trip (pipeline mode). Where the server refuses
// one, the rows go one by one, so that only that row is rejected.
class Writer final : public Sink {
  public:
    Writer(Config::Table settings, const Rooms& rooms, Statement statement)
        : settings_(std::move(settings)), rooms_(rooms), statement_(std::move(statement)) {}

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;

  private:
    using Rows = std::vector<std::vector<Parameter>>;

    Result<void> connect_once();
    Sent send_batch(const Rows& rows, Sent otherwise);
    Sent send_singly(const Rows& rows, Sent otherwise);
    std::optional<Error> run_pipeline(const Rows& rows);
    Result<void> queue(const std::vector<Parameter>& row);

    const Config::Table settings_;
    const Rooms rooms_;
    const Statement statement_;
    Renderer renderer_;
    Connection connection_;
};

Result<void> Writer::connect_once() {
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
    connection_.reset();
    auto connection = HW_TRY(connect(settings_, rooms_));
    const Answer answer(
        PQprepare(connection.get(), prepared, statement_.sql().c_str(), 0, nullptr));
    if (auto error = error_of(*connection, answer.get())) return fail(std::move(*error));
    connection_ = std::move(connection);
    return {};
}

Result<void> Writer::test() {
    const bool old = connection_ != nullptr;
    HW_TRY(connect_once());
    if (!old) return {};
    // An idle connection does not notice that its server has gone.
    if (auto alive = run(*connection_, "SELECT 1", {}); alive) return {};
    connection_.reset();
    return connect_once();
}

Result<void> Writer::queue(const std::vector<Parameter>& row) {
    std::vector<const char*> values;
    for (const auto& parameter : row)
        values.push_back(parameter ? parameter->c_str() : nullptr);
    if (PQsendQueryPrepared(connection_.get(), prepared, static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) == 1)
        return {};
    return fail(ErrorCode::unavailable,
                fmt::format("PostgreSQL: {}", PQerrorMessage(connection_.get())));
}

// The first error, or null: then the transaction is committed.
std::optional<Error> Writer::run_pipeline(const Rows& rows) {
    pg_conn* connection = connection_.get();
    PQenterPipelineMode(connection);
    for (const auto& row : rows)
        if (auto queued = queue(row); !queued) return queued.error();
    if (PQpipelineSync(connection) != 1)
        return Error(ErrorCode::unavailable,
                     fmt::format("PostgreSQL: {}", PQerrorMessage(connection)));
    std::optional<Error> first;
    // For each row its answer and an end mark (null); then the answer to the sync.
    for (size_t ends = 0;;) {
        const Answer answer(PQgetResult(connection));
        if (!answer) {
            if (++ends > rows.size() + 1 || PQstatus(connection) != CONNECTION_OK) break;
            continue;
        }
        if (PQresultStatus(answer.get()) == PGRES_PIPELINE_SYNC) break;
        if (auto error = error_of(*connection, answer.get()); error && !first)
            first = std::move(error);
    }
    if (PQexitPipelineMode(connection) != 1 || PQstatus(connection) != CONNECTION_OK)
        return Error(ErrorCode::unavailable, "PostgreSQL: the connection broke");
    return first;
}

Sent Writer::send_singly(const Rows& rows, Sent otherwise) {
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto error = run_pipeline({rows[i]});
        if (!error) continue;
        const bool passes = error->code() == ErrorCode::unavailable;
        if (passes) connection_.reset();
        return {passes ? Sent::Outcome::retry : Sent::Outcome::rejected, i, error->text()};
    }
    return otherwise;
}

Sent Writer::send_batch(const Rows& rows, Sent otherwise) {
    if (rows.empty()) return otherwise;
    const auto error = run_pipeline(rows);
    if (!error) return otherwise;
    if (error->code() == ErrorCode::unavailable) {
        connection_.reset();
        return {Sent::Outcome::retry, 0, error->text()};
    }
    return send_singly(rows, std::move(otherwise));
}

Sent Writer::send(std::span<const Item> items) {
    if (auto ready = connect_once(); !ready) {
        // A statement that cannot be prepared stays wrong until somebody mends the table or it.
        return {Sent::Outcome::retry, 0, ready.error().text()};
    }
    Rows rows;
    Sent sent{Sent::Outcome::sent, items.size(), ""};
    for (const auto& item : items) {
        auto row = statement_.parameters(renderer_, item);
        if (!row) {
            sent = {Sent::Outcome::rejected, rows.size(), row.error().text()};
            break;
        }
        rows.push_back(std::move(*row));
    }
    return send_batch(rows, std::move(sent));
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    const auto& sql = settings.at("sql").as_text();
    const auto& table = settings.at("table").as_text();
    if (sql.empty() == table.empty())
        return fail(ErrorCode::invalid_argument,
                    "give sql (a statement with ${...}), or table and columns");
    auto statement = sql.empty()
                         ? HW_TRY(Statement::of_table(table, settings.at("columns").as_text_list(),
                                                      settings.at("conflict").as_text_list()))
                         : HW_TRY(Statement::compile(sql));
    return std::unique_ptr<Sink>(std::make_unique<Writer>(settings, rooms, std::move(statement)));
}

}  // namespace hw::connector::postgresql
