#pragma once

#include <string>
#include <vector>

#include "sim/serve/modbus_map.h"
#include "sim/serve/session.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/server_codec.h"

namespace hw::sim {

// Modbus server over TCP or a serial line (Modbus Application Protocol V1.1b3). Functions 1 to 6,
// 15, 16 and 23. Exceptions: 1 another function; 2 an address that is not there, a part of a value,
// an address that is read only; 3 a value outside of its limits; 11 another unit (TCP; on a serial
// line other units and broadcasts go unanswered).
class ModbusSession final : public Session {
  public:
    // The units outlive the session.
    ModbusSession(std::vector<ModbusUnit>& units, modbus::Framing framing);

    Result<void> received(BytesView bytes, std::string& out) override;
    // On a serial line a silence ends a frame whose length nobody knows.
    Result<void> tick(std::string& out) override;

  private:
    void answer(const modbus::Frame& frame, std::string& out);

    std::vector<ModbusUnit>& units_;
    modbus::Framing framing_;
    modbus::FrameReader reader_;
    size_t waited_bytes_ = 0;  // that were left at the last tick
};

// One request to one unit: the answer's PDU is appended to `out`.
void answer_modbus(ModbusUnit& unit, BytesView pdu, std::string& out);

}  // namespace hw::sim
