#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "model/quality.h"

namespace hw::scenario {

// A value of the run over time. Where it is one that the twins have too, twin and path say which
// and the values are in that slot's unit; else twin is the site and path the model's own key.
struct ResultSeries {
    std::string key;  // the model's: "tower.level"
    std::string twin;
    std::string path;
    std::string unit;            // symbol: "l/s"
    std::vector<double> values;  // one a row
    bool of_moment = false;      // a value of the row's time; else the mean of the step before it
    friend bool operator==(const ResultSeries&, const ResultSeries&) = default;
};

// One figure of the whole run: "energy", 5123 kWh. `at`: when, for a least or greatest.
struct Figure {
    std::string name;   // "energy", "tower_level_least"
    std::string label;  // for people
    std::string unit;
    double value = 0;
    std::optional<Time> at = {};
    friend bool operator==(const Figure&, const Figure&) = default;
};

struct ResultEvent {
    Time time;
    std::string text;
    friend bool operator==(const ResultEvent&, const ResultEvent&) = default;
};

// How far a result can be trusted. No result goes without one.
struct ResultQuality {
    model::Quality quality = model::Quality::good;
    double residual = 0;             // what the model's own balance lost, as a share
    double confidence = 0;           // 0 to 1, of the parameters
    std::vector<std::string> notes;  // why it is not better
    friend bool operator==(const ResultQuality&, const ResultQuality&) = default;
};

struct ModelResult {
    Time start = {};
    Duration step = {};
    size_t rows = 0;  // row 0 is the start
    std::vector<ResultSeries> series = {};
    std::vector<Figure> figures = {};
    std::vector<ResultEvent> events = {};
    std::vector<std::string> warnings = {};
    ResultQuality quality = {};

    const ResultSeries* find(std::string_view key) const;
    const Figure* figure(std::string_view name) const;
    friend bool operator==(const ModelResult&, const ModelResult&) = default;
};

// Numbers are kept with six digits: a result of a day in steps of five minutes takes some 150 kB.
void write_result(JsonWriter& json, const ModelResult& result);
Result<ModelResult> read_result(std::string_view json);
// A coarser step, a whole multiple of the old one: the last value of a moment, the mean of a mean.
void thin_result(ModelResult& result, Duration step);

}  // namespace hw::scenario
