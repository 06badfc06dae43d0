#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/random.h"
#include "wire/s7/pdu.h"
#include "wire/s7/server_codec.h"
#include "wire/s7/transport.h"
#include "wire/s7/values.h"

// A stream is cut into TPDUs whole and in pieces, with the same outcome; each message is read as
// both sides would, and a job that is understood is the same when it is built again.
namespace hw::s7 {
namespace {

void read_message(BytesView message, std::string& told) {
    const Result<Pdu> pdu = parse_pdu(message);
    if (!pdu) {
        told += pdu.error().text();
        return;
    }
    HW_ASSERT(pdu->parameters.size() + pdu->data.size() <= message.size());
    for (const size_t count : {1u, 2u, 20u}) {
        if (check_read_answer(*pdu, count)) {
            ReadAnswer answer(pdu->data);
            for (size_t i = 0; i < count; ++i) {
                const ItemAnswer item = answer.next();
                HW_ASSERT(item.data.size() <= pdu->data.size());
                told += static_cast<char>(item.code);
            }
            HW_ASSERT(!answer.failed());
        }
        const auto codes = parse_write_answer(*pdu, count);
        HW_ASSERT(!codes || codes->size() == count);
    }
    const Result<ServerJob> job = parse_job(*pdu);
    if (!job) return;
    HW_ASSERT(job->items.size() <= 255 && job->data.size() <= job->items.size());
    if (job->function != static_cast<uint8_t>(Function::read) || job->items.empty()) return;
    std::string again;
    append_read_request(again, job->items);
    const ServerJob same = parse_job(parse_pdu(as_bytes(again)).value()).value();
    HW_ASSERT(same.items == job->items);
}

std::string read_stream(std::string_view bytes, Random* pieces) {
    TpduReader reader(480);
    std::string told;
    while (!bytes.empty()) {
        const size_t take = pieces != nullptr
                                ? std::min<size_t>(bytes.size(), 1 + pieces->below(40))
                                : bytes.size();
        const std::string piece(bytes.substr(0, take));
        bytes.remove_prefix(take);
        reader.feed(as_bytes(piece));
        while (true) {
            const auto tpdu = reader.next();
            if (!tpdu) return told + tpdu.error().text();
            if (!*tpdu) break;
            told += static_cast<char>((*tpdu)->type);
            HW_ASSERT((*tpdu)->message.size() <= 480);
            if ((*tpdu)->type == TpduType::data) read_message((*tpdu)->message, told);
        }
        HW_ASSERT(reader.held() <= 480 + 487);
    }
    return told;
}

void read_values(std::string_view bytes) {
    for (uint8_t type = 0; type <= static_cast<uint8_t>(DataType::date_and_time); ++type) {
        Address address{.type = static_cast<DataType>(type)};
        address.length = address.type == DataType::string || address.type == DataType::wstring ||
                                 address.type == DataType::chars
                             ? 9
                             : 0;
        if (bytes.size() < size_of(address)) continue;
        const auto value = decode(address, as_bytes(bytes.substr(0, size_of(address))));
        if (!value) continue;
        // WSTRINGs with lone surrogates come back longer in UTF-8 but not in UTF-16.
        const auto again = encode(address, *value);
        HW_ASSERT(again.has_value());
        HW_ASSERT(again->skip + again->bytes.size() <= size_of(address));
    }
}

}  // namespace
}  // namespace hw::s7

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::Random random(data[0]);
    const std::string whole = hw::s7::read_stream(bytes, nullptr);
    HW_ASSERT(hw::s7::read_stream(bytes, &random) == whole);
    hw::s7::read_values(bytes);
    return 0;
}
