#include "connector/kafka/kafka.h"

#include "connector/kafka/parts.h"

namespace hw::connector::kafka {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"bootstrap_hosts", text_list, "127.0.0.1:9092", "Brokers to ask first, as host:port.", 0, 0,
     false},
    {"client_id", text, "headworks", "Name of this client in the brokers' logs and quotas.", 0, 0,
     false},
    {.key = "security_protocol",
     .type = text,
     .default_value = "plaintext",
     .help = "How the brokers are spoken to.",
     .needs_restart = false,
     .choices = "plaintext|ssl|sasl_plaintext|sasl_ssl"},
    {.key = "sasl_mechanism",
     .type = text,
     .default_value = "PLAIN",
     .help = "How the user is proven, for sasl_plaintext and sasl_ssl.",
     .needs_restart = false,
     .choices = "PLAIN|SCRAM-SHA-256|SCRAM-SHA-512"},
    {"username", text, "", "User name, for SASL.", 0, 0, false},
    {"password_file", text, "", "File whose first line is the password, for SASL.", 0, 0, false},
    {"ca_file", text, "", "Certificates of authorities, PEM; empty: the system's.", 0, 0, false},
    {"certificate_file", text, "", "Own certificate, PEM, where the brokers ask for one.", 0, 0,
     false},
    {"key_file", text, "", "Private key of the certificate, PEM.", 0, 0, false},
    {"connect_timeout", duration, "5s", "Time for connecting and for the connection test.", 1, 300,
     false},
};

constexpr Property sink[] = {
    {"topic", text, "", "Topic to write to; a template, e.g. plant-${site}.", 0, 0, false},
    {"key", text, "", "Key of a message, a template; empty: none.", 0, 0, false},
    {"value", text, "${.}", "Value of a message, a template.", 0, 0, false},
    {"headers", text_list, "", "Headers as name=template.", 0, 0, false},
    {.key = "compression",
     .type = text,
     .default_value = "zstd",
     .help = "Compression of the messages of one request.",
     .needs_restart = false,
     .choices = "none|gzip|snappy|lz4|zstd"},
    {.key = "required_acks",
     .type = text,
     .default_value = "all",
     .help = "Whose copies a message waits for: all = every replica in sync, leader, none.",
     .needs_restart = false,
     .choices = "all|leader|none"},
    {"message_bytes_limit", bytes, "1MB", "Messages larger than this are rejected.", 1000, 1e9,
     false},
    {"request_timeout", duration, "30s", "Time until a batch must be acknowledged.", 1, 900, false},
};

constexpr Property source[] = {
    {"topic", text, "", "Topic to read, or several by commas; ^ begins a regular expression.", 0, 0,
     false},
    {"group_id", text, "headworks", "Consumer group; its members share the partitions.", 0, 0,
     false},
    {.key = "offset_reset",
     .type = text,
     .default_value = "latest",
     .help = "Where to begin when the group has no mark yet.",
     .needs_restart = false,
     .choices = "latest|earliest"},
    {"batch_size", integer, "1000", "Messages handed over in one go, at most.", 1, 100'000, false},
};

constexpr Kind the_kind = {
    "kafka",
    "Apache Kafka",
    "Writes to and reads from Apache Kafka 0.11 and later, and what speaks its protocol.",
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

}  // namespace hw::connector::kafka
