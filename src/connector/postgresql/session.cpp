#include "connector/postgresql/session.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "connector/settings_text.h"
#include "sql/json.h"

namespace hw::connector::postgresql {

namespace {

// Type numbers of pg_type.dat that do not change.
constexpr Oid bool_oid = 16, int8_oid = 20, int2_oid = 21, int4_oid = 23, oid_oid = 26,
              json_oid = 114, float4_oid = 700, float8_oid = 701, numeric_oid = 1700,
              jsonb_oid = 3802;

std::string without_newline(const char* text) {
    std::string out(text == nullptr ? "" : text);
    while (!out.empty() && (out.back() == '\n' || out.back() == ' '))
        out.pop_back();
    return out;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
    return number;
}

// Whether a class of SQLSTATE says nothing of the row: connection, resources, operator, roll-back,
// the disk; a server that only reads; and a table, column or right that is missing, which somebody
// mends: a row's values are in parameters and cannot be the reason.
bool passes_by_itself(std::string_view kind) {
    constexpr std::string_view classes[] = {"08", "25", "28", "3D", "3F", "40",
                                            "42", "53", "55", "57", "58"};
    return std::ranges::find(classes, kind) != std::end(classes);
}

sql::Datum cell_of(Oid type, std::string_view text, sql::JsonReader& reader) {
    switch (type) {
        case bool_oid:
            return sql::Datum::boolean(text == "t");
        case int2_oid:
        case int4_oid:
        case int8_oid:
        case oid_oid:
            if (const auto number = number_of<int64_t>(text)) return sql::Datum::integer(*number);
            break;
        case float4_oid:
        case float8_oid:
        case numeric_oid:
            if (const auto number = number_of<double>(text)) return sql::Datum::real(*number);
            break;
        case json_oid:
        case jsonb_oid:
            if (auto value = reader.read(text)) return std::move(*value);
            break;
        default:
            break;
    }
    return sql::Datum::text(text);
}

}  // namespace

void Release::operator()(pg_conn* connection) const {
    PQfinish(connection);
}
void Release::operator()(pg_result* result) const {
    PQclear(result);
}

Parameter parameter_of(const sql::Datum& value) {
    if (value.is_null()) return std::nullopt;
    std::string out;
    if (value.kind() == sql::Kind::bytes) {
        out = "\\x";
        for (const char c : value.as_text())
            out += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return out;
    }
    sql::append_plain(out, value);
    return out;
}

Result<Connection> connect(const Config::Table& settings, const Rooms& rooms) {
    const std::string password = HW_TRY(secret_setting(settings, "password_file", rooms));
    const auto text = [&](const char* key) { return settings.find(key)->second.text.c_str(); };
    const std::string seconds_text = std::to_string(
        std::max<int64_t>(2, settings.at("connect_timeout").as_duration().ns / seconds(1).ns));
    const std::string options = fmt::format(
        "-c statement_timeout={}", settings.at("request_timeout").as_duration().ns / 1'000'000);
    // A line that is cut in silence would otherwise block for a quarter of an hour.
    const std::string silence =
        std::to_string(settings.at("request_timeout").as_duration().ns / 1'000'000);
    const char* keys[] = {"host",
                          "port",
                          "dbname",
                          "user",
                          "password",
                          "sslmode",
                          "sslrootcert",
                          "connect_timeout",
                          "options",
                          "application_name",
                          "client_encoding",
                          "keepalives_idle",
                          "tcp_user_timeout",
                          nullptr};
    const char* values[] = {
        text("host"),     text("port"),    text("database"), text("username"),
        password.c_str(), text("sslmode"), text("ca_file"),  seconds_text.c_str(),
        options.c_str(),  "headworks",     "UTF8",           "30",
        silence.c_str(),  nullptr};
    Connection connection(PQconnectdbParams(keys, values, 0));
    if (connection && PQstatus(connection.get()) == CONNECTION_OK) return connection;
    const std::string why = without_newline(PQerrorMessage(connection.get()));
    const bool denied = why.find("authentication") != std::string::npos ||
                        why.find("password") != std::string::npos;
    return fail(denied ? ErrorCode::permission_denied : ErrorCode::unavailable,
                fmt::format("PostgreSQL: {}", why));
}

std::optional<Error> error_of(pg_conn& connection, const pg_result* result) {
    const auto status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC)
        return std::nullopt;
    if (status == PGRES_PIPELINE_ABORTED)
        return Error(ErrorCode::cancelled, "PostgreSQL: a row before it failed");
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string why = without_newline(result != nullptr ? PQresultErrorMessage(result)
                                                              : PQerrorMessage(&connection));
    const std::string_view kind = state == nullptr ? "08" : std::string_view(state).substr(0, 2);
    const bool passes = PQstatus(&connection) != CONNECTION_OK || passes_by_itself(kind);
    const auto refused = kind == "22" ? ErrorCode::unsupported : ErrorCode::invalid_argument;
    return Error(passes ? ErrorCode::unavailable : refused,
                 fmt::format("PostgreSQL: {}{}", why,
                             state == nullptr ? "" : fmt::format(" (SQLSTATE {})", state)));
}

Result<Answer> run(pg_conn& connection, const std::string& sql,
                   const std::vector<Parameter>& parameters) {
    std::vector<const char*> values;
    for (const auto& parameter : parameters)
        values.push_back(parameter ? parameter->c_str() : nullptr);
    Answer answer(PQexecParams(&connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                               values.data(), nullptr, nullptr, 0));
    if (auto error = error_of(connection, answer.get())) return fail(std::move(*error));
    return answer;
}

std::vector<sql::Datum> rows_of(const pg_result& result) {
    sql::JsonReader reader;
    std::vector<sql::Datum> rows;
    const int columns = PQnfields(&result);
    for (int row = 0; row < PQntuples(&result); ++row) {
        sql::Datum object = sql::Datum::object({});
        for (int column = 0; column < columns; ++column) {
            sql::Datum value;
            if (PQgetisnull(&result, row, column) == 0)
                value = cell_of(PQftype(&result, column),
                                {PQgetvalue(&result, row, column),
                                 static_cast<size_t>(PQgetlength(&result, row, column))},
                                reader);
            object.put(PQfname(&result, column), std::move(value));
        }
        rows.push_back(std::move(object));
    }
    return rows;
}

}  // namespace hw::connector::postgresql
