#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::twin {

// What the places of patterns stand for, by name.
using Places = std::map<std::string, std::string, std::less<>>;

// A pattern of point paths, as templates have them:
//   {site}/{works}/intake/pump{n}/{property...}
// {name} stands for a level or a part of one, at least a character of it; {name:digits} for digits
// alone; {name...}, as the last level, for the rest, at least a level of it. A place that is there
// twice must stand for the same. {{ and }} are the brackets themselves. Where several places share
// a level, the first takes as little as it can. Immutable.
class PathPattern {
  public:
    static constexpr size_t places_limit = 16;

    // Errors name the column.
    static Result<PathPattern> parse(std::string_view text);

    // Whether the path fits, given what is settled already (parameters); adds what it finds to
    // `places`, which is as before where it does not. Cost: once over the path where levels have
    // one place each; at most `steps_limit` tries, then it does not fit.
    static constexpr size_t steps_limit = 10'000;
    bool match(std::string_view path, Places& places) const;

    const std::vector<std::string>& names() const { return names_; }
    const std::string& text() const { return text_; }

  private:
    struct Part {
        std::string literal;  // or, where `place` is not empty, a place
        std::string place;
        bool digits = false;
        bool rest = false;
    };

    bool match_from(size_t part, std::string_view rest, Places& places, size_t& steps) const;

    std::string text_;
    std::vector<Part> parts_;
    std::vector<std::string> names_;
};

// The text with {name} replaced. Errors: a place that nothing stands for, with the nearest.
Result<std::string> fill_places(std::string_view text, const Places& places);
// The places of a text.
Result<std::vector<std::string>> places_of(std::string_view text);

}  // namespace hw::twin
