#include "connector/settings_text.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/secret_file.h"

namespace hw::connector {

std::vector<Property> joined(std::initializer_list<std::span<const Property>> tables) {
    std::vector<Property> all;
    for (const auto table : tables)
        all.insert(all.end(), table.begin(), table.end());
    return all;
}

const Config::Value& setting(const Config::Table& settings, std::string_view key) {
    const auto found = settings.find(key);
    HW_ASSERT(found != settings.end());
    return found->second;
}

Result<std::string> needed(const Config::Table& settings, std::string_view key) {
    std::string text = setting(settings, key).as_text();
    if (text.empty())
        return fail(ErrorCode::invalid_argument, fmt::format("{} is missing; give it", key));
    return text;
}

Result<Template> template_setting(const Config::Table& settings, std::string_view key, Put put) {
    auto made = Template::compile(setting(settings, key).as_text(), put);
    if (!made) return fail(made.error().within(key));
    return made;
}

Result<NamedTemplates> named_templates(const Config::Table& settings, std::string_view key) {
    NamedTemplates found;
    for (const std::string& entry : setting(settings, key).as_text_list()) {
        const size_t equals = entry.find('=');
        if (equals == 0 || equals == std::string::npos)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{}: '{}' is not name=value", key, entry));
        auto made = Template::compile(std::string_view(entry).substr(equals + 1));
        if (!made)
            return fail(made.error().within(fmt::format("{} {}", key, entry.substr(0, equals))));
        found.emplace_back(entry.substr(0, equals), *std::move(made));
    }
    return found;
}

Result<std::string> secret_setting(const Config::Table& settings, std::string_view key,
                                   const Rooms& rooms) {
    const std::string& file = setting(settings, key).as_text();
    if (file.empty()) return std::string();
    const bool whole = file.starts_with('/') || rooms.secret_folder.empty();
    return read_secret_file(whole ? file : rooms.secret_folder + "/" + file, key);
}

}  // namespace hw::connector
