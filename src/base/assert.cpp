#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace hw {

void bug(const char* condition, std::source_location where) {
    std::fprintf(stderr, "BUG: %s at %s:%u in %s\n", condition, where.file_name(),
                 static_cast<unsigned>(where.line()), where.function_name());
    std::fflush(stderr);
    std::abort();
}

}  // namespace hw
