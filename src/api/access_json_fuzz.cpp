// Bodies of sign-ins, users and keys: what is read is within what the room takes, or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "api/access_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    (void)hw::api::read_sign_in(body);
    (void)hw::api::read_password(body, true);
    (void)hw::api::read_password(body, false);
    (void)hw::api::read_preferences(body);
    (void)hw::api::read_key(body, true);
    (void)hw::api::read_key(body, false);
    if (const auto wish = hw::api::read_set_up(body)) (void)hw::access::check_name(wish->name, "x");
    const auto user = hw::api::read_user(body, true);
    // What is whole is no patch: it names the user.
    if (user && hw::api::read_user(body, false)) std::abort();
    return 0;
}
