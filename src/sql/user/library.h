#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "sql/function.h"

namespace hw::sql::user {

// A function made at run time: its texts live here.
struct OwnedFunction {
    std::string name, signature, help;
    std::unique_ptr<UserCode> code;
    Function function;  // refers to the above

    // Points the function's texts and code to what is here. The origin is "user".
    void refer();
};

// Whether a name is of lower case letters, digits and '_', begins with a letter and has at most 64.
bool is_function_name(std::string_view name);

// A shared library of functions (include/headworks_function.h). Stays loaded to the end of the
// process, as threads may be in its code.
class Library {
  public:
    // Loads and registers. not_found, unsupported (another ABI) or invalid_argument, all naming the
    // file.
    static Result<std::unique_ptr<Library>> load(const std::filesystem::path& file);

    const std::filesystem::path& file() const { return file_; }
    const std::deque<OwnedFunction>& functions() const { return functions_; }

  private:
    explicit Library(std::filesystem::path file) : file_(std::move(file)) {}

    std::filesystem::path file_;
    std::deque<OwnedFunction> functions_;
};

}  // namespace hw::sql::user
