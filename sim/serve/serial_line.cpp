#include "sim/serve/serial_line.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hw::sim {

namespace {

constexpr Duration poll_interval = milliseconds(5);
constexpr Duration tick_interval = milliseconds(50);

std::unexpected<Error> failed(std::string_view what) {
    return fail(ErrorCode::io_failed,
                std::string(what) + ": " + std::generic_category().message(errno));
}

}  // namespace

SerialLine::SerialLine(io::Reactor& reactor, const Faults& faults, std::string_view device,
                       std::unique_ptr<Session> session)
    : reactor_(reactor), session_(std::move(session)), outlet_(faults, device, *session_) {}

Result<std::unique_ptr<SerialLine>> SerialLine::open(io::Reactor& reactor, const Faults& faults,
                                                     std::string_view device, std::string link,
                                                     std::unique_ptr<Session> session) {
    std::unique_ptr<SerialLine> line(new SerialLine(reactor, faults, device, std::move(session)));
    HW_TRY(line->open_terminal());
    if (!link.empty()) HW_TRY(line->make_link(std::move(link)));
    line->poller_ = reactor.every(poll_interval, [self = line.get()] { self->poll(); });
    return line;
}

Result<void> SerialLine::open_terminal() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master_ < 0) return failed("no pseudo-terminal");
    std::array<char, 128> name{};
    if (grantpt(master_) != 0 || unlockpt(master_) != 0 ||
        ptsname_r(master_, name.data(), name.size()) != 0)
        return failed("no pseudo-terminal");
    path_ = name.data();
    termios line{};
    if (tcgetattr(master_, &line) != 0) return failed(path_);
    cfmakeraw(&line);
    if (tcsetattr(master_, TCSANOW, &line) != 0) return failed(path_);
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (slave_ < 0) return failed(path_);
    return {};
}

Result<void> SerialLine::make_link(std::string link) {
    struct stat about{};
    if (lstat(link.c_str(), &about) == 0) {
        if (!S_ISLNK(about.st_mode))
            return fail(ErrorCode::conflict, "'" + link +
                                                 "' is there and no symbolic link; --pty makes "
                                                 "one: give another name");
        if (unlink(link.c_str()) != 0) return failed("'" + link + "'");
    }
    if (symlink(path_.c_str(), link.c_str()) != 0) return failed("'" + link + "'");
    link_ = std::move(link);
    return {};
}

SerialLine::~SerialLine() {
    if (poller_ != 0) reactor_.cancel(poller_);
    if (!link_.empty()) unlink(link_.c_str());
    if (slave_ >= 0) close(slave_);
    if (master_ >= 0) close(master_);
}

void SerialLine::poll() {
    const Time now = reactor_.clock().monotonic();
    std::array<std::byte, 512> buffer;
    const ssize_t got = read(master_, buffer.data(), buffer.size());
    // What a session refuses on a line, it drops; there is no connection to end.
    if (got > 0)
        static_cast<void>(
            outlet_.received(BytesView(buffer.data(), static_cast<size_t>(got)), now));
    if (now >= next_tick_) {
        next_tick_ = now + tick_interval;
        static_cast<void>(outlet_.tick(now));
        // A pseudo-terminal stays exclusive after whoever made it so has gone.
        static_cast<void>(ioctl(slave_, TIOCNXCL));
    }
    write(now);
}

void SerialLine::write(Time now) {
    const auto bytes = outlet_.take(now);
    // A line that nobody reads drops what does not fit, as a wire does.
    if (!bytes.empty()) static_cast<void>(::write(master_, bytes.data(), bytes.size()) < 0);
}

}  // namespace hw::sim
