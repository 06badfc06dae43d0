#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "io/address.h"

namespace hw::io {

// Called when a socket of a ReadinessSet is ready; `events` are EPOLLIN, EPOLLOUT, EPOLLERR,
// EPOLLHUP.
class ReadyHandler {
  public:
    virtual ~ReadyHandler() = default;
    virtual void on_ready(uint32_t events) = 0;
};

// The stream sockets of one reactor in a level-triggered epoll of their own, which the reactor's
// io_context watches as one descriptor. Asio's own sockets cost an epoll_ctl, an allocation and a
// scheduler pass for each readiness; here a readiness costs what its handler does, and a whole
// batch two calls. The reactor's thread.
class ReadinessSet {
  public:
    static constexpr size_t batch_limit = 256;

    ReadinessSet();

    int descriptor() const { return epoll_.get(); }
    void add(int socket, uint32_t events, ReadyHandler& handler);
    void change(int socket, uint32_t events, ReadyHandler& handler);
    // To be called before the socket is closed or given away. The handler is not called again.
    void remove(int socket, ReadyHandler& handler);
    // Calls the handlers that are ready, at most batch_limit; returns how many.
    size_t dispatch();

  private:
    Socket epoll_;
    std::array<epoll_event, batch_limit> events_;
    std::span<epoll_event> batch_;  // still to be called
};

}  // namespace hw::io
