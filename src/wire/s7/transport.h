#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::s7 {

// ISO transport on TCP: TPKT (RFC 1006, section 6: version 3, length of 16 bits) around the TPDUs
// of class 0 (ISO 8073 / X.224, section 13).

enum class ConnectionType : uint8_t { pg = 1, op = 2, basic = 3 };

// "10.02" is 0x1002: two hexadecimal bytes, as TIA Portal shows them; "0x1002" and "1002" are read
// as well. The error says so.
Result<uint16_t> parse_tsap(std::string_view text);
std::string tsap_text(uint16_t tsap);  // "10.02"
// The remote TSAP of a CPU by its place: type, rack (0 to 7) and slot (0 to 31).
constexpr uint16_t tsap_of(ConnectionType type, uint8_t rack, uint8_t slot) {
    return static_cast<uint16_t>(static_cast<unsigned>(type) << 8 | (rack & 7u) << 5 |
                                 (slot & 31u));
}

// CR and CC. References: the sender's own is `source`.
struct Connect {
    uint16_t destination = 0;
    uint16_t source = 0;
    uint8_t option = 0;                // class in the upper four bits
    std::optional<uint8_t> tpdu_size;  // as a power of two, 7 to 13
    std::optional<uint16_t> calling_tsap;
    std::optional<uint16_t> called_tsap;
};

enum class TpduType : uint8_t {
    connect_request = 0xe0,
    connect_confirm = 0xd0,
    disconnect_request = 0x80,
    data = 0xf0,
    error = 0x70,
};

inline constexpr size_t tpkt_header_bytes = 4;
inline constexpr size_t data_header_bytes = 3;
inline constexpr uint8_t tpdu_size_least = 7;    // 128 bytes
inline constexpr uint8_t tpdu_size_most = 13;    // 8,192 bytes
inline constexpr uint8_t tpdu_size_wanted = 10;  // 1,024 bytes: a PDU of 960 in one TPDU

void append_connect(std::string& out, TpduType type, const Connect& connect);
void append_disconnect(std::string& out, uint16_t destination, uint16_t source, uint8_t reason);
// The message as DT TPDUs of at most 2^tpdu_size bytes, each in a TPKT of its own.
void append_message(std::string& out, std::string_view message, uint8_t tpdu_size);

// One TPDU within the received bytes, or a whole message of DTs put together.
struct Tpdu {
    TpduType type = TpduType::data;
    Connect connect;     // of CR and CC
    uint8_t reason = 0;  // of DR: why; of ER: the cause
    BytesView message;   // of DT; valid until the next call of next() or feed()
};

std::string_view disconnect_reason_text(uint8_t reason);
std::string_view error_cause_text(uint8_t cause);

// Cuts the stream into TPDUs and joins fragments. Keeps at most one TPKT (7 bytes more than
// message_limit, but 256 at least) and one message in pieces (message_limit) between calls. One
// owner, one thread.
class TpduReader {
  public:
    explicit TpduReader(size_t message_limit);

    // The bytes stay the caller's; they must live until next() has returned nullopt.
    void feed(BytesView bytes) { input_ = bytes; }
    // nullopt: wants more bytes. After an error the stream is beyond repair.
    Result<std::optional<Tpdu>> next();
    void reset();
    void set_message_limit(size_t limit) { message_limit_ = limit; }

    size_t held() const { return partial_.size() + message_.size(); }

  private:
    Result<std::optional<BytesView>> next_tpkt();
    Result<size_t> length_of(BytesView head) const;
    Result<std::optional<Tpdu>> take_data(BytesView tpdu, size_t header);

    size_t message_limit_;
    BytesView input_;
    std::string partial_;        // the beginning of a TPKT
    bool partial_done_ = false;  // partial_ was handed out whole
    std::string message_;        // fragments so far
    bool message_done_ = false;
};

}  // namespace hw::s7
