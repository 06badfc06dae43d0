#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "io/stream.h"

namespace hw::io {

struct SimNetworkSettings {
    Duration least_delay = microseconds(10);
    Duration most_delay = milliseconds(5);
    double split_chance = 0.5;  // that one send arrives in more than one piece
    double cut_chance = 0;      // per piece, that the connection breaks instead; what is on its way
                                // is lost
    size_t socket_bytes = 64 << 10;  // on their way in one direction; more is queued by the sender
};

// A network in memory, for simulation: the same seed gives the same deliveries in the same order.
// Keeps the contract of Stream: bytes in order, on_closed last and once, no handler called from
// inside start, send or close, a reader that stops fills the sender's queue. The clock is advanced
// from delivery to delivery. One thread; it must outlive its streams.
class SimNetwork {
  public:
    SimNetwork(uint64_t seed, ManualClock& clock, SimNetworkSettings settings = {});
    ~SimNetwork();

    struct Ends {
        std::unique_ptr<Stream> client;
        std::unique_ptr<Stream> server;
    };
    Ends connect();

    // When the next delivery is due; nullopt if the network is quiet.
    std::optional<Time> next() const;
    // Advances the clock to the next delivery and makes it. False if the network is quiet.
    bool step();
    // Makes the deliveries that are due by the clock's time.
    void run_due();
    // Breaks every connection, as a power cut of a switch would.
    void cut_all();
    void set_cut_chance(double chance) { settings_.cut_chance = chance; }

  private:
    friend class SimEnd;
    class Link;

    // `call` runs at `at`; equal times run in the order of scheduling.
    void schedule(Time at, std::move_only_function<void()> call);
    Duration delay();

    ManualClock& clock_;
    SimNetworkSettings settings_;
    Random random_;
    std::map<std::pair<int64_t, uint64_t>, std::move_only_function<void()>> events_;
    uint64_t next_event_ = 0;
    uint64_t next_port_ = 40000;
    std::vector<std::weak_ptr<Link>> links_;
};

}  // namespace hw::io
