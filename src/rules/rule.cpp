#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace hw::rules {

namespace {

constexpr size_t id_bytes_limit = 128;

}  // namespace

std::string_view to_string(Guarantee guarantee) {
    switch (guarantee) {
        case Guarantee::none:
            return "none";
        case Guarantee::at_least_once:
            return "at_least_once";
        case Guarantee::exactly_once:
            return "exactly_once";
    }
    return "none";
}

bool operator==(const ActionSpec& a, const ActionSpec& b) {
    const bool fallbacks =
        a.fallback && b.fallback ? *a.fallback == *b.fallback : a.fallback == b.fallback;
    return fallbacks && a.type == b.type && a.name == b.name && a.connector == b.connector &&
           a.settings == b.settings && a.only_on_change == b.only_on_change &&
           a.fields == b.fields && a.omit_empty == b.omit_empty && a.send_single == b.send_single;
}

Result<void> check_id(std::string_view what, std::string_view id) {
    const auto fine = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
               c == ':';
    };
    if (!id.empty() && id.size() <= id_bytes_limit && std::all_of(id.begin(), id.end(), fine))
        return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("the {} '{}' is not made of 1 to {} letters, digits, '_', '-', '.' and "
                            "':'",
                            what, id.substr(0, id_bytes_limit), id_bytes_limit));
}

}  // namespace hw::rules
