#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::sql::user {

// A file descriptor that is closed once.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { close(); }
    int get() const { return fd_; }
    void close();

  private:
    int fd_;
};

struct ChildCommand {
    std::vector<std::string> arguments = {};  // [0] is the program, looked for where its PATH says
    std::string directory = {};               // where it runs; empty: where the server does
    std::vector<std::string> environment =
        {};  // "NAME=value"; all it has beside PATH, LANG and HOME
};

// A program that was started, in a process group of its own: its standard input and output are one
// socket, its standard error a pipe; it has no other descriptor of ours, and none of our
// environment. One thread.
class Child {
  public:
    static Result<Child> start(const ChildCommand& command);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();  // kills it with all of its group, and waits

    int socket() const { return socket_.get(); }  // does not block
    int errors() const { return errors_.get(); }  // does not block
    pid_t pid() const { return pid_; }

    // Closes its input and waits for its end, up to `grace`; then kills it. How it ended: "exit
    // code 1", "signal 11 (Segmentation fault)".
    std::string end(Duration grace);

  private:
    Child() = default;
    std::string reap();

    Descriptor socket_;
    Descriptor errors_;
    Descriptor process_;  // readable once it has ended
    pid_t pid_ = -1;
};

}  // namespace hw::sql::user
