#include <fmt/format.h>

#include <algorithm>

#include "model/point_path.h"
#include "twin/model/interface.h"

namespace hw::twin {

namespace {

constexpr size_t shown_limit = 140;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string shown(std::string_view id) {
    std::string text = model::printable(id.substr(0, shown_limit));
    if (id.size() > shown_limit) text += "...";
    return text;
}

std::unexpected<Error> refuse(std::string_view id, size_t at, std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' is no DTMI: at character {}, {}", shown(id), at + 1, why));
}

// One segment of the path, `at` its place in the id.
Result<void> check_segment(std::string_view id, size_t at, std::string_view segment) {
    if (segment.empty()) return refuse(id, at, "a segment is empty");
    if (segment.front() == '_')
        return refuse(id, at, "a segment begins with '_', which is kept for the system");
    if (!is_letter(segment.front())) return refuse(id, at, "a segment must begin with a letter");
    for (size_t i = 0; i < segment.size(); ++i)
        if (!is_letter(segment[i]) && !is_digit(segment[i]) && segment[i] != '_')
            return refuse(id, at + i, "only letters, digits and '_' may stand in a segment");
    if (segment.back() == '_')
        return refuse(id, at + segment.size() - 1, "a segment may not end with '_'");
    return {};
}

Result<void> check_number(std::string_view id, size_t at, std::string_view digits, size_t most) {
    if (digits.empty() || !std::ranges::all_of(digits, is_digit))
        return refuse(id, at, "the version must be a number such as 1 or 1.2");
    if (digits.front() == '0') return refuse(id, at, "a version's number may not begin with 0");
    if (digits.size() > most)
        return refuse(id, at, fmt::format("a version's number has more than {} digits", most));
    return {};
}

Result<void> check_version(std::string_view id, size_t at) {
    const std::string_view version = id.substr(at);
    const size_t point = version.find('.');
    HW_TRY(check_number(id, at, version.substr(0, point), 9));
    if (point == std::string_view::npos) return {};
    return check_number(id, at + point + 1, version.substr(point + 1), 6);
}

}  // namespace

Result<void> check_dtmi(std::string_view id, size_t length_limit) {
    constexpr std::string_view scheme = "dtmi:";
    if (!id.starts_with(scheme))
        return refuse(id, 0, "it must begin with 'dtmi:', as in dtmi:com:example:Pump;1");
    if (id.size() > length_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the DTMI '{}' has {} characters, more than {}", shown(id),
                                id.size(), length_limit));
    const size_t semicolon = id.find(';');
    const std::string_view path = id.substr(0, semicolon);
    for (size_t at = scheme.size(); at <= path.size();) {
        const size_t end = std::min(path.find(':', at), path.size());
        HW_TRY(check_segment(id, at, path.substr(at, end - at)));
        at = end + 1;
    }
    return semicolon == std::string_view::npos ? Result<void>{} : check_version(id, semicolon + 1);
}

}  // namespace hw::twin
