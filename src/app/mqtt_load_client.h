#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::app {

// One MQTT 3.1.1 connection of the load generator: a non-blocking socket with buffers. It knows
// just enough of the protocol to send PUBLISH and to tell packets apart.
class LoadClient {
  public:
    LoadClient() = default;
    ~LoadClient();
    LoadClient(LoadClient&& other) noexcept;
    LoadClient& operator=(LoadClient&&) = delete;

    // Connects, and subscribes where a filter is given; blocks until the server has answered.
    Result<void> open(const std::string& host, uint16_t port, std::string_view client_id,
                      std::string_view filter, unsigned qos);

    int fd() const { return fd_; }
    void add_publish(std::string_view topic, std::string_view payload, unsigned qos);
    void add_puback(uint16_t packet_id);
    bool has_output() const { return sent_ < out_.size(); }
    // False: the server closed the connection.
    bool flush();
    // Reads what is there once and calls `on_packet(first_byte, body)` for each whole packet.
    template <class OnPacket>
    bool read(std::string& scratch, OnPacket&& on_packet);

    unsigned unacknowledged = 0;
    uint64_t sequence = 0;  // of the next message to send

  private:
    long receive(std::string& scratch);
    // Length of the packet at the start, 0 while incomplete; `body` is where its body begins.
    static size_t packet_bytes(std::string_view bytes, size_t& body);

    int fd_ = -1;
    uint16_t packet_id_ = 0;
    size_t sent_ = 0;
    std::string out_;
    std::string partial_;
};

template <class OnPacket>
bool LoadClient::read(std::string& scratch, OnPacket&& on_packet) {
    const long got = receive(scratch);
    if (got < 0) return false;
    std::string_view bytes(scratch.data(), static_cast<size_t>(got));
    if (!partial_.empty()) {
        partial_.append(bytes);
        bytes = partial_;
    }
    size_t body = 0;
    while (const size_t whole = packet_bytes(bytes, body)) {
        on_packet(static_cast<uint8_t>(bytes[0]), bytes.substr(body, whole - body));
        bytes.remove_prefix(whole);
    }
    std::string rest(bytes);
    partial_ = std::move(rest);
    return true;
}

}  // namespace hw::app
