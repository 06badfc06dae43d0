#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"

// libpq's own names, so that its header stays in .cpp files.
struct pg_conn;
struct pg_result;

namespace hw::connector::postgresql {

struct Release {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
};
using Connection = std::unique_ptr<pg_conn, Release>;
using Answer = std::unique_ptr<pg_result, Release>;

// One parameter of a statement in PostgreSQL's text form; nullopt: NULL.
using Parameter = std::optional<std::string>;
// Arrays and objects as JSON, bytes as \x hex, times as RFC 3339.
Parameter parameter_of(const sql::Datum& value);

// Connects within connect_timeout. Errors: unavailable, permission_denied, with what the server
// said; not_found: the file of a secret.
Result<Connection> connect(const Config::Table& settings, const Rooms& rooms);

// Runs one statement. Errors, with the server's words and SQLSTATE: unavailable where the
// connection broke or what is amiss is not the values' fault; unsupported where a value is not of
// its type; invalid_argument where it is refused otherwise.
Result<Answer> run(pg_conn& connection, const std::string& sql,
                   const std::vector<Parameter>& parameters);
// Of an answer: null where it is good. Codes as of run().
std::optional<Error> error_of(pg_conn& connection, const pg_result* result);

// The rows as objects by the columns' names; numbers, booleans and JSON as what they are.
std::vector<sql::Datum> rows_of(const pg_result& result);

}  // namespace hw::connector::postgresql
