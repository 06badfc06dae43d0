#include "app/mqtt_load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace hw::app {

namespace {

void add_packet(std::string& out, uint8_t first, std::string_view body) {
    ByteWriter writer(out);
    writer.u8(first);
    writer.varint(body.size());
    writer.text(body);
}

void add_text(std::string& out, std::string_view text) {
    ByteWriter writer(out);
    writer.big(static_cast<uint16_t>(text.size()));
    writer.text(text);
}

}  // namespace

LoadClient::~LoadClient() {
    if (fd_ >= 0) ::close(fd_);
}

LoadClient::LoadClient(LoadClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Result<void> LoadClient::open(const std::string& host, uint16_t port, std::string_view client_id,
                              std::string_view filter, unsigned qos) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
        return fail(ErrorCode::invalid_argument, fmt::format("'{}' is not an IPv4 address", host));
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        return fail(ErrorCode::unavailable,
                    fmt::format("{}:{}: {}", host, port, std::strerror(errno)));
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    std::string body;
    add_text(body, "MQTT");
    body.append("\x04\x02\x00\x00", 4);  // 3.1.1, clean session, no keep-alive
    add_text(body, client_id);
    add_packet(out_, 0x10, body);
    size_t wanted = 4;
    if (!filter.empty()) {
        body.assign("\x00\x01", 2);
        add_text(body, filter);
        body += static_cast<char>(qos);
        add_packet(out_, 0x82, body);
        wanted += 5;
    }
    if (!flush()) return fail(ErrorCode::unavailable, "the server closed the connection");
    char answer[16];
    for (size_t have = 0; have < wanted;) {
        const auto got = ::recv(fd_, answer + have, wanted - have, 0);
        if (got <= 0)
            return fail(ErrorCode::unavailable,
                        "the server closed the connection before it accepted the client");
        have += static_cast<size_t>(got);
    }
    if (answer[3] != 0)
        return fail(ErrorCode::permission_denied,
                    fmt::format("CONNECT was refused with code {}", int{answer[3]}));
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
    return {};
}

void LoadClient::add_publish(std::string_view topic, std::string_view payload, unsigned qos) {
    ByteWriter writer(out_);
    writer.u8(static_cast<uint8_t>(0x30 | qos << 1));
    writer.varint(2 + topic.size() + (qos > 0 ? 2 : 0) + payload.size());
    writer.big(static_cast<uint16_t>(topic.size()));
    writer.text(topic);
    if (qos > 0) {
        packet_id_ = packet_id_ == 65'535 ? uint16_t{1} : static_cast<uint16_t>(packet_id_ + 1);
        writer.big(packet_id_);
    }
    writer.text(payload);
}

void LoadClient::add_puback(uint16_t packet_id) {
    ByteWriter writer(out_);
    writer.big(uint16_t{0x4002});
    writer.big(packet_id);
}

bool LoadClient::flush() {
    while (sent_ < out_.size()) {
        const auto done = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
        if (done < 0) return errno == EAGAIN || errno == EINTR;
        sent_ += static_cast<size_t>(done);
    }
    out_.clear();
    sent_ = 0;
    return true;
}

long LoadClient::receive(std::string& scratch) {
    const auto got = ::recv(fd_, scratch.data(), scratch.size(), 0);
    if (got > 0) return got;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    return -1;
}

size_t LoadClient::packet_bytes(std::string_view bytes, size_t& body) {
    size_t length = 0;
    for (size_t i = 1; i < bytes.size() && i < 5; ++i) {
        const auto byte = static_cast<uint8_t>(bytes[i]);
        length |= static_cast<size_t>(byte & 0x7f) << (7 * (i - 1));
        if ((byte & 0x80) != 0) continue;
        body = i + 1;
        return bytes.size() >= body + length ? body + length : 0;
    }
    return 0;
}

}  // namespace hw::app
