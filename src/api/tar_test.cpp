#include "api/tar.h"

#include <gtest/gtest.h>

namespace hw::api {
namespace {

TEST(Tar, has_whole_blocks_and_a_right_sum) {
    TarWriter tar;
    tar.add("a/b.txt", "hello", Time{1'700'000'000'000'000'000});
    tar.add("empty", "", Time{});
    const std::string archive = tar.finish();
    ASSERT_EQ(archive.size(), 5u * 512);
    EXPECT_EQ(archive.substr(0, 8), std::string("a/b.txt\0", 8));
    EXPECT_EQ(archive.substr(124, 11), "00000000005");
    EXPECT_EQ(archive.substr(257, 5), "ustar");
    EXPECT_EQ(archive.substr(512, 6), std::string("hello\0", 6));
    unsigned sum = 0;
    for (size_t i = 0; i < 512; ++i)
        sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(archive[i]);
    EXPECT_EQ(std::stoul(archive.substr(148, 6), nullptr, 8), sum);
}

}  // namespace
}  // namespace hw::api
