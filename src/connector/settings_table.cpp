#include "connector/settings_table.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "sql/json.h"

namespace hw::connector {

namespace {

// As it would be written in a flag.
std::string text_of(const sql::Datum& value) {
    std::string out;
    if (value.is_array()) {
        for (const auto& item : value.items()) {
            if (!out.empty()) out += ',';
            sql::append_plain(out, item);
        }
    } else if (value.is_object()) {
        for (const auto& member : value.members()) {
            if (!out.empty()) out += ',';
            out += member.key.as_text();
            out += '=';
            sql::append_plain(out, member.value);
        }
    } else {
        sql::append_plain(out, value);
    }
    return out;
}

}  // namespace

Result<Config::Table> read_settings(const sql::Datum& settings,
                                    std::initializer_list<std::span<const Property>> tables,
                                    std::string_view what) {
    std::vector<Property> properties;
    for (const auto table : tables)
        properties.insert(properties.end(), table.begin(), table.end());
    Config::Texts given;
    if (settings.is_object()) {
        for (const auto& member : settings.members())
            if (!member.value.is_null())
                given.emplace_back(member.key.as_text(), text_of(member.value));
    } else if (!settings.is_null()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: the settings must be an object", what));
    }
    Config::Texts flaws;
    auto table = Config::read_table(properties, given, flaws);
    if (flaws.empty()) return table;
    std::string text;
    for (const auto& [key, flaw] : flaws)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", key, flaw);
    return fail(ErrorCode::invalid_argument, fmt::format("{}: {}", what, text));
}

}  // namespace hw::connector
