#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/error.h"

namespace hw {

// One value of a TOML file, flattened; keeps toml++ out of everybody's sight.
struct FileEntry {
    std::string key;  // "section.name"; "name" within a table array
    std::string text;
    // What was written; a list holds texts only. None for a date, a mixed list and the like.
    std::optional<PropertyType> written;
    unsigned line = 0;
};

// One [[name]] table.
struct FileTable {
    std::string name;
    unsigned line = 0;
    std::vector<FileEntry> entries;
};

struct ConfigFile {
    std::vector<FileEntry> entries;
    std::vector<FileTable> tables;
};

// Errors: not_found; a syntax error as "<path>:<line>: <what>".
Result<ConfigFile> read_config_file(const std::string& path);

}  // namespace hw
