#include "gateway/tag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace hw::gateway {

namespace {

constexpr std::array<std::string_view, tag_type_count> type_names = {
    "bool",         "bit",   "int8",   "uint8",  "int16", "uint16", "int32", "uint32", "int64",  //
    "uint64",       "float", "double", "string", "bytes", "word",   "dword", "lword",  "time",   //
    "date_and_time"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

}  // namespace

std::string_view to_string(TagType type) {
    return type_names[static_cast<size_t>(type)];
}

Result<TagType> parse_tag_type(std::string_view text) {
    std::string name = lower(text);
    if (name == "boolean") name = "bool";
    if (name == "float32") name = "float";
    if (name == "float64") name = "double";
    if (name == "data_and_time") name = "date_and_time";  // as Neuron spells it
    const auto at = std::find(type_names.begin(), type_names.end(), name);
    if (at == type_names.end())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("type '{}' is not one of {}", text, fmt::join(type_names, ", ")));
    return static_cast<TagType>(at - type_names.begin());
}

std::string to_string(TagAccess access) {
    std::string out;
    const auto add = [&](bool on, std::string_view name) {
        if (!on) return;
        if (!out.empty()) out += ',';
        out += name;
    };
    add(access.read, "read");
    add(access.write, "write");
    add(access.on_change, "on_change");
    return out;
}

Result<TagAccess> parse_tag_access(std::string_view text) {
    TagAccess access{false, false, false};
    for (std::string_view rest = text; !rest.empty();) {
        const size_t comma = rest.find_first_of(", |");
        const std::string word = lower(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        if (word.empty()) continue;
        if (word == "read") {
            access.read = true;
        } else if (word == "write") {
            access.write = true;
        } else if (word == "on_change" || word == "subscribe") {
            access.read = access.on_change = true;
        } else {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("access '{}' is not made of read, write and on_change, e.g. "
                                    "\"read,write\"",
                                    text));
        }
    }
    if (!access.read && !access.write)
        return fail(ErrorCode::invalid_argument,
                    "access is empty; write \"read\", \"read,write\" or \"read,on_change\"");
    return access;
}

}  // namespace hw::gateway
