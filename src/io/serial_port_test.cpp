#include "io/serial_port.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <string>

namespace hw::io {
namespace {

// A pseudo-terminal whose far end plays the device.
class Pty {
  public:
    Pty() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
        ::grantpt(master_);
        ::unlockpt(master_);
        char name[128] = "";
        ::ptsname_r(master_, name, sizeof(name));
        path_ = name;
    }
    ~Pty() { hang_up(); }

    const std::string& path() const { return path_; }
    int master() const { return master_; }
    void hang_up() {
        if (master_ >= 0) ::close(master_);
        master_ = -1;
    }

  private:
    int master_;
    std::string path_;
};

struct Probe final : StreamHandler {
    void on_bytes(BytesView bytes) override { got.append(as_text(bytes)); }
    void on_closed(const Error& why) override { closed = why.text().empty() ? "-" : why.text(); }
    std::string got;
    std::string closed;
};

TEST(SerialPort, CarriesRawBytesBothWays) {
    Pty pty;
    Reactor reactor("test");
    auto stream = open_serial(reactor, {pty.path(), 19200, 8, Parity::even, 1});
    ASSERT_TRUE(stream.has_value()) << stream.error().text();
    Probe probe;
    (*stream)->start(probe);
    // Bytes that a terminal would translate or swallow.
    const std::string tricky("\r\n\x03\x11\x13\x00\xff", 7);
    (*stream)->send(as_bytes(tricky));
    std::string seen;
    reactor.run_until([&] {
        char buffer[64];
        const ssize_t got = ::read(pty.master(), buffer, sizeof(buffer));
        if (got > 0) seen.append(buffer, static_cast<size_t>(got));
        if (seen.size() < tricky.size()) reactor.post([] {});
        return seen.size() >= tricky.size();
    });
    EXPECT_EQ(seen, tricky);
    ASSERT_EQ(::write(pty.master(), tricky.data(), tricky.size()),
              static_cast<ssize_t>(tricky.size()));
    reactor.run_until([&] { return probe.got.size() >= tricky.size(); });
    EXPECT_EQ(probe.got, tricky);
    EXPECT_EQ((*stream)->peer(), pty.path());
}

TEST(SerialPort, TellsThatTheLineIsGone) {
    Pty pty;
    Reactor reactor("test");
    auto stream = open_serial(reactor, {pty.path()});
    ASSERT_TRUE(stream.has_value()) << stream.error().text();
    Probe probe;
    (*stream)->start(probe);
    pty.hang_up();
    reactor.run_until([&] { return !probe.closed.empty(); });
    EXPECT_NE(probe.closed.find("serial port"), std::string::npos);
}

TEST(SerialPort, ErrorsSayWhatIsWrong) {
    Reactor reactor("test");
    auto absent = open_serial(reactor, {"/dev/ttyNoSuchPort"});
    ASSERT_FALSE(absent.has_value());
    EXPECT_EQ(absent.error().code(), ErrorCode::not_found);
    auto file = open_serial(reactor, {"/dev/null"});
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().code(), ErrorCode::invalid_argument);
    Pty pty;
    auto rate = open_serial(reactor, {pty.path(), 12345});
    ASSERT_FALSE(rate.has_value());
    EXPECT_NE(rate.error().text().find("19200"), std::string::npos);
}

}  // namespace
}  // namespace hw::io
