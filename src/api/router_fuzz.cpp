#include "api/router.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "io/http_target.h"

// Places and words of a path that matches are the path, however it was encoded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    hw::io::HttpRequest request;
    request.target.assign(reinterpret_cast<const char*>(data), size);
    if (!hw::io::decode_target(request.target, request)) return 0;
    for (const std::string_view pattern :
         {"/d", "/d/{name}", "/d/{name}/state", "/d/{name}/groups/{group}",
          "/d/{name}/groups/{group}/tags/{tag}"}) {
        const auto match = hw::api::match_path(pattern, request);
        if (!match) continue;
        std::string path;
        size_t place = 0;
        for (std::string_view rest = pattern; !rest.empty();) {
            const size_t end = std::min(rest.find('/', 1), rest.size());
            path += '/';
            path += rest[1] == '{' ? match->places.at(place++).second : rest.substr(1, end - 1);
            rest = rest.substr(end);
        }
        HW_ASSERT(place == match->places.size());
        HW_ASSERT(path == request.path);
    }
    return 0;
}
