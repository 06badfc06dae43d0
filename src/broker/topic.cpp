#include "broker/topic.h"

#include <algorithm>

namespace hw::broker {

namespace {

constexpr std::string_view share_prefix = "$share/";

}  // namespace

size_t count_levels(std::string_view topic) {
    return static_cast<size_t>(std::count(topic.begin(), topic.end(), '/')) + 1;
}

bool is_topic(std::string_view topic, size_t levels_limit) {
    return !topic.empty() && topic.find_first_of(std::string_view("+#\0", 3)) == topic.npos &&
           count_levels(topic) <= levels_limit;
}

bool is_filter(std::string_view filter, size_t levels_limit) {
    if (filter.empty() || filter.find('\0') != filter.npos || count_levels(filter) > levels_limit)
        return false;
    Levels levels(filter);
    while (!levels.done()) {
        const std::string_view level = levels.next();
        if (level == "#") return levels.done();
        if (level != "+" && has_wildcard(level)) return false;
    }
    return true;
}

bool has_wildcard(std::string_view filter) {
    return filter.find_first_of("+#") != filter.npos;
}

bool matches(std::string_view filter, std::string_view topic) {
    if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')))
        return false;
    Levels wanted(filter);
    Levels levels(topic);
    while (!wanted.done()) {
        const std::string_view want = wanted.next();
        if (want == "#") return true;
        if (levels.done()) return false;
        const std::string_view level = levels.next();
        if (want != "+" && want != level) return false;
        // "a/#" matches "a" too.
        if (levels.done() && !wanted.done()) return wanted.next() == "#" && wanted.done();
    }
    return levels.done();
}

bool is_shared(std::string_view filter) {
    return filter.starts_with(share_prefix);
}

std::optional<SharedFilter> split_shared(std::string_view filter) {
    filter.remove_prefix(share_prefix.size());
    const size_t slash = filter.find('/');
    if (slash == filter.npos || slash == 0) return std::nullopt;
    const std::string_view group = filter.substr(0, slash);
    if (has_wildcard(group) || slash + 1 == filter.size()) return std::nullopt;
    return SharedFilter{group, filter.substr(slash + 1)};
}

}  // namespace hw::broker
