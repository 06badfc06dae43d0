#include "base/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/assert.h"
#include "base/config_file.h"
#include "base/config_text.h"

namespace hw {

namespace {

constexpr std::string_view environment_prefix = "HEADWORKS_";
constexpr std::string_view file_suffix = "_FILE";
constexpr size_t value_file_bytes_limit = 64 * 1024;

bool fits(PropertyType type, PropertyType written) {
    if (type == written) return true;
    switch (type) {
        case PropertyType::number:
        case PropertyType::bytes:
            return written == PropertyType::integer ||
                   (type == PropertyType::bytes && written == PropertyType::text);
        case PropertyType::duration:
            return written == PropertyType::text;
        default:
            return false;
    }
}

std::string environment_name(std::string_view key) {
    std::string name(environment_prefix);
    for (const char c : key) {
        if (c == '.') {
            name += "__";
        } else {
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        }
    }
    return name;
}

Result<std::string> read_value_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(ErrorCode::not_found, fmt::format("the file '{}' cannot be read", path));
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text.size() > value_file_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the file '{}' has {} bytes, at most {} are allowed", path,
                                text.size(), value_file_bytes_limit));
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return text;
}

// conf.d/*.toml beside the file, by name.
std::vector<std::string> conf_d_files(const std::string& file) {
    std::vector<std::string> files;
    std::error_code ignored;
    const auto folder = std::filesystem::path(file).parent_path() / "conf.d";
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

// Lays the sources over one another and gathers every error on the way.
class Loader {
  public:
    using Values = std::map<std::string, Config::Value, std::less<>>;

    Loader(std::span<const Property> properties, std::span<const TableArray> arrays)
        : arrays_(arrays) {
        for (const auto& property : properties) {
            HW_ASSERT(check_property(property, property.default_value));
            keys_.emplace_back(property.key);
            const bool added = properties_.emplace(property.key, &property).second;
            HW_ASSERT(added);
            values_[std::string(property.key)] = default_of(property);
        }
        for (const auto& array : arrays)
            tables_[std::string(array.name)];
    }

    void read_file(const std::string& path, Origin origin) {
        const auto file = read_config_file(path);
        if (!file) return errors_.push_back(file.error().text());
        for (const auto& entry : file->entries) {
            const std::string where = fmt::format("{}:{}", path, entry.line);
            if (const auto* property = find(entry.key, where))
                set_written(*property, entry, origin, where, values_);
        }
        for (const auto& table : file->tables)
            add_table(table, origin, path);
    }

    void read_environment(const std::vector<std::pair<std::string, std::string>>& environment) {
        std::map<std::string, const Property*, std::less<>> names;
        for (const auto& [key, property] : properties_)
            names[environment_name(key)] = property;
        std::set<std::string_view> given;
        for (const auto& [name, text] : environment)
            given.insert(name);
        for (const auto& [name, text] : environment) {
            if (!name.starts_with(environment_prefix) || name.find("__") == name.npos) continue;
            if (const auto at = names.find(name); at != names.end()) {
                set(*at->second, text, Origin::environment, name, values_);
            } else if (const auto* property = file_property(name, names)) {
                if (given.contains(
                        std::string_view(name).substr(0, name.size() - file_suffix.size())))
                    errors_.push_back(
                        fmt::format("{}: given with and without _FILE; unset one", name));
                else
                    set_from_value_file(*property, name, text);
            } else {
                std::vector<std::string> known;
                for (const auto& [candidate, property_of] : names)
                    known.push_back(candidate);
                errors_.push_back(fmt::format("{}: unknown key in the environment{}", name,
                                              did_you_mean(name, known)));
            }
        }
    }

    void read_sets(const std::vector<std::string>& sets) {
        for (const auto& text : sets) {
            const size_t equals = text.find('=');
            if (equals == text.npos) {
                errors_.push_back(fmt::format("--set {}: not of the form section.key=value", text));
                continue;
            }
            if (const auto* property = find(text.substr(0, equals), "--set"))
                set(*property, text.substr(equals + 1), Origin::flag, "--set", values_);
        }
    }

    bool failed() const { return !errors_.empty(); }
    std::string errors() const { return fmt::format("{}", fmt::join(errors_, "\n")); }
    Values take_values() { return std::move(values_); }
    std::map<std::string, std::vector<Config::Table>, std::less<>> take_tables() {
        return std::move(tables_);
    }

  private:
    static Config::Value default_of(const Property& property) {
        return {std::string(property.default_value), Origin::built_in, "default", property.type};
    }

    void unknown(std::string_view key, std::string_view where,
                 const std::vector<std::string>& known) {
        std::string hint = did_you_mean(key, known);
        // "port" at the top of the file is most likely "mqtt.port".
        for (const auto& candidate : known)
            if (hint.empty() && candidate.ends_with(fmt::format(".{}", key)))
                hint = fmt::format("; did you mean '{}'?", candidate);
        errors_.push_back(fmt::format("{}: unknown key '{}'{}", where, key, hint));
    }

    const Property* find(std::string_view key, std::string_view where) {
        const auto at = properties_.find(key);
        if (at != properties_.end()) return at->second;
        for (const auto& array : arrays_) {
            if (key != array.name && !key.starts_with(fmt::format("{}.", array.name))) continue;
            errors_.push_back(fmt::format("{}: '{}' is repeated; write it in a file as [[{}]]",
                                          where, key, array.name));
            return nullptr;
        }
        unknown(key, where, keys_);
        return nullptr;
    }

    void set(const Property& property, std::string_view text, Origin origin, std::string_view where,
             Values& values) {
        if (auto checked = check_property(property, text); !checked) {
            errors_.push_back(checked.error().within(where).text());
            return;
        }
        values[std::string(property.key)] = {std::string(text), origin, std::string(where),
                                             property.type};
    }

    void set_written(const Property& property, const FileEntry& entry, Origin origin,
                     std::string_view where, Values& values) {
        if (!entry.written || !fits(property.type, *entry.written)) {
            errors_.push_back(fmt::format(
                "{}: {} takes a value of type {}, not {}", where, entry.key,
                to_string(property.type),
                entry.written ? to_string(*entry.written) : "date, table or mixed list"));
            return;
        }
        set(property, entry.text, origin, where, values);
    }

    static const Property* file_property(
        std::string_view name, const std::map<std::string, const Property*, std::less<>>& names) {
        if (!name.ends_with(file_suffix)) return nullptr;
        const auto at = names.find(name.substr(0, name.size() - file_suffix.size()));
        return at == names.end() ? nullptr : at->second;
    }

    void set_from_value_file(const Property& property, std::string_view name,
                             const std::string& path) {
        const auto text = read_value_file(path);
        if (!text) return errors_.push_back(text.error().within(name).text());
        set(property, *text, Origin::environment, name, values_);
    }

    void add_table(const FileTable& table, Origin origin, const std::string& path) {
        const auto array = std::find_if(arrays_.begin(), arrays_.end(), [&](const auto& candidate) {
            return candidate.name == table.name;
        });
        if (array == arrays_.end()) {
            std::vector<std::string> known;
            for (const auto& candidate : arrays_)
                known.emplace_back(candidate.name);
            errors_.push_back(fmt::format("{}:{}: unknown table [[{}]]{}", path, table.line,
                                          table.name, did_you_mean(table.name, known)));
            return;
        }
        Config::Table values;
        std::vector<std::string> known;
        for (const auto& property : array->properties) {
            values[std::string(property.key)] = default_of(property);
            known.emplace_back(property.key);
        }
        for (const auto& entry : table.entries) {
            const std::string where = fmt::format("{}:{}", path, entry.line);
            const auto property =
                std::find_if(array->properties.begin(), array->properties.end(),
                             [&](const auto& candidate) { return candidate.key == entry.key; });
            if (property == array->properties.end()) {
                unknown(entry.key, where, known);
            } else {
                set_written(*property, entry, origin, where, values);
            }
        }
        tables_[table.name].push_back(std::move(values));
    }

    std::map<std::string_view, const Property*> properties_;
    std::span<const TableArray> arrays_;
    std::vector<std::string> keys_;
    Values values_;
    std::map<std::string, std::vector<Config::Table>, std::less<>> tables_;
    std::vector<std::string> errors_;
};

}  // namespace

std::string_view to_string(Origin origin) {
    switch (origin) {
        case Origin::built_in:
            return "default";
        case Origin::file:
            return "file";
        case Origin::conf_d:
            return "conf.d";
        case Origin::environment:
            return "environment";
        case Origin::flag:
            return "flag";
    }
    HW_UNREACHABLE();
}

std::string_view to_string(PropertyType type) {
    switch (type) {
        case PropertyType::boolean:
            return "boolean";
        case PropertyType::integer:
            return "integer";
        case PropertyType::number:
            return "number";
        case PropertyType::text:
            return "text";
        case PropertyType::duration:
            return "duration";
        case PropertyType::bytes:
            return "size in bytes";
        case PropertyType::text_list:
            return "list of texts";
    }
    HW_UNREACHABLE();
}

Result<Config> Config::load(std::span<const Property> properties,
                            std::span<const TableArray> arrays, const Sources& sources) {
    Loader loader(properties, arrays);
    if (!sources.file.empty()) {
        loader.read_file(sources.file, Origin::file);
        for (const auto& path : conf_d_files(sources.file))
            loader.read_file(path, Origin::conf_d);
    }
    loader.read_environment(sources.environment);
    loader.read_sets(sources.sets);
    if (loader.failed()) return fail(ErrorCode::invalid_argument, loader.errors());
    Config config;
    config.values_ = loader.take_values();
    config.tables_ = loader.take_tables();
    return config;
}

Config::Table Config::read_table(std::span<const Property> properties, const Texts& given,
                                 Texts& flaws) {
    Table table;
    std::vector<std::string> known;
    for (const auto& property : properties) {
        table[std::string(property.key)] = {std::string(property.default_value), Origin::built_in,
                                            "default", property.type};
        known.emplace_back(property.key);
    }
    std::set<std::string_view> seen;
    for (const auto& [key, text] : given) {
        const auto property =
            std::find_if(properties.begin(), properties.end(),
                         [&](const auto& candidate) { return candidate.key == key; });
        if (property == properties.end()) {
            flaws.emplace_back(
                key, fmt::format("unknown setting '{}'{}", key, did_you_mean(key, known)));
        } else if (!seen.insert(key).second) {
            flaws.emplace_back(key, fmt::format("'{}' is given twice", key));
        } else if (const auto checked = check_property(*property, text); !checked) {
            flaws.emplace_back(key, checked.error().text());
        } else {
            table[key] = {text, Origin::file, "given", property->type};
        }
    }
    return table;
}

bool Config::Value::as_boolean() const {
    HW_ASSERT(type == PropertyType::boolean);
    return text == "true";
}

int64_t Config::Value::as_integer() const {
    HW_ASSERT(type == PropertyType::integer);
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

double Config::Value::as_number() const {
    HW_ASSERT(type == PropertyType::number);
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

const std::string& Config::Value::as_text() const {
    HW_ASSERT(type == PropertyType::text);
    return text;
}

Duration Config::Value::as_duration() const {
    HW_ASSERT(type == PropertyType::duration);
    return parse_duration(text).value();
}

uint64_t Config::Value::as_bytes() const {
    HW_ASSERT(type == PropertyType::bytes);
    return parse_bytes(text).value();
}

std::vector<std::string> Config::Value::as_text_list() const {
    HW_ASSERT(type == PropertyType::text_list);
    return split_list(text);
}

const Config::Value& Config::value(std::string_view key) const {
    const auto at = values_.find(key);
    HW_ASSERT(at != values_.end());
    return at->second;
}

const std::vector<Config::Table>& Config::tables(std::string_view name) const {
    const auto at = tables_.find(name);
    HW_ASSERT(at != tables_.end());
    return at->second;
}

bool Config::boolean(std::string_view key) const {
    return value(key).as_boolean();
}
int64_t Config::integer(std::string_view key) const {
    return value(key).as_integer();
}
double Config::number(std::string_view key) const {
    return value(key).as_number();
}
const std::string& Config::text(std::string_view key) const {
    return value(key).as_text();
}
Duration Config::duration(std::string_view key) const {
    return value(key).as_duration();
}
uint64_t Config::bytes(std::string_view key) const {
    return value(key).as_bytes();
}
std::vector<std::string> Config::text_list(std::string_view key) const {
    return value(key).as_text_list();
}

}  // namespace hw
