#pragma once

#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "twin/past/past.h"

namespace hw::api {

// The twins' past over HTTP: differences, events, the history of properties, when a condition held.
// All run on worker threads.
class TwinPastOperations {
  public:
    struct Rooms {
        const twin::Past& past;
        const history::History& history;
        const model::PointDirectory& points;
        const Clock& clock;
    };

    // What is pointed to outlives it.
    TwinPastOperations(const Settings& settings, Rooms rooms)
        : settings_(settings), rooms_(rooms) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void diff(Exchange exchange, bool one) const;
    void events(Exchange exchange, bool one) const;
    void history(Exchange exchange) const;
    void when(Exchange exchange) const;

    const Settings& settings_;
    const Rooms rooms_;
};

// The members of components/schemas that these operations name.
std::string_view twin_past_schemas();

}  // namespace hw::api
