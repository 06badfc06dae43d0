#pragma once

#include <string>
#include <vector>

#include "sim/serve/s7_map.h"
#include "sim/serve/session.h"
#include "wire/s7/server_codec.h"

namespace hw::sim {

// The treatment PLC as a client sees it: data blocks to read, and to write where an operator may.
// Return codes: 0x0a no such block, 0x05 beyond its end or a part of a value, 0x03 read only, 0x06
// another area, 0x07 a value outside of its limits.
class S7Session final : public Session, private s7::ServerMemory {
  public:
    // The blocks outlive the session.
    explicit S7Session(std::vector<DataBlock>& blocks);

    Result<void> received(BytesView bytes, std::string& out) override;

  private:
    DataBlock* find(const s7::ItemAddress& item, s7::ReturnCode& why);
    s7::ReturnCode read(const s7::ItemAddress& item, std::string& out) override;
    s7::ReturnCode write(const s7::ItemAddress& item, BytesView data) override;

    std::vector<DataBlock>& blocks_;
    s7::ServerConnection connection_;
};

}  // namespace hw::sim
