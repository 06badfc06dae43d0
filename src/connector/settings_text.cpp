#include "connector/settings_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

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

namespace {

// With what links and ".." lead to; both exist or may be made.
bool lies_in(const std::string& path, const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code problem;
    auto outer = fs::weakly_canonical(folder, problem);
    if (!outer.has_filename()) outer = outer.parent_path();
    const auto inner = fs::weakly_canonical(path, problem);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

}  // namespace

Result<void> check_place(const std::string& path, std::string_view key, const Rooms& rooms) {
    if (rooms.data_folder.empty() || !lies_in(path, rooms.data_folder) ||
        lies_in(path, rooms.data_folder + "/files") ||
        (!rooms.secret_folder.empty() && lies_in(path, rooms.secret_folder)))
        return {};
    return fail(ErrorCode::permission_denied,
                fmt::format("{}: '{}' is the server's own; connectors use the folders files and "
                            "secrets of the data folder, or what lies outside of it",
                            key, path));
}

Result<std::string> secret_setting(const Config::Table& settings, std::string_view key,
                                   const Rooms& rooms) {
    const std::string& file = setting(settings, key).as_text();
    if (file.empty()) return std::string();
    const bool whole = file.starts_with('/') || rooms.secret_folder.empty();
    const std::string path = whole ? file : rooms.secret_folder + "/" + file;
    HW_TRY(check_place(path, key, rooms));
    return read_secret_file(path, key);
}

}  // namespace hw::connector
