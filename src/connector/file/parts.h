#pragma once

#include <memory>
#include <string>

#include "connector/connector.h"

namespace hw::connector::file {

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<SourceLink>> make_source(const Config::Table& settings, const Rooms& rooms);
Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms);

// Where a path of the settings lies: below the data folder's `files`, or as it is where it is
// absolute and absolute_paths allows that. Errors: permission_denied (absolute, or out by "..").
Result<std::string> place_of(const Config::Table& settings, std::string_view key,
                             const Rooms& rooms);
// One character, or "\t" and "tab" for a tabulator.
Result<char> delimiter_of(const Config::Table& settings);

}  // namespace hw::connector::file
