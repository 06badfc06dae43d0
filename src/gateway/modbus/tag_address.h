#pragma once

#include <optional>
#include <string_view>

#include "gateway/driver.h"
#include "model/value.h"
#include "wire/modbus/address.h"

namespace hw::gateway::modbus {

namespace wire = hw::modbus;

// The kind of value in registers for a tag's type; none for time and date_and_time, which Modbus
// has no agreed form of.
std::optional<wire::ValueKind> kind_of(TagType type);

// parse_address for a tag; the error of a type that has no kind names those that have.
Result<wire::Address> parse_tag_address(std::string_view address, TagType type);

// The byte orders of a device for addresses that name none.
struct DefaultOrders {
    wire::ByteOrder order_16 = wire::ByteOrder::ll;
    wire::ByteOrder order_32 = wire::ByteOrder::ll;
    wire::ByteOrder order_64 = wire::ByteOrder::ll;
};
void apply(const DefaultOrders& orders, wire::Address& address);

// "LL", "LB", "BL", "BB", "L", "B", as the settings' choices have them.
wire::ByteOrder order_of(std::string_view text);

model::Value to_model(const wire::Field& field, wire::Value value);
wire::Value to_wire(const model::Value& value);

}  // namespace hw::gateway::modbus
