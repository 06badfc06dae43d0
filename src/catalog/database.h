#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "model/value.h"

namespace hw::catalog {

// What a column holds. Null is std::monostate.
using Value = std::variant<std::monostate, int64_t, double, std::string, model::Bytes>;
using Row = std::vector<Value>;

enum class ColumnType : uint8_t { int64, float64, text, bytes };

// One prepared statement; reads as ":name" places in the order of its parameters. Lives within the
// call of Database that its Session came from. Where one statement runs for many rows, preparing
// it once is ten times as fast as Session::run.
class Statement {
  public:
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;

    // Each parameter is null or of the type it was prepared with (asserted). How many rows changed.
    Result<uint64_t> run(std::span<const Value> parameters);
    // Calls `take` with each row; the row may be moved from. A failure of `take` ends it.
    Result<void> each(std::span<const Value> parameters,
                      const std::function<Result<void>(Row&)>& take);

  private:
    friend class Session;
    struct State;
    explicit Statement(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

// The statements that one transaction may run. SQL is what SQLite and PostgreSQL both take: text,
// bigint, double precision; ids are handed out by the rooms; no dialect's own functions. Errors
// name the statement; conflict where a constraint says no, no_space where the disk is full.
class Session {
  public:
    Result<uint64_t> run(std::string_view sql, std::span<const Value> parameters = {});
    Result<uint64_t> run(std::string_view sql, std::initializer_list<Value> parameters) {
        return run(sql, std::span<const Value>(parameters.begin(), parameters.size()));
    }
    // All rows; `types` says what each column is read as.
    Result<std::vector<Row>> rows(std::string_view sql, std::initializer_list<ColumnType> types,
                                  std::span<const Value> parameters = {});
    Result<std::vector<Row>> rows(std::string_view sql, std::initializer_list<ColumnType> types,
                                  std::initializer_list<Value> parameters) {
        return rows(sql, types, std::span<const Value>(parameters.begin(), parameters.size()));
    }
    // The one number of one row, e.g. a count; 0 where it is null or there is no row.
    Result<int64_t> number(std::string_view sql, std::initializer_list<Value> parameters = {});
    Result<Statement> prepare(std::string_view sql, std::span<const ColumnType> parameters,
                              std::span<const ColumnType> columns = {});

  private:
    friend class Database;
    struct State;
    explicit Session(State& state) : state_(state) {}

    State& state_;
};

// One step of a room's schema: statements, each ended by ';' at the end of a line.
struct Migration {
    std::string_view name;
    std::string_view sql;
};

// The relational store of everything that is configured or accounted. One connection behind one
// mutex: any thread, one at a time, so keep transactions short. SQLite in WAL mode with foreign
// keys and synchronous=FULL: what was committed outlives a crash and a power cut.
class Database {
  public:
    // `where` is the file's path; ":memory:" is for tests. A database that another process writes
    // is waited for up to `busy_timeout`.
    static Result<std::unique_ptr<Database>> open(const std::string& where,
                                                  Duration busy_timeout = seconds(10));
    ~Database();

    // All that `work` does or, where it or the commit fails, nothing. Not from within `work`.
    Result<void> transaction(const std::function<Result<void>(Session&)>& work);
    // The same without a transaction, for reading.
    Result<void> read(const std::function<Result<void>(Session&)>& work) const;

    // Brings a room's tables to the newest version: what of the list (1, 2, ...) was not run yet
    // runs in one transaction, recorded in schema_version. Errors: unsupported where the file was
    // written by a newer program.
    Result<void> migrate(std::string_view room, std::span<const Migration> migrations);

    // Copies the database, as it is now, to a new file; meanwhile nobody else is served.
    Result<void> backup(const std::string& path) const;

  private:
    explicit Database(std::unique_ptr<Session::State> state);

    mutable Mutex mutex_;
    const std::unique_ptr<Session::State> state_ HW_LOCKING(pt_guarded_by(mutex_));
};

// Readers of a cell: the default where it is null.
int64_t as_int(const Value& value, int64_t otherwise = 0);
double as_double(const Value& value, double otherwise = 0);
std::string as_text(Value&& value);

}  // namespace hw::catalog
