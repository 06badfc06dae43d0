#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "io/disk.h"
#include "rules/checkpoint.h"
#include "rules/engine.h"
#include "rules/lanes.h"
#include "rules/outputs.h"
#include "rules/points_table.h"
#include "rules/settings.h"
#include "rules/streams.h"
#include "rules/trace.h"
#include "store/segment_log.h"

namespace hw::rules {

// All of the rules at run time but their thread: the way in, the engine, the way out, checkpoints.
// Simulations call round() themselves; Runtime does it on its thread.
class Worker {
  public:
    struct Rooms {
        const Settings& settings;
        const Clock& clock;
        io::Disk& disk;  // rooted in the folder of the rules
        const sql::FunctionTable& functions;
        const model::PointDirectory& points;
        Ports& ports;
        OutletMaker* outlets = nullptr;
        RefusedRows* refused = nullptr;  // of the outlets; null: they have none
        std::function<std::string(model::PointId)> unit = {};
        Streams::TableMaker tables = {};
        Engine::Compile compile = sql::Query::compile;
        sql::SchemaRegistry* schemas = nullptr;
        PointsTable::Last last = {};  // for tables of points; empty: there are none
    };
    explicit Worker(Rooms rooms);
    ~Worker();

    // Opens the log and the newest checkpoint. Then rules are put, then begin(), then round().
    Result<void> open();
    // States go into the rules that were put, and the log is replayed to them.
    Result<void> begin();
    // Takes what has come in, closes windows that are due, hands on what came out, saves a
    // checkpoint where it is time. True: there is more at once.
    bool round();
    // When round() is needed even if nothing comes in.
    std::optional<Time> next_wake();
    // History or the broker asks to be spared: round() takes nothing until they are better.
    bool stalled() const { return stalled_; }
    // Whether everything that came in is worked on, handed over and in a checkpoint. After close of
    // the inlet, for the end.
    bool settle();
    // Rows that outlets refused, to the fallbacks. round() does it; after the end for those that
    // outlets refused while they stopped.
    void give_refused();

    Result<void> put(std::shared_ptr<const RuleSpec> spec, int64_t version,
                     sql::Flaw* flaw = nullptr);
    bool remove(std::string_view id);
    // What put() would say, without it.
    Result<void> check(const RuleSpec& spec, sql::Flaw* flaw = nullptr);

    Interest& interest() { return interest_; }
    const Interest& interest() const { return interest_; }
    Inlet& inlet() { return *inlet_; }
    Engine& engine() { return *engine_; }
    Streams& streams() { return streams_; }
    Tracer& tracer() { return tracer_; }
    Outputs& outputs() { return outputs_; }
    struct Figures {
        uint64_t checkpoints = 0, checkpoint_failures = 0, checkpoint_bytes = 0, replayed = 0,
                 begun_anew = 0;  // rules whose state did not fit after a restart
        Time last_checkpoint;
        std::string last_failure;
    };
    const Figures& figures() const { return figures_; }
    uint64_t refused_dropped() const {
        return rooms_.refused == nullptr ? 0 : rooms_.refused->dropped();
    }

  private:
    struct Barrier {
        uint64_t output = 0;    // safe when Outputs::safe() says so
        uint64_t position = 0;  // the log before it is done then
        bool whole = false;
        std::vector<Engine::State> states;
    };
    Result<void> begin_rule(const Engine::State& state);
    Result<std::unique_ptr<sql::LookupTable>> make_table(const sql::StreamDefinition& table) const;
    bool replay();
    bool take();
    void push(const Group& group, bool replayed);
    void checkpoint(bool now);
    void begin_checkpoint();
    void finish_checkpoint();
    void count_failure(const Error& error);

    Rooms rooms_;
    Interest interest_;
    sql::Services services_;
    std::unique_ptr<store::SegmentLog> log_;
    std::unique_ptr<Inlet> inlet_;
    Outputs outputs_;
    Streams streams_;
    Tracer tracer_;
    std::unique_ptr<Engine> engine_;
    Checkpoints checkpoints_;
    Checkpoints::Content loaded_;
    uint64_t position_ = 1;  // the next group of the log that the engine takes
    uint64_t saved_position_ = 0;
    uint64_t replay_next_ = 0;  // while it is before replay_end_
    uint64_t replay_end_ = 0;
    bool stalled_ = false;
    std::optional<Barrier> barrier_;
    Time next_checkpoint_;
    bool begun_ = false;
    Figures figures_;
};

}  // namespace hw::rules
