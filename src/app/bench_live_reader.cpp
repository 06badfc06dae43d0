#include "app/bench_live_reader.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

#include "app/mqtt_load.h"
#include "base/clock.h"

namespace hw::app {

namespace {

// The number behind `name` in a frame's JSON; 0 where it is absent.
uint64_t number_after(std::string_view text, std::string_view name) {
    const size_t at = text.rfind(name);
    uint64_t value = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
    return value;
}

uint64_t count_values(std::string_view frame) {
    constexpr std::string_view begin = "\"i\":[";
    const size_t at = frame.find(begin);
    if (at == std::string_view::npos) return 0;
    const auto list = frame.substr(at, frame.find(']', at) - at);
    return static_cast<uint64_t>(std::count(list.begin(), list.end(), ',')) + 1;
}

// One reader: takes the chunks of its answer apart, as a browser would.
class Reader {
  public:
    bool open(const std::string& host, uint16_t port, const std::string& target) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
            ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            return false;
        opened_ = SystemClock().monotonic();
        const std::string request =
            fmt::format("GET {} HTTP/1.1\r\nhost: {}\r\n\r\n", target, host);
        return ::send(socket_, request.data(), request.size(), 0) ==
               static_cast<ssize_t>(request.size());
    }
    int socket() const { return socket_; }
    // False: the stream has ended.
    bool read() {
        static std::string piece(1 << 20, '\0');
        const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got <= 0) return false;
        readings.bytes += static_cast<uint64_t>(got);
        text_.append(piece, 0, static_cast<size_t>(got));
        if (in_head_) {
            const size_t end = text_.find("\r\n\r\n");
            if (end == std::string::npos) return true;
            text_.erase(0, end + 4);
            in_head_ = false;
        }
        while (take_chunk()) {
        }
        return true;
    }

    bool has_picture() const { return readings.first_picture_s > 0; }

    LiveReadings readings;

  private:
    bool take_chunk() {
        const size_t line = text_.find("\r\n");
        if (line == std::string::npos) return false;
        size_t size = 0;
        std::from_chars(text_.data(), text_.data() + line, size, 16);
        if (text_.size() < line + 2 + size + 2) return false;
        frame(std::string_view(text_).substr(line + 2, size));
        text_.erase(0, line + 2 + size + 2);
        return size > 0;
    }
    void frame(std::string_view body) {
        if (body.find("event: frame") == std::string_view::npos) return;
        const Time now = SystemClock().monotonic();
        readings.longest_gap_s =
            std::max(readings.longest_gap_s,
                     static_cast<double>((now - (last_.ns != 0 ? last_ : opened_)).ns) / 1e9);
        // The first picture is not of the values that are counted.
        if (has_picture()) {
            readings.values += count_values(body);
            readings.passed += number_after(body, "\"passed\":");
        } else if (body.find("\"more\":true") == body.npos) {
            readings.first_picture_s = static_cast<double>((now - opened_).ns) / 1e9;
        }
        last_ = now;
        ++readings.frames;
    }

    int socket_ = -1;
    bool in_head_ = true;
    std::string text_;
    Time opened_;
    Time last_;
};

void say(int pipe, const std::string& text) {
    if (::write(pipe, text.data(), text.size()) < 0) ::_exit(1);
}

// The readers' process: until the orders end.
void run(const std::string& host, uint16_t port, const std::string& target, unsigned count,
         int orders, int answers) {
    std::vector<Reader> readers(count);
    std::vector<pollfd> polls = {{orders, POLLIN, 0}};
    for (auto& reader : readers) {
        if (!reader.open(host, port, target)) ::_exit(1);
        polls.push_back({reader.socket(), POLLIN, 0});
    }
    bool begun = false;
    double cpu_before = 0;
    while (::poll(polls.data(), polls.size(), -1) >= 0 && polls[0].revents == 0) {
        for (size_t i = 0; i < readers.size(); ++i)
            if (polls[i + 1].revents != 0 && !readers[i].read()) ::_exit(1);
        if (begun || std::any_of(readers.begin(), readers.end(),
                                 [](const auto& reader) { return !reader.has_picture(); }))
            continue;
        begun = true;
        cpu_before = own_cpu_s();
        say(answers, "begun\n");
    }
    LiveReadings all;
    all.least_values = UINT64_MAX;
    for (const auto& reader : readers) {
        const auto& one = reader.readings;
        all.frames += one.frames;
        all.values += one.values;
        all.bytes += one.bytes;
        all.passed += one.passed;
        all.least_values = std::min(all.least_values, one.values);
        all.longest_gap_s = std::max(all.longest_gap_s, one.longest_gap_s);
        all.first_picture_s = std::max(all.first_picture_s, one.first_picture_s);
    }
    say(answers, fmt::format("{} {} {} {} {} {} {} {}\n", all.frames, all.values, all.bytes,
                             all.passed, all.least_values, all.longest_gap_s, all.first_picture_s,
                             own_cpu_s() - cpu_before));
    ::_exit(0);
}

// Up to the line's end; empty: the process is gone.
std::string read_line(int pipe) {
    std::string line;
    for (char c = 0; ::read(pipe, &c, 1) == 1 && c != '\n';)
        line += c;
    return line;
}

}  // namespace

Result<std::unique_ptr<LiveReaders>> LiveReaders::start(const std::string& host, uint16_t port,
                                                        const std::string& target, unsigned count) {
    int orders[2];
    int answers[2];
    if (::pipe(orders) != 0 || ::pipe(answers) != 0)
        return fail(ErrorCode::io_failed, "no pipe can be made");
    std::unique_ptr<LiveReaders> made(new LiveReaders);
    made->pid_ = ::fork();
    if (made->pid_ == 0) {
        ::close(orders[1]);
        ::close(answers[0]);
        run(host, port, target, count, orders[0], answers[1]);
    }
    ::close(orders[0]);
    ::close(answers[1]);
    made->orders_ = orders[1];
    made->answers_ = answers[0];
    if (made->pid_ < 0) return fail(ErrorCode::io_failed, "no process can be made");
    if (read_line(made->answers_) != "begun")
        return fail(ErrorCode::unavailable,
                    fmt::format("{} readers could not follow {}:{}{}", count, host, port, target));
    return made;
}

Result<LiveReadings> LiveReaders::finish() {
    ::close(orders_);
    orders_ = -1;
    const std::string line = read_line(answers_);
    LiveReadings out;
    if (std::sscanf(line.c_str(), "%lu %lu %lu %lu %lu %lf %lf %lf", &out.frames, &out.values,
                    &out.bytes, &out.passed, &out.least_values, &out.longest_gap_s,
                    &out.first_picture_s, &out.cpu_s) != 8)
        return fail(ErrorCode::unavailable, "a reader was cut off by the server");
    return out;
}

LiveReaders::~LiveReaders() {
    if (orders_ >= 0) ::close(orders_);
    if (answers_ >= 0) ::close(answers_);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

}  // namespace hw::app
