#include "io/http_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"

namespace {

using hw::BytesView;
using hw::io::HttpParser;

// The requests and the end of a connection that sends `bytes` in pieces of `step`.
std::vector<std::string> dialogue(BytesView bytes, size_t step) {
    hw::io::HttpSettings settings;
    settings.body_bytes_limit = 2000;
    settings.header_bytes_limit = 500;
    HttpParser parser(settings);
    std::vector<std::string> events;
    for (size_t at = 0; at < bytes.size(); at += step) {
        parser.take(bytes.subspan(at, std::min(step, bytes.size() - at)));
        while (true) {
            const auto event = parser.next();
            if (event == HttpParser::Event::need_more) break;
            if (event == HttpParser::Event::failed) {
                HW_ASSERT(parser.failed_status() >= 400 && !parser.failed_detail().empty());
                events.push_back("failed");
                return events;
            }
            if (event == HttpParser::Event::wants_continue) continue;
            const auto request = parser.request();
            HW_ASSERT(request.body.size() <= settings.body_bytes_limit);
            HW_ASSERT(!request.path.empty());
            events.push_back(request.method + " " + request.target + "\n" + request.body);
        }
        parser.keep();
    }
    return events;
}

}  // namespace

// However the bytes are cut, the same requests come out; a failure may only come sooner or later.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
    auto whole = dialogue(bytes, std::max<size_t>(size, 1));
    auto parts = dialogue(bytes, 1);
    std::erase(whole, "failed");
    std::erase(parts, "failed");
    const size_t both = std::min(whole.size(), parts.size());
    HW_ASSERT(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(both),
                         parts.begin()));
    return 0;
}
