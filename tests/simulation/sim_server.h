#pragma once

#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "broker/broker.h"
#include "history/engine.h"
#include "ingest/ingest.h"
#include "io/sim_disk.h"
#include "io/stream.h"
#include "model/point_directory.h"
#include "simulation/history_model.h"
#include "simulation/judge.h"
#include "simulation/messages.h"
#include "simulation/sim_keeper.h"
#include "store/memory_store.h"

namespace hw::simulation {

// The server: broker, ingest and history, and the disk and store that outlive them. Down until
// start(), and after a crash.
class SimServer {
  public:
    struct Settings {
        broker::Settings broker;
        history::Settings history;
        uint64_t keeper_bytes_limit = 0;
        Mutant mutant = Mutant::none;
    };
    // How far things went, so that one sees that the worlds are not too tame.
    struct Seen {
        size_t memory_bytes = 0;  // the most
        size_t queue_bytes = 0;   // the most
        uint64_t chunks = 0;
        uint64_t pauses = 0;
        uint64_t takeovers = 0;
        uint64_t dropped = 0;
        void add(const Seen& other);
    };
    enum class Crash {
        power,    // what was not synced may be lost
        process,  // what was written stays
    };

    SimServer(uint64_t seed, Settings settings, const ManualClock& clock, Messages& messages,
              HistoryModel& model, Judge& judge);
    ~SimServer();

    bool up() const { return broker_ != nullptr; }
    // May fail while the disk does.
    void start();
    // The connections are cut by whoever owns the network.
    void crash(Crash kind);
    void open(std::unique_ptr<io::Stream> stream) { broker_->open(std::move(stream)); }

    // After each batch of events.
    void end_round();
    void tick();
    void commit_some(Random& random);
    void commit_all();
    void deliver_answers(size_t most);
    void keep_house(Random& random);
    void seal_all();
    // Odds of each write and sync to fail, and bytes that still fit.
    void spoil(double odds, uint64_t room);
    void heal();
    void check_history();
    void check_buckets(Random& random);

    bool idle() const { return keeper_->waiting() == 0 && keeper_->answers() == 0; }
    const broker::Broker& broker() const { return *broker_; }
    const Seen& seen() const { return seen_; }

  private:
    void check_limits();
    void note_seen();
    bool make_room();

    const Settings settings_;
    const ManualClock& clock_;
    Messages& messages_;
    HistoryModel& model_;
    Judge& judge_;
    io::SimDisk disk_;
    store::MemoryStore store_;
    broker::Gate gate_;

    // Of one life, in the order of making.
    std::unique_ptr<Metrics> metrics_;
    std::unique_ptr<model::PointDirectory> points_;
    std::unique_ptr<history::Engine> engine_;
    std::unique_ptr<ingest::Ingest> ingest_;
    std::unique_ptr<SimKeeper> keeper_;
    std::unique_ptr<broker::Broker> broker_;
    bool was_overloaded_ = false;
    Seen seen_;
};

}  // namespace hw::simulation
