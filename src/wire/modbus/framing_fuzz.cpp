#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/modbus/address.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/server_codec.h"

namespace hw::modbus {

namespace {

// What a frame's PDU may be, read from both sides.
void read_pdu(BytesView pdu) {
    HW_ASSERT(!pdu.empty() && pdu.size() <= pdu_bytes_limit);
    const auto request = parse_request(pdu);
    if (request) {
        // A request that was taken is written as it was read.
        std::string again;
        append_request(*request, again);
        HW_ASSERT(again == as_text(pdu));
    }
    for (const auto& asked :
         {read_request(Area::coil, 0, 9), read_request(Area::holding_register, 0, 2),
          Request{.function = Function::write_single_register, .address = 1, .value = 3},
          Request{.function = Function::mask_write_register}}) {
        const auto response = parse_response(asked, pdu);
        if (response && !response->exception && !is_write(asked.function))
            HW_ASSERT(response->data.size() == data_bytes(asked));
    }
}

}  // namespace

// The first byte chooses framing, side and the size of the reads; the rest is the stream. Every
// frame is legal and memory stays bounded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto framing = static_cast<Framing>(data[0] % 3);
    const bool client = (data[0] & 0x10) != 0;
    const size_t step = 1 + (data[0] >> 5) * size_t{7};
    FrameReader reader(framing, client ? FrameReader::Side::client : FrameReader::Side::server);
    if (client && (data[0] & 0x08) != 0) reader.expect(1, 3);
    auto bytes = as_bytes({reinterpret_cast<const char*>(data) + 1, size - 1});
    while (!bytes.empty()) {
        const size_t count = std::min(step, bytes.size());
        reader.give(bytes.first(count));
        bytes = bytes.subspan(count);
        for (;;) {
            const auto frame = reader.next();
            if (!frame) return 0;
            if (!*frame) break;
            read_pdu((*frame)->pdu);
        }
        HW_ASSERT(reader.buffered_bytes() <= 1024);
    }
    if (const auto frame = reader.silence()) read_pdu(frame->pdu);
    return 0;
}

}  // namespace hw::modbus
