#include "gateway/device_files.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "gateway/spec_fields.h"

namespace hw::gateway {

namespace {

// Walks one parsed file; every error names its line.
class FileWalk {
  public:
    explicit FileWalk(const std::string& file_name) : file_(file_name) {}

    Result<void> device(const toml::table& table, DeviceSpec& device) {
        for (const auto& [key, node] : table) {
            if (key.str() == "settings") {
                HW_TRY(settings(node, device));
            } else if (key.str() == "groups") {
                HW_TRY(groups(node, device));
            } else {
                HW_TRY(field(key, node, device, ""));
            }
        }
        return {};
    }

  private:
    std::unexpected<Error> refuse(const toml::source_region& where, std::string_view path,
                                  std::string_view text) const {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}:{}: {}{}{}", file_, where.begin.line, path,
                                path.empty() ? "" : ": ", text));
    }

    Result<FieldValue> value_of(const toml::node& node, std::string_view name,
                                std::string_view path) const {
        if (const auto* flag = node.as_boolean()) return FieldValue(flag->get());
        if (const auto* whole = node.as_integer()) return FieldValue(whole->get());
        if (const auto* real = node.as_floating_point()) return FieldValue(real->get());
        if (const auto* text = node.as_string()) return FieldValue(text->get());
        std::vector<std::string> list;
        if (const auto* array = node.as_array()) {
            for (const auto& one : *array) {
                const auto* text = one.as_string();
                if (text == nullptr)
                    return refuse(one.source(), path,
                                  fmt::format("'{}' may be a list of texts only", name));
                list.push_back(text->get());
            }
            return FieldValue(std::move(list));
        }
        return refuse(node.source(), path,
                      fmt::format("'{}' must be a text, a number, true or false", name));
    }

    template <class Spec>
    Result<void> field(const toml::key& key, const toml::node& node, Spec& spec,
                       std::string_view path) {
        const FieldValue none;
        const auto value = value_of(node, key.str(), path);
        // A member that is not known is the greater mistake.
        if (auto set = set_field(spec, key.str(), value ? *value : none); !set)
            return refuse(key.source(), path, set.error().text());
        if (!value) return fail(value.error());
        return {};
    }

    Result<void> settings(const toml::node& node, DeviceSpec& device) {
        const auto* table = node.as_table();
        if (table == nullptr)
            return refuse(node.source(), "", "'settings' must be a table: [settings]");
        for (const auto& [key, value] : *table) {
            const auto text = HW_TRY(value_of(value, key.str(), "settings"));
            HW_TRY(set_setting(device, key.str(), text));
        }
        return {};
    }

    Result<void> groups(const toml::node& node, DeviceSpec& device) {
        const auto* list = node.as_array();
        if (list == nullptr)
            return refuse(node.source(), "", "'groups' must be a list of tables: [[groups]]");
        for (const auto& one : *list) {
            const std::string path = fmt::format("groups[{}]", device.groups.size());
            const auto* table = one.as_table();
            if (table == nullptr) return refuse(one.source(), path, "must be a table");
            GroupSpec& spec = device.groups.emplace_back();
            for (const auto& [key, value] : *table) {
                if (key.str() == "tags") {
                    HW_TRY(tags(value, spec, path));
                } else {
                    HW_TRY(field(key, value, spec, path));
                }
            }
        }
        return {};
    }

    Result<void> tags(const toml::node& node, GroupSpec& group, const std::string& group_path) {
        const auto* list = node.as_array();
        if (list == nullptr)
            return refuse(node.source(), group_path,
                          "'tags' must be a list of tables: [[groups.tags]]");
        for (const auto& one : *list) {
            const std::string path = fmt::format("{}.tags[{}]", group_path, group.tags.size());
            const auto* table = one.as_table();
            if (table == nullptr) return refuse(one.source(), path, "must be a table");
            TagSpec& spec = group.tags.emplace_back();
            for (const auto& [key, value] : *table)
                HW_TRY(field(key, value, spec, path));
        }
        return {};
    }

    const std::string file_;
};

}  // namespace

Result<DeviceSpec> parse_device_toml(std::string_view text, const std::string& file_name) {
    try {
        const toml::table table = toml::parse(text, file_name);
        DeviceSpec device;
        HW_TRY(FileWalk(file_name).device(table, device));
        if (device.name.empty())
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("{}:1: the device has no name; add name = \"works/plc1\"", file_name));
        return device;
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}:{}: {}", file_name, error.source().begin.line,
                                std::string_view(error.description())));
    }
}

std::vector<DeviceFile> read_device_files(const std::string& folder) {
    std::vector<DeviceFile> files;
    std::error_code error;
    for (auto at = std::filesystem::directory_iterator(folder, error);
         !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        if (at->path().extension() == ".toml")
            files.push_back({at->path().filename().string(), DeviceSpec()});
    }
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    std::map<std::string, std::string> owners;  // device to file
    for (auto& file : files) {
        std::ifstream stream(std::filesystem::path(folder) / file.name, std::ios::binary);
        if (!stream) {
            file.device =
                fail(ErrorCode::io_failed, fmt::format("{}: the file cannot be read", file.name));
            continue;
        }
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        file.device = parse_device_toml(text, file.name);
        if (!file.device) continue;
        const auto [owner, first] = owners.emplace(file.device->name, file.name);
        if (!first)
            file.device =
                fail(ErrorCode::conflict, fmt::format("{}:1: device '{}' is in the file {} already",
                                                      file.name, owner->first, owner->second));
    }
    return files;
}

}  // namespace hw::gateway
