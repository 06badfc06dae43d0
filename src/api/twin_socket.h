#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/workers.h"
#include "base/mutex.h"
#include "io/reactor.h"
#include "io/stream.h"
#include "sql/datum.h"
#include "twin/watch/watch_manager.h"

namespace hw::api {

// One client of the twins' events over WebSocket, any number of subscriptions:
//   {"subscribe":{...},"ref":1}    a subscription's members, or the id of a kept one;
//                                  "last_event_id" goes on behind that event
//   {"unsubscribe":1}
// and back
//   {"subscribed":1}  {"unsubscribed":1}  {"ref":1,"error":{"code","detail"}}
//   {"ref":1,"id":"<sequence>","data":{"event","twin",...}}
//   {"ref":1,"gap":{"missed":n}}  {"ref":1,"ended":"why"}  {"heartbeat":true}
// A ref is a number or a text of the client's. The stream lives on the reactor's thread; what
// blocks runs on the worker; events come from the courier's thread and wait while more than the
// limit is unsent.
class TwinSocket final : public io::StreamHandler, public std::enable_shared_from_this<TwinSocket> {
  public:
    static constexpr size_t subscriptions_limit = 100;

    TwinSocket(io::Reactor& reactor, std::unique_ptr<io::Stream> stream,
               twin::WatchManager& watches, Workers& workers,
               std::function<void(const std::shared_ptr<TwinSocket>&)> closed);
    ~TwinSocket() override;

    // The reactor's thread, these.
    void start();
    void close();
    void on_bytes(BytesView bytes) override;
    void on_drained() override;
    void on_closed(const Error& why) override;

    // Any thread, these.
    void send(std::vector<std::string> messages);
    void refuse(std::string_view ref, const Error& error);
    bool gone() const { return gone_; }
    bool full() const { return posted_ + unsent_ > queue_limit_; }
    // Sends a sign of life where nothing has gone out since the last call.
    void idle();

  private:
    class Sink;

    void handle(const std::string& message);
    void subscribe(const sql::Datum& message, const std::string& ref);
    void unsubscribe(const std::string& ref);
    void send_now(const std::vector<std::string>& messages, size_t bytes);

    io::Reactor& reactor_;
    std::unique_ptr<io::Stream> stream_;
    twin::WatchManager& watches_;
    Workers& workers_;
    const std::function<void(const std::shared_ptr<TwinSocket>&)> closed_;
    const size_t queue_limit_;
    std::atomic<size_t> posted_{0};  // bytes on their way to the reactor
    std::atomic<size_t> unsent_{0};  // what the socket had not taken when it was looked at last
    std::atomic<bool> gone_{false};
    std::atomic<bool> spoke_{false};
    Mutex mutex_;
    std::map<std::string, std::shared_ptr<Sink>> sinks_ HW_LOCKING(guarded_by(mutex_));  // by ref
};

}  // namespace hw::api
