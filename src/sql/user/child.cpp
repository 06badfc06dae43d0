#include "sql/user/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hw::sql::user {

namespace {

constexpr const char* standard_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
    "HOME=/nonexistent"};

// Where a program without '/' lies, on the PATH that it gets itself and not on ours.
std::string program_path(const std::string& program) {
    if (program.find('/') != program.npos) return program;
    for (const auto* folder :
         {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
        std::string path = fmt::format("{}/{}", folder, program);
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return program;
}

// What posix_spawn is told, freed in the end.
class Orders {
  public:
    Orders() {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawnattr_init(&attributes_);
    }
    Orders(const Orders&) = delete;
    Orders& operator=(const Orders&) = delete;
    ~Orders() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void give(int socket, int errors, const std::string& directory) {
        if (!directory.empty()) ::posix_spawn_file_actions_addchdir_np(&files_, directory.c_str());
        ::posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, socket, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, errors, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
        sigset_t none, piped;
        ::sigemptyset(&none);
        ::sigemptyset(&piped);
        ::sigaddset(&piped, SIGPIPE);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &piped);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    int spawn(pid_t& pid, char* const* arguments, char* const* environment) {
        return ::posix_spawn(&pid, arguments[0], &files_, &attributes_, arguments, environment);
    }

  private:
    posix_spawn_file_actions_t files_;
    posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> made;
    for (auto& text : texts)
        made.push_back(text.data());
    made.push_back(nullptr);
    return made;
}

Error failed(std::string_view what, int code) {
    return Error(ErrorCode::unavailable, fmt::format("{}: {}", what, ::strerrordesc_np(code)));
}

}  // namespace

void Descriptor::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Result<Child> Child::start(const ChildCommand& command) {
    if (command.arguments.empty()) return fail(ErrorCode::invalid_argument, "the command is empty");
    std::array<int, 2> ends = {-1, -1}, pipe = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(failed("no socket for it can be made", errno));
    Child child;
    child.socket_ = Descriptor(ends[0]);
    const Descriptor its_socket(ends[1]);
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return fail(failed("no pipe for it can be made", errno));
    child.errors_ = Descriptor(pipe[0]);
    const Descriptor its_errors(pipe[1]);
    ::fcntl(child.socket(), F_SETFL, O_NONBLOCK);
    ::fcntl(child.errors(), F_SETFL, O_NONBLOCK);

    std::vector<std::string> arguments = command.arguments;
    arguments[0] = program_path(arguments[0]);
    std::vector<std::string> environment(std::begin(standard_environment),
                                         std::end(standard_environment));
    environment.insert(environment.end(), command.environment.begin(), command.environment.end());
    Orders orders;
    orders.give(its_socket.get(), its_errors.get(), command.directory);
    const int code =
        orders.spawn(child.pid_, pointers(arguments).data(), pointers(environment).data());
    if (code != 0) {
        child.pid_ = -1;
        return fail(failed(fmt::format("{} cannot be started", command.arguments[0]), code));
    }
    child.process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
    return child;
}

Child::Child(Child&& other) noexcept
    : socket_(std::move(other.socket_)),
      errors_(std::move(other.errors_)),
      process_(std::move(other.process_)),
      pid_(std::exchange(other.pid_, -1)) {}

Child::~Child() {
    if (pid_ > 0) reap();
}

std::string Child::end(Duration grace) {
    socket_.close();
    pollfd ended{process_.get(), POLLIN, 0};
    if (process_.get() >= 0) ::poll(&ended, 1, static_cast<int>(grace.ns / 1'000'000));
    return reap();
}

std::string Child::reap() {
    // Those that it started may live on, so the whole group goes, before its number is free again.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    pid_t waited = 0;
    do
        waited = ::waitpid(pid_, &status, 0);
    while (waited < 0 && errno == EINTR);
    pid_ = -1;
    if (waited < 0) return "an unknown end";
    if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
    const char* const name = ::sigdescr_np(WTERMSIG(status));
    return fmt::format("signal {} ({})", WTERMSIG(status), name == nullptr ? "?" : name);
}

}  // namespace hw::sql::user
