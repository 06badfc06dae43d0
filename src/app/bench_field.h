#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"

namespace hw::app {

// Devices to measure a gateway with, on one port and one thread of their own: each device is a unit
// (Modbus) or a rack number (S7) with `tags` contiguous floats that move once a second, and as many
// that can be written. Any thread.
class BenchField {
  public:
    enum class Protocol { modbus_tcp, s7 };
    struct Settings {
        Protocol protocol = Protocol::modbus_tcp;
        unsigned devices = 100;
        unsigned tags = 1000;
        unsigned pdu_size = 960;  // of S7
    };
    static Result<std::unique_ptr<BenchField>> start(const Settings& settings);
    virtual ~BenchField() = default;

    virtual uint16_t port() const = 0;
    // The first `count` devices take requests and never answer.
    virtual void silence(unsigned count) = 0;
    virtual uint64_t requests() const = 0;
    virtual uint64_t writes() const = 0;
};

}  // namespace hw::app
