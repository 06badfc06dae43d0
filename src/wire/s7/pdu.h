#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/s7/address.h"

namespace hw::s7 {

// The S7 PDU: header (0x32, kind, reference, lengths, in answers the error), parameters, data.
// There is no public standard; this follows what CPUs send and what Wireshark's s7comm knows.

enum class PduKind : uint8_t { job = 1, ack = 2, ack_data = 3, userdata = 7 };

enum class Function : uint8_t {
    setup = 0xf0,
    read = 0x04,
    write = 0x05,
};

// The sizes of an item in a request: what one element is.
enum class ItemSize : uint8_t {
    bit = 0x01,
    byte = 0x02,
    character = 0x03,
    word = 0x04,
    integer = 0x05,
    dword = 0x06,
    dint = 0x07,
    real = 0x08,
    date = 0x09,
    time_of_day = 0x0a,
    time = 0x0b,
    s5time = 0x0c,
    date_and_time = 0x0f,
    counter = 0x1c,
    timer = 0x1d,
};
// Bytes of one element (a bit takes one); 0: no such size.
uint32_t bytes_of(ItemSize size);

// The unit of an item's length in data: bits for the first three, bytes for the others.
enum class DataSize : uint8_t {
    none = 0x00,
    bit = 0x03,
    byte = 0x04,
    integer = 0x05,
    dint = 0x06,
    real = 0x07,
    octets = 0x09,
};

inline constexpr size_t job_header_bytes = 10;
inline constexpr size_t answer_header_bytes = 12;
inline constexpr size_t item_address_bytes = 12;
inline constexpr size_t item_data_header_bytes = 4;
inline constexpr size_t items_limit = 20;  // of one request; real CPUs take no more
inline constexpr uint16_t pdu_size_least = 240;
inline constexpr uint16_t pdu_size_most = 960;

// The answer to one item of n bytes must fit in the PDU: header, function, count, item header.
constexpr uint32_t read_bytes_limit(uint16_t pdu_size) {
    return pdu_size - static_cast<uint32_t>(answer_header_bytes + 2 + item_data_header_bytes);
}
constexpr uint32_t write_bytes_limit(uint16_t pdu_size) {
    return pdu_size - static_cast<uint32_t>(job_header_bytes + 2 + item_address_bytes +
                                            item_data_header_bytes);
}

// One item as it is addressed: `count` elements of `size`. `start` is in bytes with `bit`, or the
// number of a timer or counter.
struct ItemAddress {
    ItemSize size = ItemSize::byte;
    uint16_t count = 0;
    uint16_t db = 0;
    Area area = Area::data_block;
    uint32_t start = 0;
    uint8_t bit = 0;

    friend bool operator==(const ItemAddress&, const ItemAddress&) = default;
};

struct WriteItem {
    ItemAddress address;
    BytesView data;
};

struct Negotiation {
    uint16_t jobs_calling = 1;
    uint16_t jobs_called = 1;
    uint16_t pdu_size = pdu_size_least;
};

// Requests as bytes, without transport. The reference is set by set_reference().
void append_setup_request(std::string& out, const Negotiation& setup);
void append_read_request(std::string& out, std::span<const ItemAddress> items);
void append_write_request(std::string& out, std::span<const WriteItem> items);
void set_reference(std::string& pdu, uint16_t reference);

// Any PDU, its parts within the received bytes. The lengths have been checked.
struct Pdu {
    PduKind kind = PduKind::job;
    uint16_t reference = 0;
    uint8_t error_class = 0;  // of ack and ack_data
    uint8_t error_code = 0;
    BytesView parameters;
    BytesView data;
};
Result<Pdu> parse_pdu(BytesView bytes);

Result<Negotiation> parse_setup(BytesView parameters);

// One item of a read's answer.
struct ItemAnswer {
    uint8_t code = 0xff;  // ReturnCode
    DataSize size = DataSize::byte;
    BytesView data;
};
// Calls `each(index, const ItemAnswer&)` for the items of a read's answer. An answer with another
// number of items than `count`, or cut short, is an error, and then `each` was not called.
Result<void> check_read_answer(const Pdu& pdu, size_t count);
class ReadAnswer {
  public:
    explicit ReadAnswer(BytesView data) : in_(data) {}
    // To be called as often as there are items; check_read_answer() went before.
    ItemAnswer next();
    bool failed() const { return in_.failed(); }

  private:
    ByteReader in_;
};

// The return codes of a write's answer, one byte each.
Result<BytesView> parse_write_answer(const Pdu& pdu, size_t count);

}  // namespace hw::s7
