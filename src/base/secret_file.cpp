#include "base/secret_file.h"

#include <fmt/format.h>

#include <fstream>

namespace hw {

Result<std::string> read_secret_file(const std::string& path, std::string_view setting) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line))
        return fail(ErrorCode::not_found,
                    fmt::format("the password file '{}' cannot be read, or is empty; {} names it",
                                path, setting));
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace hw
