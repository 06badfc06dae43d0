#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "io/posix_disk.h"
#include "io/sim_disk.h"

namespace hw::io {
namespace {

void check_disk(Disk& disk) {
    ASSERT_TRUE(disk.make_folder("a").has_value());
    auto file = disk.create("a/one");
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(disk.create("a/one").error().code(), ErrorCode::conflict);
    ASSERT_TRUE((*file)->append(as_bytes("hello ")).has_value());
    ASSERT_TRUE((*file)->append(as_bytes("disk")).has_value());
    ASSERT_TRUE((*file)->sync().has_value());
    ASSERT_TRUE(disk.sync_folder("a").has_value());
    EXPECT_EQ((*file)->size(), 10u);
    EXPECT_EQ(disk.read("a/one").value(), "hello disk");
    EXPECT_EQ(disk.read_part("a/one", 3, 4).value(), "lo d");
    EXPECT_EQ(disk.read_part("a/one", 6, 100).value(), "disk");
    EXPECT_EQ(disk.read_part("a/one", 11, 1).value(), "");
    ASSERT_TRUE(disk.rename("a/one", "a/two").has_value());
    EXPECT_EQ(disk.list("a").value(), std::vector<std::string>{"two"});
    EXPECT_EQ(disk.read("a/one").error().code(), ErrorCode::not_found);
    EXPECT_EQ(disk.list("b").error().code(), ErrorCode::not_found);
    ASSERT_TRUE(disk.remove("a/two").has_value());
    EXPECT_TRUE(disk.list("a").value().empty());
    EXPECT_GT(disk.free_bytes().value(), 0u);
}

TEST(PosixDisk, keeps_what_is_appended) {
    std::string folder = std::filesystem::temp_directory_path() / "hw_disk_XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    auto disk = PosixDisk::open(folder);
    ASSERT_TRUE(disk.has_value());
    check_disk(**disk);
    std::filesystem::remove_all(folder);
}

TEST(SimDisk, behaves_like_a_disk) {
    SimDisk disk(1);
    check_disk(disk);
}

TEST(SimDisk, crash_keeps_synced_bytes_and_a_beginning_of_the_rest) {
    bool lost = false;
    for (uint64_t seed = 0; seed < 50; ++seed) {
        SimDisk disk(seed);
        auto file = disk.create("f").value();
        ASSERT_TRUE(file->append(as_bytes("synced")).has_value());
        ASSERT_TRUE(file->sync().has_value());
        ASSERT_TRUE(disk.sync_folder("").has_value());
        ASSERT_TRUE(file->append(as_bytes("unsynced")).has_value());
        disk.crash();
        const std::string content = disk.read("f").value();
        EXPECT_EQ(content.substr(0, 6), "synced");
        EXPECT_LE(content.size(), 14u);
        lost = lost || content != "syncedunsynced";
    }
    EXPECT_TRUE(lost);
}

TEST(SimDisk, fails_on_purpose_and_fills_up) {
    SimDisk disk(3, 10);
    auto file = disk.create("f").value();
    EXPECT_EQ(file->append(as_bytes("more than ten")).error().code(), ErrorCode::no_space);
    disk.set_capacity(1000);
    disk.set_faults({.append_fails = 1, .sync_fails = 1});
    EXPECT_EQ(file->append(as_bytes("x")).error().code(), ErrorCode::io_failed);
    EXPECT_EQ(file->sync().error().code(), ErrorCode::io_failed);
}

}  // namespace
}  // namespace hw::io
