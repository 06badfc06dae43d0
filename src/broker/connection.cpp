#include "broker/connection.h"

#include <algorithm>

#include "broker/core.h"

namespace hw::broker {

Connection::Connection(Core& core, uint64_t number, std::unique_ptr<io::Stream> over)
    : serial(number),
      stream(std::move(over)),
      protocol(core.limits, core.now()),
      opened(core.now()),
      core_(core) {}

void Connection::on_bytes(BytesView bytes) {
    if (phase != Phase::open) return;
    const Time now = core_.now();
    core_.figures.bytes_in += bytes.size();
    bytes_in += bytes.size();
    core_.outputs.touch(*this);
    if (session != nullptr) session->confirmed = true;
    protocol.feed(bytes, now, *this, out);
    if (phase != Phase::open) return;
    if (protocol.closed()) {
        core_.lifecycle.drop(*this, Departure::lost, "protocol_error");
        return;
    }
    if (kept_some && core_.must_pause()) pause();
}

void Connection::on_drained() {
    unsent_bytes = 0;
    if (session != nullptr) core_.courier.pump(*session);
}

void Connection::on_closed(const Error&) {
    stream_closed = true;
    if (phase == Phase::open) core_.lifecycle.drop(*this, Departure::lost, "tcp_closed");
    phase = Phase::gone;
    core_.bury(*this);
}

void Connection::arm() {
    const auto deadline = protocol.deadline();
    if (!deadline || armed_ <= *deadline) return;
    armed_ = *deadline;
    core_.timers.arm(armed_, Timers::Kind::connection, serial);
}

void Connection::on_timer(Time when) {
    // Superseded by one that was armed for an earlier time.
    if (when != armed_ || phase != Phase::open) return;
    armed_ = Time{INT64_MAX};
    const Time now = core_.now();
    if (!protocol.expired(now)) {
        arm();
        return;
    }
    if (paused || now < grace_until_) {
        armed_ = std::max(grace_until_, now + seconds(1));
        core_.timers.arm(armed_, Timers::Kind::connection, serial);
        return;
    }
    ++core_.figures.keep_alive_timeouts;
    core_.outputs.touch(*this);
    protocol.time_out(out);
    core_.lifecycle.drop(*this, Departure::lost, "keepalive_timeout");
}

void Connection::pause() {
    if (paused) return;
    paused = true;
    ++core_.figures.publisher_pauses;
    stream->set_reading(false);
    core_.paused.push_back(serial);
}

void Connection::unpause() {
    if (!paused) return;
    paused = false;
    grace_until_ = core_.now() + seconds(protocol.keep_alive_s() + 5);
    if (phase == Phase::open) stream->set_reading(true);
}

void Connection::close_stream() {
    if (stream_closed) return;
    stream_closed = true;
    stream->close();
}

void Connection::on_connect(const mqtt::Connect& packet) {
    core_.lifecycle.connect(*this, packet);
}

void Connection::on_publish(const mqtt::Publish& packet) {
    ++messages_in;
    if (session != nullptr) core_.inbox.receive(*this, packet);
}

void Connection::on_ack(const mqtt::Ack& packet) {
    if (session == nullptr) return;
    if (packet.type == mqtt::PacketType::pubrel)
        core_.inbox.released(*this, packet);
    else
        core_.courier.acknowledged(*session, packet);
}

void Connection::on_subscribe(const mqtt::Subscribe& packet) {
    if (session != nullptr) core_.subscriber.subscribe(*this, packet);
}

void Connection::on_unsubscribe(const mqtt::Unsubscribe& packet) {
    if (session != nullptr) core_.subscriber.unsubscribe(*this, packet);
}

void Connection::on_disconnect(const mqtt::Disconnect& packet) {
    if (session != nullptr) core_.lifecycle.leave(*this, packet);
}

void Connection::on_ping() {
    if (session != nullptr && core_.watch.wants(Event::ping)) core_.watch.ping(*this);
}

void Connection::on_auth(const mqtt::Auth&) {
    // No method is offered, so that nobody can have begun one.
    protocol.disconnect(mqtt::Reason::bad_authentication_method, out);
}

void Connection::on_protocol_error(const mqtt::ProtocolError&) {
    ++core_.figures.protocol_errors;
}

}  // namespace hw::broker
