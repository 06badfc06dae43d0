#include "gateway/modbus/tag_address.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace hw::gateway::modbus {

std::optional<wire::ValueKind> kind_of(TagType type) {
    switch (type) {
        case TagType::boolean:
        case TagType::bit:
            return wire::ValueKind::bit;
        case TagType::int8:
            return wire::ValueKind::int8;
        case TagType::uint8:
            return wire::ValueKind::uint8;
        case TagType::int16:
            return wire::ValueKind::int16;
        case TagType::uint16:
        case TagType::word:
            return wire::ValueKind::uint16;
        case TagType::int32:
            return wire::ValueKind::int32;
        case TagType::uint32:
        case TagType::dword:
            return wire::ValueKind::uint32;
        case TagType::int64:
            return wire::ValueKind::int64;
        case TagType::uint64:
        case TagType::lword:
            return wire::ValueKind::uint64;
        case TagType::float32:
            return wire::ValueKind::float32;
        case TagType::float64:
            return wire::ValueKind::float64;
        case TagType::string:
            return wire::ValueKind::text;
        case TagType::bytes:
            return wire::ValueKind::bytes;
        case TagType::time:
        case TagType::date_and_time:
            return std::nullopt;
    }
    HW_UNREACHABLE();
}

Result<wire::Address> parse_tag_address(std::string_view address, TagType type) {
    const auto kind = kind_of(type);
    if (!kind)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("Modbus has no type {}; read it as int32, int64 or uint16 tags",
                                to_string(type)));
    return wire::parse_address(address, *kind);
}

void apply(const DefaultOrders& orders, wire::Address& address) {
    if (address.order_given || wire::is_bits(address.area)) return;
    auto& field = address.field;
    if (field.kind >= wire::ValueKind::text) return;
    const auto registers = wire::register_count(field);
    field.order = registers == 1   ? orders.order_16
                  : registers == 2 ? orders.order_32
                                   : orders.order_64;
}

wire::ByteOrder order_of(std::string_view text) {
    if (text == "L" || text == "LL") return wire::ByteOrder::ll;
    if (text == "LB") return wire::ByteOrder::lb;
    if (text == "BL") return wire::ByteOrder::bl;
    HW_ASSERT(text == "B" || text == "BB");
    return wire::ByteOrder::bb;
}

model::Value to_model(const wire::Field& field, wire::Value value) {
    switch (value.index()) {
        case 0:
            return *std::get_if<bool>(&value);
        case 1:
            return *std::get_if<int64_t>(&value);
        case 2:
            return *std::get_if<double>(&value);
        default:
            break;
    }
    auto& text = *std::get_if<std::string>(&value);
    if (field.kind == wire::ValueKind::bytes) return model::Bytes{std::move(text)};
    return std::move(text);
}

wire::Value to_wire(const model::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::get_if<model::Bytes>(&value)->data;
}

}  // namespace hw::gateway::modbus
