#include "io/http_target.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

// Any target: decoded or refused, and what is decoded is never longer than what came.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    hw::io::HttpRequest request;
    if (hw::io::decode_target(text, request)) {
        size_t total = request.path.size();
        for (const auto& [name, value] : request.query)
            total += name.size() + value.size();
        HW_ASSERT(!request.path.empty() && total <= size + 1);
        HW_ASSERT(request.path.find('\0') == std::string::npos);
    }
    return 0;
}
