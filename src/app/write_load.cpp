#include "app/write_load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <thread>

#include "app/mqtt_load.h"
#include "app/write_load_bodies.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace hw::app {

namespace {

struct Target {
    std::string host;
    uint16_t port = 80;
    std::string path;
};

Result<Target> read_url(const std::string& url) {
    const auto bad = [&url] {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not http://<IPv4 address>:<port>/<path>", url));
    };
    if (!url.starts_with("http://")) return bad();
    const std::string rest = url.substr(7);
    const size_t slash = rest.find('/');
    const size_t colon = rest.find(':');
    if (slash == std::string::npos || colon == std::string::npos || colon > slash) return bad();
    Target target{rest.substr(0, colon), 0, rest.substr(slash)};
    if (target.host == "localhost") target.host = "127.0.0.1";
    const auto [end, error] =
        std::from_chars(rest.data() + colon + 1, rest.data() + slash, target.port);
    if (error != std::errc() || end != rest.data() + slash) return bad();
    return target;
}

class Connection {
  public:
    explicit Connection(const Target& target) : target_(target) {}
    ~Connection() {
        if (fd_ >= 0) ::close(fd_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<void> open() {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(target_.port);
        if (inet_pton(AF_INET, target_.host.c_str(), &address.sin_addr) != 1)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is not an IPv4 address", target_.host));
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            return fail(ErrorCode::unavailable,
                        fmt::format("{}:{}: {}", target_.host, target_.port, std::strerror(errno)));
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return {};
    }
    // The status of the answer, 0 if the connection broke.
    int post(const std::string& body, std::string& answer) {
        const std::string head = fmt::format(
            "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: text/plain\r\nContent-Length: "
            "{}\r\n\r\n",
            target_.path, target_.host, target_.port, body.size());
        if (!send_all(head) || !send_all(body)) return 0;
        return read_answer(answer);
    }

  private:
    bool send_all(std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }
    int read_answer(std::string& answer) {
        answer.clear();
        char buffer[4096];
        size_t head = std::string::npos;
        while ((head = answer.find("\r\n\r\n")) == std::string::npos) {
            const auto got = ::recv(fd_, buffer, sizeof(buffer), 0);
            if (got <= 0) return 0;
            answer.append(buffer, static_cast<size_t>(got));
        }
        const bool chunked = is_chunked(answer.substr(0, head));
        constexpr std::string_view last_chunk = "0\r\n\r\n";
        const size_t wanted =
            head + 4 + (chunked ? last_chunk.size() : body_bytes(answer.substr(0, head)));
        while (answer.size() < wanted || (chunked && !answer.ends_with(last_chunk))) {
            const auto got = ::recv(fd_, buffer, sizeof(buffer), 0);
            if (got <= 0) return 0;
            answer.append(buffer, static_cast<size_t>(got));
        }
        int status = 0;
        if (answer.size() > 12) std::from_chars(answer.data() + 9, answer.data() + 12, status);
        return status;
    }
    static std::string lower(std::string head) {
        for (char& c : head)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return head;
    }
    static bool is_chunked(const std::string& head) {
        return lower(head).find("transfer-encoding: chunked") != std::string::npos;
    }
    static size_t body_bytes(std::string head) {
        head = lower(std::move(head));
        const size_t at = head.find("content-length:");
        if (at == std::string::npos) return 0;
        size_t bytes = 0;
        const size_t digits = std::min(head.find_first_not_of(' ', at + 15), head.size());
        std::from_chars(head.data() + digits, head.data() + head.size(), bytes);
        return bytes;
    }

    const Target& target_;
    int fd_ = -1;
};

}  // namespace

Result<WriteLoadReport> run_write_load(const WriteLoad& load) {
    const Target target = HW_TRY(read_url(load.url));
    if (load.points == 0 || load.step_s == 0 || load.steps_per_request == 0)
        return fail(ErrorCode::invalid_argument,
                    "points, step and steps per request must be at least 1");
    BodySource bodies(load);
    std::vector<std::unique_ptr<Connection>> connections;
    for (unsigned i = 0; i < load.connections; ++i) {
        connections.push_back(std::make_unique<Connection>(target));
        HW_TRY(connections.back()->open());
    }
    WriteLoadReport report;
    Mutex mutex;
    SystemClock clock;
    const double cpu_before = process_cpu_s(load.pid);
    const Time start = clock.monotonic();
    std::vector<std::thread> threads;
    for (auto& connection : connections)
        threads.emplace_back([&, own = connection.get()] {
            std::string answer;
            std::string streamed;
            std::vector<uint32_t> latencies;
            for (auto body = bodies.take(streamed); body.samples > 0;
                 body = bodies.take(streamed)) {
                const Time sent = clock.monotonic();
                const int status = own->post(*body.text, answer);
                latencies.push_back(static_cast<uint32_t>((clock.monotonic() - sent).ns / 1000));
                MutexLock lock(mutex);
                ++report.requests;
                if (status >= 200 && status < 300) {
                    report.samples += body.samples;
                } else if (++report.failed == 1) {
                    report.first_failure = answer;
                }
                if (status == 0) break;
            }
            MutexLock lock(mutex);
            report.latencies_us.insert(report.latencies_us.end(), latencies.begin(),
                                       latencies.end());
        });
    for (auto& thread : threads)
        thread.join();
    report.seconds = static_cast<double>((clock.monotonic() - start).ns) * 1e-9;
    report.server_cpu_s = process_cpu_s(load.pid) - cpu_before;
    std::sort(report.latencies_us.begin(), report.latencies_us.end());
    return report;
}

}  // namespace hw::app
