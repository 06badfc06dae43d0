#pragma once

#include <memory>
#include <string>

#include "connector/connector.h"

// libnats' own names, so that its header stays in .cpp files.
struct __natsConnection;
struct __jsCtx;

namespace hw::connector::nats {

struct Destroy {
    void operator()(__natsConnection* connection) const;
    void operator()(__jsCtx* context) const;
};
using Connection = std::unique_ptr<__natsConnection, Destroy>;
using JetStream = std::unique_ptr<__jsCtx, Destroy>;

// Connects, and stays connected by itself from then on. Errors: unavailable names the servers;
// permission_denied; not_found: the file of a secret.
Result<Connection> connect(const Config::Table& settings, const Rooms& rooms);
Result<JetStream> jet_stream(__natsConnection& connection, const Config::Table& settings);
int64_t millis(const Config::Table& settings, std::string_view key);

}  // namespace hw::connector::nats
