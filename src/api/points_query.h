#pragma once

#include "api/exchange.h"
#include "api/settings.h"
#include "history/history.h"
#include "model/point_directory.h"

namespace hw::api {

// GET /api/v1/points: one page of points with their last values, as JSON, NDJSON or CSV.
void answer_points(Exchange& exchange, const history::History& history,
                   const model::PointDirectory& points, const Settings& settings);

}  // namespace hw::api
