#include "ingest/path_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/point_path.h"

namespace hw::ingest {

namespace {

constexpr std::array<std::string_view, 7> places = {"topic", "measurement", "tags", "field",
                                                    "node",  "group",       "tag"};

bool is_place(std::string_view name) {
    return std::find(places.begin(), places.end(), name) != places.end() ||
           (name.starts_with("tag:") && name.size() > 4);
}

}  // namespace

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
    PathTemplate made;
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::invalid_argument, fmt::format("path template '{}' {}", text, why));
    };
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t open = rest.find('{');
        const std::string_view literal = rest.substr(0, open);
        if (literal.find_first_of("}+#") != literal.npos || !model::is_mqtt_text(literal))
            return refuse("has a '}', '+', '#' or NUL outside of a place");
        if (!literal.empty()) made.parts_.push_back({std::string(literal), false});
        if (open == rest.npos) break;
        const size_t close = rest.find('}', open);
        if (close == rest.npos) return refuse("has a '{' without its '}'");
        const std::string_view name = rest.substr(open + 1, close - open - 1);
        if (!is_place(name))
            return refuse(fmt::format("has the place '{}', which is none of {} or tag:NAME", name,
                                      fmt::join(places, ", ")));
        made.parts_.push_back({std::string(name), true});
        rest.remove_prefix(close + 1);
    }
    return made;
}

void PathTemplate::append(
    std::string& out,
    const std::function<void(std::string_view place, std::string& out)>& fill) const {
    const size_t begin = out.size();
    for (const auto& part : parts_) {
        if (!part.place) {
            out += part.text;
            continue;
        }
        const size_t before = out.size();
        fill(part.text, out);
        if (out.size() == before && before > begin && out.back() == '/') out.pop_back();
    }
}

void append_level(std::string& out, std::string_view name) {
    constexpr std::string_view forbidden("+#\0", 3);
    if (name.find_first_of(forbidden) == name.npos) {
        out += name;
        return;
    }
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

}  // namespace hw::ingest
