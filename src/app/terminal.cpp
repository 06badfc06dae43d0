#include "app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace hw::app {

namespace {

std::atomic<int> noted{0};

extern "C" void note_signal(int signal) {
    noted.store(signal);
}

}  // namespace

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

bool is_terminal(int descriptor) {
    return ::isatty(descriptor) == 1;
}

bool may_colour(int descriptor) {
    return is_terminal(descriptor) && !environment("NO_COLOR");
}

unsigned terminal_columns(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

bool write_out(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

bool flush_out() {
    return std::fflush(stdout) == 0;
}

void note_signals() {
    struct sigaction action{};
    action.sa_handler = note_signal;
    // Once: a second signal ends the process at once.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

int noted_signal() {
    return noted.load();
}

}  // namespace hw::app
