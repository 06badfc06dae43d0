#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "io/stream.h"
#include "simulation/judge.h"
#include "simulation/messages.h"
#include "wire/mqtt/client_connection.h"

namespace hw::simulation {

// One MQTT client that publishes and subscribes, over many connections. It checks what the server
// says to it; see the on_ functions.
class SimClient final : private mqtt::ClientHandler {
  public:
    struct Interest {
        std::string filter;
        uint8_t qos = 0;
        bool shared = false;
        bool active = false;  // the server has said so, in this session
        bool asked = false;
        bool was_active = false;
    };
    struct Settings {
        size_t index = 0;
        mqtt::ClientOptions options;
        std::vector<Interest> interests;
    };

    SimClient(Settings settings, const ManualClock& clock, Messages& messages, Judge& judge);
    ~SimClient() override;

    const std::string& name() const { return connection_name_; }
    size_t index() const { return index_; }
    // Starts anew on this stream. What is left of an older connection stays half open until the
    // server closes it.
    void connect(std::unique_ptr<io::Stream> stream);
    void disconnect();
    // The stream is gone at once, and the server hears of it later.
    void drop();
    void publish(Message& message);
    void unsubscribe(Random& random);
    void subscribe_all();
    void tick();

    bool online() const { return connection_.connected(); }
    bool has_stream() const { return wire_ != nullptr; }
    size_t window() const { return connection_.window(); }
    // Nothing is under way in either direction as far as the client knows.
    bool settled() const;

    // Grows whenever what the server owes this client may be gone.
    uint64_t epoch() const { return epoch_; }
    const std::vector<Interest>& interests() const { return interests_; }
    // How often the message came in this session.
    uint32_t times_got(uint32_t number) const;

  private:
    struct Wire;
    struct Waiting {
        uint16_t id;
        Message* message;
    };

    void flush();
    void retire();
    void on_bytes(Wire& wire, BytesView bytes);
    void on_wire_closed(Wire& wire);
    void watch_answers(Wire& wire, BytesView bytes);
    void watch_answer(Wire& wire, const mqtt::Ack& ack);
    void note_sent(std::string_view bytes);
    // A message that came late for the first time is out of order, unless it was sent again and the
    // first sending need not have come.
    bool out_of_order(const Message& message) const;
    bool wanted(const mqtt::Publish& packet) const;
    void send_subscribe(Interest& interest);

    void on_connected(const mqtt::Connack& packet) override;
    void on_message(const mqtt::Publish& packet) override;
    void on_subscribed(mqtt::PacketId id, BytesView reasons) override;
    void on_closed(const mqtt::ProtocolError& error) override;

    const size_t index_;
    const std::string connection_name_;
    const ManualClock& clock_;
    Messages& messages_;
    Judge& judge_;
    mqtt::ClientConnection connection_;
    mqtt::Version version_;
    std::vector<Interest> interests_;
    std::map<uint16_t, size_t> subscribing_;  // packet id to interest
    std::string out_;
    std::unique_ptr<Wire> wire_;
    std::vector<std::unique_ptr<Wire>> old_wires_;
    uint64_t generation_ = 1;  // of the session
    uint64_t epoch_ = 0;
    std::unordered_map<uint32_t, uint32_t> got_;
    std::map<std::tuple<size_t, std::string, uint8_t>, uint32_t> newest_;
};

}  // namespace hw::simulation
