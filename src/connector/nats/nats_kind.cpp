#include "connector/nats/nats_kind.h"

#include "connector/nats/parts.h"

namespace hw::connector::nats {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"servers", text_list, "nats://127.0.0.1:4222", "Servers of one cluster, as nats://host:port.",
     0, 0, false},
    {"username", text, "", "User name; empty: none.", 0, 0, false},
    {"password_file", text, "", "File whose first line is the password.", 0, 0, false},
    {"token_file", text, "", "File whose first line is the token, instead of a user.", 0, 0, false},
    {"credentials_file", text, "", "File of JWT and seed (.creds), instead of a user.", 0, 0,
     false},
    {"tls", boolean, "false", "Whether the servers are spoken to by TLS.", 0, 0, false},
    {"ca_file", text, "", "Certificates of authorities, PEM; empty: the system's.", 0, 0, false},
    {"connect_timeout", duration, "5s", "Time for connecting.", 0.1, 300, false},
    {"request_timeout", duration, "5s", "Time until the server must have answered.", 0.1, 300,
     false},
    {"jetstream", boolean, "false",
     "Whether JetStream keeps what is written (a stream must take the subject) and what is read.",
     0, 0, false},
};

constexpr Property sink[] = {
    {"subject", text, "", "Subject to publish to; a template, e.g. plant.${site}.flow.", 0, 0,
     false},
    {"payload", text, "${.}", "Payload, a template.", 0, 0, false},
    {"headers", text_list, "", "Headers as name=template.", 0, 0, false},
};

constexpr Property source[] = {
    {"subject", text, "", "Subject to read; * one level, > the rest.", 0, 0, false},
    {"queue_group", text, "", "Readers of one group share the messages; not with JetStream.", 0, 0,
     false},
    {"durable", text, "headworks", "Name of the durable consumer, with JetStream.", 0, 0, false},
    {"batch_size", integer, "1000", "Messages handed over in one go, at most.", 1, 100'000, false},
};

constexpr Kind the_kind = {
    "nats",
    "NATS",
    "Publishes to and reads from NATS 2.2 and later, with or without JetStream.",
    connection,
    sink,
    source,
    {},
    make_sink,
    make_source,
    nullptr,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

}  // namespace hw::connector::nats
