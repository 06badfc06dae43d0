#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hw::api {

// What somebody types to find a thing: words of which each must occur somewhere, ASCII letters in
// either case. About 0.1 us for a path.
class SearchWords {
  public:
    static constexpr size_t words_limit = 16;
    static constexpr size_t bytes_limit = 256;

    // Errors: too long, too many. No words match everything.
    static Result<SearchWords> read(std::string_view text);

    bool none() const { return words_.empty(); }
    // Each word is in one of the texts at least.
    bool match(std::string_view text, std::string_view other = {}) const;

  private:
    std::vector<std::string> words_;  // in lower case
};

}  // namespace hw::api
