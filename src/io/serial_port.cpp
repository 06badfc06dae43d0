#include "io/serial_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "io/address.h"
#include "io/output_queue.h"
#include "io/reactor_native.h"

namespace hw::io {
namespace {

struct Rate {
    uint32_t baud;
    speed_t code;
};
constexpr std::array<Rate, 17> rates = {{{300, B300},
                                         {600, B600},
                                         {1200, B1200},
                                         {2400, B2400},
                                         {4800, B4800},
                                         {9600, B9600},
                                         {19200, B19200},
                                         {38400, B38400},
                                         {57600, B57600},
                                         {115200, B115200},
                                         {230400, B230400},
                                         {460800, B460800},
                                         {500000, B500000},
                                         {576000, B576000},
                                         {921600, B921600},
                                         {1000000, B1000000},
                                         {1152000, B1152000}}};

Result<speed_t> rate_code(uint32_t baud) {
    std::string known;
    for (const auto& rate : rates) {
        if (rate.baud == baud) return rate.code;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", rate.baud);
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("baud rate {} is not one of {}", baud, known));
}

std::unexpected<Error> open_failure(const std::string& path, int number) {
    const std::string why = std::generic_category().message(number);
    switch (number) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
            return fail(
                ErrorCode::not_found,
                fmt::format("there is no serial port '{}'; is the adapter plugged in?", path));
        case EACCES:
        case EPERM:
            return fail(ErrorCode::permission_denied,
                        fmt::format("serial port '{}' may not be opened: {}; the user must be in "
                                    "the group that owns it (dialout on Debian)",
                                    path, why));
        case EBUSY:
            return fail(ErrorCode::conflict,
                        fmt::format("serial port '{}' is in use by another program", path));
        default:
            return fail(ErrorCode::io_failed,
                        fmt::format("serial port '{}' cannot be opened: {}", path, why));
    }
}

Result<void> configure(int descriptor, const SerialSettings& settings) {
    termios line{};
    if (::tcgetattr(descriptor, &line) != 0)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not a serial port", settings.path));
    const speed_t speed = HW_TRY(rate_code(settings.baud_rate));
    ::cfmakeraw(&line);
    constexpr std::array<tcflag_t, 4> sizes = {CS5, CS6, CS7, CS8};
    HW_ASSERT(settings.data_bits >= 5 && settings.data_bits <= 8);
    line.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS);
    line.c_cflag |= CLOCAL | CREAD | sizes[settings.data_bits - 5];
    if (settings.parity != Parity::none) line.c_cflag |= PARENB;
    if (settings.parity == Parity::odd) line.c_cflag |= PARODD;
    if (settings.stop_bits == 2) line.c_cflag |= CSTOPB;
    // A byte with wrong parity is left out, so that the frame's check fails.
    line.c_iflag = settings.parity == Parity::none ? 0 : INPCK | IGNPAR;
    ::cfsetispeed(&line, speed);
    ::cfsetospeed(&line, speed);
    if (::tcsetattr(descriptor, TCSANOW, &line) != 0)
        return fail(ErrorCode::io_failed,
                    fmt::format("serial port '{}' refuses its settings: {}", settings.path,
                                std::generic_category().message(errno)));
    ::tcflush(descriptor, TCIOFLUSH);
    return {};
}

class SerialStream final : public Stream, public ReadyHandler {
  public:
    SerialStream(Reactor& reactor, Socket line, std::string path)
        : reactor_(reactor), line_(std::move(line)), path_(std::move(path)) {}
    ~SerialStream() override { shut(); }

    void start(StreamHandler& handler) override {
        HW_ASSERT(handler_ == nullptr);
        handler_ = &handler;
        if (line_.valid()) watch();
    }
    void send(BytesView bytes) override {
        if (!line_.valid() || broken_) return;
        queue_.push(as_text(bytes));
        write_queued();
    }
    void send(std::string&& bytes) override {
        send(as_bytes(bytes));
        bytes.clear();
    }
    size_t queued_bytes() const override { return queue_.size(); }
    void set_reading(bool on) override {
        reading_ = on;
        if (handler_ != nullptr && line_.valid()) watch();
    }
    // A line has nobody at the other end who would wait for a flush.
    void close() override { end(Error(ErrorCode::cancelled, "")); }
    const std::string& peer() const override { return path_; }

    void on_ready(uint32_t events) override {
        if ((events & EPOLLOUT) != 0) write_queued();
        if (!line_.valid() || broken_) return;
        if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read_some();
    }

  private:
    void watch() {
        const uint32_t events =
            (reading_ ? uint32_t{EPOLLIN} : 0) | (queue_.empty() ? 0 : uint32_t{EPOLLOUT});
        ReadinessSet& set = reactor_.native().sockets;
        if (std::exchange(added_, true)) {
            if (events != watched_) set.change(line_.get(), events, *this);
        } else {
            set.add(line_.get(), events, *this);
        }
        watched_ = events;
    }

    void write_queued() {
        while (!queue_.empty()) {
            const BytesView front = queue_.front();
            const ssize_t sent = ::write(line_.get(), front.data(), front.size());
            if (sent > 0) {
                queue_.pop(static_cast<size_t>(sent));
                continue;
            }
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0 && errno == EAGAIN) break;
            return end(failure("write failed", errno));
        }
        if (handler_ != nullptr) watch();
    }

    void read_some() {
        const auto buffer = reactor_.native().read_buffer();
        const ssize_t got = ::read(line_.get(), buffer.data(), buffer.size());
        if (got > 0)
            handler_->on_bytes(BytesView(buffer.data(), static_cast<size_t>(got)));
        else if (got == 0)
            end(Error(ErrorCode::io_failed, fmt::format("serial port '{}' is gone", path_)));
        else if (errno != EAGAIN && errno != EINTR)
            end(failure("read failed", errno));
    }

    Error failure(std::string_view what, int number) const {
        return Error(ErrorCode::io_failed, fmt::format("serial port '{}': {}: {}", path_, what,
                                                       std::generic_category().message(number)));
    }

    // The handler is told from the reactor, not from within its own call.
    void end(Error why) {
        if (std::exchange(broken_, true)) return;
        shut();
        reactor_.post([alive = std::weak_ptr<bool>(alive_), this, error = std::move(why)] {
            if (alive.expired()) return;
            if (StreamHandler* handler = std::exchange(handler_, nullptr))
                handler->on_closed(error);
        });
    }

    void shut() {
        if (std::exchange(added_, false)) reactor_.native().sockets.remove(line_.get(), *this);
        line_ = Socket(-1);
        queue_.clear();
    }

    Reactor& reactor_;
    Socket line_;
    const std::string path_;
    StreamHandler* handler_ = nullptr;
    OutputQueue queue_;
    uint32_t watched_ = 0;
    bool added_ = false;
    bool reading_ = true;
    bool broken_ = false;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

Result<std::unique_ptr<Stream>> open_serial(Reactor& reactor, const SerialSettings& settings) {
    Socket line(::open(settings.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!line.valid()) return open_failure(settings.path, errno);
    HW_TRY(configure(line.get(), settings));
    // Two programs on one line would take each other's answers.
    if (::ioctl(line.get(), TIOCEXCL) != 0) return open_failure(settings.path, errno);
    return std::make_unique<SerialStream>(reactor, std::move(line), settings.path);
}

}  // namespace hw::io
