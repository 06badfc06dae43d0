#include "wire/s7/server_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "wire/s7/item_codec.h"

namespace hw::s7 {

namespace {

std::unexpected<Error> broken(std::string text) {
    return fail(ErrorCode::corrupt, std::move(text));
}

// The answer's header, which is a job's with two bytes of error behind.
void append_answer_header(std::string& out, PduKind kind, uint16_t reference,
                          size_t parameter_bytes, size_t data_bytes, uint16_t error) {
    append_header(out, kind, reference, parameter_bytes, data_bytes);
    ByteWriter(out).big(error);
}

Result<ItemAddress> read_item_address(ByteReader& in) {
    const uint8_t specification = in.u8();
    ByteReader item(in.bytes(in.u8()));
    if (in.failed() || specification != 0x12)
        return broken("an item's address is cut short or of an unknown form");
    ItemAddress address;
    const uint8_t syntax = item.u8();
    const auto size = static_cast<ItemSize>(item.u8());
    const uint16_t count = item.big<uint16_t>();
    address.db = item.big<uint16_t>();
    address.area = static_cast<Area>(item.u8());
    const uint32_t place = static_cast<uint32_t>(item.u8()) << 16 | item.big<uint16_t>();
    if (item.failed() || syntax != 0x10) return ItemAddress{};
    address.size = size;
    address.count = count;
    address.start = is_numbered(address.area) ? place : place / 8;
    address.bit = static_cast<uint8_t>(is_numbered(address.area) ? 0 : place % 8);
    return address;
}

Result<void> read_item_data(ByteReader& in, ServerJob& job) {
    for (size_t i = 0; i < job.items.size(); ++i) {
        in.u8();
        const auto size = static_cast<DataSize>(in.u8());
        size_t length = in.big<uint16_t>();
        if (size == DataSize::bit || size == DataSize::byte || size == DataSize::integer)
            length = (length + 7) / 8;
        job.data.push_back(in.bytes(length));
        if (length % 2 != 0 && !in.at_end()) in.u8();
        if (in.failed()) return broken("the data of a write is cut short");
    }
    return {};
}

}  // namespace

Result<ServerJob> parse_job(const Pdu& pdu) {
    if (pdu.kind != PduKind::job) return broken("a client sends jobs; this is none");
    ServerJob job;
    job.reference = pdu.reference;
    ByteReader in(pdu.parameters);
    job.function = in.u8();
    if (in.failed()) return broken("a job without a function");
    if (job.function == static_cast<uint8_t>(Function::setup)) {
        job.setup = HW_TRY(parse_setup(pdu.parameters));
        return job;
    }
    const bool is_write = job.function == static_cast<uint8_t>(Function::write);
    if (!is_write && job.function != static_cast<uint8_t>(Function::read)) return job;
    const size_t count = in.u8();
    for (size_t i = 0; i < count; ++i)
        job.items.push_back(HW_TRY(read_item_address(in)));
    if (in.failed()) return broken("a job ends within its items");
    if (is_write) {
        ByteReader data(pdu.data);
        HW_TRY(read_item_data(data, job));
    }
    return job;
}

void append_setup_answer(std::string& out, uint16_t reference, const Negotiation& agreed) {
    append_answer_header(out, PduKind::ack_data, reference, 8, 0, 0);
    append_setup_parameters(out, agreed);
}

void append_read_answer(std::string& out, uint16_t reference, std::span<const ItemAnswer> items) {
    std::string data;
    for (size_t i = 0; i < items.size(); ++i) {
        const bool good = items[i].code == static_cast<uint8_t>(ReturnCode::success);
        append_item_data(data, items[i].code, good ? items[i].size : DataSize::none,
                         good ? items[i].data : BytesView(), i + 1 < items.size());
    }
    append_answer_header(out, PduKind::ack_data, reference, 2, data.size(), 0);
    ByteWriter to(out);
    to.u8(static_cast<uint8_t>(Function::read));
    to.u8(static_cast<uint8_t>(items.size()));
    to.text(data);
}

void append_write_answer(std::string& out, uint16_t reference, std::span<const uint8_t> codes) {
    append_answer_header(out, PduKind::ack_data, reference, 2, codes.size(), 0);
    ByteWriter to(out);
    to.u8(static_cast<uint8_t>(Function::write));
    to.u8(static_cast<uint8_t>(codes.size()));
    for (const uint8_t code : codes)
        to.u8(code);
}

void append_refusal(std::string& out, uint16_t reference, uint8_t error_class, uint8_t error_code) {
    append_answer_header(out, PduKind::ack, reference, 0, 0,
                         static_cast<uint16_t>(error_class << 8 | error_code));
}

DataSize answer_size_of(ItemSize size) {
    return data_size_of(size);
}

ServerConnection::ServerConnection(const ServerSettings& settings, ServerMemory& memory)
    : settings_(settings), memory_(memory), reader_(pdu_size_most) {
    HW_ASSERT(settings.pdu_size >= pdu_size_least && settings.pdu_size <= pdu_size_most);
    HW_ASSERT(settings.parallel_jobs > 0);
}

Result<void> ServerConnection::feed(BytesView bytes, std::string& out) {
    reader_.feed(bytes);
    while (true) {
        const std::optional<Tpdu> tpdu = HW_TRY(reader_.next());
        if (!tpdu) return {};
        switch (tpdu->type) {
            case TpduType::connect_request:
                HW_TRY(take_connect(tpdu->connect, out));
                break;
            case TpduType::data:
                HW_TRY(take_message(tpdu->message, out));
                break;
            case TpduType::disconnect_request:
                return fail(ErrorCode::cancelled, "the client ended the connection");
            default:
                return broken("a TPDU that no client sends");
        }
    }
}

Result<void> ServerConnection::take_connect(const Connect& connect, std::string& out) {
    if (connected_) return broken("a connect request within the connection");
    connected_ = true;
    tpdu_size_ = std::min(connect.tpdu_size.value_or(tpdu_size_wanted), tpdu_size_wanted);
    called_tsap_ = connect.called_tsap.value_or(0);
    append_connect(out, TpduType::connect_confirm,
                   {.destination = connect.source,
                    .source = 1,
                    .option = 0,
                    .tpdu_size = tpdu_size_,
                    .calling_tsap = connect.calling_tsap,
                    .called_tsap = connect.called_tsap});
    return {};
}

Result<void> ServerConnection::take_message(BytesView message, std::string& out) {
    if (!connected_) return broken("data before the connect request");
    const Pdu pdu = HW_TRY(parse_pdu(message));
    std::string answer;
    if (pdu.kind == PduKind::userdata) {
        append_refusal(answer, pdu.reference, 0x81, 0x04);
        append_message(out, answer, tpdu_size_);
        return {};
    }
    const ServerJob job = HW_TRY(parse_job(pdu));
    ++jobs_;
    if (job.function == static_cast<uint8_t>(Function::setup)) {
        Negotiation agreed;
        pdu_size_ = std::clamp(job.setup.pdu_size, pdu_size_least, settings_.pdu_size);
        agreed.pdu_size = pdu_size_;
        agreed.jobs_calling =
            std::clamp<uint16_t>(job.setup.jobs_calling, 1, settings_.parallel_jobs);
        agreed.jobs_called =
            std::clamp<uint16_t>(job.setup.jobs_called, 1, settings_.parallel_jobs);
        append_setup_answer(answer, job.reference, agreed);
    } else if (message.size() > pdu_size_) {
        append_refusal(answer, job.reference, 0x85, 0x00);
    } else if (job.items.empty() || job.items.size() > items_limit) {
        append_refusal(answer, job.reference, 0x81, 0x04);
    } else if (job.function == static_cast<uint8_t>(Function::read)) {
        answer_read(job, answer);
    } else {
        answer_write(job, answer);
    }
    append_message(out, answer, tpdu_size_);
    return {};
}

void ServerConnection::answer_read(const ServerJob& job, std::string& answer) {
    std::vector<std::string> bytes(job.items.size());
    std::vector<ItemAnswer> items(job.items.size());
    size_t total = answer_header_bytes + 2;
    for (size_t i = 0; i < items.size(); ++i) {
        const ItemAddress& address = job.items[i];
        ReturnCode code = ReturnCode::type_not_supported;
        const size_t wanted = size_t{bytes_of(address.size)} * address.count;
        total += item_data_header_bytes + wanted + wanted % 2;
        if (total > size_t{pdu_size_} + 1) {
            answer.clear();
            return append_refusal(answer, job.reference, 0x85, 0x00);
        }
        if (wanted > 0) code = memory_.read(address, bytes[i]);
        HW_ASSERT(code != ReturnCode::success || bytes[i].size() == wanted);
        items[i] = {static_cast<uint8_t>(code), answer_size_of(address.size), as_bytes(bytes[i])};
    }
    append_read_answer(answer, job.reference, items);
}

void ServerConnection::answer_write(const ServerJob& job, std::string& answer) {
    std::vector<uint8_t> codes;
    for (size_t i = 0; i < job.items.size(); ++i) {
        const ItemAddress& address = job.items[i];
        const size_t wanted = size_t{bytes_of(address.size)} * address.count;
        ReturnCode code = ReturnCode::type_not_supported;
        if (wanted > 0 && wanted != job.data[i].size())
            code = ReturnCode::type_inconsistent;
        else if (wanted > 0)
            code = memory_.write(address, job.data[i]);
        codes.push_back(static_cast<uint8_t>(code));
    }
    append_write_answer(answer, job.reference, codes);
}

}  // namespace hw::s7
