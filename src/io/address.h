#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::io {

// One way to reach a host and port.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

enum class Resolve { numeric_only, names };

// All addresses of host:port, best first. With names it may block on DNS: never on a reactor.
// An empty host is any address. Fails with unavailable (name unknown) and never with an empty list.
Result<std::vector<Address>> resolve(const std::string& host, uint16_t port, Resolve how);

// "127.0.0.1:1883", "[::1]:1883"
std::string endpoint_text(const std::string& host, uint16_t port);

// A socket descriptor that is closed unless released.
class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket();
    Socket(Socket&& other) noexcept : descriptor_(other.release()) {}
    Socket& operator=(Socket&& other) noexcept;

    int get() const { return descriptor_; }
    bool valid() const { return descriptor_ >= 0; }
    int release();

  private:
    int descriptor_;
};

// TCP_NODELAY and SO_KEEPALIVE: every stream carries small messages that wait for answers.
void set_stream_options(int socket);

}  // namespace hw::io
