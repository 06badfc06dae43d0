#include "base/log.h"

#include <gtest/gtest.h>

#include "base/log_ring.h"

namespace hw {
namespace {

// Puts the process's log settings back.
class LogTest : public testing::Test {
  protected:
    ~LogTest() override { set_log(LogLevel::info, false); }

    static std::string written(LogLevel level, std::string_view message) {
        testing::internal::CaptureStderr();
        log(level, "broker", message);
        return testing::internal::GetCapturedStderr();
    }
};

TEST_F(LogTest, WritesOneLine) {
    const std::string line = written(LogLevel::warning, "the disk is nearly full");
    ASSERT_GT(line.size(), 25u);
    EXPECT_EQ(line.substr(line.find(' ')), " warning broker: the disk is nearly full\n");
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
    EXPECT_EQ(written(LogLevel::debug, "x"), "");
    set_log(LogLevel::error, false);
    EXPECT_EQ(written(LogLevel::warning, "x"), "");
    EXPECT_NE(written(LogLevel::error, "x"), "");
}

TEST_F(LogTest, WritesJson) {
    set_log(LogLevel::debug, true);
    const std::string line = written(LogLevel::debug, "a \"b\"\n\\");
    EXPECT_TRUE(line.starts_with("{\"ts\":\"")) << line;
    EXPECT_TRUE(line.ends_with(
        "\",\"level\":\"debug\",\"room\":\"broker\",\"msg\":\"a \\\"b\\\"\\u000a\\\\\"}\n"))
        << line;
}

TEST_F(LogTest, ReadsLevels) {
    EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
    EXPECT_FALSE(parse_log_level("loud"));
}

TEST_F(LogTest, KeepsTheLastLines) {
    written(LogLevel::info, "before");
    const uint64_t before = recent_log(LogLevel::debug, 0, 1).at(0).number;
    written(LogLevel::debug, "is below the level");
    written(LogLevel::info, "one");
    written(LogLevel::error, std::string(5000, 'x'));
    auto lines = recent_log(LogLevel::debug, before, 10);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].message, "one");
    EXPECT_EQ(lines[0].room, "broker");
    EXPECT_EQ(lines[1].message.size(), log_ring_line_bytes);
    EXPECT_EQ(recent_log(LogLevel::warning, before, 10).size(), 1u);
    for (size_t i = 0; i < log_ring_lines + 10; ++i)
        written(LogLevel::info, "many");
    lines = recent_log(LogLevel::debug, 0, 10 * log_ring_lines);
    EXPECT_EQ(lines.size(), log_ring_lines);
    EXPECT_EQ(lines.back().number - lines.front().number, log_ring_lines - 1);
}

}  // namespace
}  // namespace hw
