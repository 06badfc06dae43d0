#include "api/router.h"

namespace hw::api {

namespace {

constexpr size_t levels_limit = 256;

std::vector<std::string_view> levels_of(std::string_view path) {
    std::vector<std::string_view> levels;
    for (size_t at = 0; at <= path.size() && levels.size() <= levels_limit;) {
        const size_t end = std::min(path.find('/', at), path.size());
        levels.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return levels;
}

bool is_place(std::string_view level) {
    return level.size() > 2 && level.front() == '{' && level.back() == '}';
}

// Tries places from the longest to the shortest, so that the words after them lie to the right.
class Matcher {
  public:
    Matcher(std::vector<std::string_view> pattern, std::vector<std::string> levels)
        : pattern_(std::move(pattern)), levels_(std::move(levels)) {}

    bool match(size_t p, size_t l, Match& out) const {
        if (p == pattern_.size()) return l == levels_.size();
        if (!is_place(pattern_[p])) {
            if (l == levels_.size() || levels_[l] != pattern_[p] || !match(p + 1, l + 1, out))
                return false;
            ++out.literals;
            return true;
        }
        const size_t left = pattern_.size() - p - 1;  // each takes a level at least
        for (size_t end = levels_.size() - std::min(left, levels_.size()); end > l; --end) {
            if (!match(p + 1, end, out)) continue;
            std::string text = levels_[l];
            for (size_t i = l + 1; i < end; ++i)
                text.append("/").append(levels_[i]);
            if (text.empty()) return false;
            const auto name = pattern_[p].substr(1, pattern_[p].size() - 2);
            out.places.emplace(out.places.begin(), name, std::move(text));
            return true;
        }
        return false;
    }

  private:
    const std::vector<std::string_view> pattern_;
    const std::vector<std::string> levels_;
};

// Still encoded where the client sent a path of its own.
std::optional<std::vector<std::string>> decoded_levels(const io::HttpRequest& request) {
    const bool raw = request.target.starts_with('/');
    std::string_view path = raw ? std::string_view(request.target) : request.path;
    if (raw) path = path.substr(0, path.find_first_of("?#"));
    std::vector<std::string> levels;
    for (const auto level : levels_of(path)) {
        auto text = raw ? io::percent_decode(level, false) : std::string(level);
        if (!text) return std::nullopt;
        levels.push_back(std::move(*text));
    }
    if (levels.size() > levels_limit) return std::nullopt;
    return levels;
}

}  // namespace

std::optional<Match> match_path(std::string_view pattern, const io::HttpRequest& request) {
    const size_t place = pattern.find('{');
    if (place == std::string_view::npos) {
        if (pattern != request.path) return std::nullopt;
        return Match{{}, levels_of(pattern).size()};
    }
    if (!request.path.starts_with(pattern.substr(0, place))) return std::nullopt;
    auto levels = decoded_levels(request);
    Match match;
    if (!levels || !Matcher(levels_of(pattern), std::move(*levels)).match(0, 0, match))
        return std::nullopt;
    return match;
}

std::vector<std::string_view> place_names(std::string_view pattern) {
    std::vector<std::string_view> names;
    for (const auto level : levels_of(pattern))
        if (is_place(level)) names.push_back(level.substr(1, level.size() - 2));
    return names;
}

}  // namespace hw::api
