#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/settings.h"
#include "history/history.h"
#include "model/point_directory.h"

namespace hw::api {

// What one GET /api/v1/history asks for, checked.
struct HistoryRequest {
    std::vector<model::PointId> points;
    Time from;
    Time to;
    std::optional<Duration> every;
    std::vector<history::Aggregate> aggregates;
    history::Fill fill = history::Fill::none;
    bool good_only = false;
    bool newest_first = false;
    std::optional<uint64_t> max_points;
    history::Decimation decimation = history::Decimation::min_max;
    std::optional<Duration> thin;   // the last sample of each slice, and changes of quality
    bool before = false;            // begin with the last sample before the range
    std::optional<uint64_t> limit;  // always set for JSON without max_points and every
    Format format = Format::json;
    std::optional<model::PointId> resume_point;  // from the cursor: rows of this point
    Time resume_time{};                          // behind this time, then the later points
};

Result<HistoryRequest> read_history_request(const io::HttpRequest& request,
                                            const model::PointDirectory& points,
                                            const Settings& settings, Time now);

// Runs on a worker thread and answers the exchange; CSV and NDJSON are streamed.
void answer_history(Exchange& exchange, const HistoryRequest& request,
                    const history::History& history, const model::PointDirectory& points);

}  // namespace hw::api
