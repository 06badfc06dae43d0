#include "app/process_figures.h"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace hw::app {

namespace {

std::string read_file(const char* path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Duration duration_of(const timeval& time) {
    return seconds(time.tv_sec) + Duration{static_cast<int64_t>(time.tv_usec) * 1'000};
}

}  // namespace

uint64_t proc_value(std::string_view text, std::string_view name) {
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':')
            continue;
        line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
        uint64_t value = 0;
        std::from_chars(line.data(), line.data() + line.size(), value);
        return line.ends_with(" kB") ? value * 1024 : value;
    }
    return 0;
}

Duration process_cpu() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
}

uint64_t process_memory() {
    return proc_value(read_file("/proc/self/status"), "VmRSS");
}

ProcessFigures process_figures() {
    ProcessFigures figures;
    figures.cpu = process_cpu();
    const std::string status = read_file("/proc/self/status");
    figures.memory_bytes = proc_value(status, "VmRSS");
    figures.threads = proc_value(status, "Threads");
    std::error_code none;
    for (auto it = std::filesystem::directory_iterator("/proc/self/fd", none);
         it != std::filesystem::directory_iterator(); it.increment(none))
        ++figures.open_files;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    figures.open_files_limit = limit.rlim_cur;
    return figures;
}

MachineFigures machine_figures() {
    MachineFigures figures;
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    figures.host = name.data();
    figures.cores = std::thread::hardware_concurrency();
    std::array<double, 1> load{};
    if (getloadavg(load.data(), 1) == 1) figures.load_1m = load[0];
    const std::string memory = read_file("/proc/meminfo");
    figures.memory_bytes = proc_value(memory, "MemTotal");
    figures.memory_available_bytes = proc_value(memory, "MemAvailable");
    return figures;
}

DiskFigures disk_figures(const std::string& folder) {
    DiskFigures figures;
    struct statvfs disk{};
    if (statvfs(folder.c_str(), &disk) == 0) {
        figures.free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
        figures.total_bytes = uint64_t{disk.f_blocks} * disk.f_frsize;
    }
    return figures;
}

uint64_t folder_bytes(const std::string& folder) {
    namespace fs = std::filesystem;
    uint64_t bytes = 0;
    // Files come and go meanwhile: what cannot be read is left out.
    std::error_code none;
    for (auto it = fs::recursive_directory_iterator(
             folder, fs::directory_options::skip_permission_denied, none);
         it != fs::recursive_directory_iterator(); it.increment(none)) {
        if (none) break;
        std::error_code gone;
        if (!it->is_regular_file(gone)) continue;
        const auto size = it->file_size(gone);
        if (!gone) bytes += size;
    }
    return bytes;
}

api::SystemFacts::ClockState clock_state() {
    timex state{};  // modes 0: only asks
    const int answer = adjtimex(&state);
    api::SystemFacts::ClockState clock;
    clock.synchronised = answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    clock.error_ms = static_cast<double>(state.esterror) / 1e3;
    clock.error_ms_most = static_cast<double>(state.maxerror) / 1e3;
    return clock;
}

std::map<std::string, double, std::less<>> metric_sums(std::string_view text) {
    std::map<std::string, double, std::less<>> sums;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        const size_t space = line.rfind(' ');
        if (line.starts_with('#') || space == std::string_view::npos) continue;
        const auto name = line.substr(0, line.find_first_of("{ "));
        double value = 0;
        const auto number = line.substr(space + 1);
        if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc())
            continue;
        const auto known = sums.find(name);
        if (known != sums.end())
            known->second += value;
        else
            sums.emplace(name, value);
    }
    return sums;
}

}  // namespace hw::app
