#include "base/base64.h"

#include <gtest/gtest.h>

namespace hw {

// RFC 4648, section 10.
TEST(Base64, TestVectors) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(from_base64(text).value(), bytes);
    }
}

TEST(Base64, AnyBytesComeBack) {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    EXPECT_EQ(from_base64(base64(bytes)).value(), bytes);
}

TEST(Base64, PaddingMayBeMissing) {
    EXPECT_EQ(from_base64("Zg").value(), "f");
}

TEST(Base64, WhatIsNotBase64IsRefused) {
    EXPECT_FALSE(from_base64("Zg=a"));
    EXPECT_FALSE(from_base64("Z"));
    EXPECT_FALSE(from_base64("Zm9v\n"));
}

}  // namespace hw
