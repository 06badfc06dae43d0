#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "catalog/database.h"
#include "scenario/spec.h"

namespace hw::scenario {

enum class RunState : uint8_t { none, queued, running, done, failed, cancelled };
std::string_view to_string(RunState state);

// A scenario as it is kept, with its last run.
struct StoredScenario {
    ScenarioSpec spec;
    Time created, updated;
    std::string actor;
    RunState state = RunState::none;
    std::string error;    // why it failed
    Time started, ended;  // of the last run; 0: not yet
    int64_t run = 0;      // its number, from 1
    double progress = 0;  // 0 to 1, while it runs; not kept
};

struct StoredCalibration {
    std::string site, model;
    Time time;  // when it was made
    double confidence = 0;
    std::string json;
};

// Scenarios, results and calibrations as rows of the catalogue (room "scenario"). A result is its
// JSON. Any thread.
class ScenarioStore {
  public:
    // Makes its tables. A run that was queued or running when the server ended is marked failed.
    // The database must outlive it.
    static Result<std::unique_ptr<ScenarioStore>> open(catalog::Database& database);

    Result<std::vector<StoredScenario>> load() const;  // in the order of the ids
    Result<void> save(const StoredScenario& scenario);
    Result<void> remove(std::string_view id);  // with its results

    enum class Which : uint8_t { with, base };  // with the overrides, without them
    // Both and the state in one transaction; an empty `base` is as `with`.
    Result<void> save_results(const StoredScenario& scenario, std::string_view with,
                              std::string_view base);
    Result<std::optional<std::string>> result(std::string_view id, Which which) const;

    Result<void> save_calibration(const StoredCalibration& calibration);
    Result<std::optional<StoredCalibration>> calibration(std::string_view site,
                                                         std::string_view model) const;

  private:
    explicit ScenarioStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::scenario
