#include "wire/sparkplug/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hw::sparkplug {

namespace {

constexpr std::array<std::string_view, 4> place_names = {"group", "edge", "device", "metric"};

void append_name(std::string& out, std::string_view name) {
    for (const char c : name) {
        switch (c) {
            case '+':
                out += "%2B";
                break;
            case '#':
                out += "%23";
                break;
            case '\0':
                out += "%00";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace

PathTemplate PathTemplate::standard() {
    return PathTemplate({{Place::group},
                         {Place::text, "/"},
                         {Place::edge},
                         {Place::text, "/"},
                         {Place::device},
                         {Place::text, "/"},
                         {Place::metric}});
}

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
    std::vector<Part> parts;
    for (std::string_view rest = text; !rest.empty();) {
        const size_t open = rest.find('{');
        if (open > 0) parts.push_back({Place::text, std::string(rest.substr(0, open))});
        if (open == std::string_view::npos) break;
        const size_t close = rest.find('}', open);
        const auto name = rest.substr(open + 1, close - open - 1);
        const auto at = std::ranges::find(place_names, name);
        if (close == std::string_view::npos || at == place_names.end())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("path template '{}': the places are {{group}}, {{edge}}, "
                                    "{{device}} and {{metric}}",
                                    text));
        parts.push_back({static_cast<Place>(at - place_names.begin() + 1)});
        rest.remove_prefix(close + 1);
    }
    if (std::ranges::none_of(parts, [](const Part& p) { return p.place == Place::metric; }))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("path template '{}' has no {{metric}}, so all metrics of a device "
                                "would be one point",
                                text));
    if (text.find_first_of("+#") != std::string_view::npos)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("path template '{}' holds a wildcard", text));
    return PathTemplate(std::move(parts));
}

std::string PathTemplate::path(std::string_view group, std::string_view edge,
                               std::string_view device, std::string_view metric) const {
    const std::array<std::string_view, 5> values = {"", group, edge, device, metric};
    std::string out;
    bool skip_slash = false;  // before it an empty level was left out
    for (const Part& part : parts_) {
        if (part.place != Place::text) {
            const auto value = values[static_cast<size_t>(part.place)];
            append_name(out, value);
            skip_slash = value.empty();
            continue;
        }
        const bool doubled =
            skip_slash && part.text.starts_with('/') && (out.empty() || out.ends_with('/'));
        out.append(part.text, doubled ? 1 : 0);
        skip_slash = false;
    }
    if (skip_slash && out.ends_with('/')) out.pop_back();
    return out;
}

}  // namespace hw::sparkplug
