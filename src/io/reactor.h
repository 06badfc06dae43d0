#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/time.h"
#include "io/stream.h"

namespace hw::io {

// One thread's event loop (Asio behind the wall). Work comes in rounds: wait, then handle what is
// ready (at most 256 handlers), then call the round hooks once, so that rooms can batch what one
// round brought (one commit, one write per connection).
class Reactor {
  public:
    using Task = std::move_only_function<void()>;

    explicit Reactor(std::string name);  // also the thread's name
    ~Reactor();

    // Runs on the calling thread until stop(). One thread calls it, once.
    void run();
    // Runs rounds on the calling thread until `done` holds after one: for tests and short
    // dialogues. Nothing else may run it meanwhile.
    void run_until(const std::function<bool()>& done);
    // Any thread.
    void stop();
    void post(Task task);

    // The reactor's thread only, or before run().
    void on_round_end(std::function<void()> hook);
    using TimerId = uint64_t;
    TimerId after(Duration delay, Task task);
    TimerId every(Duration period, std::function<void()> task);
    void cancel(TimerId timer);
    const Clock& clock() const;
    bool on_own_thread() const;

    struct Native;  // the io_context, for the .cpp files of this room
    Native& native() { return *native_; }

  private:
    std::unique_ptr<Native> native_;
};

using Accept = std::function<void(std::unique_ptr<Stream>)>;

// Listens on host:port (port 0: any free one) and hands over each connection on the reactor's
// thread. TCP_NODELAY is set. Errors name the address and the remedy (in use: who may hold it).
class TcpListener {
  public:
    static Result<std::unique_ptr<TcpListener>> open(Reactor& reactor, const std::string& host,
                                                     uint16_t port, size_t connections_limit,
                                                     Metrics& metrics, Accept accept);
    virtual ~TcpListener() = default;
    virtual uint16_t port() const = 0;
    // Accepts no more; open connections stay.
    virtual void close() = 0;
};

// Connects; `done` is called on the reactor's thread, once.
void connect_tcp(Reactor& reactor, const std::string& host, uint16_t port, Duration timeout,
                 std::move_only_function<void(Result<std::unique_ptr<Stream>>)> done);

}  // namespace hw::io
