#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "scenario/compare.h"
#include "scenario/model.h"
#include "scenario/settings.h"
#include "scenario/store.h"
#include "twin/model/state.h"

namespace hw::scenario {

// The scenarios: made, run on worker threads, kept with their results, compared. Any thread;
// changes go one at a time and block for the disk. Every change, refused ones too, leaves an audit
// record. The server's end stops a run; it is then marked failed and may be run again.
class ScenarioManager {
  public:
    struct Rooms {
        ScenarioStore& store;
        const ModelRegistry& models;
        catalog::AuditLog& audit;
        const Clock& clock;
        const HistoryColumns& history;
        // The twins below a root: now, or as they were at a time.
        std::function<Result<twin::Snapshot>(const std::string& site, std::optional<Time> at)>
            snapshot;
    };
    // Reads what is kept. Nothing runs before start().
    static Result<std::unique_ptr<ScenarioManager>> open(const Settings& settings, Rooms rooms);
    ~ScenarioManager();

    void start();
    void stop();  // cancels what runs and waits for it

    std::vector<StoredScenario> list() const;               // in the order of the ids
    Result<StoredScenario> get(std::string_view id) const;  // not_found names the nearest
    // conflict: the id is taken. Where it has none, one is made.
    Result<StoredScenario> create(ScenarioSpec spec, const twin::Change& change);
    Result<StoredScenario> replace(ScenarioSpec spec, const twin::Change& change, bool& created);
    Result<void> remove(std::string_view id, const twin::Change& change);  // conflict: it runs

    // Puts it in the queue. Errors: conflict (it is there or runs); limit_exceeded; unavailable
    // where scenarios are switched off.
    Result<StoredScenario> run(std::string_view id, const twin::Change& change);
    Result<StoredScenario> cancel(std::string_view id, const twin::Change& change);
    // What the last run found: as JSON, and read. not_found where it was never run to its end.
    Result<std::string> result_text(std::string_view id, ScenarioStore::Which which) const;
    Result<ModelResult> result(std::string_view id, ScenarioStore::Which which) const;
    // One id: against its own base. Several: against the first; with `base` the first one's base
    // comes before all.
    Result<Comparison> compare_runs(const std::vector<std::string>& ids, bool base) const;

    struct CalibrationOrder {
        std::string site;
        std::string model = "waterworks";
        std::optional<Time> from = {}, to = {};  // default: the last seven days
        sql::Datum parameters = sql::Datum::object({});
    };
    // Blocks for some seconds. What is found is kept and used by the runs of that site and model.
    Result<StoredCalibration> calibrate(const CalibrationOrder& order, const twin::Change& change);
    // not_found where there is none.
    Result<StoredCalibration> calibration(std::string_view site, std::string_view model) const;
    // What may be set at a site, and what the model found there. Blocks.
    Result<std::pair<std::vector<ModelInput>, std::string>> inputs(const std::string& site,
                                                                   const std::string& model) const;
    const ModelRegistry& models() const { return rooms_.models; }
    // Waits until nothing is queued or runs; for tests and the command line of tools.
    void wait_idle();

  private:
    struct Job {
        StoredScenario scenario;
        std::atomic<bool> cancelled = false;
        std::atomic<double> progress = 0;
    };
    struct Kept {
        StoredScenario scenario;
        std::shared_ptr<Job> job;  // null: neither queued nor running
    };

    ScenarioManager(const Settings& settings, Rooms rooms);
    void work();
    void run_job(Job& job);
    struct Results {
        std::string with, base;
    };
    Result<Results> compute(Job& job) const;
    Result<std::string> text_of(const ModelResult& result) const;
    Result<Fork> fork_of(const ScenarioSpec& spec, Time start, std::optional<Time> at) const;
    Result<Fork> fork_of_past(const ScenarioSpec& spec, Time start, std::string& note) const;
    ModelRooms model_rooms(const ScenarioSpec& spec) const;
    Result<StoredScenario> find(std::string_view id) const HW_LOCKING(requires_capability(mutex_));
    StoredScenario shown(const Kept& kept) const HW_LOCKING(requires_capability(mutex_));
    std::unexpected<Error> refuse(const twin::Change& change, std::string_view action,
                                  std::string_view id, Error error) const;
    void note(const twin::Change& change, std::string_view action, std::string_view target,
              std::string old_value, std::string new_value, const Error* error) const;

    const Settings settings_;
    const Rooms rooms_;
    mutable Mutex changes_;  // held through a change; before mutex_
    mutable Mutex mutex_;
    Condition wake_;
    std::map<std::string, Kept, std::less<>> scenarios_ HW_LOCKING(guarded_by(mutex_));
    std::deque<std::shared_ptr<Job>> queue_ HW_LOCKING(guarded_by(mutex_));
    size_t running_ HW_LOCKING(guarded_by(mutex_)) = 0;
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::vector<std::thread> workers_;
};

}  // namespace hw::scenario
