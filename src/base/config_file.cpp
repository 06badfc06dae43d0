#include "base/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>

#include "base/config_text.h"

namespace hw {

namespace {

void flatten(const toml::table& table, const std::string& prefix, ConfigFile& file,
             std::vector<FileEntry>& entries);

unsigned line_of(const toml::node& node) {
    return node.source().begin.line;
}

bool is_table_array(const toml::node& node) {
    return node.is_array() && !node.as_array()->empty() && node.as_array()->front().is_table();
}

FileEntry list_entry(const toml::array& array) {
    FileEntry entry;
    std::vector<std::string> elements;
    for (const auto& element : array) {
        if (!element.is_string()) return entry;
        elements.push_back(element.as_string()->get());
    }
    entry.written = PropertyType::text_list;
    entry.text = join_list(elements);
    return entry;
}

FileEntry entry_of(const toml::node& node) {
    if (node.is_array()) return list_entry(*node.as_array());
    FileEntry entry;
    if (const auto* boolean = node.as_boolean()) {
        entry.written = PropertyType::boolean;
        entry.text = boolean->get() ? "true" : "false";
    } else if (const auto* integer = node.as_integer()) {
        entry.written = PropertyType::integer;
        entry.text = fmt::format("{}", integer->get());
    } else if (const auto* number = node.as_floating_point()) {
        entry.written = PropertyType::number;
        entry.text = fmt::format("{}", number->get());
    } else if (const auto* text = node.as_string()) {
        entry.written = PropertyType::text;
        entry.text = text->get();
    }
    return entry;
}

void add_tables(const toml::array& array, const std::string& name, ConfigFile& file) {
    for (const auto& element : array) {
        if (!element.is_table()) continue;
        FileTable table{name, line_of(element), {}};
        // Arrays of tables do not nest here; an inner one ends as an unknown key.
        flatten(*element.as_table(), "", file, table.entries);
        file.tables.push_back(std::move(table));
    }
}

void flatten(const toml::table& table, const std::string& prefix, ConfigFile& file,
             std::vector<FileEntry>& entries) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (node.is_table()) {
            flatten(*node.as_table(), name + ".", file, entries);
        } else if (is_table_array(node) && &entries == &file.entries) {
            add_tables(*node.as_array(), name, file);
        } else {
            entries.push_back(entry_of(node));
            entries.back().key = name;
            entries.back().line = line_of(node);
        }
    }
}

}  // namespace

Result<ConfigFile> read_config_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(ErrorCode::not_found,
                    fmt::format("{}: the configuration file cannot be read", path));
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    ConfigFile file;
    try {
        flatten(toml::parse(text, path), "", file, file.entries);
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}:{}: {}", path, error.source().begin.line,
                                std::string_view(error.description())));
    }
    // toml++ yields keys in the order of their names; people read errors in that of the lines.
    std::sort(file.entries.begin(), file.entries.end(), [](const auto& a, const auto& b) {
        return std::tie(a.line, a.key) < std::tie(b.line, b.key);
    });
    return file;
}

}  // namespace hw
