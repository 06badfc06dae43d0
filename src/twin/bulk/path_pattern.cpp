#include "twin/bulk/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config_text.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_place_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, good);
}

std::unexpected<Error> bad(std::string_view text, size_t at, std::string_view what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("pattern '{}', column {}: {}", model::printable(text.substr(0, 256)),
                            at + 1, what));
}

// Goes over a text with places: literal pieces and what stands between brackets.
template <class Literal, class Place>
Result<void> walk(std::string_view text, const Literal& literal, const Place& place) {
    std::string piece;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '{' && c != '}') {
            piece += c;
            continue;
        }
        if (at + 1 < text.size() && text[at + 1] == c) {
            piece += c;
            ++at;
            continue;
        }
        if (c == '}') return bad(text, at, "'}' closes nothing; write }} for the bracket");
        const size_t end = text.find('}', at);
        if (end == std::string_view::npos) return bad(text, at, "'{' is not closed");
        if (!piece.empty()) HW_TRY(literal(std::move(piece)));
        piece.clear();
        HW_TRY(place(at, text.substr(at + 1, end - at - 1)));
        at = end;
    }
    if (!piece.empty()) HW_TRY(literal(std::move(piece)));
    return {};
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
    PathPattern out;
    out.text_ = text;
    if (text.empty()) return fail(ErrorCode::invalid_argument, "a pattern must not be empty");
    const auto literal = [&](std::string piece) -> Result<void> {
        if (!out.parts_.empty() && out.parts_.back().rest)
            return bad(text, 0, "nothing may stand behind {name...}");
        out.parts_.push_back({std::move(piece), {}});
        return {};
    };
    const auto place = [&](size_t at, std::string_view inside) -> Result<void> {
        Part part;
        part.rest = inside.ends_with("...");
        if (part.rest) inside.remove_suffix(3);
        part.digits = inside.ends_with(":digits");
        if (part.digits) inside.remove_suffix(7);
        if (!is_place_name(inside))
            return bad(text, at,
                       "a place is {name}, {name:digits} or {name...}, its name of "
                       "letters, digits and '_'");
        if (!out.parts_.empty() && !out.parts_.back().place.empty())
            return bad(text, at, "two places touch, so nobody knows where the first ends");
        if (part.rest && !out.parts_.empty() && !out.parts_.back().literal.ends_with('/'))
            return bad(text, at, "{name...} stands for whole levels; put a '/' before it");
        part.place = inside;
        if (std::ranges::find(out.names_, part.place) == out.names_.end())
            out.names_.push_back(part.place);
        out.parts_.push_back(std::move(part));
        if (out.names_.size() > places_limit)
            return bad(text, at, fmt::format("more than {} places", places_limit));
        return {};
    };
    HW_TRY(walk(text, literal, place));
    return out;
}

bool PathPattern::match(std::string_view path, Places& places) const {
    size_t steps = 0;
    return match_from(0, path, places, steps);
}

bool PathPattern::match_from(size_t index, std::string_view rest, Places& places,
                             size_t& steps) const {
    if (++steps > steps_limit) return false;
    if (index == parts_.size()) return rest.empty();
    const Part& part = parts_[index];
    const auto go_on = [&](size_t length) {
        return match_from(index + 1, rest.substr(length), places, steps);
    };
    if (part.place.empty()) return rest.starts_with(part.literal) && go_on(part.literal.size());
    const auto fits = [&](std::string_view value) {
        return !value.empty() && (!part.digits || is_digits(value));
    };
    if (const auto known = places.find(part.place); known != places.end())
        return fits(known->second) && rest.starts_with(known->second) &&
               go_on(known->second.size());
    // How long the place may be: to the end of the level, or of the path.
    const size_t most = part.rest ? rest.size() : std::min(rest.find('/'), rest.size());
    if (most == 0) return false;
    // The only length that can fit where the pattern ends or a level begins behind it.
    const bool whole = index + 1 == parts_.size() || parts_[index + 1].literal.starts_with('/');
    for (size_t length = whole ? most : 1; length <= most && steps <= steps_limit; ++length) {
        const auto value = rest.substr(0, length);
        if (!fits(value)) continue;
        places.insert_or_assign(part.place, std::string(value));
        if (go_on(length)) return true;
        places.erase(part.place);
    }
    return false;
}

Result<std::string> fill_places(std::string_view text, const Places& places) {
    std::string out;
    const auto literal = [&](std::string piece) -> Result<void> {
        out += piece;
        return {};
    };
    const auto place = [&](size_t at, std::string_view name) -> Result<void> {
        const auto found = places.find(name);
        if (found == places.end()) {
            std::vector<std::string> known;
            for (const auto& [one, value] : places)
                known.push_back(one);
            return bad(text, at,
                       fmt::format("nothing stands for {{{}}}{}", name, did_you_mean(name, known)));
        }
        out += found->second;
        return {};
    };
    HW_TRY(walk(text, literal, place));
    return out;
}

Result<std::vector<std::string>> places_of(std::string_view text) {
    std::vector<std::string> names;
    const auto literal = [](const std::string&) -> Result<void> { return {}; };
    const auto place = [&](size_t, std::string_view name) -> Result<void> {
        names.emplace_back(name);
        return {};
    };
    HW_TRY(walk(text, literal, place));
    return names;
}

}  // namespace hw::twin
