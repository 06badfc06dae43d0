#include "twin/model/twin_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "model/point_path.h"

namespace hw::twin {

namespace {

std::string shown(std::string_view id) {
    constexpr size_t limit = 80;
    return model::printable(id.substr(0, limit)) + (id.size() > limit ? "..." : "");
}

std::unexpected<Error> refuse(std::string_view id, std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("the twin's id '{}' {}", shown(id), what));
}

// C0, DEL and C1, which is C2 80 to C2 9F in UTF-8.
bool has_control(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7f) return true;
        if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)
            return true;
    }
    return false;
}

}  // namespace

Result<void> check_twin_id(std::string_view id) {
    if (id.empty()) return fail(ErrorCode::invalid_argument, "a twin's id must not be empty");
    if (id.size() > twin_id_bytes_limit)
        return refuse(id, fmt::format("has {} bytes; at most {}", id.size(), twin_id_bytes_limit));
    if (!model::is_utf8(id)) return refuse(id, "is not UTF-8");
    if (has_control(id)) return refuse(id, "has a control character; leave it out");
    if (const size_t at = id.find_first_of("+#"); at != std::string_view::npos)
        return refuse(id,
                      fmt::format("has '{}', which filters use; write another character", id[at]));
    if (id.front() == '$') return refuse(id, "begins with '$', which is kept for the server");
    if (id.front() == '/' || id.back() == '/' || id.find("//") != std::string_view::npos)
        return refuse(id, "has an empty level; part levels by one '/'");
    const auto levels = static_cast<size_t>(std::ranges::count(id, '/')) + 1;
    if (levels > twin_id_levels_limit)
        return refuse(id, fmt::format("has {} levels; at most {}", levels, twin_id_levels_limit));
    return {};
}

std::string_view last_level(std::string_view id) {
    return id.substr(id.rfind('/') + 1);  // npos + 1 is 0
}

Result<void> check_dtdl_name(std::string_view name, std::string_view what) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool good =
        !name.empty() && name.size() <= dtdl_name_limit && letter(name.front()) &&
        name.back() != '_' &&
        std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c) || c == '_'; });
    if (good) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} '{}' must be of letters, digits and '_', begin with a letter, not "
                            "end with '_', and have at most {} characters",
                            what, shown(name), dtdl_name_limit));
}

}  // namespace hw::twin
