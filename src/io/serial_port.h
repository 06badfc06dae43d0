#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace hw::io {

enum class Parity : uint8_t { none, even, odd };

struct SerialSettings {
    std::string path;  // "/dev/ttyUSB0", "/dev/pts/3"
    uint32_t baud_rate = 9600;
    unsigned data_bits = 8;  // 5 to 8
    Parity parity = Parity::none;
    unsigned stop_bits = 1;  // 1 or 2
};

// Opens a serial line, raw and for this process alone (TIOCEXCL), as a stream: bytes as they come,
// without frames. The reactor's thread; opening does not block. peer() is the path. A stream that
// is destroyed drops what the line has not taken. Errors: not_found, permission_denied (names the
// group that may), conflict (another process has it), invalid_argument (the path is no serial line;
// a baud rate the system does not know lists those it does).
Result<std::unique_ptr<Stream>> open_serial(Reactor& reactor, const SerialSettings& settings);

}  // namespace hw::io
