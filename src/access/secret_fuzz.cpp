// What comes in the headers of anybody's request: whatever is found is a part of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "access/principal.h"
#include "access/secret.h"
#include "model/point_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto value = hw::access::cookie_value(text, "headworks_session"))
        if (text.find(*value) == std::string_view::npos || value->find(';') != value->npos)
            std::abort();
    if (const auto key = hw::access::parse_key(text))
        if (hw::access::make_key(key->id, key->secret) != text) std::abort();
    (void)hw::access::authorization_secret(text);
    // Two filters of one input: the common one is a filter, and both cover it.
    const size_t half = text.find('\n');
    if (half == std::string_view::npos) return 0;
    const auto one = text.substr(0, half);
    const auto other = text.substr(half + 1);
    if (!hw::model::check_filter(one) || !hw::model::check_filter(other)) return 0;
    const auto common = hw::access::common_filter(one, other);
    if (!common) return 0;
    if (!hw::model::check_filter(*common)) std::abort();
    if (!hw::access::covers(one, *common) || !hw::access::covers(other, *common)) std::abort();
    return 0;
}
