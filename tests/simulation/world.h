#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "io/sim_network.h"
#include "simulation/history_model.h"
#include "simulation/judge.h"
#include "simulation/messages.h"
#include "simulation/sim_client.h"
#include "simulation/sim_server.h"

namespace hw::simulation {

// Clients, network, server and disk in one thread, all from one seed: what there is, what happens
// and in which order. run() ends at the first thing found wrong.
class World {
  public:
    struct Totals {
        uint64_t messages = 0;
        uint64_t acknowledged = 0;
        uint64_t failed = 0;
        uint64_t samples = 0;
        uint64_t crashes = 0;
        uint64_t owed = 0;
        SimServer::Seen seen;
    };

    World(uint64_t seed, Mutant mutant, bool tracing);

    void run();
    // Empty if all was right.
    const std::string& wrong() const { return judge_.why(); }
    Totals totals();

  private:
    // What this world is like. Not every world has every trouble, since one hides another.
    struct Nature {
        uint64_t steps = 0;
        bool busy = false;  // much is published, so that history seals and removes what it may
        double cut_chance = 0;
        bool disk_fails = false;
        bool crashes = false;
        bool clients_leave = false;
        bool queues_overflow = false;
    };

    Nature make_nature(uint64_t seed);
    SimServer::Settings server_settings(Mutant mutant);
    SimClient::Settings client_settings(size_t index, bool shared);
    void make_clients();

    void step();
    void run_network(size_t events);
    void advance(Duration by);
    void act(SimClient& client);
    void connect(SimClient& client);
    void publish(SimClient& client);
    void note_debts(Message& message);
    void spoil_disk();
    void crash();
    void settle();
    bool settle_once();
    bool at_rest() const;
    std::string unrest() const;
    void check_debts();
    void check_end();

    Random random_;
    ManualClock clock_;
    Judge judge_;
    Messages messages_;
    HistoryModel model_;
    Nature nature_;
    io::SimNetwork network_;
    SimServer server_;
    std::vector<std::unique_ptr<SimClient>> clients_;
    Time ticked_;
    uint64_t crashes_ = 0;
    uint64_t owed_ = 0;
};

}  // namespace hw::simulation
