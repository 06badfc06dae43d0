#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::access {

// Where randomness comes from: so many bytes. Tests hand their own in.
using RandomBytes = std::function<std::string(size_t)>;
// OpenSSL's generator. A failure of it stops the process: there is nothing safe to go on with.
std::string secure_random(size_t bytes);

std::string sha256(std::string_view bytes);  // 32 bytes
std::string hex(std::string_view bytes);
// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);
// The time does not tell where they differ.
bool equal_secrets(std::string_view one, std::string_view other);

// An API key in its parts: "hw_<id>_<secret>".
struct KeyText {
    std::string_view id;
    std::string_view secret;
};
inline constexpr size_t key_id_length = 8;
inline constexpr size_t secret_length = 43;  // base64url of 32 bytes
std::optional<KeyText> parse_key(std::string_view text);
std::string make_key(std::string_view id, std::string_view secret);
std::string random_id(const RandomBytes& random);      // 8 of a-z, 2-7
std::string random_secret(const RandomBytes& random);  // 43 of base64url
bool is_secret(std::string_view text);                 // has the form of one

// The value of one cookie of a Cookie header (RFC 6265); the first of that name.
std::optional<std::string_view> cookie_value(std::string_view header, std::string_view name);

// What stands behind a scheme in an Authorization header: "Bearer <token>", "Token <token>" as
// InfluxDB's clients say it, or the password of "Basic". nullopt for anything else.
std::optional<std::string> authorization_secret(std::string_view header);

}  // namespace hw::access
