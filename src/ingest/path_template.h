#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::ingest {

// A point path with places: "plant1/{measurement}/{tag:host}/{field}". Which names a place may
// have is the decoder's to say; a name it does not know, or has no value for, leaves its level
// out. Immutable; any thread.
class PathTemplate {
  public:
    PathTemplate() = default;
    // Places: topic, measurement, tags, tag:NAME, field, node, group, tag. Empty is allowed.
    static Result<PathTemplate> parse(std::string_view text);

    bool empty() const { return parts_.empty(); }
    // Appends the path: `fill` appends the value of a place. A '/' before an empty value goes too.
    void append(std::string& out,
                const std::function<void(std::string_view place, std::string& out)>& fill) const;

  private:
    struct Part {
        std::string text;
        bool place = false;
    };
    std::vector<Part> parts_;
};

// Appends a name as (part of) a path: what a topic may not hold is written %2B (+), %23 (#) and
// %00 (NUL); '/' stays and makes levels.
void append_level(std::string& out, std::string_view name);

}  // namespace hw::ingest
