#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::modbus {

// How a PDU travels. RTU is the same on a serial line and over TCP.
enum class Framing : uint8_t {
    tcp,    // MBAP header; Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3
    rtu,    // CRC-16; Modbus over Serial Line V1.02, section 2.5.1
    ascii,  // hexadecimal between ':' and CR LF, LRC; section 2.5.2
};

struct Frame {
    uint16_t transaction = 0;  // of tcp only
    uint8_t unit = 0;
    BytesView pdu = {};  // 1 to 253 bytes
};

// Appends the frame around the PDU.
void append_frame(Framing framing, uint16_t transaction, uint8_t unit, BytesView pdu,
                  std::string& out);

uint16_t crc16(BytesView bytes);  // to be sent low byte first
uint8_t lrc8(BytesView bytes);

// Cuts frames out of a stream that may be broken, noisy or hostile. One thread. Memory: what one
// give() brings, and at most 1 KiB between calls.
//
// TCP: a header that is not Modbus fails; the stream cannot be found again, close it.
// RTU has no marks: a frame is where a known function's length ends in a right CRC, at any
// position; bytes before it are noise and counted. A client may narrow this by expect().
// ASCII: every ':' begins anew; a line with a wrong LRC is dropped and counted.
class FrameReader {
  public:
    enum class Side : uint8_t { client, server };  // client: reads answers; server: reads requests

    FrameReader(Framing framing, Side side) : framing_(framing), side_(side) {}

    void give(BytesView bytes);
    // The next whole frame, or none. Views are valid until the next call of any function here.
    Result<std::optional<Frame>> next();

    // RTU client: answers come from this unit to this function (or its exception) only.
    void expect(uint8_t unit, uint8_t function);
    // RTU: the line was silent for 1.5 to 3.5 characters. What is left is a frame as a whole (a
    // function that we do not know the length of) or was broken.
    std::optional<Frame> silence();
    void clear();

    uint64_t dropped_bytes() const { return dropped_; }
    size_t buffered_bytes() const { return buffer_.size() - used_; }

  private:
    BytesView rest() const { return as_bytes(buffer_).subspan(used_); }
    void drop(size_t count) {
        used_ += count;
        dropped_ += count;
    }
    Result<std::optional<Frame>> next_tcp();
    std::optional<Frame> next_rtu();
    std::optional<Frame> next_ascii();
    std::optional<Frame> ascii_line(std::string_view line);
    // Bytes of the frame that begins there; 0: none can; nullopt: not enough bytes to tell.
    std::optional<size_t> rtu_size(BytesView bytes) const;

    Framing framing_;
    Side side_;
    std::string buffer_;
    size_t used_ = 0;  // of buffer_
    std::string decoded_;
    bool expecting_ = false;
    uint8_t expected_unit_ = 0;
    uint8_t expected_function_ = 0;
    uint64_t dropped_ = 0;
};

}  // namespace hw::modbus
