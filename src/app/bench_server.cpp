#include "app/bench_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

extern char** environ;

namespace hw::app {

namespace {

double status_mb(int pid, std::string_view field) {
    std::ifstream file(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(field)) continue;
        const size_t digits = line.find_first_of("0123456789");
        uint64_t kilobytes = 0;
        if (digits != line.npos)
            std::from_chars(line.data() + digits, line.data() + line.size(), kilobytes);
        return static_cast<double>(kilobytes) / 1024;
    }
    return 0;
}

// The first line from the pipe that begins so; empty where the pipe ends before.
std::string wait_for_line(int pipe, std::string_view begin) {
    std::string text;
    char buffer[512];
    while (true) {
        const ssize_t got = ::read(pipe, buffer, sizeof(buffer));
        if (got <= 0) return "";
        text.append(buffer, static_cast<size_t>(got));
        const size_t at = text.starts_with(begin) ? 0 : text.find(fmt::format("\n{}", begin));
        if (at == text.npos) continue;
        const size_t end = text.find('\n', at + 1);
        if (end != text.npos) return text.substr(at, end - at);
    }
}

}  // namespace

Result<void> BenchServer::spawn(const std::vector<std::string>& sets) {
    char path[] = "/tmp/headworks-bench-XXXXXX";
    if (::mkdtemp(path) == nullptr)
        return fail(ErrorCode::io_failed, "no folder can be made in /tmp");
    folder_ = path;
    std::vector<std::string> words = {"headworks", "serve",       "--data", folder_,
                                      "--set",     "mqtt.port=0", "--set",  "http.port=0"};
    for (const auto& set : sets) {
        words.emplace_back("--set");
        words.push_back(set);
    }
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::io_failed, "no pipe can be made");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int code =
        ::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    const std::string line = code == 0 ? wait_for_line(ends[0], "ready ") : "";
    ::close(ends[0]);
    const size_t http = line.find("http=");
    if (http == line.npos)
        return fail(ErrorCode::unavailable, "the server to be measured did not start");
    url_ = fmt::format("http://127.0.0.1:{}", std::string_view(line).substr(http + 5));
    url_.erase(std::min(url_.find(' '), url_.size()));
    return {};
}

Result<std::unique_ptr<BenchServer>> BenchServer::start(const std::vector<std::string>& sets) {
    auto server = std::unique_ptr<BenchServer>(new BenchServer);
    HW_TRY(server->spawn(sets));
    return server;
}

void BenchServer::kill_now() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

BenchServer::~BenchServer() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

double resident_mb(int pid) {
    return status_mb(pid, "VmRSS:");
}

double peak_resident_mb(int pid) {
    return status_mb(pid, "VmHWM:");
}

double metric_sum(const std::string& metrics, std::string_view family) {
    double sum = 0;
    for (size_t at = metrics.find(family); at != metrics.npos; at = metrics.find(family, at + 1)) {
        if (at > 0 && metrics[at - 1] != '\n') continue;
        const char next = metrics[at + family.size()];
        if (next != ' ' && next != '{') continue;
        const size_t end = std::min(metrics.find('\n', at), metrics.size());
        const size_t space = metrics.rfind(' ', end);
        double value = 0;
        std::from_chars(metrics.data() + space + 1, metrics.data() + end, value);
        sum += value;
    }
    return sum;
}

}  // namespace hw::app
