#include "gateway/modbus/adapter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace hw::gateway::modbus {

namespace {

constexpr Duration report_interval = seconds(1);

wire::Token poll_token(GroupIndex group, uint32_t read) {
    return wire::Token(uint64_t{group.value()} << 32 | read);
}

model::Quality quality_of(const wire::Answer& answer) {
    using enum wire::Outcome;
    switch (answer.outcome) {
        case timed_out:
        case unit_down:
            return model::Quality::bad_timeout;
        case malformed:
            return model::Quality::bad_communication;
        case closed:
            return model::Quality::bad_not_connected;
        default:
            break;
    }
    switch (answer.exception) {
        case wire::ExceptionCode::illegal_function:
        case wire::ExceptionCode::illegal_data_address:
        case wire::ExceptionCode::illegal_data_value:
            return model::Quality::bad_configuration;
        case wire::ExceptionCode::server_device_failure:
        case wire::ExceptionCode::memory_parity_error:
            return model::Quality::bad_device_failure;
        default:
            return model::Quality::bad_communication;
    }
}

// The device does not have (all of) these addresses, or not so many at once.
bool is_refusal(const wire::Answer& answer) {
    return answer.outcome == wire::Outcome::exception &&
           (answer.exception == wire::ExceptionCode::illegal_data_address ||
            answer.exception == wire::ExceptionCode::illegal_data_value);
}

}  // namespace

Error Adapter::error_of(const wire::Answer& answer) {
    using enum wire::Outcome;
    switch (answer.outcome) {
        case timed_out:
            return Error(ErrorCode::timed_out, answer.why);
        case malformed:
            return Error(ErrorCode::corrupt, answer.why);
        case exception:
            return Error(ErrorCode::io_failed, answer.why);
        default:
            return Error(ErrorCode::unavailable, answer.why);
    }
}

Adapter::Adapter(const AdapterOptions& options, DriverHost& host)
    : options_(options), host_(host), client_(options.client) {}

void Adapter::configure(std::span<const DriverGroup> groups) {
    groups_.clear();
    groups_.resize(groups.size());
    std::bitset<256> units;
    for (size_t g = 0; g < groups.size(); ++g) {
        auto& group = groups_[g];
        std::vector<wire::PlanItem> items;
        for (const auto& tag : groups[g].tags) {
            auto address = parse_tag_address(tag.address, tag.type);
            HW_ASSERT(address.has_value());  // check() took it
            units.set(address->unit);
            if (!tag.access.read) continue;
            apply(options_.orders, *address);
            items.push_back({.unit = address->unit,
                             .area = address->area,
                             .offset = address->offset,
                             .count = address->count(),
                             .id = static_cast<uint32_t>(group.tags.size())});
            group.tags.push_back({tag.index, address->field});
        }
        group.plan = wire::make_plan(std::move(items), options_.limits);
        for (const auto& block : group.plan.blocks)
            group.reads.push_back(
                {.block = block, .origin = static_cast<uint32_t>(group.reads.size()), .why = {}});
    }
    client_.drop_polls(units);
}

void Adapter::connected(ConnectionId connection, std::string_view) {
    if (connection_) client_.lost(*this);
    connection_ = connection;
    closing_.reset();
    heard_ = now();
    client_.connected(now());
    run();
}

void Adapter::received(ConnectionId connection, BytesView bytes) {
    if (connection != connection_) return;
    inside_ = true;
    client_.feed(bytes, now(), *this);
    settle();
}

void Adapter::disconnected(ConnectionId connection, const Error&) {
    if (connection != connection_) return;
    connection_.reset();
    inside_ = true;
    client_.lost(*this);
    settle();
}

void Adapter::run() {
    if (inside_) return;
    inside_ = true;
    client_.run(now(), *this);
    settle();
}

// When the client's call is over: units that turned are told, with the answer that turned them
// counted, and the link that the client gave up is closed.
void Adapter::settle() {
    for (const uint8_t unit : turned_) {
        auto& state = unit_state(unit);
        if (!state.report.up) fail_unit(unit, state.report.error);
        report(unit, state);
    }
    turned_.clear();
    if (closing_ && connection_) {
        const auto connection = *connection_;
        connection_.reset();
        client_.lost(*this);
        host_.close(connection, *closing_);
    }
    closing_.reset();
    inside_ = false;
}

// Between polls only: takes out what was split, puts together what answers again.
void Adapter::tidy(Group& group) {
    if (group.has_gone) std::erase_if(group.reads, [](const Read& read) { return read.gone; });
    group.has_gone = false;
    for (const uint32_t origin : group.restore) {
        std::erase_if(group.reads, [&](const Read& read) { return read.origin == origin; });
        group.reads.push_back({.block = group.plan.blocks[origin], .origin = origin, .why = {}});
    }
    group.restore.clear();
}

void Adapter::ask(GroupIndex index, uint32_t read) {
    auto& group = groups_[index.value()];
    const auto block = group.reads[read].block;
    const auto request = wire::read_request(block.area, block.offset, block.count);
    const auto queued =
        client_.submit(block.unit, request, wire::Urgency::poll, poll_token(index, read));
    if (queued)
        ++group.pending;
    else
        fail_tags(group, block, model::Quality::bad_configuration, queued.error());
}

void Adapter::poll(GroupIndex index) {
    HW_ASSERT(index.value() < groups_.size());
    auto& group = groups_[index.value()];
    HW_ASSERT(group.pending == 0);
    if (!connection_) return host_.polled(index);
    tidy(group);
    for (const auto& item : group.plan.too_wide)
        host_.failed(group.tags[item.id].index, model::Quality::bad_configuration,
                     Error(ErrorCode::limit_exceeded,
                           fmt::format("the tag takes {} registers, but max_registers is {}",
                                       item.count, options_.limits.registers)));
    bool retried = false;
    // A guard against polled() before all are asked.
    ++group.pending;
    inside_ = true;
    const size_t reads = group.reads.size();
    for (uint32_t i = 0; i < reads; ++i) {
        const auto& read = group.reads[i];
        if (read.bad && (retried || now() < read.retry_at)) {
            fail_tags(group, read.block, model::Quality::bad_configuration,
                      Error(ErrorCode::io_failed, read.why));
            continue;
        }
        retried = retried || read.bad;
        ask(index, i);
    }
    client_.run(now(), *this);
    if (--group.pending == 0) host_.polled(index);
    settle();
}

void Adapter::poll_answered(GroupIndex index, uint32_t at, const wire::Answer& answer) {
    auto& group = groups_[index.value()];
    HW_ASSERT(group.pending > 0 && at < group.reads.size());
    auto& read = group.reads[at];
    account(read.block.unit, answer);
    if (answer.outcome == wire::Outcome::answered) {
        if (read.bad) {
            read.bad = false;
            group.restore.push_back(read.origin);
        }
        deliver(group, read.block, answer.data);
    } else if (is_refusal(answer)) {
        if (!split_read(index, at)) {
            read.bad = true;
            read.retry_at = now() + options_.bad_address_retry;
            read.why = answer.why;
            fail_tags(group, read.block, quality_of(answer), error_of(answer));
        }
    } else if (answer.outcome != wire::Outcome::closed) {
        fail_tags(group, read.block, quality_of(answer), error_of(answer));
    }
    if (--group.pending == 0) host_.polled(index);
}

bool Adapter::split_read(GroupIndex index, uint32_t at) {
    auto& group = groups_[index.value()];
    const auto parts = wire::split(group.plan, group.reads[at].block);
    if (parts.empty()) return false;
    const uint32_t origin = group.reads[at].origin;
    group.reads[at].gone = true;
    group.has_gone = true;
    for (const auto& part : parts) {
        group.reads.push_back({.block = part, .origin = origin, .why = {}});
        ask(index, static_cast<uint32_t>(group.reads.size() - 1));
    }
    return true;
}

void Adapter::deliver(const Group& group, const wire::Block& block, BytesView data) {
    const bool bits = wire::is_bits(block.area);
    for (uint32_t i = block.first; i < block.last; ++i) {
        const auto& item = group.plan.items[i];
        const auto& tag = group.tags[item.id];
        const size_t at = size_t{item.offset} - block.offset;
        if (bits)
            host_.value(tag.index, wire::packed_bit(data, at));
        else
            host_.value(tag.index,
                        to_model(tag.field, wire::decode(tag.field, data.subspan(2 * at))));
    }
}

void Adapter::fail_unit(uint8_t unit, const std::string& why) {
    const Error error(ErrorCode::timed_out, fmt::format("unit {}: {}", unit, why));
    for (const auto& group : groups_)
        for (const auto& read : group.reads)
            if (read.block.unit == unit && !read.gone && !read.bad)
                fail_tags(group, read.block, model::Quality::bad_timeout, error);
}

void Adapter::fail_tags(const Group& group, const wire::Block& block, model::Quality quality,
                        const Error& why) {
    for (uint32_t i = block.first; i < block.last; ++i)
        host_.failed(group.tags[group.plan.items[i].id].index, quality, why);
}

void Adapter::on_send(std::string bytes) {
    if (connection_) host_.send(*connection_, std::move(bytes));
}

void Adapter::on_close(const Error& why) {
    closing_ = why;
}

void Adapter::on_answer(wire::Token token, const wire::Answer& answer) {
    const uint64_t number = token.value();
    if ((number & order_bit) == 0)
        return poll_answered(GroupIndex(static_cast<uint32_t>(number >> 32)),
                             static_cast<uint32_t>(number), answer);
    const auto found = orders_.find(number);
    HW_ASSERT(found != orders_.end());
    const auto order = found->second;
    orders_.erase(found);
    account(order.address.unit, answer);
    order_answered(order, answer);
}

Adapter::UnitState& Adapter::unit_state(uint8_t unit) {
    auto& state = units_[unit];
    if (!state) state = std::make_unique<UnitState>();
    return *state;
}

void Adapter::account(uint8_t unit, const wire::Answer& answer) {
    if (answer.outcome == wire::Outcome::closed) return;
    auto& state = unit_state(unit);
    const bool heard = answer.outcome == wire::Outcome::answered ||
                       answer.outcome == wire::Outcome::exception ||
                       answer.outcome == wire::Outcome::malformed;
    if (heard) heard_ = now();
    if (answer.outcome == wire::Outcome::timed_out && options_.silence_limit.ns > 0 &&
        now() - heard_ >= options_.silence_limit && !closing_)
        closing_ =
            Error(ErrorCode::timed_out, fmt::format("no unit has answered for {}; connecting anew",
                                                    format_duration(options_.silence_limit)));
    if (heard) {
        ++state.report.exchanges;
        state.report.round_trip = answer.round_trip;
    }
    if (answer.outcome != wire::Outcome::answered) {
        ++state.report.errors;
        state.report.error = answer.why;
    }
    if (state.told && now() - state.last_report >= report_interval) report(unit, state);
}

void Adapter::on_unit(uint8_t unit, bool up, std::string_view why) {
    auto& state = unit_state(unit);
    state.report.up = up;
    if (!why.empty()) state.report.error = why;
    state.told = true;
    state.last_report = now();
    turned_.push_back(unit);
}

void Adapter::report(uint8_t unit, UnitState& state) {
    host_.unit(fmt::format("{}", unit), state.report);
    state.report.exchanges = 0;
    state.report.errors = 0;
    state.report.error.clear();
    state.last_report = now();
}

std::optional<Time> Adapter::deadline() const {
    return connection_ ? client_.deadline() : std::nullopt;
}

void Adapter::tick() {
    inside_ = true;
    client_.tick(now(), *this);
    settle();
}

}  // namespace hw::gateway::modbus
