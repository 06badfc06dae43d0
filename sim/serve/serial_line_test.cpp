#include "sim/serve/serial_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace hw::sim {
namespace {

class Echo final : public Session {
  public:
    Result<void> received(BytesView bytes, std::string& out) override {
        out.append(as_text(bytes));
        return {};
    }
};

class SerialLineTest : public testing::Test {
  protected:
    SerialLineTest() {
        std::string pattern = testing::TempDir() + "headworks-line-XXXXXX";
        folder_ = mkdtemp(pattern.data());
    }
    ~SerialLineTest() override { rmdir(folder_.c_str()); }
    Result<std::unique_ptr<SerialLine>> open(const std::string& link) {
        return SerialLine::open(reactor_, faults_, "modbus-rtu", link, std::make_unique<Echo>());
    }
    // As a program that wants the line for itself.
    std::string ask(const std::string& path, std::string_view text) {
        const int line = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
        EXPECT_GE(line, 0);
        EXPECT_EQ(ioctl(line, TIOCEXCL), 0);
        EXPECT_EQ(write(line, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        std::string answer;
        reactor_.run_until([&] {
            std::array<char, 64> buffer;
            const auto got = read(line, buffer.data(), buffer.size());
            if (got > 0) answer.append(buffer.data(), static_cast<size_t>(got));
            return answer.size() >= text.size();
        });
        close(line);
        return answer;
    }

    io::Reactor reactor_{"line"};
    Faults faults_;
    std::string folder_;
};

TEST_F(SerialLineTest, carries_bytes_as_they_are_again_and_again) {
    const auto line = open(folder_ + "/line");
    ASSERT_TRUE(line) << line.error().text();
    EXPECT_EQ((*line)->path(), folder_ + "/line");
    const std::string_view bytes("\x00\x03\r\n\x11\x13\xff", 7);
    EXPECT_EQ(ask((*line)->path(), bytes), bytes);
    EXPECT_EQ(ask((*line)->path(), "again"), "again");
}

TEST_F(SerialLineTest, a_link_replaces_an_old_one_and_goes_with_the_line) {
    const auto link = folder_ + "/line";
    ASSERT_EQ(symlink("/nowhere", link.c_str()), 0);
    {
        const auto line = open(link);
        ASSERT_TRUE(line) << line.error().text();
        struct stat about{};
        ASSERT_EQ(stat(link.c_str(), &about), 0);
        EXPECT_TRUE(S_ISCHR(about.st_mode));
    }
    struct stat about{};
    EXPECT_NE(lstat(link.c_str(), &about), 0);
}

TEST_F(SerialLineTest, what_is_no_link_stays) {
    const auto line = open(folder_);
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().code(), ErrorCode::conflict);
}

}  // namespace
}  // namespace hw::sim
