#include "history/sealed_state.h"

#include <bit>

#include "base/assert.h"

namespace hw::history {

namespace {

constexpr uint8_t version = 1;

}  // namespace

void SealedState::set_last(const ColumnsView& rows, size_t row) {
    type = rows.type_at(row);
    quality = rows.quality_at(row);
    const bool is_text = type >= model::ValueType::text;
    value = is_text ? 0 : rows.values[row];
    text = is_text ? rows.text_at(row) : std::string_view();
}

std::string encode(const SealedState& state) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(version);
    writer.varint(state.lsn);
    writer.varint(state.count);
    writer.signed_varint(state.first_time_ns);
    writer.signed_varint(state.last_time_ns);
    writer.signed_varint(state.tail_first_time_ns);
    writer.varint(state.tail_count);
    writer.u8(static_cast<uint8_t>(state.type));
    writer.little(static_cast<uint16_t>(state.quality));
    writer.little(state.value);
    writer.text(state.text);
    return out;
}

Result<SealedState> decode_sealed_state(BytesView bytes) {
    ByteReader reader(bytes);
    SealedState state;
    const uint8_t read_version = reader.u8();
    state.lsn = reader.varint();
    state.count = reader.varint();
    state.first_time_ns = reader.signed_varint();
    state.last_time_ns = reader.signed_varint();
    state.tail_first_time_ns = reader.signed_varint();
    state.tail_count = static_cast<uint32_t>(reader.varint());
    const uint8_t type = reader.u8();
    state.quality = static_cast<model::Quality>(reader.little<uint16_t>());
    state.value = reader.little<uint64_t>();
    state.text = reader.text(reader.remaining());
    if (reader.failed() || read_version != version || type < 1 || type > 5)
        return fail(ErrorCode::corrupt, "the sealed state of a point is damaged");
    state.type = static_cast<model::ValueType>(type);
    return state;
}

model::Value make_value(model::ValueType type, uint64_t value, std::string_view text) {
    switch (type) {
        case model::ValueType::boolean:
            return value != 0;
        case model::ValueType::int64:
            return static_cast<int64_t>(value);
        case model::ValueType::float64:
            return std::bit_cast<double>(value);
        case model::ValueType::text:
            return std::string(text);
        case model::ValueType::bytes:
            return model::Bytes{std::string(text)};
    }
    HW_UNREACHABLE();
}

}  // namespace hw::history
