#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/http.h"

namespace hw::api {

// Paths of operations: "/api/v1/devices/{name}/groups/{group}". A place stands for one or more
// whole levels, since names have levels of their own: "works/plc1" may be written so, or
// "works%2Fplc1". Where a path can be read in several ways, the words of the pattern are found as
// far to the right as they can be; a "%2F" never parts levels, so with it there is only one way.
struct Match {
    std::vector<std::pair<std::string, std::string>> places;
    size_t literals = 0;  // levels that are words; the operation with most of them is meant
};

std::optional<Match> match_path(std::string_view pattern, const io::HttpRequest& request);

// The names of a pattern's places, in order.
std::vector<std::string_view> place_names(std::string_view pattern);

}  // namespace hw::api
