#include "wire/modbus/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "wire/modbus/pdu.h"

namespace hw::modbus {

namespace {

constexpr size_t mbap_bytes = 7;
constexpr size_t rtu_bytes_limit = 256;
constexpr size_t ascii_bytes_limit = 513;
constexpr size_t kept_bytes_limit = 1024;

constexpr std::array<uint16_t, 256> make_crc_table() {
    std::array<uint16_t, 256> table{};
    for (unsigned i = 0; i < 256; ++i) {
        unsigned crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa001 : crc >> 1;
        table[i] = static_cast<uint16_t>(crc);
    }
    return table;
}
constexpr auto crc_table = make_crc_table();

uint8_t u8(BytesView bytes, size_t i) {
    return static_cast<uint8_t>(bytes[i]);
}

bool crc_fits(BytesView frame) {
    const uint16_t crc = crc16(frame.first(frame.size() - 2));
    return u8(frame, frame.size() - 2) == (crc & 0xff) && u8(frame, frame.size() - 1) == crc >> 8;
}

Frame rtu_frame(BytesView bytes) {
    return {.transaction = 0, .unit = u8(bytes, 0), .pdu = bytes.subspan(1, bytes.size() - 3)};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<size_t> counted(BytesView bytes, size_t at, size_t around) {
    if (bytes.size() <= at) return std::nullopt;
    return around + u8(bytes, at);
}

std::optional<size_t> rtu_response_size(BytesView bytes, uint8_t function) {
    if ((function & exception_bit) != 0) return 5;
    switch (static_cast<Function>(function)) {
        case Function::read_coils:
        case Function::read_discrete_inputs:
        case Function::read_holding_registers:
        case Function::read_input_registers:
        case Function::read_write_multiple_registers:
            return counted(bytes, 2, 5);
        case Function::write_single_coil:
        case Function::write_single_register:
        case Function::write_multiple_coils:
        case Function::write_multiple_registers:
            return 8;
        case Function::mask_write_register:
            return 10;
    }
    return 0;
}

std::optional<size_t> rtu_request_size(BytesView bytes, uint8_t function) {
    switch (static_cast<Function>(function)) {
        case Function::read_coils:
        case Function::read_discrete_inputs:
        case Function::read_holding_registers:
        case Function::read_input_registers:
        case Function::write_single_coil:
        case Function::write_single_register:
            return 8;
        case Function::write_multiple_coils:
        case Function::write_multiple_registers:
            return counted(bytes, 6, 9);
        case Function::mask_write_register:
            return 10;
        case Function::read_write_multiple_registers:
            return counted(bytes, 10, 13);
    }
    return 0;
}

}  // namespace

uint16_t crc16(BytesView bytes) {
    unsigned crc = 0xffff;
    for (const std::byte byte : bytes)
        crc = crc >> 8 ^ crc_table[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
    return static_cast<uint16_t>(crc);
}

uint8_t lrc8(BytesView bytes) {
    unsigned sum = 0;
    for (const std::byte byte : bytes)
        sum += static_cast<uint8_t>(byte);
    return static_cast<uint8_t>(-sum);
}

void append_frame(Framing framing, uint16_t transaction, uint8_t unit, BytesView pdu,
                  std::string& out) {
    HW_ASSERT(!pdu.empty() && pdu.size() <= pdu_bytes_limit);
    ByteWriter writer(out);
    const size_t begin = out.size();
    switch (framing) {
        case Framing::tcp:
            writer.big(transaction);
            writer.big(uint16_t{0});
            writer.big(static_cast<uint16_t>(pdu.size() + 1));
            writer.u8(unit);
            writer.bytes(pdu);
            return;
        case Framing::rtu:
            writer.u8(unit);
            writer.bytes(pdu);
            writer.little(crc16(as_bytes(out).subspan(begin)));
            return;
        case Framing::ascii: {
            const auto sum = static_cast<uint8_t>(lrc8(pdu) - unit);
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto put = [&](uint8_t byte) {
                out.push_back(digits[byte >> 4]);
                out.push_back(digits[byte & 15]);
            };
            out.push_back(':');
            put(unit);
            for (const std::byte byte : pdu)
                put(static_cast<uint8_t>(byte));
            put(sum);
            out += "\r\n";
            return;
        }
    }
}

void FrameReader::give(BytesView bytes) {
    buffer_.erase(0, used_);
    used_ = 0;
    buffer_.append(as_text(bytes));
}

Result<std::optional<Frame>> FrameReader::next() {
    if (framing_ == Framing::tcp) return next_tcp();
    auto frame = framing_ == Framing::rtu ? next_rtu() : next_ascii();
    if (!frame && buffered_bytes() > kept_bytes_limit) drop(buffered_bytes() - kept_bytes_limit);
    return frame;
}

void FrameReader::expect(uint8_t unit, uint8_t function) {
    expecting_ = true;
    expected_unit_ = unit;
    expected_function_ = function;
}

void FrameReader::clear() {
    drop(buffered_bytes());
    buffer_.clear();
    used_ = 0;
    expecting_ = false;
}

Result<std::optional<Frame>> FrameReader::next_tcp() {
    const auto bytes = rest();
    if (bytes.size() < 6) return std::optional<Frame>();
    ByteReader reader(bytes);
    Frame frame;
    frame.transaction = reader.big<uint16_t>();
    const auto protocol = reader.big<uint16_t>();
    const size_t length = reader.big<uint16_t>();
    if (protocol != 0)
        return fail(ErrorCode::corrupt,
                    fmt::format("the peer sends protocol {} in the MBAP header instead of 0; it "
                                "does not speak Modbus TCP (RTU over TCP?)",
                                protocol));
    if (length < 2 || length > pdu_bytes_limit + 1)
        return fail(ErrorCode::corrupt, fmt::format("the peer sends a length of {} in the MBAP "
                                                    "header; legal are 2 to {}",
                                                    length, pdu_bytes_limit + 1));
    if (bytes.size() < 6 + length) return std::optional<Frame>();
    frame.unit = reader.u8();
    frame.pdu = bytes.subspan(mbap_bytes, length - 1);
    used_ += 6 + length;
    return frame;
}

std::optional<size_t> FrameReader::rtu_size(BytesView bytes) const {
    if (expecting_ && u8(bytes, 0) != expected_unit_) return 0;
    if (bytes.size() < 2) return std::nullopt;
    const uint8_t function = u8(bytes, 1);
    if (expecting_ && (function & ~exception_bit) != expected_function_) return 0;
    const auto size = side_ == Side::client ? rtu_response_size(bytes, function)
                                            : rtu_request_size(bytes, function);
    return size && *size > rtu_bytes_limit ? 0 : size;
}

std::optional<Frame> FrameReader::next_rtu() {
    const auto bytes = rest();
    // A position that still waits for bytes may be noise that looks like a frame's begin, so that
    // later ones are tried as well. Nothing before the first that waits can become a frame.
    std::optional<size_t> waits;
    for (size_t at = 0; at < bytes.size(); ++at) {
        const auto here = bytes.subspan(at);
        const auto size = rtu_size(here);
        if (!size || *size > here.size()) {
            if (!waits) waits = at;
            continue;
        }
        if (*size == 0 || !crc_fits(here.first(*size))) continue;
        dropped_ += at;
        used_ += at + *size;
        return rtu_frame(here.first(*size));
    }
    // A server keeps what it does not know the length of for silence().
    if (side_ == Side::client || buffered_bytes() > rtu_bytes_limit)
        drop(waits.value_or(bytes.size()));
    return std::nullopt;
}

std::optional<Frame> FrameReader::silence() {
    if (framing_ != Framing::rtu || buffered_bytes() == 0) return std::nullopt;
    const auto bytes = rest();
    if (bytes.size() >= 4 && bytes.size() <= rtu_bytes_limit && crc_fits(bytes)) {
        used_ += bytes.size();
        return rtu_frame(bytes);
    }
    drop(bytes.size());
    return std::nullopt;
}

std::optional<Frame> FrameReader::next_ascii() {
    for (;;) {
        const auto text = as_text(rest());
        const size_t begin = text.find(':');
        if (begin == std::string_view::npos) {
            drop(text.size());
            return std::nullopt;
        }
        drop(begin);
        const auto line = text.substr(begin);
        const size_t end = line.find_first_of(":\n", 1);
        if (end == std::string_view::npos) {
            if (line.size() <= ascii_bytes_limit) return std::nullopt;
            drop(line.size());
            return std::nullopt;
        }
        if (line[end] == ':') {
            drop(end);
            continue;
        }
        auto frame = ascii_line(line.substr(1, end - 1));
        used_ += end + 1;
        if (frame) return frame;
        dropped_ += end + 1;
    }
}

std::optional<Frame> FrameReader::ascii_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() % 2 != 0 || line.size() < 6 || line.size() > ascii_bytes_limit)
        return std::nullopt;
    decoded_.clear();
    for (size_t i = 0; i < line.size(); i += 2) {
        const int high = hex_digit(line[i]);
        const int low = hex_digit(line[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded_.push_back(static_cast<char>(high << 4 | low));
    }
    const auto bytes = as_bytes(decoded_);
    // The sum over all, the LRC included, is zero.
    if (lrc8(bytes) != 0 || bytes.size() - 2 > pdu_bytes_limit) return std::nullopt;
    return Frame{.transaction = 0, .unit = u8(bytes, 0), .pdu = bytes.subspan(1, bytes.size() - 2)};
}

}  // namespace hw::modbus
