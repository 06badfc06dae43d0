// Writes and single reads of the adapter; polls are in adapter.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "gateway/modbus/adapter.h"

namespace hw::gateway::modbus {

namespace {

constexpr size_t held_limit = 1'000;

// The bit of the register as it is sent.
unsigned sent_bit(const wire::Field& field) {
    const auto bit = static_cast<unsigned>(field.bit);
    return wire::swaps_bytes(field.order) ? bit ^ 8 : bit;
}

std::unexpected<Error> not_connected() {
    return fail(ErrorCode::unavailable, "the device is not connected");
}

}  // namespace

void Adapter::write(RequestId request, const DriverTag& tag, const model::Value& value) {
    auto address = parse_tag_address(tag.address, tag.type);
    if (!address) return host_.answered(request, fail(std::move(address).error()));
    apply(options_.orders, *address);
    start_write(request, *address, to_wire(value));
    run();
}

void Adapter::read(RequestId request, const DriverTag& tag) {
    auto address = parse_tag_address(tag.address, tag.type);
    if (!address) return host_.answered(request, fail(std::move(address).error()));
    if (!connection_) return host_.answered(request, not_connected());
    apply(options_.orders, *address);
    place({.id = request, .step = Order::Step::read, .address = *address},
          wire::read_request(address->area, address->offset, address->count()),
          wire::Urgency::read);
    run();
}

void Adapter::hold(RequestId id, const wire::Address& address, wire::Value value) {
    if (held_.size() >= held_limit)
        return host_.answered(
            id, fail(ErrorCode::limit_exceeded,
                     fmt::format("{} writes wait for a register to be rewritten already; try again "
                                 "when they are done",
                                 held_.size())));
    held_.push_back({id, address, std::move(value)});
}

void Adapter::start_write(RequestId id, const wire::Address& address, const wire::Value& value) {
    if (!connection_) return host_.answered(id, not_connected());
    if (rewriting_[address.unit]) return hold(id, address, value);
    Order order{.id = id, .step = Order::Step::write, .address = address};
    const auto refuse = [&](Error why) { host_.answered(id, fail(std::move(why))); };
    if (!wire::is_writable(address.area))
        return refuse(Error(ErrorCode::invalid_argument,
                            fmt::format("{} is of the {}s, which are read only",
                                        wire::to_string(address), wire::to_string(address.area))));
    const bool coil = wire::is_bits(address.area);
    if (coil || address.field.bit >= 0) {
        auto on = wire::encode_bit(value);
        if (!on) return refuse(std::move(on).error());
        order.bit = *on;
        return coil ? write_coil(order, *on) : write_bit_of_register(order);
    }
    if (address.count() > wire::write_registers_limit)
        return refuse(Error(ErrorCode::limit_exceeded,
                            fmt::format("the tag takes {} registers; one write carries at most {}",
                                        address.count(), wire::write_registers_limit)));
    auto registers = wire::encode(address.field, value);
    if (!registers) return refuse(std::move(registers).error());
    write_registers(order, as_bytes(*registers));
}

void Adapter::write_coil(const Order& order, bool on) {
    wire::Request request;
    request.address = order.address.offset;
    request.count = 1;
    const std::byte bits{static_cast<uint8_t>(on)};
    if (options_.always_multiple) {
        request.function = wire::Function::write_multiple_coils;
        request.data = {&bits, 1};
    } else {
        request.function = wire::Function::write_single_coil;
        request.value = on ? 0xff00 : 0;
    }
    place(order, request, wire::Urgency::write);
}

void Adapter::write_registers(const Order& order, BytesView registers) {
    wire::Request request;
    request.address = order.address.offset;
    request.count = static_cast<uint16_t>(registers.size() / 2);
    if (request.count == 1 && !options_.always_multiple) {
        request.function = wire::Function::write_single_register;
        request.value = ByteReader(registers).big<uint16_t>();
    } else {
        request.function = wire::Function::write_multiple_registers;
        request.data = registers;
    }
    place(order, request, wire::Urgency::write);
}

void Adapter::write_bit_of_register(const Order& given) {
    Order order = given;
    const uint8_t unit = order.address.unit;
    const auto mask = static_cast<uint16_t>(1U << sent_bit(order.address.field));
    if (options_.mask_write && !unit_state(unit).no_mask_write) {
        wire::Request request;
        request.function = wire::Function::mask_write_register;
        request.address = order.address.offset;
        request.count = 1;
        request.and_mask = static_cast<uint16_t>(~mask);
        request.or_mask = order.bit ? mask : uint16_t{0};
        order.step = Order::Step::mask_write;
        return place(order, request, wire::Urgency::write);
    }
    if (rewriting_[unit]) return hold(order.id, order.address, order.bit);
    order.step = Order::Step::read_before_write;
    order.rewrites = true;
    rewriting_.set(unit);
    place(order, wire::read_request(order.address.area, order.address.offset, 1),
          wire::Urgency::write);
}

void Adapter::bit_read(const Order& read, BytesView data) {
    Order order = read;
    order.step = Order::Step::write;
    const auto mask = static_cast<uint16_t>(1U << sent_bit(order.address.field));
    const auto old = ByteReader(data).big<uint16_t>();
    const auto changed = static_cast<uint16_t>(order.bit ? old | mask : old & ~mask);
    std::string registers;
    ByteWriter(registers).big(changed);
    write_registers(order, as_bytes(registers));
}

void Adapter::place(const Order& order, const wire::Request& request, wire::Urgency urgency) {
    const uint64_t number = order_bit | ++last_order_;
    auto queued = client_.submit(order.address.unit, request, urgency, wire::Token(number));
    if (!queued) return finish(order, fail(std::move(queued).error()));
    orders_.emplace(number, order);
}

void Adapter::order_answered(const Order& order, const wire::Answer& answer) {
    if (answer.outcome != wire::Outcome::answered) {
        if (order.step == Order::Step::mask_write && answer.outcome == wire::Outcome::exception &&
            answer.exception == wire::ExceptionCode::illegal_function && connection_) {
            unit_state(order.address.unit).no_mask_write = true;
            return write_bit_of_register(order);
        }
        return finish(order, fail(error_of(answer)));
    }
    switch (order.step) {
        case Order::Step::read: {
            const auto& field = order.address.field;
            if (wire::is_bits(order.address.area))
                return finish(order, model::Value(wire::packed_bit(answer.data, 0)));
            return finish(order, to_model(field, wire::decode(field, answer.data)));
        }
        case Order::Step::read_before_write:
            return bit_read(order, answer.data);
        case Order::Step::write:
        case Order::Step::mask_write:
            return finish(order, model::Value(true));
    }
    HW_UNREACHABLE();
}

void Adapter::finish(const Order& order, Result<model::Value> result) {
    host_.answered(order.id, std::move(result));
    if (!order.rewrites) return;
    rewriting_.reset(order.address.unit);
    release_held(order.address.unit);
}

void Adapter::release_held(uint8_t unit) {
    std::deque<Held> ready;
    std::deque<Held> rest;
    for (auto& held : held_)
        (held.address.unit == unit ? ready : rest).push_back(std::move(held));
    held_ = std::move(rest);
    for (const auto& held : ready)
        start_write(held.id, held.address, held.value);
}

}  // namespace hw::gateway::modbus
