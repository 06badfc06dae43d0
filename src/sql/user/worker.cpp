#include "sql/user/worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace hw::sql::user {

namespace {

constexpr Duration grace = seconds(1);

std::chrono::nanoseconds chrono(Duration duration) {
    return std::chrono::nanoseconds(duration.ns);
}

}  // namespace

// A program's standard error, cut into lines for the log.
class Worker::Lines {
  public:
    Lines(const std::string& name, const Clock& clock) : name_(name), clock_(clock) {}

    // What there is; false: it was closed.
    bool read(int fd) {
        std::array<char, 4096> bytes;
        const ssize_t size = ::read(fd, bytes.data(), bytes.size());
        if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
        rest_.append(bytes.data(), static_cast<size_t>(size));
        for (size_t end = rest_.find('\n'); end != rest_.npos || rest_.size() > line_bytes_limit;
             end = rest_.find('\n')) {
            line(std::string_view(rest_).substr(0, std::min(end, line_bytes_limit)));
            rest_.erase(0, std::min(end, line_bytes_limit) + (end <= line_bytes_limit ? 1 : 0));
        }
        return true;
    }

  private:
    static constexpr size_t line_bytes_limit = 1000;
    static constexpr int lines_limit = 50;

    void line(std::string_view text) {
        const Time now = clock_.monotonic();
        if (now - window_ > seconds(10)) {
            if (lines_ > lines_limit)
                log_warning("sql", fmt::format("worker {}: {} more lines were left out", name_,
                                               lines_ - lines_limit));
            window_ = now;
            lines_ = 0;
        }
        if (++lines_ <= lines_limit) log_info("sql", fmt::format("worker {}: {}", name_, text));
    }

    const std::string& name_;
    const Clock& clock_;
    std::string rest_;
    Time window_;
    int lines_ = 0;
};

Worker::Worker(WorkerOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        MutexLock lock(mutex_);
        stop_ = true;
        changed_.notify_all();
    }
    wake();
    thread_.join();
}

void Worker::wake() {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof(one));
}

bool Worker::wait_ready(Duration longest) {
    MutexLock lock(mutex_);
    const Time deadline = clock_.monotonic() + longest;
    while (!ready_ && !stop_) {
        const Duration left = deadline - clock_.monotonic();
        if (left.ns <= 0) break;
        changed_.wait_for(mutex_, chrono(left));
    }
    return ready_;
}

std::vector<WorkerFunctionInfo> Worker::functions() const {
    MutexLock lock(mutex_);
    return functions_;
}

WorkerStatus Worker::status() const {
    MutexLock lock(mutex_);
    WorkerStatus status = status_;
    status.ready = ready_;
    if (protocol_) status.late_answers += protocol_->late_answers();
    return status;
}

Result<Datum> Worker::call(std::string_view function, Arguments arguments) {
    Waiting waiting{std::string(function), {}, {}};
    MutexLock lock(mutex_);
    ++status_.calls;
    if (!ready_) {
        ++status_.failed_calls;
        return fail(
            ErrorCode::unavailable,
            fmt::format("the worker {} is not running ({}); it is started again by itself",
                        options_.name, status_.trouble.empty() ? "no hello yet" : status_.trouble));
    }
    const auto id = protocol_->call(function, arguments);
    if (!id) {
        ++status_.failed_calls;
        return fail(id.error().within(fmt::format("the worker {}", options_.name)));
    }
    waiting.deadline = clock_.monotonic() + options_.limits.call;
    waiting_.emplace(*id, &waiting);
    wake();
    // The thread answers in any case, at the deadline at the latest.
    while (!waiting.answer)
        changed_.wait(mutex_);
    if (!*waiting.answer) {
        ++status_.failed_calls;
        return fail(waiting.answer->error().within(fmt::format("the worker {}", options_.name)));
    }
    return std::move(*waiting.answer);
}

void Worker::run() {
    Duration pause = options_.least_pause;
    for (;;) {
        std::string why;
        auto child = Child::start(options_.command);
        if (child) {
            why = serve(*child);
            const std::string how = child->end(why.empty() ? grace : Duration());
            if (!why.empty()) why += "; its end: " + how;
        } else {
            why = child.error().text();
        }
        give_up_all(why);
        MutexLock lock(mutex_);
        if (stop_) return;
        if (ready_since_.ns != 0 && clock_.monotonic() - ready_since_ > options_.healthy)
            pause = options_.least_pause;
        log_warning("sql", fmt::format("the worker {} is started again in {}: {}", options_.name,
                                       format_duration(pause), why));
        const Time until = clock_.monotonic() + pause;
        while (!stop_ && clock_.monotonic() < until)
            changed_.wait_for(mutex_, chrono(until - clock_.monotonic()));
        if (stop_) return;
        pause = std::min(Duration{pause.ns * 2}, options_.most_pause);
    }
}

std::string Worker::serve(Child& child) {
    {
        MutexLock lock(mutex_);
        ++status_.starts;
        ready_since_ = {};
        protocol_ = std::make_unique<WorkerProtocol>(options_.limits);
        hello_deadline_ = clock_.monotonic() + options_.limits.hello;
    }
    Lines lines(options_.name, clock_);
    std::string output;
    int errors = child.errors();
    for (;;) {
        int wait_ms = 0;
        {
            MutexLock lock(mutex_);
            if (stop_) return {};
            const Time now = clock_.monotonic();
            if (auto why = overdue(now); !why.empty()) return why;
            output += protocol_->take_output();
            wait_ms = next_wait_ms(now);
        }
        const auto writing = static_cast<short>(output.empty() ? 0 : POLLOUT);
        std::array<pollfd, 3> ready = {
            pollfd{wake_.get(), POLLIN, 0},
            pollfd{child.socket(), static_cast<short>(POLLIN | writing), 0},
            pollfd{errors, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), wait_ms) < 0 && errno != EINTR)
            return "polling it fails";
        if (ready[0].revents != 0) {
            uint64_t count = 0;
            [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof(count));
        }
        if (ready[2].revents != 0 && !lines.read(errors)) errors = -1;
        if (ready[1].revents == 0) continue;
        if (auto why = exchange(child, output); !why.empty()) {
            if (errors >= 0) lines.read(errors);
            return why;
        }
    }
}

// Reads and writes what goes at once; why it is over, or nothing.
std::string Worker::exchange(Child& child, std::string& output) {
    if (auto why = receive(child); !why.empty()) return why;
    if (output.empty()) return {};
    const ssize_t sent = ::send(child.socket(), output.data(), output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return "it closed its input";
    if (sent > 0) output.erase(0, static_cast<size_t>(sent));
    return {};
}

std::string Worker::receive(Child& child) {
    std::array<std::byte, 65536> bytes;
    const ssize_t size = ::recv(child.socket(), bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (size <= 0) return "it ended or closed its output";
    std::vector<WorkerProtocol::Event> events;
    MutexLock lock(mutex_);
    const auto received =
        protocol_->receive(BytesView(bytes.data(), static_cast<size_t>(size)), events);
    for (auto& event : events)
        take(event);
    if (!events.empty()) changed_.notify_all();
    return received ? std::string() : received.error().text();
}

void Worker::take(WorkerProtocol::Event& event) {
    if (auto* const hello = std::get_if<WorkerProtocol::Hello>(&event)) {
        functions_ = std::move(hello->functions);
        ready_ = true;
        ready_since_ = clock_.monotonic();
        log_info("sql", fmt::format("the worker {} is ready with {} functions", options_.name,
                                    functions_.size()));
        return;
    }
    auto& answer = std::get<WorkerProtocol::Answer>(event);
    const auto at = waiting_.find(answer.id);
    if (at == waiting_.end()) return;
    at->second->answer = std::move(answer.value);
    waiting_.erase(at);
}

std::string Worker::overdue(Time now) {
    if (!ready_ && now >= hello_deadline_)
        return fmt::format("it did not say hello within {}",
                           format_duration(options_.limits.hello));
    for (const auto& [id, waiting] : waiting_) {
        if (now < waiting->deadline) continue;
        auto why = fmt::format("it did not answer {} within {}", waiting->function,
                               format_duration(options_.limits.call));
        waiting->answer = Result<Datum>(fail(ErrorCode::timed_out, why));
        waiting_.erase(id);
        changed_.notify_all();
        return why;
    }
    return {};
}

int Worker::next_wait_ms(Time now) const {
    Time next = ready_ ? now + seconds(3600) : hello_deadline_;
    // Calls are asked one after another with the same limit: the first is due first.
    if (!waiting_.empty()) next = std::min(next, waiting_.begin()->second->deadline);
    return static_cast<int>(std::max<int64_t>(0, (next - now).ns / 1'000'000 + 1));
}

void Worker::give_up_all(const std::string& why) {
    MutexLock lock(mutex_);
    ready_ = false;
    if (!why.empty()) status_.trouble = why;
    if (protocol_) status_.late_answers += protocol_->late_answers();
    protocol_.reset();
    for (const auto& [id, waiting] : waiting_)
        waiting->answer =
            Result<Datum>(fail(ErrorCode::unavailable, why.empty() ? "the server stops" : why));
    waiting_.clear();
    changed_.notify_all();
}

}  // namespace hw::sql::user
