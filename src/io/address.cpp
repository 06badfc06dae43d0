#include "io/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace hw::io {

Result<std::vector<Address>> resolve(const std::string& host, uint16_t port, Resolve how) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (how == Resolve::numeric_only) hints.ai_flags |= AI_NUMERICHOST;
    addrinfo* found = nullptr;
    const std::string service = fmt::format("{}", port);
    const int error =
        ::getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found);
    if (error != 0)
        return fail(ErrorCode::unavailable,
                    fmt::format("cannot find the host '{}': {}", host, ::gai_strerror(error)));
    std::vector<Address> addresses;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        Address address;
        std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
        address.size = at->ai_addrlen;
        addresses.push_back(address);
    }
    ::freeaddrinfo(found);
    if (addresses.empty())
        return fail(ErrorCode::unavailable, fmt::format("the host '{}' has no address", host));
    return addresses;
}

std::string endpoint_text(const std::string& host, uint16_t port) {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Socket::~Socket() {
    if (valid()) ::close(descriptor_);
}

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        if (valid()) ::close(descriptor_);
        descriptor_ = other.release();
    }
    return *this;
}

int Socket::release() {
    return std::exchange(descriptor_, -1);
}

void set_stream_options(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

}  // namespace hw::io
