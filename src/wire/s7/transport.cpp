#include "wire/s7/transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace hw::s7 {

namespace {

constexpr uint8_t tpkt_version = 3;
constexpr uint8_t end_of_message = 0x80;
constexpr uint8_t parameter_tpdu_size = 0xc0;
constexpr uint8_t parameter_calling = 0xc1;
constexpr uint8_t parameter_called = 0xc2;
constexpr size_t tpkt_least = 7;            // X.224's shortest TPDU has three bytes
constexpr size_t control_tpkt_limit = 262;  // header, length indicator, 254 bytes and some data

std::unexpected<Error> broken(std::string text) {
    return fail(ErrorCode::corrupt, std::move(text));
}

void append_tpkt(std::string& out, size_t tpdu_bytes) {
    ByteWriter to(out);
    to.u8(tpkt_version);
    to.u8(0);
    to.big(static_cast<uint16_t>(tpdu_bytes + tpkt_header_bytes));
}

std::optional<uint16_t> parse_hex(std::string_view text, size_t digits_limit) {
    uint16_t number = 0;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number, 16);
    if (text.empty() || text.size() > digits_limit || result.ec != std::errc() || result.ptr != end)
        return std::nullopt;
    return number;
}

// The parameters behind the fixed part of CR and CC: code, length, value.
Result<void> read_parameters(ByteReader& in, Connect& connect) {
    while (!in.at_end()) {
        const uint8_t code = in.u8();
        const BytesView value = in.bytes(in.u8());
        if (in.failed()) return broken("a connect TPDU ends within a parameter");
        ByteReader number(value);
        if (code == parameter_tpdu_size) {
            const uint8_t size = number.u8();
            if (value.size() != 1 || size < tpdu_size_least || size > tpdu_size_most)
                return broken(fmt::format("TPDU size 2^{} is not from 2^7 to 2^13", size));
            connect.tpdu_size = size;
        } else if (code == parameter_calling && value.size() == 2) {
            connect.calling_tsap = number.big<uint16_t>();
        } else if (code == parameter_called && value.size() == 2) {
            connect.called_tsap = number.big<uint16_t>();
        }
    }
    return {};
}

}  // namespace

Result<uint16_t> parse_tsap(std::string_view text) {
    const size_t point = text.find('.');
    std::optional<uint16_t> tsap;
    if (point != std::string_view::npos) {
        const auto high = parse_hex(text.substr(0, point), 2);
        const auto low = parse_hex(text.substr(point + 1), 2);
        if (high && low) tsap = static_cast<uint16_t>(*high << 8 | *low);
    } else {
        tsap =
            parse_hex(text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text, 4);
    }
    if (!tsap)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("TSAP '{}' is not two hexadecimal bytes; write for example 10.00", text));
    return *tsap;
}

std::string tsap_text(uint16_t tsap) {
    return fmt::format("{:02X}.{:02X}", tsap >> 8, tsap & 0xff);
}

void append_connect(std::string& out, TpduType type, const Connect& connect) {
    HW_ASSERT(type == TpduType::connect_request || type == TpduType::connect_confirm);
    std::string tpdu;
    ByteWriter to(tpdu);
    to.u8(static_cast<uint8_t>(type));
    to.big(connect.destination);
    to.big(connect.source);
    to.u8(connect.option);
    if (connect.tpdu_size) {
        to.u8(parameter_tpdu_size);
        to.u8(1);
        to.u8(*connect.tpdu_size);
    }
    const auto tsap = [&](uint8_t code, std::optional<uint16_t> value) {
        if (!value) return;
        to.u8(code);
        to.u8(2);
        to.big(*value);
    };
    tsap(parameter_calling, connect.calling_tsap);
    tsap(parameter_called, connect.called_tsap);
    append_tpkt(out, tpdu.size() + 1);
    out += static_cast<char>(tpdu.size());
    out += tpdu;
}

void append_disconnect(std::string& out, uint16_t destination, uint16_t source, uint8_t reason) {
    append_tpkt(out, 7);
    ByteWriter to(out);
    to.u8(6);
    to.u8(static_cast<uint8_t>(TpduType::disconnect_request));
    to.big(destination);
    to.big(source);
    to.u8(reason);
}

void append_message(std::string& out, std::string_view message, uint8_t tpdu_size) {
    HW_ASSERT(tpdu_size >= tpdu_size_least && tpdu_size <= tpdu_size_most);
    const size_t room = (size_t{1} << tpdu_size) - data_header_bytes;
    do {
        const std::string_view part = message.substr(0, room);
        message.remove_prefix(part.size());
        append_tpkt(out, data_header_bytes + part.size());
        ByteWriter to(out);
        to.u8(2);
        to.u8(static_cast<uint8_t>(TpduType::data));
        to.u8(message.empty() ? end_of_message : 0);
        to.text(part);
    } while (!message.empty());
}

std::string_view disconnect_reason_text(uint8_t reason) {
    switch (reason) {
        case 0:
            return "reason not specified";
        case 1:
            return "congestion at the TSAP: no connection is free";
        case 2:
            return "session entity not attached to the TSAP: check rack, slot or TSAPs";
        case 3:
            return "address unknown: check rack, slot or TSAPs";
        case 0x80:
            return "normal disconnect";
        case 0x81:
            return "remote transport entity congested: no connection is free";
        case 0x82:
            return "connection negotiation failed";
        case 0x83:
            return "duplicate source reference";
        case 0x84:
            return "mismatched references";
        case 0x85:
            return "protocol error";
        case 0x87:
            return "reference overflow";
        case 0x88:
            return "connection request refused";
        case 0x8a:
            return "header or parameter length invalid";
        default:
            return "unknown reason";
    }
}

std::string_view error_cause_text(uint8_t cause) {
    switch (cause) {
        case 0:
            return "cause not specified";
        case 1:
            return "invalid parameter code";
        case 2:
            return "invalid TPDU type";
        case 3:
            return "invalid parameter value";
        default:
            return "unknown cause";
    }
}

TpduReader::TpduReader(size_t message_limit) : message_limit_(message_limit) {
    HW_ASSERT(message_limit > 0);
}

void TpduReader::reset() {
    input_ = {};
    partial_.clear();
    message_.clear();
    partial_done_ = message_done_ = false;
}

Result<size_t> TpduReader::length_of(BytesView head) const {
    ByteReader in(head);
    const uint8_t version = in.u8();
    in.u8();
    const size_t length = in.big<uint16_t>();
    if (version != tpkt_version)
        return broken(
            fmt::format("the TPKT begins with 0x{:02x}, not 0x03; this is no S7 device "
                        "(ISO on TCP), or the stream is out of step",
                        version));
    const size_t most =
        std::max(message_limit_ + tpkt_header_bytes + data_header_bytes, control_tpkt_limit);
    if (length < tpkt_least || length > most)
        return broken(fmt::format("a TPKT of {} bytes; from {} to {} are possible", length,
                                  tpkt_least, most));
    return length;
}

// The next TPKT's content. Without a copy where it lies whole in the input.
Result<std::optional<BytesView>> TpduReader::next_tpkt() {
    if (partial_done_) {
        partial_.clear();
        partial_done_ = false;
    }
    const auto absorb = [&](size_t wanted) {
        if (partial_.size() >= wanted) return true;
        const size_t take = std::min(wanted - partial_.size(), input_.size());
        partial_ += as_text(input_.first(take));
        input_ = input_.subspan(take);
        return partial_.size() == wanted;
    };
    if (!partial_.empty()) {
        if (!absorb(tpkt_header_bytes)) return std::optional<BytesView>();
        const size_t length = HW_TRY(length_of(as_bytes(partial_)));
        if (!absorb(length)) return std::optional<BytesView>();
        partial_done_ = true;
        return std::optional(as_bytes(partial_).subspan(tpkt_header_bytes));
    }
    if (input_.size() >= tpkt_header_bytes) {
        const size_t length = HW_TRY(length_of(input_.first(tpkt_header_bytes)));
        if (input_.size() >= length) {
            const BytesView tpkt = input_.first(length);
            input_ = input_.subspan(length);
            return std::optional(tpkt.subspan(tpkt_header_bytes));
        }
    }
    partial_ = as_text(input_);
    input_ = {};
    return std::optional<BytesView>();
}

// nullopt: a fragment was kept, the message goes on.
Result<std::optional<Tpdu>> TpduReader::take_data(BytesView tpdu, size_t header) {
    if (header != data_header_bytes)
        return broken(fmt::format("a data TPDU with a header of {} bytes, not 3", header));
    const bool last = (static_cast<uint8_t>(tpdu[2]) & end_of_message) != 0;
    const BytesView data = tpdu.subspan(data_header_bytes);
    if (message_.size() + data.size() > message_limit_)
        return broken(fmt::format("a message of more than {} bytes in pieces", message_limit_));
    if (last && message_.empty()) {
        Tpdu whole;
        whole.message = data;
        return std::optional(whole);
    }
    if (data.empty() && !last) return broken("a data TPDU without data that is not the last");
    message_ += as_text(data);
    if (!last) return std::optional<Tpdu>();
    message_done_ = true;
    Tpdu whole;
    whole.message = as_bytes(message_);
    return std::optional(whole);
}

Result<std::optional<Tpdu>> TpduReader::next() {
    if (message_done_) {
        message_.clear();
        message_done_ = false;
    }
    while (true) {
        const std::optional<BytesView> tpkt = HW_TRY(next_tpkt());
        if (!tpkt) return std::optional<Tpdu>();
        ByteReader in(*tpkt);
        const size_t header = size_t{in.u8()} + 1;
        const uint8_t type = in.u8();
        if (header < 2 || header > tpkt->size())
            return broken(
                fmt::format("a TPDU of {} bytes with a header of {}", tpkt->size(), header));
        if (type == static_cast<uint8_t>(TpduType::data)) {
            std::optional<Tpdu> tpdu = HW_TRY(take_data(*tpkt, header));
            if (!tpdu) continue;
            return tpdu;
        }
        Tpdu tpdu;
        tpdu.type = static_cast<TpduType>(type & 0xf0);
        ByteReader rest(tpkt->subspan(2, header - 2));
        tpdu.connect.destination = rest.big<uint16_t>();
        switch (tpdu.type) {
            case TpduType::connect_request:
            case TpduType::connect_confirm:
                tpdu.connect.source = rest.big<uint16_t>();
                tpdu.connect.option = rest.u8();
                if (rest.failed()) return broken("a connect TPDU is cut short");
                HW_TRY(read_parameters(rest, tpdu.connect));
                return std::optional(tpdu);
            case TpduType::disconnect_request:
                tpdu.connect.source = rest.big<uint16_t>();
                tpdu.reason = rest.u8();
                if (rest.failed()) return broken("a disconnect TPDU is cut short");
                return std::optional(tpdu);
            case TpduType::error:
                tpdu.reason = rest.u8();
                if (rest.failed()) return broken("an error TPDU is cut short");
                return std::optional(tpdu);
            default:
                return broken(fmt::format("a TPDU of the unknown type 0x{:02x}", type));
        }
    }
}

}  // namespace hw::s7
