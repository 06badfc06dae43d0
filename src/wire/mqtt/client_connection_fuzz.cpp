#include "wire/mqtt/client_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/random.h"

// The first byte chooses the version and is the seed of the splits; the rest is what a server
// sends. The client publishes as much as it may all the while, and must do and hear the same
// whether it is fed whole packets or pieces.
namespace hw::mqtt {
namespace {

class User : public ClientHandler {
  public:
    User(Version version, uint16_t receive_maximum)
        : client({.version = version,
                  .client_id = "fuzz",
                  .clean_start = false,
                  .receive_maximum = receive_maximum,
                  .topic_alias_maximum = 3,
                  .topic_alias_maximum_out = 3,
                  .in_flight_max = 5}) {
        client.connect(Time{0}, out);
    }

    void on_connected(const Connack& p) override {
        told += fmt::format("C{}\n", p.session_present);
        const Subscription asked[] = {{"#", Qos::exactly_once}};
        (void)client.subscribe(asked, out);
        publish();
    }
    void on_message(const Publish& p) override {
        HW_ASSERT(valid_topic_name(p.topic));
        told += fmt::format("M{} {}\n", p.topic, as_text(p.payload));
        (void)client.publish({.topic = p.topic, .payload = p.payload}, out);
    }
    void on_acknowledged(PacketId id, Reason reason) override {
        told += fmt::format("A{}{}\n", id.value(), static_cast<int>(reason));
        publish();
    }
    void on_subscribed(PacketId id, BytesView reasons) override {
        told += fmt::format("S{}{}\n", id.value(), reasons.size());
    }
    void on_auth(const Auth& p) override {
        told += fmt::format("X{}\n", static_cast<int>(p.reason));
    }
    void on_closed(const ProtocolError& e) override {
        told += fmt::format("E{}{}\n", static_cast<int>(e.reason), e.why);
    }

    void publish() {
        while (client.window() > 0) {
            const Qos qos = ++sent % 2 == 0 ? Qos::at_least_once : Qos::exactly_once;
            if (!client.publish({.topic = "up", .payload = as_bytes("1"), .qos = qos}, out)) break;
        }
        HW_ASSERT(client.in_flight() <= 5);
    }
    void feed(std::string_view bytes) { client.feed(as_bytes(bytes), Time{0}, *this, out); }

    ClientConnection client;
    std::string told;
    std::string out;
    int sent = 0;
};

}  // namespace
}  // namespace hw::mqtt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto version = static_cast<hw::mqtt::Version>(3 + data[0] % 3);
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::mqtt::User whole(version, 2);
    whole.feed(bytes);

    hw::mqtt::User pieces(version, 2);
    hw::Random random(data[0]);
    for (std::string_view rest = bytes; !rest.empty();) {
        const size_t take = std::min<size_t>(rest.size(), random.below(40));
        pieces.feed(std::string(rest.substr(0, take)));
        rest.remove_prefix(take);
    }
    HW_ASSERT(pieces.told == whole.told);
    HW_ASSERT(pieces.out == whole.out);
    // The stream breaks and a new one begins, with what was left in flight.
    whole.client.lost();
    whole.client.connect(hw::Time{1}, whole.out);
    whole.feed(bytes);
    whole.client.tick(hw::Time{0} + hw::seconds(3600), whole, whole.out);
    return 0;
}
