#include "access/secret.h"

#include <gtest/gtest.h>

#include "access/password.h"

namespace hw::access {
namespace {

std::string counting(size_t bytes) {
    std::string out;
    for (size_t i = 0; i < bytes; ++i)
        out += static_cast<char>(i);
    return out;
}

TEST(Secret, DigestsAreThoseOfTheStandard) {
    // FIPS 180-2, B.1
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(base64url("\xff\xef\x00"), "_-8");
}

TEST(Secret, KeysComeApart) {
    const std::string text = make_key("abcdefgh", random_secret(counting));
    const auto parts = parse_key(text);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->id, "abcdefgh");
    EXPECT_EQ(parts->secret.size(), secret_length);
    for (const std::string& bad :
         {std::string(), std::string("hw_"), text + "a", text.substr(1), "xx" + text.substr(2),
          "hw_ABCDEFGH_" + std::string(parts->secret), "hw_abcdefgh-" + std::string(parts->secret),
          "hw_abcdefgh_" + std::string(secret_length, '+')})
        EXPECT_FALSE(parse_key(bad)) << bad;
    EXPECT_TRUE(parse_key(make_key(random_id(secure_random), random_secret(secure_random))));
    EXPECT_NE(secure_random(32), secure_random(32));
}

TEST(Secret, CookiesAreFoundByTheirWholeName) {
    EXPECT_EQ(cookie_value("a=1; headworks_session=xyz; b=2", "headworks_session"), "xyz");
    EXPECT_EQ(cookie_value("headworks_session=", "headworks_session"), "");
    EXPECT_EQ(cookie_value("headworks_session=a=b", "headworks_session"), "a=b");
    EXPECT_FALSE(cookie_value("xheadworks_session=1", "headworks_session"));
    EXPECT_FALSE(cookie_value("headworks_session", "headworks_session"));
    EXPECT_FALSE(cookie_value("", "headworks_session"));
    EXPECT_EQ(cookie_value(";;  a=1;", "a"), "1");
}

TEST(Secret, AuthorizationComesInThreeWays) {
    EXPECT_EQ(authorization_secret("Bearer abc"), "abc");
    EXPECT_EQ(authorization_secret("bEARER  abc "), "abc");
    EXPECT_EQ(authorization_secret("Token abc"), "abc");
    EXPECT_EQ(authorization_secret("Basic dXNlcjpwYXNz"), "pass");
    EXPECT_FALSE(authorization_secret("Basic ???"));
    EXPECT_FALSE(authorization_secret("Digest abc"));
    EXPECT_FALSE(authorization_secret("abc"));
    EXPECT_FALSE(authorization_secret(""));
}

// Small, so that tests are quick; the settings have the floor.
constexpr HashCost cheap{64, 1};

TEST(Password, IsVerifiedAndSalted) {
    const auto hash = hash_password("seven grey herons wade", cheap, secure_random);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    EXPECT_TRUE(verify_password("seven grey herons wade", *hash));
    EXPECT_FALSE(verify_password("seven grey herons wadE", *hash));
    EXPECT_FALSE(verify_password("", *hash));
    EXPECT_FALSE(verify_password("x", "not a hash"));
    EXPECT_NE(*hash, *hash_password("seven grey herons wade", cheap, secure_random));
}

TEST(Password, IsHashedAnewWhereItWasCheaper) {
    const auto hash = hash_password("seven grey herons wade", cheap, secure_random);
    EXPECT_FALSE(needs_rehash(*hash, cheap));
    EXPECT_FALSE(needs_rehash(*hash, {32, 1}));
    EXPECT_TRUE(needs_rehash(*hash, {128, 1}));
    EXPECT_TRUE(needs_rehash(*hash, {64, 2}));
    EXPECT_TRUE(needs_rehash("", cheap));
}

TEST(Password, GuessableOnesAreRefused) {
    constexpr size_t least = 12;
    EXPECT_TRUE(check_password("seven grey herons wade", "anna", least));
    EXPECT_TRUE(check_password("七只灰鹭涉水而过去了呢呀", "anna", least));
    EXPECT_FALSE(check_password("七只灰鹭涉水", "anna", least));  // letters, not bytes
    for (const std::string& bad :
         {std::string("short"), std::string("Password123!"), std::string("123456789012"),
          std::string("abcdefghijkl"), std::string(12, 'a'), std::string(257, 'x'),
          std::string("anna12345678"), std::string("Administrator1"),
          std::string("seven grey\0herons", 17), std::string("\xff\xfe seven herons")})
        EXPECT_FALSE(check_password(bad, "anna", least)) << bad;
}

}  // namespace
}  // namespace hw::access
