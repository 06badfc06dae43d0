#include "wire/iec104/apci.h"

#include <fmt/format.h>

#include <string_view>

#include "base/assert.h"

namespace hw::iec104 {
namespace {

constexpr size_t apdu_bytes_least = control_bytes;

void write_header(size_t asdu_bytes, ByteWriter& out) {
    out.u8(start_byte);
    out.u8(static_cast<uint8_t>(control_bytes + asdu_bytes));
}

}  // namespace

std::string_view name_of(Function function) {
    switch (function) {
        case Function::start_activate:
            return "STARTDT act";
        case Function::start_confirm:
            return "STARTDT con";
        case Function::stop_activate:
            return "STOPDT act";
        case Function::stop_confirm:
            return "STOPDT con";
        case Function::test_activate:
            return "TESTFR act";
        case Function::test_confirm:
            return "TESTFR con";
    }
    return "unknown function";
}

Result<size_t> frame_bytes(BytesView bytes) {
    ByteReader in(bytes);
    if (bytes.empty()) return size_t{0};
    const uint8_t start = in.u8();
    if (start != start_byte)
        return fail(
            ErrorCode::corrupt,
            fmt::format("frame begins with {:02X}h, expected 68h (is this IEC 60870-5-104?)",
                        start));
    if (bytes.size() < header_bytes) return size_t{0};
    const size_t length = in.u8();
    if (length < apdu_bytes_least || length > apdu_bytes_limit)
        return fail(ErrorCode::corrupt, fmt::format("frame length is {}, expected {} to {}", length,
                                                    apdu_bytes_least, apdu_bytes_limit));
    return bytes.size() < header_bytes + length ? size_t{0} : header_bytes + length;
}

Result<Frame> parse_frame(BytesView bytes) {
    ByteReader in(bytes);
    in.bytes(header_bytes);
    const auto first = in.little<uint16_t>();
    const auto second = in.little<uint16_t>();
    Frame frame;
    if ((first & 1) == 0) {
        frame.kind = FrameKind::information;
        frame.send = static_cast<uint16_t>(first >> 1);
        frame.receive = static_cast<uint16_t>(second >> 1);
        frame.asdu = in.rest();
        if (in.failed() || frame.asdu.empty())
            return fail(ErrorCode::corrupt, "I frame without an ASDU");
        return frame;
    }
    if (in.failed() || !in.at_end())
        return fail(ErrorCode::corrupt,
                    fmt::format("S or U frame of {} bytes, expected 6", bytes.size()));
    if ((first & 2) == 0) {
        frame.kind = FrameKind::supervisory;
        frame.receive = static_cast<uint16_t>(second >> 1);
        return frame;
    }
    const auto function = static_cast<uint8_t>(first & 0xfc);
    // Exactly one of the six bits.
    if (function == 0 || (function & (function - 1)) != 0)
        return fail(
            ErrorCode::corrupt,
            fmt::format("U frame with function bits {:02X}h, expected exactly one", function));
    frame.function = static_cast<Function>(function);
    return frame;
}

void write_information(uint16_t send, uint16_t receive, std::string_view asdu, std::string& out) {
    HW_ASSERT(asdu.size() <= asdu_bytes_limit);
    ByteWriter writer(out);
    write_header(asdu.size(), writer);
    writer.little(static_cast<uint16_t>(send << 1));
    writer.little(static_cast<uint16_t>(receive << 1));
    writer.text(asdu);
}

void write_supervisory(uint16_t receive, std::string& out) {
    ByteWriter writer(out);
    write_header(0, writer);
    writer.little(uint16_t{1});
    writer.little(static_cast<uint16_t>(receive << 1));
}

void write_unnumbered(Function function, std::string& out) {
    ByteWriter writer(out);
    write_header(0, writer);
    writer.little(static_cast<uint16_t>(static_cast<uint8_t>(function) | 3));
    writer.little(uint16_t{0});
}

}  // namespace hw::iec104
