#pragma once

#include <cstdint>
#include <string_view>

#include "sim/plant/analyzer.h"

namespace hw::sim {

// How an asset sends its points; works in the field mix all of these.
enum class Form : uint8_t {
    scalar,     // one topic a point, the value as text
    json_text,  // one JSON object an asset, "ts" as RFC 3339 text
    json_ms,    // the same with "ts" in epoch milliseconds
    neuron,     // one "values" object of a gateway's group (EMQ Neuron)
};

std::string_view to_string(Form form);

// site/area/asset, with the asset's number behind its name where there are several.
struct Asset {
    std::string_view site;
    std::string_view area;
    std::string_view name;
    int number = 0;  // 0: none
    int digits = 1;  // width of the number, filled with zeros
};

struct Label {
    std::string_view name;
    std::string_view unit;
    std::string_view description;
};

// A measured number: `decimals` is the instrument's resolution, `noise` its standard deviation.
struct Gauge {
    Label label;
    int decimals;
    double noise = 0;
};

// Walks a plant's points in a fixed order. One walk names and reads them, so that the list of
// points and what is published cannot differ.
class PointSink {
  public:
    virtual ~PointSink() = default;
    // The points that follow are this asset's.
    virtual void asset(const Asset& asset, Form form) = 0;
    // As asset(), for analysers: their message carries a quality.
    virtual void analyzer(const Asset& asset, Form form, Trust trust) = 0;
    virtual void number(const Gauge& gauge, double value) = 0;
    virtual void count(const Label& label, int64_t value) = 0;
    virtual void flag(const Label& label, bool value) = 0;
    virtual void text(const Label& label, std::string_view value) = 0;
};

}  // namespace hw::sim
