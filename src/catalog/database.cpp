#include "catalog/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <optional>

#include "base/assert.h"

namespace hw::catalog {

struct Session::State {
    soci::session sql;
};

namespace {

constexpr size_t told_sql_bytes = 160;

ErrorCode code_of(const std::exception& error) {
    const auto* own = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    if (own == nullptr) return ErrorCode::io_failed;
    switch (own->result() & 0xff) {
        case SQLITE_CONSTRAINT:
            return ErrorCode::conflict;
        case SQLITE_FULL:
            return ErrorCode::no_space;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorCode::unavailable;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corrupt;
        default:
            return ErrorCode::io_failed;
    }
}

// SOCI throws; from here on it is a value.
Error told(const std::exception& error, std::string_view sql) {
    std::string text = error.what();
    while (!text.empty() && (text.back() == '.' || text.back() == '\n'))
        text.pop_back();
    return Error(code_of(error),
                 fmt::format("catalog: {} (in: {}{})", text, sql.substr(0, told_sql_bytes),
                             sql.size() > told_sql_bytes ? "..." : ""));
}

// A place that SOCI reads a parameter from, or writes a column to.
struct Slot {
    ColumnType type = ColumnType::text;
    long long integer = 0;
    double real = 0;
    std::string text;
    std::optional<soci::blob> blob;
    soci::indicator indicator = soci::i_ok;

    void set(const Value& value) {
        indicator = soci::i_ok;
        if (std::holds_alternative<std::monostate>(value)) {
            indicator = soci::i_null;
        } else if (const auto* whole = std::get_if<int64_t>(&value)) {
            HW_ASSERT(type == ColumnType::int64);
            integer = *whole;
        } else if (const auto* number = std::get_if<double>(&value)) {
            HW_ASSERT(type == ColumnType::float64);
            real = *number;
        } else if (const auto* words = std::get_if<std::string>(&value)) {
            HW_ASSERT(type == ColumnType::text);
            text = *words;
        } else {
            HW_ASSERT(type == ColumnType::bytes);
            const auto& data = std::get<model::Bytes>(value).data;
            blob->trim(0);
            if (!data.empty()) blob->write(0, data.data(), data.size());
        }
    }
    Value get() {
        if (indicator == soci::i_null) return std::monostate();
        switch (type) {
            case ColumnType::int64:
                return static_cast<int64_t>(integer);
            case ColumnType::float64:
                return real;
            case ColumnType::text:
                return text;
            case ColumnType::bytes: {
                std::string data(blob->get_len(), '\0');
                if (!data.empty()) blob->read(0, data.data(), data.size());
                return model::Bytes{std::move(data)};
            }
        }
        HW_UNREACHABLE();
    }
};

ColumnType type_of(const Value& value) {
    switch (value.index()) {
        case 1:
            return ColumnType::int64;
        case 2:
            return ColumnType::float64;
        case 4:
            return ColumnType::bytes;
        default:
            return ColumnType::text;
    }
}

}  // namespace

struct Statement::State {
    State(soci::session& session, std::string_view text) : statement(session), sql(text) {}

    void bind(soci::session& session, std::span<const ColumnType> parameter_types,
              std::span<const ColumnType> column_types) {
        for (const auto type : parameter_types) {
            Slot& slot = add(session, parameters, type);
            exchange(slot,
                     [&](auto& place) { statement.exchange(soci::use(place, slot.indicator)); });
        }
        for (const auto type : column_types) {
            Slot& slot = add(session, columns, type);
            exchange(slot,
                     [&](auto& place) { statement.exchange(soci::into(place, slot.indicator)); });
        }
        statement.alloc();
        statement.prepare(sql);
        statement.define_and_bind();
    }

    void set(std::span<const Value> values) {
        HW_ASSERT(values.size() == parameters.size());
        for (size_t i = 0; i < values.size(); ++i)
            parameters[i].set(values[i]);
    }

    soci::statement statement;
    const std::string sql;
    std::deque<Slot> parameters;  // SOCI keeps their addresses
    std::deque<Slot> columns;

  private:
    static Slot& add(soci::session& session, std::deque<Slot>& slots, ColumnType type) {
        Slot& slot = slots.emplace_back();
        slot.type = type;
        if (type == ColumnType::bytes) slot.blob.emplace(session);
        return slot;
    }
    static void exchange(Slot& slot, const auto& with) {
        switch (slot.type) {
            case ColumnType::int64:
                return with(slot.integer);
            case ColumnType::float64:
                return with(slot.real);
            case ColumnType::text:
                return with(slot.text);
            case ColumnType::bytes:
                return with(*slot.blob);
        }
    }
};

Statement::Statement(std::unique_ptr<State> state) : state_(std::move(state)) {}
Statement::~Statement() = default;
Statement::Statement(Statement&& other) noexcept = default;
Statement& Statement::operator=(Statement&& other) noexcept = default;

Result<uint64_t> Statement::run(std::span<const Value> parameters) {
    try {
        state_->set(parameters);
        state_->statement.execute(true);
        const long long changed = state_->statement.get_affected_rows();
        return changed < 0 ? uint64_t{0} : static_cast<uint64_t>(changed);
    } catch (const std::exception& error) {
        return fail(told(error, state_->sql));
    }
}

Result<void> Statement::each(std::span<const Value> parameters,
                             const std::function<Result<void>(Row&)>& take) {
    try {
        state_->set(parameters);
        state_->statement.execute(false);
        Row row(state_->columns.size());
        while (state_->statement.fetch()) {
            for (size_t i = 0; i < row.size(); ++i)
                row[i] = state_->columns[i].get();
            HW_TRY(take(row));
        }
        return {};
    } catch (const std::exception& error) {
        return fail(told(error, state_->sql));
    }
}

Result<Statement> Session::prepare(std::string_view sql, std::span<const ColumnType> parameters,
                                   std::span<const ColumnType> columns) {
    try {
        auto state = std::make_unique<Statement::State>(state_.sql, sql);
        state->bind(state_.sql, parameters, columns);
        return Statement(std::move(state));
    } catch (const std::exception& error) {
        return fail(told(error, sql));
    }
}

Result<uint64_t> Session::run(std::string_view sql, std::span<const Value> parameters) {
    std::vector<ColumnType> types;
    for (const auto& value : parameters)
        types.push_back(type_of(value));
    auto statement = HW_TRY(prepare(sql, types));
    return statement.run(parameters);
}

Result<std::vector<Row>> Session::rows(std::string_view sql,
                                       std::initializer_list<ColumnType> types,
                                       std::span<const Value> parameters) {
    std::vector<ColumnType> parameter_types;
    for (const auto& value : parameters)
        parameter_types.push_back(type_of(value));
    auto statement = HW_TRY(prepare(sql, parameter_types, {types.begin(), types.size()}));
    std::vector<Row> all;
    HW_TRY(statement.each(parameters, [&](Row& row) -> Result<void> {
        all.push_back(row);
        return {};
    }));
    return all;
}

Result<int64_t> Session::number(std::string_view sql, std::initializer_list<Value> parameters) {
    const auto found = HW_TRY(rows(sql, {ColumnType::int64}, parameters));
    return found.empty() ? 0 : as_int(found.front().front());
}

Database::Database(std::unique_ptr<Session::State> state) : state_(std::move(state)) {}
Database::~Database() = default;

namespace {

// It has hashes of passwords and the secrets of devices, which are not for other accounts of the
// machine. SQLite gives its journal the same mode. What cannot be done here, opening it tells.
void keep_private(const std::string& path, bool make) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    if (file < 0) return;
    (void)::fchmod(file, 0600);
    ::close(file);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& where, Duration busy_timeout) {
    if (where.empty() || where.find('"') != std::string::npos)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the catalog's path '{}' is empty or has a quote in it", where));
    if (where != ":memory:") keep_private(where, true);
    auto state = std::make_unique<Session::State>();
    try {
        state->sql.open(soci::sqlite3,
                        fmt::format("dbname=\"{}\" timeout={}", where,
                                    std::max<int64_t>(1, busy_timeout.ns / 1'000'000'000)));
        std::string mode;
        state->sql << "pragma journal_mode = wal", soci::into(mode);
        state->sql << "pragma synchronous = full";
        state->sql << "pragma foreign_keys = on";
        state->sql << "create table if not exists schema_version (room text not null primary key, "
                      "version bigint not null)";
    } catch (const std::exception& error) {
        return fail(told(error, "open " + where));
    }
    return std::unique_ptr<Database>(new Database(std::move(state)));
}

Result<void> Database::transaction(const std::function<Result<void>(Session&)>& work) {
    MutexLock lock(mutex_);
    Session session(*state_);
    try {
        state_->sql.begin();
    } catch (const std::exception& error) {
        return fail(told(error, "begin"));
    }
    Result<void> done = work(session);
    try {
        if (done) {
            state_->sql.commit();
            return done;
        }
    } catch (const std::exception& error) {
        done = fail(told(error, "commit"));
    }
    try {
        state_->sql.rollback();
    } catch (const std::exception&) {
        // SQLite rolls back by itself where the failure was grave; then there is nothing to do.
        return done;
    }
    return done;
}

Result<void> Database::read(const std::function<Result<void>(Session&)>& work) const {
    MutexLock lock(mutex_);
    Session session(*state_);
    return work(session);
}

namespace {

Result<void> run_statements(Session& session, std::string_view text) {
    while (!text.empty()) {
        const size_t end = text.find(";\n");
        const auto one = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
        if (one.find_first_not_of(" \n;") != std::string_view::npos) HW_TRY(session.run(one));
    }
    return {};
}

}  // namespace

Result<void> Database::migrate(std::string_view room, std::span<const Migration> migrations) {
    return transaction([&](Session& session) -> Result<void> {
        const int64_t version = HW_TRY(session.number(
            "select version from schema_version where room = :room", {std::string(room)}));
        const auto newest = static_cast<int64_t>(migrations.size());
        if (version > newest)
            return fail(ErrorCode::unsupported,
                        fmt::format("the catalog's tables of '{}' are of version {}, this program "
                                    "knows {}; start the newer program, or restore a backup",
                                    room, version, newest));
        for (int64_t i = version; i < newest; ++i) {
            const auto& migration = migrations[static_cast<size_t>(i)];
            if (auto done = run_statements(session, migration.sql); !done)
                return fail(done.error().within(
                    fmt::format("migration {} of '{}' ({})", i + 1, room, migration.name)));
        }
        if (version == newest) return {};
        HW_TRY(session.run("delete from schema_version where room = :room", {std::string(room)}));
        HW_TRY(session.run("insert into schema_version (room, version) values (:room, :version)",
                           {std::string(room), newest}));
        return {};
    });
}

Result<void> Database::backup(const std::string& path) const {
    MutexLock lock(mutex_);
    Session session(*state_);
    HW_TRY(session.run("vacuum into :path", {path}));
    keep_private(path, false);
    return {};
}

int64_t as_int(const Value& value, int64_t otherwise) {
    const auto* number = std::get_if<int64_t>(&value);
    return number == nullptr ? otherwise : *number;
}

double as_double(const Value& value, double otherwise) {
    const auto* number = std::get_if<double>(&value);
    return number == nullptr ? otherwise : *number;
}

std::string as_text(Value&& value) {
    auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : std::move(*text);
}

}  // namespace hw::catalog
