#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/config.h"
#include "base/error.h"

namespace hw::app {

// The composition root: makes every room, ties them together, owns the threads.
//   mqtt reactor   listener, broker, ingest's keeper
//   http reactor   HTTP server, API, live streams; its worker threads answer queries
//   gateway        devices: links, polls, writes (server_gateway.h)
//   history        commit thread, maintenance thread, query threads
class Server {
  public:
    // Serves when it returns. Errors: the folder is in use or unreadable, a port is taken.
    static Result<std::unique_ptr<Server>> start(const Config& config, const std::string& folder);
    virtual ~Server() = default;

    virtual uint16_t mqtt_port() const = 0;
    virtual uint16_t http_port() const = 0;
    // Takes no more, answers what is under way, commits what was received, closes.
    virtual void stop() = 0;
};

}  // namespace hw::app
