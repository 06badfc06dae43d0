#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::sparkplug {

// Where a metric's point lies: a path with the places {group}, {edge}, {device} and {metric}. The
// metric of an edge node itself has no device: its level is left out. Immutable; any thread.
class PathTemplate {
  public:
    PathTemplate() : PathTemplate(standard()) {}
    static PathTemplate standard();  // {group}/{edge}/{device}/{metric}
    // Errors: a place that is none; {metric} is missing, so that all would be one point.
    static Result<PathTemplate> parse(std::string_view text);

    // What a topic may not hold is written %2B (+), %23 (#) and %00 (NUL); a '/' in the metric's
    // name makes levels.
    std::string path(std::string_view group, std::string_view edge, std::string_view device,
                     std::string_view metric) const;

  private:
    enum class Place : uint8_t { text, group, edge, device, metric };
    struct Part {
        Place place = Place::text;
        std::string text = {};
    };
    explicit PathTemplate(std::vector<Part> parts) : parts_(std::move(parts)) {}

    std::vector<Part> parts_;
};

}  // namespace hw::sparkplug
