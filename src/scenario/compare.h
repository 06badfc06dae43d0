#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "scenario/result.h"

namespace hw::scenario {

// Results side by side; differences are against the first.
struct Compared {
    std::string name;
    const ModelResult* result = nullptr;
};

struct Comparison {
    std::vector<std::string> names;
    struct FigureRow {
        std::string name, label, unit;
        std::vector<std::optional<double>> values;  // one a result
    };
    std::vector<FigureRow> figures;
    struct SeriesRow {
        std::string key, twin, path, unit;
        // Of each result but the first: value less the first's, row by row; empty: it has none.
        std::vector<std::vector<double>> differences;
        double greatest = 0;        // of all, by size, with its sign
        Duration greatest_after{};  // since the start
    };
    std::vector<SeriesRow> series;  // of which one differs somewhere
    Time start;
    Duration step;
    std::vector<std::string> warnings;  // other start, other length
};

// Errors: invalid_argument where there are fewer than two, or their steps differ.
Result<Comparison> compare(std::span<const Compared> results);
void write_comparison(JsonWriter& json, const Comparison& comparison);

}  // namespace hw::scenario
