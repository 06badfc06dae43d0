#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"

namespace hw::hj212 {

// Command codes (HJ 212-2017, 6.6.5 and appendix C).
enum class Command : uint16_t {
    clock_read = 1011,
    clock_set = 1012,
    clock_request = 1013,
    realtime = 2011,
    equipment_status = 2021,
    day = 2031,
    running_time = 2041,
    minute = 2051,
    hour = 2061,
    request_answer = 9011,  // QnRtn
    result = 9012,          // ExeRtn
    notice_answer = 9013,
    data_answer = 9014,
    heartbeat = 9015,
    login = 9021,
};

inline constexpr size_t data_bytes_limit = 9999;  // what four digits can say
inline constexpr size_t station_bytes_limit = 32;
inline constexpr size_t request_bytes_limit = 32;
inline constexpr size_t system_bytes_limit = 8;
inline constexpr size_t password_bytes_limit = 64;

// The Flag: bit 0 asks for an answer, bit 1 tells of packet numbers, the rest is the version of the
// standard (0 for HJ/T 212-2005, 1 for 2017).
struct Flag {
    bool answer = false;
    bool split = false;
    uint8_t version = 1;

    static Flag from(uint8_t bits) {
        return {.answer = (bits & 1) != 0,
                .split = (bits & 2) != 0,
                .version = static_cast<uint8_t>(bits >> 2)};
    }
    uint8_t bits() const {
        return static_cast<uint8_t>((answer ? 1 : 0) | (split ? 2 : 0) | (version << 2));
    }
    friend bool operator==(const Flag&, const Flag&) = default;
};

// One data segment. The texts are views of the packet's bytes, or of the caller's.
struct Packet {
    std::string_view request;   // QN: YYYYMMDDhhmmsszzz; empty where none was sent
    std::string_view system;    // ST: 32 surface water, 91 the answers of a centre, ...
    uint16_t command = 0;       // CN
    std::string_view password;  // PW; a secret
    std::string_view station;   // MN
    Flag flag{.version = 0};
    uint16_t parts = 1;           // PNUM
    uint16_t part = 1;            // PNO, from 1
    std::string_view parameters;  // CP, between its "&&"
};

// CRC of appendix A: unlike Modbus', each byte goes into the upper eight bits moved down.
uint16_t crc16(std::string_view data);

// A data segment, without header and CRC. Fails without CN or MN (corrupt), or where a number is
// none. Fields that are not known are passed over.
Result<Packet> parse_data(std::string_view data);
// "##0101QN=...1C80\r\n" with everything that is not empty. The segment fits into 9999 bytes.
std::string write_packet(const Packet& packet);

// One "w01018-Rtd=24.1": factor, field, value. Without a '-' the field is empty.
struct Item {
    std::string_view factor;
    std::string_view field;
    std::string_view value;
};
// In the order they stand; both ',' and ';' part them. What has no '=' is passed over.
std::vector<Item> parse_parameters(std::string_view text);

// YYYYMMDDhhmmss, with or without milliseconds, of a clock that is `zone` ahead of UTC.
std::optional<Time> parse_local_time(std::string_view text, Duration zone);
std::string format_seconds(Time time, Duration zone);       // 14 digits
std::string format_milliseconds(Time time, Duration zone);  // 17 digits, a QN

// Finds packets in a stream. What stands between packets (line ends, a modem's greeting) is passed
// over; a packet whose CRC is wrong is counted, and searched for the next one. Fails for good after
// `damaged_limit` of them, or `skipped_limit` bytes, without a good packet. Keeps at most one
// packet beside what was fed. One thread.
class PacketReader {
  public:
    static constexpr uint32_t damaged_limit = 16;
    static constexpr size_t skipped_limit = 65536;

    void feed(BytesView bytes) { buffer_.append(as_text(bytes)); }
    // The next data segment; valid until the next call. nullopt: not all there yet.
    Result<std::optional<std::string_view>> next();

    uint64_t skipped_bytes() const { return skipped_; }  // without line ends
    uint64_t damaged() const { return damaged_; }        // packets with a wrong CRC

  private:
    void skip(size_t count);

    std::string buffer_;
    size_t at_ = 0;
    uint64_t skipped_ = 0;
    uint64_t damaged_ = 0;
    uint32_t damaged_in_row_ = 0;
    size_t skipped_in_row_ = 0;
};

}  // namespace hw::hj212
