#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::iec104 {

inline constexpr uint8_t start_byte = 0x68;
inline constexpr size_t control_bytes = 4;
inline constexpr size_t header_bytes = 2;        // start and length
inline constexpr size_t apdu_bytes_limit = 253;  // what the length may say
inline constexpr size_t asdu_bytes_limit = apdu_bytes_limit - control_bytes;
inline constexpr uint16_t sequence_modulo = 32768;

enum class FrameKind : uint8_t { information, supervisory, unnumbered };

// The six unnumbered functions, as their bits in the first control octet.
enum class Function : uint8_t {
    start_activate = 0x04,  // STARTDT act
    start_confirm = 0x08,
    stop_activate = 0x10,
    stop_confirm = 0x20,
    test_activate = 0x40,
    test_confirm = 0x80,
};
std::string_view name_of(Function function);  // "STARTDT act"

// One APDU (IEC 60870-5-104, 5.1), seen: the ASDU's bytes are somebody else's.
struct Frame {
    FrameKind kind = FrameKind::unnumbered;
    uint16_t send = 0;     // N(S), of I frames
    uint16_t receive = 0;  // N(R), of I and S frames
    Function function = Function::test_activate;
    BytesView asdu;
};

// The number of bytes that the first frame of `bytes` takes; 0: not all there yet. Fails where it
// begins with another byte than 68h or its length is below 4 or above 253.
Result<size_t> frame_bytes(BytesView bytes);
// `bytes` is one whole frame as frame_bytes() cut it.
Result<Frame> parse_frame(BytesView bytes);

// Append one frame. The ASDU has at most asdu_bytes_limit bytes.
void write_information(uint16_t send, uint16_t receive, std::string_view asdu, std::string& out);
void write_supervisory(uint16_t receive, std::string& out);
void write_unnumbered(Function function, std::string& out);

}  // namespace hw::iec104
