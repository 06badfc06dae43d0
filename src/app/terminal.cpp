#include "app/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

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

namespace {

// While it lives, what is typed is not shown.
class Unseen {
  public:
    Unseen() : known_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        termios now = before_;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
    }
    ~Unseen() {
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }

  private:
    termios before_{};
    const bool known_;
};

Result<std::string> read_line() {
    std::string line;
    if (!std::getline(std::cin, line) || line.empty())
        return fail(ErrorCode::invalid_argument,
                    "there is no password on standard input; type it, or pipe it in");
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

Result<std::string> read_new_secret(std::string_view prompt) {
    if (!is_terminal(STDIN_FILENO)) return read_line();
    const Unseen unseen;
    std::cerr << prompt << ": " << std::flush;
    auto first = HW_TRY(read_line());
    std::cerr << "\n" << prompt << ", again: " << std::flush;
    const auto second = HW_TRY(read_line());
    std::cerr << '\n';
    if (first != second)
        return fail(ErrorCode::invalid_argument, "the two differ; nothing was changed");
    return first;
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
