#pragma once

#include <source_location>

namespace hw {

// Prints "BUG: <condition> at <file>:<line> in <function>" to stderr and aborts.
[[noreturn]] void bug(const char* condition,
                      std::source_location where = std::source_location::current());

}  // namespace hw

// For bugs in us, never for input. Stays on in release.
#define HW_ASSERT(condition)           \
    do {                               \
        if (!(condition)) [[unlikely]] \
            ::hw::bug(#condition);     \
    } while (false)

#define HW_UNREACHABLE() ::hw::bug("unreachable")
