#include "simulation/sim_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/point_path.h"
#include "wire/mqtt/codec.h"

namespace hw::simulation {

using mqtt::PacketType;
using mqtt::Qos;

// One connection, with what the server owes on it.
struct SimClient::Wire final : io::StreamHandler {
    explicit Wire(SimClient& owner) : client(owner) {}
    void on_bytes(BytesView bytes) override { client.on_bytes(*this, bytes); }
    void on_closed(const Error&) override {
        closed = true;
        client.on_wire_closed(*this);
    }

    SimClient& client;
    std::unique_ptr<io::Stream> stream;
    std::string inbound;
    std::deque<Waiting> waiting;  // PUBLISHes to be answered, in order
    bool closed = false;
};

SimClient::SimClient(Settings settings, const ManualClock& clock, Messages& messages, Judge& judge)
    : index_(settings.index),
      connection_name_(settings.options.client_id),
      clock_(clock),
      messages_(messages),
      judge_(judge),
      connection_(settings.options),
      version_(settings.options.version),
      interests_(std::move(settings.interests)) {}

SimClient::~SimClient() = default;

void SimClient::connect(std::unique_ptr<io::Stream> stream) {
    std::erase_if(old_wires_, [](const auto& wire) { return wire->closed; });
    retire();
    connection_.lost();
    subscribing_.clear();
    for (Interest& interest : interests_)
        interest.asked = false;
    wire_ = std::make_unique<Wire>(*this);
    wire_->stream = std::move(stream);
    wire_->stream->start(*wire_);
    judge_.note("{} connects", name());
    connection_.connect(clock_.now(), out_);
    flush();
}

void SimClient::retire() {
    if (wire_) old_wires_.push_back(std::move(wire_));
}

void SimClient::disconnect() {
    if (!online()) return;
    judge_.note("{} disconnects", name());
    connection_.disconnect(out_);
    flush();
    wire_->stream->close();
    retire();
}

void SimClient::drop() {
    judge_.note("{} drops its connection", name());
    connection_.lost();
    wire_.reset();
}

void SimClient::flush() {
    if (out_.empty()) return;
    note_sent(out_);
    if (wire_ && !wire_->closed) wire_->stream->send(as_bytes(out_));
    out_.clear();
}

// Reads along what is sent: in this order the answers must come.
void SimClient::note_sent(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto next = mqtt::next_packet(bytes, mqtt::remaining_length_max, version_);
        if (next.framing != mqtt::Framing::complete) {
            judge_.fail("{} sends a broken packet", name());
            return;
        }
        bytes.remove_prefix(next.frame.size);
        if (next.frame.type != PacketType::publish) continue;
        const auto packet = mqtt::parse_publish(next.frame, version_);
        if (!packet) continue;
        Message* const message = messages_.find(as_text(packet->payload));
        if (message == nullptr) {
            judge_.fail("{} sends what nobody wrote", name());
            return;
        }
        ++message->sends;
        if (message->last_generation != generation_) {
            message->last_generation = generation_;
            ++message->generations;
        }
        judge_.note("{} sends {} QoS {} as packet {}{}", name(), message->number, message->qos,
                    packet->packet_id.value(), packet->dup ? " again" : "");
        if (wire_ && message->qos > 0)
            wire_->waiting.push_back({packet->packet_id.value(), message});
    }
}

void SimClient::on_bytes(Wire& wire, BytesView bytes) {
    watch_answers(wire, bytes);
    if (&wire != wire_.get()) return;
    connection_.feed(bytes, clock_.now(), *this, out_);
    flush();
    if (!connection_.closed()) return;
    wire_->stream->close();
    retire();
}

void SimClient::on_wire_closed(Wire& wire) {
    if (&wire != wire_.get()) return;
    judge_.note("{} lost its connection", name());
    connection_.lost();
    retire();
}

void SimClient::watch_answers(Wire& wire, BytesView bytes) {
    wire.inbound.append(as_text(bytes));
    std::string_view rest = wire.inbound;
    while (true) {
        const auto next = mqtt::next_packet(rest, mqtt::remaining_length_max, version_);
        if (next.framing == mqtt::Framing::error) judge_.fail("{} got a broken packet", name());
        if (next.framing != mqtt::Framing::complete) break;
        rest.remove_prefix(next.frame.size);
        if (next.frame.type != PacketType::puback && next.frame.type != PacketType::pubrec)
            continue;
        const auto ack = mqtt::parse_ack(next.frame, version_);
        if (ack)
            watch_answer(wire, *ack);
        else
            judge_.fail("{} got a broken acknowledgement", name());
    }
    wire.inbound.erase(0, wire.inbound.size() - rest.size());
}

// Acknowledgements come in the order of the messages, and not before their commit.
void SimClient::watch_answer(Wire& wire, const mqtt::Ack& ack) {
    const uint16_t id = ack.packet_id.value();
    if (wire.waiting.empty() || wire.waiting.front().id != id) {
        judge_.fail("{} got {} of packet {} and waits for {}", name(), mqtt::to_string(ack.type),
                    id, wire.waiting.empty() ? 0 : wire.waiting.front().id);
        return;
    }
    Message& message = *wire.waiting.front().message;
    wire.waiting.pop_front();
    judge_.note("{} got {} of {}: {:#x}", name(), mqtt::to_string(ack.type), message.number,
                static_cast<int>(ack.reason));
    judge_.expect((ack.type == PacketType::puback) == (message.qos == 1),
                  "message {} of QoS {} is answered by {}", message.number, message.qos,
                  mqtt::to_string(ack.type));
    if (mqtt::failed(ack.reason)) {
        judge_.expect(message.failures > 0, "message {} is refused ({:#x}) without a failure",
                      message.number, static_cast<int>(ack.reason));
        return;
    }
    message.acknowledged = true;
    judge_.expect(message.samples.empty() || message.commits > 0,
                  "message {} is acknowledged and was not committed", message.number);
}

void SimClient::on_connected(const mqtt::Connack& packet) {
    judge_.note("{} is connected, {} session", name(), packet.session_present ? "old" : "new");
    if (!packet.session_present) {
        ++generation_;
        ++epoch_;
        got_.clear();
        newest_.clear();
        for (Interest& interest : interests_)
            interest.active = false;
    }
    subscribe_all();
}

void SimClient::subscribe_all() {
    if (!online()) return;
    for (Interest& interest : interests_)
        if (!interest.active && !interest.asked) send_subscribe(interest);
    flush();
}

void SimClient::send_subscribe(Interest& interest) {
    const mqtt::Subscription subscription{interest.filter, static_cast<Qos>(interest.qos)};
    const auto id = connection_.subscribe(std::span(&subscription, 1), out_);
    if (!id) return;
    subscribing_[id->value()] = static_cast<size_t>(&interest - interests_.data());
    interest.asked = true;
    interest.was_active = true;
}

void SimClient::on_subscribed(mqtt::PacketId id, BytesView reasons) {
    Interest& interest = interests_.at(subscribing_.at(id.value()));
    subscribing_.erase(id.value());
    interest.active = true;
    interest.asked = false;
    judge_.note("{} has subscribed to {} at QoS {}", name(), interest.filter, interest.qos);
    judge_.expect(reasons.size() == 1 && static_cast<uint8_t>(reasons[0]) == interest.qos,
                  "{} gets {} for its subscription at QoS {}", name(),
                  reasons.empty() ? 0xff : static_cast<int>(reasons[0]), interest.qos);
}

void SimClient::unsubscribe(Random& random) {
    if (!online() || interests_.empty()) return;
    Interest& interest = interests_[random.below(interests_.size())];
    if (!interest.active) return;
    judge_.note("{} unsubscribes from {}", name(), interest.filter);
    const std::string_view filter = interest.filter;
    if (!connection_.unsubscribe(std::span(&filter, 1), out_)) return;
    interest.active = false;
    interest.asked = false;
    ++epoch_;
    flush();
}

void SimClient::publish(Message& message) {
    mqtt::Publish packet;
    packet.topic = message.topic;
    packet.payload = as_bytes(message.payload);
    packet.qos = static_cast<Qos>(message.qos);
    packet.retain = message.retain;
    judge_.note("{} publishes {} to {} at QoS {}: {}", name(), message.number, message.topic,
                message.qos, message.payload);
    const auto sent = connection_.publish(packet, out_);
    if (!sent) judge_.fail("{} cannot publish: {}", name(), sent.error().text());
    flush();
}

void SimClient::tick() {
    if (!wire_) return;
    connection_.tick(clock_.now(), *this, out_);
    flush();
    if (!connection_.closed() || !wire_) return;
    wire_->stream->close();
    retire();
}

void SimClient::on_closed(const mqtt::ProtocolError& error) {
    judge_.note("{} is closed: {} ({:#x})", name(), error.why, static_cast<int>(error.reason));
    const bool from_server = error.why == "the server disconnected";
    constexpr std::array usual = {mqtt::Reason::session_taken_over,
                                  mqtt::Reason::keep_alive_timeout};
    const bool expected = from_server
                              ? std::find(usual.begin(), usual.end(), error.reason) != usual.end()
                              : error.why.starts_with("no answer to ");
    judge_.expect(expected, "{} is closed: {} ({:#x})", name(), error.why,
                  static_cast<int>(error.reason));
}

bool SimClient::wanted(const mqtt::Publish& packet) const {
    return std::any_of(interests_.begin(), interests_.end(), [&](const Interest& interest) {
        std::string_view filter = interest.filter;
        if (interest.shared) filter.remove_prefix(std::string_view("$share/g/").size());
        return interest.was_active && packet.qos <= static_cast<Qos>(interest.qos) &&
               model::matches(filter, packet.topic);
    });
}

void SimClient::on_message(const mqtt::Publish& packet) {
    judge_.expect(wanted(packet), "{} got a message on {} at QoS {} that it did not ask for",
                  name(), packet.topic, static_cast<int>(packet.qos));
    if (packet.topic.starts_with("w/")) {
        judge_.expect(as_text(packet.payload) == "gone", "{} got a will that nobody left", name());
        return;
    }
    const Message* const message = messages_.find(as_text(packet.payload));
    if (message == nullptr || message->topic != packet.topic) {
        judge_.fail("{} got '{}' on {}, which nobody sent", name(), as_text(packet.payload),
                    packet.topic);
        return;
    }
    judge_.note("{} got {} at QoS {}{}{}", name(), message->number, static_cast<int>(packet.qos),
                packet.dup ? ", repeated" : "", packet.retain ? ", retained" : "");
    judge_.expect(static_cast<uint8_t>(packet.qos) <= message->qos,
                  "{} got message {} of QoS {} at QoS {}", name(), message->number, message->qos,
                  static_cast<int>(packet.qos));
    if (packet.retain) return;
    const uint32_t times = ++got_[message->number];
    if (packet.qos == Qos::exactly_once)
        judge_.expect(times <= message->generations + message->failures,
                      "{} got message {} of QoS 2 {} times", name(), message->number, times);
    const bool shared = !interests_.empty() && interests_.front().shared;
    if (times > 1 || shared) return;
    // Order holds among those that were sent and came at the same QoS.
    const auto levels = static_cast<uint8_t>(message->qos * 3 + static_cast<uint8_t>(packet.qos));
    uint32_t& newest = newest_[{message->publisher, message->topic, levels}];
    judge_.expect(message->number > newest || !out_of_order(*message), "{} got message {} after {}",
                  name(), message->number, newest);
    newest = std::max(newest, message->number);
}

bool SimClient::out_of_order(const Message& message) const {
    if (message.sends == 1) return true;
    return std::any_of(message.debts.begin(), message.debts.end(), [&](const Debt& debt) {
        return debt.clients.size() == 1 && debt.clients.front() == index_ && debt.epochs == epoch_;
    });
}

uint32_t SimClient::times_got(uint32_t number) const {
    const auto found = got_.find(number);
    return found == got_.end() ? 0 : found->second;
}

bool SimClient::settled() const {
    return online() && connection_.idle() &&
           std::all_of(interests_.begin(), interests_.end(),
                       [](const Interest& interest) { return interest.active; });
}

}  // namespace hw::simulation
