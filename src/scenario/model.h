#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "scenario/fork.h"
#include "scenario/history_columns.h"
#include "scenario/result.h"
#include "sql/datum.h"

namespace hw::scenario {

// Something that a scenario may set, as a model has it at one site.
struct ModelInput {
    std::string twin;
    std::string path;  // a slot, or a name of the model's own ("demand_factor")
    std::string unit;
    std::string help;
};

// What a model may use beside the fork.
struct ModelRooms {
    const HistoryColumns& history;
    std::string site = {};  // the twin at the root of the fork
    // What calibrate() returned for this site, as it was kept; empty: never.
    std::string calibration = {};
    // Asked now and then with the share done, from 0 to 1; true: give up with `cancelled`.
    std::function<bool(double)> stop = {};
};

struct RunOptions {
    Duration horizon;
    Duration step;  // of the result's rows; a model may step finer inside
};

// A model that has found its twins in a fork. Used by one thread.
class BoundModel {
  public:
    virtual ~BoundModel() = default;
    // What may be overridden here. Every other override is refused by run().
    virtual std::vector<ModelInput> inputs() const = 0;
    // What was found and what is missing, for people: JSON, one object.
    virtual std::string describe() const = 0;
    // The time to come as the fork has it; with fork.without_overrides() as it is without anything
    // set. A result has a quality and the residual of the model's own balance, always.
    virtual Result<ModelResult> run(const Fork& fork, const RunOptions& options) const = 0;
};

// A kind of simulation: mass balance of a works, hydraulics of a network, treatment chemistry,
// damage of a boiler. Stateless; any thread.
class Model {
  public:
    virtual ~Model() = default;
    virtual std::string_view name() const = 0;
    virtual std::string_view help() const = 0;
    // The parameters it takes (members of ScenarioSpec::parameters), name and help.
    virtual std::vector<std::pair<std::string_view, std::string_view>> parameters() const = 0;
    // Finds its equipment through the fork's twins: by their models and relationships, and by what
    // the parameters say. Reads history as far as it needs. Errors name what is missing.
    virtual Result<std::unique_ptr<BoundModel>> bind(const Fork& fork, const sql::Datum& parameters,
                                                     const ModelRooms& rooms) const = 0;
    // Parameters from the site's history in [from, to), as a JSON object with "reports"; kept by
    // the caller and given to later runs.
    struct Calibrated {
        std::string json;
        double confidence = 0;
    };
    virtual Result<Calibrated> calibrate(const Fork& fork, const sql::Datum& parameters, Time from,
                                         Time to, const ModelRooms& rooms) const = 0;
};

// The models there are. Filled before anything runs; then any thread.
class ModelRegistry {
  public:
    void add(std::unique_ptr<Model> model);
    const std::vector<std::unique_ptr<Model>>& all() const { return models_; }
    Result<const Model*> get(std::string_view name) const;  // not_found names the nearest

  private:
    std::vector<std::unique_ptr<Model>> models_;
};

}  // namespace hw::scenario
