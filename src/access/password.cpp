#include "access/password.h"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "model/point_path.h"

namespace hw::access {

namespace {

constexpr size_t salt_bytes = 16;
constexpr size_t hash_bytes = 32;
constexpr uint32_t lanes = 1;

// The ones that guessing begins with, of eight letters and more, without digits behind them.
constexpr std::string_view commonest[] = {"password",
                                          "passw0rd",
                                          "qwertyuiop",
                                          "qwerty",
                                          "iloveyou",
                                          "administrator",
                                          "admin",
                                          "letmein",
                                          "welcome",
                                          "football",
                                          "baseball",
                                          "princess",
                                          "sunshine",
                                          "superman",
                                          "trustno",
                                          "headworks",
                                          "changeme",
                                          "changemenow",
                                          "default",
                                          "secret",
                                          "operator",
                                          "engineer",
                                          "waterworks",
                                          "master",
                                          "computer",
                                          "whatever",
                                          "starwars",
                                          "woaini",
                                          "woaiwojia",
                                          "asdfghjkl",
                                          "zxcvbnm",
                                          "qazwsx",
                                          "qazwsxedc",
                                          "abcdefgh",
                                          "abc",
                                          "aaaaaaaa",
                                          "correcthorsebatterystaple"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

// "Password123!" is "password" to whoever guesses.
std::string core_of(std::string_view password) {
    std::string text = lower(password);
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    while (!text.empty() && !is_letter(text.back()))
        text.pop_back();
    const auto first = std::find_if(text.begin(), text.end(), is_letter);
    text.erase(text.begin(), first);
    return text;
}

// One letter again and again, or one run such as 123456789012 or abcdefghijkl.
bool is_run(std::string_view text) {
    if (text.size() < 2) return true;
    const auto step_at = [&](size_t i) { return text[i] - text[i - 1]; };
    const int step = step_at(1);
    if (step < -1 || step > 1) return false;
    for (size_t i = 1; i < text.size(); ++i)
        if (step_at(i) != step && !(text[i - 1] == '9' && text[i] == '0')) return false;
    return true;
}

// What stands behind "m=" and so on in a PHC string.
std::optional<uint32_t> parameter_of(std::string_view hash, std::string_view name) {
    const size_t at = hash.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    const auto text = hash.substr(at + name.size());
    uint32_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
        return std::nullopt;
    return value;
}

}  // namespace

Result<void> check_password(std::string_view password, std::string_view user, size_t least_length) {
    if (password.size() > password_bytes_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the password has {} bytes, more than {}", password.size(),
                                password_bytes_limit));
    if (!model::is_mqtt_text(password))
        return fail(ErrorCode::invalid_argument, "the password must be text in UTF-8");
    const auto letters =
        static_cast<size_t>(std::count_if(password.begin(), password.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        }));
    if (letters < least_length)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the password has {} characters; it needs {} or more "
                                "(access.password_length_least): a few words do well",
                                letters, least_length));
    const std::string small = lower(password);
    if (!user.empty() && (small == user || core_of(password) == user))
        return fail(ErrorCode::invalid_argument,
                    "the password is the user's name; take one that nobody guesses");
    const std::string core = core_of(password);
    const bool common =
        std::find(std::begin(commonest), std::end(commonest), core) != std::end(commonest);
    if (common || is_run(small))
        return fail(ErrorCode::invalid_argument,
                    "the password is one of those that are guessed first; take a few words that "
                    "do not belong together");
    return {};
}

Result<std::string> hash_password(std::string_view password, const HashCost& cost,
                                  const RandomBytes& random) {
    const std::string salt = random(salt_bytes);
    std::string out(
        argon2_encodedlen(cost.passes, cost.memory_kib, lanes, salt_bytes, hash_bytes, Argon2_id),
        '\0');
    const int done =
        argon2id_hash_encoded(cost.passes, cost.memory_kib, lanes, password.data(), password.size(),
                              salt.data(), salt.size(), hash_bytes, out.data(), out.size());
    if (done != ARGON2_OK)
        return fail(ErrorCode::unavailable,
                    fmt::format("the password cannot be hashed: {}", argon2_error_message(done)));
    out.resize(out.find('\0'));
    return out;
}

bool verify_password(std::string_view password, const std::string& hash) {
    return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view hash, const HashCost& cost) {
    return parameter_of(hash, "$m=").value_or(0) < cost.memory_kib ||
           parameter_of(hash, ",t=").value_or(0) < cost.passes;
}

}  // namespace hw::access
