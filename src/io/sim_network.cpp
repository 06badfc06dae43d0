#include "io/sim_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"

namespace hw::io {
namespace {

constexpr Duration flush_limit = seconds(1);

}  // namespace

// One connection. Side 0 is the client's. Kept alive by its ends and by what is on its way.
class SimNetwork::Link : public std::enable_shared_from_this<Link> {
  public:
    Link(SimNetwork& network, uint64_t port) : network_(network) {
        sides_[0].peer = "sim:1883";
        sides_[1].peer = fmt::format("sim:{}", port);
    }

    void start(size_t side, StreamHandler& handler);
    void send(size_t side, std::string_view bytes);
    void set_reading(size_t side, bool on);
    void close(size_t side);
    void abandon(size_t side);
    void cut();
    size_t queued(size_t side) const { return sides_[side].unsent.size(); }
    const std::string& peer(size_t side) const { return sides_[side].peer; }

  private:
    struct Side {
        StreamHandler* handler = nullptr;
        std::string peer;
        std::string unsent;    // beyond what may be on its way
        size_t in_flight = 0;  // sent and not yet taken by the other side's handler
        Time last_arrival;     // of what this side sent: the next must not overtake it
        std::string inbox;     // arrived here, not yet taken
        bool reading = true;
        bool closing = false;     // closed by its owner, or by an end
        bool peer_ended = false;  // the other side's end arrived behind the inbox
        bool ended = false;       // told, or nobody is left to tell
    };

    static size_t other(size_t side) { return 1 - side; }
    void later(Time at, void (Link::*call)(size_t), size_t side) {
        network_.schedule(at, [self = shared_from_this(), call, side] { ((*self).*call)(side); });
    }
    Time now() const { return network_.clock_.now(); }
    Time arrival(Side& from) {
        from.last_arrival = std::max(from.last_arrival, now() + network_.delay());
        return from.last_arrival;
    }
    void launch(size_t side, std::string_view bytes);
    void arrive(size_t side, std::string_view piece);
    void arrive_end(size_t side);
    void deliver(size_t side);
    void pump(size_t side);
    void drained(size_t side);
    void end(size_t side);
    void flush_ends(size_t side);
    void reset(size_t side);
    void tell_closed(size_t side, Error why);

    SimNetwork& network_;
    std::array<Side, 2> sides_;
    bool broken_ = false;
};

void SimNetwork::Link::start(size_t side, StreamHandler& handler) {
    HW_ASSERT(sides_[side].handler == nullptr);
    sides_[side].handler = &handler;
    later(now(), &Link::deliver, side);
}

void SimNetwork::Link::send(size_t side, std::string_view bytes) {
    Side& from = sides_[side];
    if (from.closing || from.ended || broken_) return;
    from.unsent.append(bytes);
    if (from.unsent.size() == bytes.size()) {
        const size_t limit = network_.settings_.socket_bytes;
        const size_t taken = std::min(bytes.size(), limit - std::min(limit, from.in_flight));
        launch(side, bytes.substr(0, taken));
        from.unsent.erase(0, taken);
    }
}

void SimNetwork::Link::launch(size_t side, std::string_view bytes) {
    Side& from = sides_[side];
    from.in_flight += bytes.size();
    while (!bytes.empty()) {
        const bool split = network_.random_.chance(network_.settings_.split_chance);
        const size_t size =
            split ? 1 + static_cast<size_t>(network_.random_.below(bytes.size())) : bytes.size();
        network_.schedule(arrival(from), [self = shared_from_this(), to = other(side),
                                          piece = std::string(bytes.substr(0, size))] {
            self->arrive(to, piece);
        });
        bytes.remove_prefix(size);
    }
}

void SimNetwork::Link::arrive(size_t side, std::string_view piece) {
    if (broken_ || sides_[side].ended) return;
    if (network_.random_.chance(network_.settings_.cut_chance)) return cut();
    sides_[side].inbox.append(piece);
    deliver(side);
}

void SimNetwork::Link::arrive_end(size_t side) {
    sides_[side].peer_ended = true;
    deliver(side);
}

void SimNetwork::Link::deliver(size_t side) {
    Side& to = sides_[side];
    if (to.handler == nullptr || !to.reading || to.closing || to.ended || broken_) return;
    if (!to.inbox.empty()) {
        const std::string bytes = std::exchange(to.inbox, std::string());
        sides_[other(side)].in_flight -= bytes.size();
        to.handler->on_bytes(as_bytes(bytes));
        pump(other(side));
    }
    if (to.peer_ended && to.reading && to.inbox.empty())
        tell_closed(side, Error(ErrorCode::cancelled, ""));
}

// There may be room again for what was not sent.
void SimNetwork::Link::pump(size_t side) {
    Side& from = sides_[side];
    const size_t limit = network_.settings_.socket_bytes;
    if (from.unsent.empty() || from.in_flight >= limit) return;
    const size_t taken = std::min(from.unsent.size(), limit - from.in_flight);
    launch(side, std::string_view(from.unsent).substr(0, taken));
    from.unsent.erase(0, taken);
    if (from.unsent.empty()) later(now(), from.closing ? &Link::end : &Link::drained, side);
}

void SimNetwork::Link::drained(size_t side) {
    Side& from = sides_[side];
    if (from.handler != nullptr && !from.closing && !from.ended && from.unsent.empty())
        from.handler->on_drained();
}

void SimNetwork::Link::set_reading(size_t side, bool on) {
    sides_[side].reading = on;
    if (on) later(now(), &Link::deliver, side);
}

void SimNetwork::Link::close(size_t side) {
    Side& from = sides_[side];
    if (from.closing || from.ended) return;
    from.closing = true;
    if (from.unsent.empty()) return later(now(), &Link::end, side);
    later(now() + flush_limit, &Link::flush_ends, side);
}

void SimNetwork::Link::flush_ends(size_t side) {
    if (sides_[side].ended) return;
    sides_[side].unsent.clear();
    end(side);
}

// All is sent: the end follows it to the other side.
void SimNetwork::Link::end(size_t side) {
    if (sides_[side].ended) return;
    later(arrival(sides_[side]), &Link::arrive_end, other(side));
    tell_closed(side, Error(ErrorCode::cancelled, ""));
}

void SimNetwork::Link::abandon(size_t side) {
    Side& from = sides_[side];
    from.handler = nullptr;
    if (from.closing || from.ended) return;
    from.closing = true;
    from.unsent.clear();
    end(side);
}

void SimNetwork::Link::cut() {
    if (std::exchange(broken_, true)) return;
    for (const size_t side : {0, 1})
        later(now() + network_.delay(), &Link::reset, side);
}

void SimNetwork::Link::reset(size_t side) {
    tell_closed(side, Error(ErrorCode::io_failed, "the simulated network cut the connection"));
}

void SimNetwork::Link::tell_closed(size_t side, Error why) {
    Side& at = sides_[side];
    if (std::exchange(at.ended, true)) return;
    if (StreamHandler* handler = std::exchange(at.handler, nullptr)) handler->on_closed(why);
}

class SimEnd final : public Stream {
  public:
    SimEnd(std::shared_ptr<SimNetwork::Link> link, size_t side)
        : link_(std::move(link)), side_(side) {}
    ~SimEnd() override { link_->abandon(side_); }

    void start(StreamHandler& handler) override { link_->start(side_, handler); }
    void send(BytesView bytes) override { link_->send(side_, as_text(bytes)); }
    void send(std::string&& bytes) override {
        link_->send(side_, bytes);
        bytes.clear();
    }
    size_t queued_bytes() const override { return link_->queued(side_); }
    void set_reading(bool on) override { link_->set_reading(side_, on); }
    void close() override { link_->close(side_); }
    const std::string& peer() const override { return link_->peer(side_); }

  private:
    std::shared_ptr<SimNetwork::Link> link_;
    size_t side_;
};

SimNetwork::SimNetwork(uint64_t seed, ManualClock& clock, SimNetworkSettings settings)
    : clock_(clock), settings_(settings), random_(seed) {}
SimNetwork::~SimNetwork() = default;

SimNetwork::Ends SimNetwork::connect() {
    auto link = std::make_shared<Link>(*this, next_port_++);
    std::erase_if(links_, [](const auto& old) { return old.expired(); });
    links_.push_back(link);
    return {std::make_unique<SimEnd>(link, 0), std::make_unique<SimEnd>(link, 1)};
}

std::optional<Time> SimNetwork::next() const {
    if (events_.empty()) return std::nullopt;
    return Time{events_.begin()->first.first};
}

bool SimNetwork::step() {
    if (events_.empty()) return false;
    auto event = events_.extract(events_.begin());
    const Time at{event.key().first};
    if (at > clock_.now()) clock_.advance(at - clock_.now());
    event.mapped()();
    return true;
}

void SimNetwork::run_due() {
    while (!events_.empty() && events_.begin()->first.first <= clock_.now().ns)
        step();
}

void SimNetwork::cut_all() {
    for (const auto& weak : links_)
        if (const auto link = weak.lock()) link->cut();
}

void SimNetwork::schedule(Time at, std::move_only_function<void()> call) {
    events_.emplace(std::pair(at.ns, next_event_++), std::move(call));
}

Duration SimNetwork::delay() {
    const int64_t span = settings_.most_delay.ns - settings_.least_delay.ns;
    if (span <= 0) return settings_.least_delay;
    return settings_.least_delay +
           nanoseconds(static_cast<int64_t>(random_.below(static_cast<uint64_t>(span))));
}

}  // namespace hw::io
