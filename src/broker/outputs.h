#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/figures.h"

namespace hw::broker {

class Connection;

// The output of all connections. A connection borrows a buffer with its first byte of a round and
// gives it back when the round ends and everything goes out in one send; so an idle one owns none,
// and the same few warm buffers serve all. One thread.
class Outputs {
  public:
    explicit Outputs(Figures& figures) : figures_(figures) {}

    // Before anything is written to the connection's output.
    void touch(Connection& connection);
    // Sends now, although the round goes on, since much has gathered.
    void flush_early(Connection& connection);
    // Sends everything; closes the connections that are ending.
    void flush_all();

    static constexpr size_t early_bytes = 256 << 10;

  private:
    void flush(Connection& connection);

    static constexpr size_t pooled_bytes_limit = 32 << 20;

    Figures& figures_;
    std::vector<Connection*> touched_;
    std::vector<std::string> pool_;
    size_t pooled_bytes_ = 0;
};

}  // namespace hw::broker
