#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/publish/point_sink.h"

namespace hw::sim {

// What an instrument shows: rounded, with its noise. Text points at static names. A number that is
// not a number (NaN) means that there was no reading.
struct Reading {
    std::variant<double, int64_t, bool, std::string_view> value;
    int decimals = 0;
    Trust trust = Trust::good;
};

// A point as --list shows it.
struct PointInfo {
    std::string path;
    std::string name;  // last level of path
    std::string_view type;
    std::string unit;
    std::string description;
    Form form;
    bool analyzed = false;  // its quality says how far the analyser can be trusted
};

// One message of a round: the points [first, first + count) on one topic.
struct MessagePlan {
    std::string topic;
    Form form;
    bool has_quality;
    size_t first;
    size_t count;
};

}  // namespace hw::sim
