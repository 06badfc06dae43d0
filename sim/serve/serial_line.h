#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "io/reactor.h"
#include "sim/plant/faults.h"
#include "sim/serve/outlet.h"

namespace hw::sim {

// A serial line as a pseudo-terminal: the program holds one end, whoever opens path() the other.
// Looked at every 5 ms, which is quick beside a line of 9,600 baud. Reactor's thread.
class SerialLine {
  public:
    // `link`: a symbolic link that is made to the path, over an old one; empty: none. The reactor
    // and faults outlive the line.
    static Result<std::unique_ptr<SerialLine>> open(io::Reactor& reactor, const Faults& faults,
                                                    std::string_view device, std::string link,
                                                    std::unique_ptr<Session> session);
    ~SerialLine();
    SerialLine(const SerialLine&) = delete;
    SerialLine& operator=(const SerialLine&) = delete;

    // "/dev/pts/7", or the link.
    const std::string& path() const { return link_.empty() ? path_ : link_; }

  private:
    SerialLine(io::Reactor& reactor, const Faults& faults, std::string_view device,
               std::unique_ptr<Session> session);
    Result<void> open_terminal();
    Result<void> make_link(std::string link);
    void poll();
    void write(Time now);

    io::Reactor& reactor_;
    std::unique_ptr<Session> session_;
    Outlet outlet_;
    int master_ = -1;
    int slave_ = -1;  // held open, to keep the line for the next who opens it
    std::string path_;
    std::string link_;
    Time next_tick_;
    io::Reactor::TimerId poller_ = 0;
};

}  // namespace hw::sim
