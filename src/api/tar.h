#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace hw::api {

// A tar archive (POSIX ustar) in memory, one file after the other.
class TarWriter {
  public:
    // The name has at most 100 bytes (asserted).
    void add(std::string_view name, std::string_view content, Time modified);
    std::string finish();

  private:
    std::string out_;
};

}  // namespace hw::api
