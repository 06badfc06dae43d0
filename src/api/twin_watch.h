#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/twin_socket.h"
#include "api/workers.h"
#include "io/reactor.h"
#include "io/stream.h"
#include "twin/watch/watch_manager.h"

namespace hw::api {

// Subscriptions to twins over HTTP, their events as server-sent events and over WebSocket.
//   event: property   data: {"event","twin","path","value",...}   id: <sequence>
//   event: gap        data: {"missed":n}
//   event: end        data: {"reason":"..."}
// A comment comes when the events of a stream are heard, and while none come.
class TwinWatchOperations {
  public:
    struct Rooms {
        twin::WatchManager& watches;
        io::Reactor& reactor;  // of HTTP
    };
    explicit TwinWatchOperations(Rooms rooms);
    ~TwinWatchOperations();

    void add_to(std::vector<Operation>& operations);
    // A WebSocket of text messages, path /api/v1/twin/ws. The reactor's thread.
    static constexpr std::string_view socket_path = "/api/v1/twin/ws";
    static constexpr size_t socket_message_limit = 256 << 10;
    void open(std::unique_ptr<io::Stream> stream);
    // Ends the sockets; the streams end with WatchManager::stop(). The reactor's thread.
    void close_all();

  private:
    void add_subscriptions(std::vector<Operation>& operations);
    void add_events(std::vector<Operation>& operations);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void create(Exchange exchange);
    void put(Exchange exchange);
    void remove(Exchange exchange);
    void figures(Exchange exchange) const;
    void all_figures(Exchange exchange) const;
    void test(Exchange exchange);
    void follow(Exchange exchange);
    void follow_filter(Exchange exchange);

    const Rooms rooms_;
    std::set<std::shared_ptr<TwinSocket>> sockets_;  // the reactor's thread only
    Workers workers_;                                // what sockets ask for, in order
};

// The members of components/schemas, as rules_schemas().
std::string_view twin_watch_schemas();

}  // namespace hw::api
