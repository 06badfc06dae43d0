#include "access/secret.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/base64.h"

namespace hw::access {

std::string secure_random(size_t bytes) {
    std::string out(bytes, '\0');
    HW_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) ==
              1);
    return out;
}

std::string sha256(std::string_view bytes) {
    // Looked up once: to look it up each time takes longer than the digest.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    HW_ASSERT(algorithm != nullptr);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    HW_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) ==
              1);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string base64url(std::string_view bytes) {
    std::string out = base64(bytes);
    while (out.ends_with('='))
        out.pop_back();
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    return out;
}

bool equal_secrets(std::string_view one, std::string_view other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

namespace {

constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view key_prefix = "hw_";

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

}  // namespace

bool is_secret(std::string_view text) {
    return text.size() == secret_length && std::all_of(text.begin(), text.end(), is_base64url);
}

std::optional<KeyText> parse_key(std::string_view text) {
    if (text.size() != key_prefix.size() + key_id_length + 1 + secret_length ||
        !text.starts_with(key_prefix))
        return std::nullopt;
    text.remove_prefix(key_prefix.size());
    const auto id = text.substr(0, key_id_length);
    const auto secret = text.substr(key_id_length + 1);
    if (text[key_id_length] != '_' || !is_secret(secret)) return std::nullopt;
    if (id.find_first_not_of(base32) != std::string_view::npos) return std::nullopt;
    return KeyText{id, secret};
}

std::string make_key(std::string_view id, std::string_view secret) {
    return fmt::format("{}{}_{}", key_prefix, id, secret);
}

std::string random_id(const RandomBytes& random) {
    std::string out;
    for (const char c : random(key_id_length))
        out += base32[static_cast<unsigned char>(c) & 31];
    return out;
}

std::string random_secret(const RandomBytes& random) {
    constexpr size_t secret_bytes = 32;
    return base64url(random(secret_bytes));
}

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<std::string_view> cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const size_t end = std::min(header.find(';'), header.size());
        const auto pair = trimmed(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const size_t equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        return pair.substr(equals + 1);
    }
    return std::nullopt;
}

std::optional<std::string> authorization_secret(std::string_view header) {
    const size_t space = header.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    std::string scheme(header.substr(0, space));
    for (char& c : scheme)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const auto rest = trimmed(header.substr(space + 1));
    if (scheme == "bearer" || scheme == "token") return std::string(rest);
    if (scheme != "basic") return std::nullopt;
    const auto pair = from_base64(rest);
    if (!pair) return std::nullopt;
    const size_t colon = pair->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return pair->substr(colon + 1);
}

}  // namespace hw::access
