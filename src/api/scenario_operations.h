#pragma once

#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "scenario/manager.h"

namespace hw::api {

// Scenarios, their runs and results, and calibrations over HTTP. All run on worker threads.
class ScenarioOperations {
  public:
    struct Rooms {
        scenario::ScenarioManager& manager;
        const Clock& clock;
    };

    // What is pointed to outlives it.
    explicit ScenarioOperations(Rooms rooms) : rooms_(rooms) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_runs(std::vector<Operation>& operations);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void create(Exchange exchange);
    void replace(Exchange exchange);
    void remove(Exchange exchange);
    void run(Exchange exchange);
    void cancel(Exchange exchange);
    void result(Exchange exchange) const;
    void compare(Exchange exchange) const;
    void calibrate(Exchange exchange);
    void calibration(Exchange exchange) const;
    void models(Exchange exchange) const;

    const Rooms rooms_;
};

std::string_view scenario_schemas();

}  // namespace hw::api
