#include "connector/postgresql/postgresql.h"

#include "connector/postgresql/parts.h"

namespace hw::connector::postgresql {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"host", text, "127.0.0.1", "Host, or the folder of a Unix socket.", 0, 0, false},
    {"port", integer, "5432", "TCP port.", 1, 65'535, false},
    {"database", text, "postgres", "Database.", 0, 0, false},
    {"username", text, "postgres", "User name.", 0, 0, false},
    {"password_file", text, "", "File whose first line is the password; empty: none.", 0, 0, false},
    {.key = "sslmode",
     .type = text,
     .default_value = "prefer",
     .help = "Whether TLS is used, and how far the server is checked.",
     .needs_restart = false,
     .choices = "disable|allow|prefer|require|verify-ca|verify-full"},
    {"ca_file", text, "", "Certificates of authorities, PEM, for verify-ca and verify-full.", 0, 0,
     false},
    {"connect_timeout", duration, "5s", "Time for connecting.", 2, 300, false},
    {"request_timeout", duration, "30s", "Time for one statement.", 0.1, 3600, false},
};

constexpr Property sink[] = {
    {"sql", text, "",
     "Statement for each row; ${...} become parameters, e.g. INSERT INTO t VALUES (${id}, "
     "${flow}).",
     0, 0, false},
    {"table", text, "", "Table to insert into, instead of sql.", 0, 0, false},
    {"columns", text_list, "", "Columns of the table: name (the row's member) or name=template.", 0,
     0, false},
    {"conflict", text_list, "", "Columns of a unique key: a row that is there is updated.", 0, 0,
     false},
};

constexpr Property source[] = {
    {"query", text, "", "SELECT to ask; $1 is the last value of tracking_column.", 0, 0, false},
    {"interval", duration, "10s", "Time between two questions.", 0.1, 86'400, false},
    {"tracking_column", text, "", "Column that only grows, by which rows are ordered; empty: none.",
     0, 0, false},
    {"tracking_start", text, "", "Its value before the first question; empty: NULL.", 0, 0, false},
    {"topic", text, "", "Topic of the messages.", 0, 0, false},
};

constexpr Property lookup[] = {
    {"table", text, "", "Table to look up.", 0, 0, false},
    {"rows_limit", integer, "1000", "Rows of one answer at most.", 1, 100'000, false},
    {"cache_ttl", duration, "60s", "How long an answer is used again; 0: never.", 0, 31e6, false},
    {"cache_missing_ttl", duration, "10s",
     "How long it is remembered that there was no row; 0: not at all.", 0, 31e6, false},
    {"cache_size", integer, "10000", "Answers that are kept, at most.", 0, 10'000'000, false},
};

constexpr Kind the_kind = {
    "postgresql",
    "PostgreSQL, TimescaleDB",
    "Writes to, polls and looks up in PostgreSQL 9.6 and later, and what speaks its protocol.",
    connection,
    sink,
    source,
    lookup,
    make_sink,
    make_source,
    make_lookup,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

}  // namespace hw::connector::postgresql
