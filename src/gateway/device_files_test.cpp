#include "gateway/device_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gateway/device_json.h"

namespace hw::gateway {
namespace {

using testing::HasSubstr;

constexpr std::string_view example = R"(name = "works/plc1"
driver = "modbus-tcp"

[settings]
host = "127.0.0.1"
port = 1502

[[groups]]
name = "fast"
interval = "1s"

[[groups.tags]]
name = "flow"
address = "1!400001"
access = ["read", "write"]
max = 100

[[groups.tags]]
name = "level"
address = "1!400003"
)";

std::string error_of(std::string_view text) {
    const auto device = parse_device_toml(text, "plc1.toml");
    EXPECT_FALSE(device);
    return device ? "" : device.error().text();
}

TEST(DeviceFiles, ReadsTheSameAsJson) {
    const auto device = parse_device_toml(example, "plc1.toml");
    ASSERT_TRUE(device) << device.error().text();
    const auto same = read_device(R"({"name":"works/plc1","driver":"modbus-tcp",
        "settings":{"host":"127.0.0.1","port":1502},"groups":[{"name":"fast","interval_ms":1000,
        "tags":[{"name":"flow","address":"1!400001","access":"read,write","max":100},
        {"name":"level","address":"1!400003"}]}]})");
    ASSERT_TRUE(same);
    EXPECT_EQ(*device, *same);
}

TEST(DeviceFiles, ErrorsNameTheLine) {
    EXPECT_EQ(error_of(std::string(example) + "sclae = 2\n"),
              "plc1.toml:21: groups[0].tags[1]: 'sclae' is not a member of a tag; did you mean "
              "'scale'?");
    EXPECT_THAT(error_of("name = \"a\"\ndriver = \n"), testing::StartsWith("plc1.toml:2: "));
    EXPECT_EQ(error_of("driver = \"x\"\n"),
              "plc1.toml:1: the device has no name; add name = \"works/plc1\"");
    EXPECT_EQ(error_of("name = 5\n"), "plc1.toml:1: 'name' must be a text, not 5");
    EXPECT_EQ(error_of("name = \"a\"\ngroups = 5\n"),
              "plc1.toml:2: 'groups' must be a list of tables: [[groups]]");
    EXPECT_THAT(error_of("name = \"a\"\n[[groups]]\nname = \"g\"\n[[groups.tags]]\nscale = nan\n"),
                HasSubstr("plc1.toml:5: groups[0].tags[0]: 'scale' must be a number"));
    EXPECT_THAT(error_of("name = \"a\"\nenabled = 2000-01-01\n"), HasSubstr("plc1.toml:2: "));
}

TEST(DeviceFiles, AFolderOfThem) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "device_files_test";
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(read_device_files(folder.string()).empty());
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "b.toml") << "name = \"b\"\n";
    std::ofstream(folder / "a.toml") << "nme = \"a\"\n";
    std::ofstream(folder / "c.toml") << "name = \"b\"\n";
    std::ofstream(folder / "readme.txt") << "no device\n";
    const auto files = read_device_files(folder.string());
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[0].name, "a.toml");
    EXPECT_FALSE(files[0].device);
    ASSERT_TRUE(files[1].device);
    EXPECT_EQ(files[1].device->name, "b");
    ASSERT_FALSE(files[2].device);
    EXPECT_EQ(files[2].device.error().text(), "c.toml:1: device 'b' is in the file b.toml already");
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace hw::gateway
