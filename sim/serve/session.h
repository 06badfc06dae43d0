#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::sim {

// One connection's dialogue, without I/O: bytes go in, answers are appended to `out`. After an
// error the connection is closed.
class Session {
  public:
    virtual ~Session() = default;
    virtual Result<void> received(BytesView bytes, std::string& out) = 0;
    // The plant has made a round: what changed may be reported.
    virtual Result<void> round(std::string& out) {
        static_cast<void>(out);
        return {};
    }
    // A few times a second.
    virtual Result<void> tick(std::string& out) {
        static_cast<void>(out);
        return {};
    }
};

}  // namespace hw::sim
