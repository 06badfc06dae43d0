#include "wire/s7/pdu.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "wire/s7/codes.h"
#include "wire/s7/item_codec.h"

namespace hw::s7 {

namespace {

constexpr uint8_t protocol_id = 0x32;
constexpr size_t reference_at = 4;

std::unexpected<Error> broken(std::string text) {
    return fail(ErrorCode::corrupt, std::move(text));
}

Result<void> check_function(const Pdu& pdu, Function function, size_t count) {
    ByteReader in(pdu.parameters);
    const uint8_t code = in.u8();
    const uint8_t items = in.u8();
    if (in.failed() || code != static_cast<uint8_t>(function))
        return broken(fmt::format("the answer is for function 0x{:02x}, asked was 0x{:02x}", code,
                                  static_cast<unsigned>(function)));
    if (items != count)
        return broken(fmt::format("the answer has {} items, asked were {}", items, count));
    return {};
}

}  // namespace

uint32_t bytes_of(ItemSize size) {
    switch (size) {
        case ItemSize::bit:
        case ItemSize::byte:
        case ItemSize::character:
            return 1;
        case ItemSize::word:
        case ItemSize::integer:
        case ItemSize::date:
        case ItemSize::s5time:
        case ItemSize::counter:
        case ItemSize::timer:
            return 2;
        case ItemSize::dword:
        case ItemSize::dint:
        case ItemSize::real:
        case ItemSize::time_of_day:
        case ItemSize::time:
            return 4;
        case ItemSize::date_and_time:
            return 8;
    }
    return 0;
}

void append_header(std::string& out, PduKind kind, uint16_t reference, size_t parameter_bytes,
                   size_t data_bytes) {
    HW_ASSERT(parameter_bytes <= 0xffff && data_bytes <= 0xffff);
    ByteWriter to(out);
    to.u8(protocol_id);
    to.u8(static_cast<uint8_t>(kind));
    to.big(uint16_t{0});
    to.big(reference);
    to.big(static_cast<uint16_t>(parameter_bytes));
    to.big(static_cast<uint16_t>(data_bytes));
}

void append_item_address(std::string& out, const ItemAddress& item) {
    ByteWriter to(out);
    to.u8(0x12);  // a variable's specification
    to.u8(10);    // bytes that follow
    to.u8(0x10);  // S7ANY
    to.u8(static_cast<uint8_t>(item.size));
    to.big(item.count);
    to.big(item.db);
    to.u8(static_cast<uint8_t>(item.area));
    const uint32_t place = is_numbered(item.area) ? item.start : item.start * 8 + item.bit;
    HW_ASSERT(place < 1u << 24);
    to.u8(static_cast<uint8_t>(place >> 16));
    to.big(static_cast<uint16_t>(place));
}

void append_item_data(std::string& out, uint8_t code, DataSize size, BytesView data, bool pad) {
    ByteWriter to(out);
    to.u8(code);
    to.u8(static_cast<uint8_t>(size));
    const bool in_bits = size == DataSize::byte || size == DataSize::integer;
    to.big(static_cast<uint16_t>(in_bits ? data.size() * 8 : data.size()));
    to.bytes(data);
    if (pad && data.size() % 2 != 0) to.u8(0);
}

DataSize data_size_of(ItemSize size) {
    switch (size) {
        case ItemSize::bit:
            return DataSize::bit;
        case ItemSize::character:
        case ItemSize::counter:
        case ItemSize::timer:
            return DataSize::octets;
        case ItemSize::real:
            return DataSize::real;
        case ItemSize::integer:
        case ItemSize::dint:
            return DataSize::integer;
        default:
            return DataSize::byte;
    }
}

void append_setup_request(std::string& out, const Negotiation& setup) {
    append_header(out, PduKind::job, 0, 8, 0);
    append_setup_parameters(out, setup);
}

void append_setup_parameters(std::string& out, const Negotiation& setup) {
    ByteWriter to(out);
    to.u8(static_cast<uint8_t>(Function::setup));
    to.u8(0);
    to.big(setup.jobs_calling);
    to.big(setup.jobs_called);
    to.big(setup.pdu_size);
}

void append_read_request(std::string& out, std::span<const ItemAddress> items) {
    HW_ASSERT(!items.empty() && items.size() <= 255);
    append_header(out, PduKind::job, 0, 2 + items.size() * item_address_bytes, 0);
    ByteWriter to(out);
    to.u8(static_cast<uint8_t>(Function::read));
    to.u8(static_cast<uint8_t>(items.size()));
    for (const ItemAddress& item : items)
        append_item_address(out, item);
}

void append_write_request(std::string& out, std::span<const WriteItem> items) {
    HW_ASSERT(!items.empty() && items.size() <= 255);
    size_t data_bytes = 0;
    for (size_t i = 0; i < items.size(); ++i) {
        const size_t size = items[i].data.size();
        data_bytes += item_data_header_bytes + size + (i + 1 < items.size() ? size % 2 : 0);
    }
    append_header(out, PduKind::job, 0, 2 + items.size() * item_address_bytes, data_bytes);
    ByteWriter to(out);
    to.u8(static_cast<uint8_t>(Function::write));
    to.u8(static_cast<uint8_t>(items.size()));
    for (const WriteItem& item : items)
        append_item_address(out, item.address);
    for (size_t i = 0; i < items.size(); ++i)
        append_item_data(out, 0, data_size_of(items[i].address.size), items[i].data,
                         i + 1 < items.size());
}

void set_reference(std::string& pdu, uint16_t reference) {
    HW_ASSERT(pdu.size() >= job_header_bytes);
    pdu[reference_at] = static_cast<char>(reference >> 8);
    pdu[reference_at + 1] = static_cast<char>(reference);
}

Result<Pdu> parse_pdu(BytesView bytes) {
    ByteReader in(bytes);
    Pdu pdu;
    const uint8_t id = in.u8();
    const uint8_t kind = in.u8();
    in.big<uint16_t>();
    pdu.reference = in.big<uint16_t>();
    const size_t parameter_bytes = in.big<uint16_t>();
    const size_t data_bytes = in.big<uint16_t>();
    if (id == 0x72)
        return broken(
            "the device speaks S7CommPlus (0x72), which this driver does not; permit "
            "PUT/GET access in the CPU");
    if (in.failed() || id != protocol_id)
        return broken(fmt::format("a message that begins with 0x{:02x} is no S7 PDU", id));
    if (kind != 1 && kind != 2 && kind != 3 && kind != 7)
        return broken(fmt::format("an S7 PDU of the unknown kind 0x{:02x}", kind));
    pdu.kind = static_cast<PduKind>(kind);
    if (pdu.kind == PduKind::ack || pdu.kind == PduKind::ack_data) {
        pdu.error_class = in.u8();
        pdu.error_code = in.u8();
    }
    pdu.parameters = in.bytes(parameter_bytes);
    pdu.data = in.bytes(data_bytes);
    if (in.failed() || !in.at_end())
        return broken(
            fmt::format("an S7 PDU of {} bytes says it has {} of parameters and {} of "
                        "data",
                        bytes.size(), parameter_bytes, data_bytes));
    return pdu;
}

Result<Negotiation> parse_setup(BytesView parameters) {
    ByteReader in(parameters);
    const uint8_t function = in.u8();
    in.u8();
    Negotiation setup;
    setup.jobs_calling = in.big<uint16_t>();
    setup.jobs_called = in.big<uint16_t>();
    setup.pdu_size = in.big<uint16_t>();
    if (in.failed() || function != static_cast<uint8_t>(Function::setup))
        return broken("the setup of the communication is cut short or of another function");
    return setup;
}

ItemAnswer ReadAnswer::next() {
    ItemAnswer item;
    item.code = in_.u8();
    item.size = static_cast<DataSize>(in_.u8());
    size_t length = in_.big<uint16_t>();
    // Failed items carry no data, whatever their length says (some servers say 4).
    if (item.code != static_cast<uint8_t>(ReturnCode::success)) return item;
    if (item.size == DataSize::bit || item.size == DataSize::byte || item.size == DataSize::integer)
        length = (length + 7) / 8;
    item.data = in_.bytes(length);
    if (length % 2 != 0 && !in_.at_end()) in_.u8();
    return item;
}

Result<void> check_read_answer(const Pdu& pdu, size_t count) {
    HW_TRY(check_function(pdu, Function::read, count));
    ReadAnswer items(pdu.data);
    for (size_t i = 0; i < count; ++i) {
        items.next();
        if (items.failed())
            return broken(
                fmt::format("the answer to a read ends within item {} of {}", i + 1, count));
    }
    return {};
}

Result<BytesView> parse_write_answer(const Pdu& pdu, size_t count) {
    HW_TRY(check_function(pdu, Function::write, count));
    if (pdu.data.size() != count)
        return broken(fmt::format("the answer to a write of {} items has {} return codes", count,
                                  pdu.data.size()));
    return pdu.data;
}

}  // namespace hw::s7
