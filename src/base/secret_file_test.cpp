#include "base/secret_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace hw {

TEST(SecretFile, IsItsFirstLine) {
    const std::string path = testing::TempDir() + "secret_" + std::to_string(::getpid());
    std::ofstream(path) << "s3cret word\r\nsecond\n";
    EXPECT_EQ(read_secret_file(path, "x.password_file").value(), "s3cret word");
    std::ofstream(path, std::ios::trunc);
    EXPECT_FALSE(read_secret_file(path, "x.password_file").has_value());
    ::unlink(path.c_str());
    const auto absent = read_secret_file(path, "x.password_file");
    ASSERT_FALSE(absent.has_value());
    EXPECT_EQ(absent.error().code(), ErrorCode::not_found);
    EXPECT_NE(absent.error().text().find("x.password_file"), std::string::npos);
}

}  // namespace hw
