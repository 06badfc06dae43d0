#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::sql::batch {

namespace duck {
struct Api;
}

// DuckDB's shared library, loaded once and never unloaded (its threads may outlive a query).
struct Library {
    std::shared_ptr<const duck::Api> api;
    std::string path;
    std::string version;  // "v1.5.6"
};

// Where it is looked for: `configured` alone where it is given; else the folder of the program and
// its npm packages (build trees), those of the working folder, and the system's libraries.
std::vector<std::string> library_places(const std::string& configured);
// Errors: unsupported, with the places and what to install; also where it is too old or too new.
Result<Library> load_library(const std::string& configured);
// Whether this program can use that version: 1.4 and later, below 2.
bool is_usable_version(std::string_view version);

}  // namespace hw::sql::batch
