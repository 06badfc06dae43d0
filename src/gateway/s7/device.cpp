#include "gateway/s7/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wire/s7/codes.h"
#include "wire/s7/pdu.h"
#include "wire/s7/values.h"

namespace hw::gateway::s7 {

namespace {

// A job's token: for groups generation (16 bits), group (15), request (32); for orders the top bit,
// then the order's number and 16 bits of request.
constexpr uint64_t order_bit = uint64_t{1} << 63;
constexpr unsigned order_request_bits = 16;
constexpr Duration report_interval = milliseconds(250);

hw::s7::JobToken group_token(uint16_t generation, GroupIndex group, size_t request) {
    return hw::s7::JobToken(static_cast<uint64_t>(generation) << 47 |
                            static_cast<uint64_t>(group.value()) << 32 |
                            static_cast<uint32_t>(request));
}
hw::s7::JobToken order_token(uint64_t number, size_t request) {
    return hw::s7::JobToken(order_bit | number << order_request_bits | request);
}

model::Value to_model(const hw::s7::Address& address, hw::s7::Value value) {
    if (const auto* b = std::get_if<bool>(&value)) return *b;
    if (const auto* i = std::get_if<int64_t>(&value)) return *i;
    if (const auto* d = std::get_if<double>(&value)) return *d;
    std::string& text = std::get<std::string>(value);
    if (address.type == hw::s7::DataType::chars) return model::Bytes{std::move(text)};
    return std::move(text);
}

hw::s7::Value to_wire(const model::Value& value) {
    if (const auto* b = std::get_if<bool>(&value)) return *b;
    if (const auto* i = std::get_if<int64_t>(&value)) return *i;
    if (const auto* d = std::get_if<double>(&value)) return *d;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::get<model::Bytes>(value).data;
}

Error no_timers() {
    return Error(ErrorCode::unsupported,
                 "timers and counters of an S7-200 or LOGO! cannot be read; copy them to variable "
                 "memory (V)");
}

}  // namespace

hw::s7::Kind kind_of(TagType type) {
    using hw::s7::Kind;
    switch (type) {
        case TagType::boolean:
        case TagType::bit:
            return Kind::bit;
        case TagType::int8:
            return Kind::int8;
        case TagType::uint8:
            return Kind::uint8;
        case TagType::int16:
            return Kind::int16;
        case TagType::uint16:
            return Kind::uint16;
        case TagType::word:
            return Kind::raw16;
        case TagType::int32:
            return Kind::int32;
        case TagType::uint32:
        case TagType::dword:
            return Kind::uint32;
        case TagType::int64:
            return Kind::int64;
        case TagType::uint64:
        case TagType::lword:
            return Kind::uint64;
        case TagType::float32:
            return Kind::real;
        case TagType::float64:
            return Kind::lreal;
        case TagType::string:
            return Kind::text;
        case TagType::bytes:
            return Kind::bytes;
        case TagType::time:
            return Kind::time;
        case TagType::date_and_time:
            return Kind::date_and_time;
    }
    HW_UNREACHABLE();
}

class Device::GroupSink final : public ReadSink {
  public:
    GroupSink(Device& device, const Group& group) : device_(device), group_(group) {}

    void value(size_t tag, hw::s7::Value value) override {
        // Numbers pass without a copy on the heap; of texts only chars become bytes.
        const hw::s7::Address& address = group_.set.address(tag);
        device_.host_.value(group_.tags[tag], to_model(address, std::move(value)));
    }
    void failed(size_t tag, model::Quality quality, const Error& why) override {
        device_.note_error(why);
        device_.host_.failed(group_.tags[tag], quality, why);
    }

  private:
    Device& device_;
    const Group& group_;
};

class Device::OrderSink final : public ReadSink {
  public:
    explicit OrderSink(const hw::s7::Address& address) : address_(address) {}

    void value(size_t, hw::s7::Value value) override {
        result = to_model(address_, std::move(value));
    }
    void failed(size_t, model::Quality, const Error& why) override { result = fail(why); }

    std::optional<Result<model::Value>> result;

  private:
    const hw::s7::Address& address_;
};

Device::Device(const DeviceSettings& settings, DriverHost& host)
    : settings_(settings), host_(host), client_(settings.client) {}

hw::s7::PlanLimits Device::limits() const {
    return {.pdu_size = client_.agreed().pdu_size, .gap_bytes = settings_.gap_bytes};
}

void Device::flush() {
    if (out_.empty()) return;
    if (connection_) host_.send(*connection_, std::exchange(out_, {}));
    out_.clear();
}

void Device::configure(std::span<const DriverGroup> groups) {
    HW_ASSERT(groups.size() <= groups_limit);
    ++generation_;
    client_.drop_waiting();
    groups_.clear();
    for (const DriverGroup& given : groups) {
        auto group = std::make_unique<Group>();
        for (const DriverTag& tag : given.tags) {
            if (!tag.access.read) continue;
            const auto address = hw::s7::parse_address(tag.address, kind_of(tag.type));
            HW_ASSERT(address.has_value());
            if (is_numbered(address->area) && !settings_.has_timers) {
                group->unreadable.push_back(tag.index);
                continue;
            }
            group->tags.push_back(tag.index);
            group->set.add(*address);
        }
        if (client_.is_ready()) group->set.plan(limits());
        groups_.push_back(std::move(group));
    }
}

void Device::connected(ConnectionId connection, std::string_view) {
    if (connection_) end_link(Error(ErrorCode::unavailable, "the connection was replaced"));
    connection_ = connection;
    client_.connect(now(), out_);
    flush();
}

void Device::received(ConnectionId connection, BytesView bytes) {
    if (connection_ != connection) return;
    client_.feed(bytes, now(), *this, out_);
    flush();
}

void Device::disconnected(ConnectionId connection, const Error& why) {
    if (connection_ != connection) return;
    end_link(why);
}

// Everything under way is given up.
void Device::end_link(const Error& why) {
    connection_.reset();
    client_.lost();
    out_.clear();
    report_.up = false;
    report_.error = why.text();
    report(true);
    auto orders = std::exchange(orders_, {});
    for (auto& [number, order] : orders)
        host_.answered(order.request, fail(ErrorCode::unavailable, why.text()));
    const uint16_t generation = generation_;
    for (size_t i = 0; i < groups_.size() && generation == generation_; ++i) {
        if (!std::exchange(groups_[i]->is_polling, false)) continue;
        host_.polled(GroupIndex(static_cast<uint32_t>(i)));
    }
}

void Device::on_closed(const Error& why) {
    const auto connection = connection_;
    end_link(why);
    if (connection) host_.close(*connection, why);
}

void Device::on_ready(const hw::s7::Negotiation&) {
    report_.up = true;
    report(true);
    for (const auto& group : groups_)
        group->set.plan(limits());
    std::vector<uint64_t> numbers;
    for (const auto& [number, order] : orders_)
        numbers.push_back(number);
    std::sort(numbers.begin(), numbers.end());
    for (const uint64_t number : numbers)
        start_order(number);
    for (size_t i = 0; i < groups_.size(); ++i)
        if (groups_[i]->is_polling) start_round(GroupIndex(static_cast<uint32_t>(i)));
}

void Device::poll(GroupIndex index) {
    HW_ASSERT(index.value() < groups_.size());
    Group& group = *groups_[index.value()];
    if (group.is_polling) return;
    if (!connection_) return host_.polled(index);
    group.is_polling = true;
    if (client_.is_ready()) start_round(index);
    flush();
}

void Device::start_round(GroupIndex index) {
    Group& group = *groups_[index.value()];
    for (const TagIndex tag : group.unreadable)
        host_.failed(tag, model::Quality::bad_configuration, no_timers());
    group.set.begin();
    group.submitted = group.outstanding = 0;
    submit_round(index);
    answer_round(index);
}

// Those of the round's requests that were not sent yet.
void Device::submit_round(GroupIndex index) {
    Group& group = *groups_[index.value()];
    for (; group.submitted < group.set.requests(); ++group.submitted) {
        const size_t request = group.submitted;
        const bool taken = client_.submit({.token = group_token(generation_, index, request),
                                           .pdu = group.set.pdu(request),
                                           .items = group.set.items(request)},
                                          now(), out_);
        if (taken) {
            ++group.outstanding;
            continue;
        }
        GroupSink sink(*this, group);
        group.set.refuse(request,
                         Error(ErrorCode::limit_exceeded,
                               fmt::format("{} requests wait for the device; read less often or "
                                           "fewer tags",
                                           hw::s7::Client::jobs_limit)),
                         sink);
    }
}

void Device::answer_round(GroupIndex index) {
    Group& group = *groups_[index.value()];
    if (group.outstanding > 0) return;
    group.set.finish();
    group.is_polling = false;
    host_.polled(index);
}

void Device::group_answer(uint64_t token, const BytesView* data, const Error* refused) {
    const auto generation = static_cast<uint16_t>(token >> 47);
    const GroupIndex index(static_cast<uint32_t>(token >> 32 & 0x7fff));
    const auto request = static_cast<uint32_t>(token);
    if (generation != generation_) return;
    HW_ASSERT(index.value() < groups_.size());
    Group& group = *groups_[index.value()];
    HW_ASSERT(group.is_polling && group.outstanding > 0);
    --group.outstanding;
    GroupSink sink(*this, group);
    if (refused != nullptr)
        group.set.refuse(request, *refused, sink);
    else
        group.set.take(request, *data, sink);
    submit_round(index);
    answer_round(index);
}

void Device::on_read(hw::s7::JobToken job, BytesView data, size_t, Duration round_trip) {
    count(round_trip);
    const uint64_t token = job.value();
    if ((token & order_bit) == 0) return group_answer(token, &data, nullptr);
    const uint64_t rest = token & ~order_bit;
    order_answer(rest >> order_request_bits, rest & ((1u << order_request_bits) - 1), &data,
                 nullptr);
}

void Device::on_refused(hw::s7::JobToken job, const Error& why) {
    note_error(why);
    const uint64_t token = job.value();
    if ((token & order_bit) == 0) return group_answer(token, nullptr, &why);
    const uint64_t rest = token & ~order_bit;
    order_answer(rest >> order_request_bits, rest & ((1u << order_request_bits) - 1), nullptr,
                 &why);
}

bool Device::admit(RequestId request) {
    if (!connection_) {
        host_.answered(request, fail(ErrorCode::unavailable, "the device is not connected"));
        return false;
    }
    if (orders_.size() < orders_limit) return true;
    host_.answered(request, fail(ErrorCode::limit_exceeded,
                                 fmt::format("{} writes and reads wait for the device; send them "
                                             "slower",
                                             orders_limit)));
    return false;
}

void Device::write(RequestId request, const DriverTag& tag, const model::Value& value) {
    if (!admit(request)) return;
    auto address = hw::s7::parse_address(tag.address, kind_of(tag.type));
    if (!address) return host_.answered(request, fail(address.error()));
    if (is_numbered(address->area) && !settings_.has_timers)
        return host_.answered(request, fail(no_timers()));
    auto encoded = encode(*address, to_wire(value));
    if (!encoded) return host_.answered(request, fail(encoded.error()));
    Order order;
    order.request = request;
    order.address = *address;
    order.is_write = true;
    order.unwritten = encoded->bytes.size();
    order.skip = encoded->skip;
    order.bytes = std::move(encoded->bytes);
    orders_.emplace(++last_order_, std::move(order));
    if (client_.is_ready()) start_order(last_order_);
    flush();
}

void Device::read(RequestId request, const DriverTag& tag) {
    if (!admit(request)) return;
    auto address = hw::s7::parse_address(tag.address, kind_of(tag.type));
    if (!address) return host_.answered(request, fail(address.error()));
    if (is_numbered(address->area) && !settings_.has_timers)
        return host_.answered(request, fail(no_timers()));
    Order order;
    order.request = request;
    order.address = *address;
    order.set.add(*address);
    orders_.emplace(++last_order_, std::move(order));
    if (client_.is_ready()) start_order(last_order_);
    flush();
}

void Device::start_order(uint64_t number) {
    Order& order = orders_.at(number);
    if (order.is_write) return write_part(number, order);
    order.set.plan(limits());
    order.set.begin();
    const size_t requests = order.set.requests();
    HW_ASSERT(requests < 1u << order_request_bits);
    for (size_t i = 0; i < requests; ++i) {
        if (client_.submit({.token = order_token(number, i),
                            .pdu = order.set.pdu(i),
                            .items = order.set.items(i),
                            .is_write = false,
                            .is_urgent = true},
                           now(), out_))
            continue;
        return finish_order(
            number, fail(ErrorCode::limit_exceeded, "too many requests wait for the device"));
    }
}

// The last piece that is not written yet, as much as one request holds.
void Device::write_part(uint64_t number, Order& order) {
    const hw::s7::Address& address = order.address;
    const size_t room = hw::s7::write_bytes_limit(client_.agreed().pdu_size) / 2 * 2;
    const size_t begin = (order.unwritten - 1) / room * room;
    const std::string_view part =
        std::string_view(order.bytes).substr(begin, order.unwritten - begin);
    hw::s7::ItemAddress item{.size = hw::s7::ItemSize::byte,
                             .count = static_cast<uint16_t>(part.size()),
                             .db = address.db,
                             .area = address.area,
                             .start = address.start,
                             .bit = 0};
    if (is_numbered(address.area)) {
        item.size = address.area == hw::s7::Area::timer ? hw::s7::ItemSize::timer
                                                        : hw::s7::ItemSize::counter;
        item.count = 1;
    } else {
        item.start += order.skip + static_cast<uint32_t>(begin);
    }
    if (address.type == hw::s7::DataType::bit) {
        item.size = hw::s7::ItemSize::bit;
        item.bit = address.bit;
    }
    order.unwritten = begin;
    const hw::s7::WriteItem write{item, as_bytes(part)};
    std::string pdu;
    append_write_request(pdu, std::span(&write, 1));
    if (!client_.submit({.token = order_token(number, 0),
                         .pdu = std::make_shared<const std::string>(std::move(pdu)),
                         .items = 1,
                         .is_write = true,
                         .is_urgent = true},
                        now(), out_))
        finish_order(number,
                     fail(ErrorCode::limit_exceeded, "too many requests wait for the device"));
}

void Device::on_written(hw::s7::JobToken job, BytesView codes, Duration round_trip) {
    count(round_trip);
    const uint64_t number = (job.value() & ~order_bit) >> order_request_bits;
    const auto order = orders_.find(number);
    if (order == orders_.end()) return;
    const auto code = static_cast<uint8_t>(codes[0]);
    if (code != static_cast<uint8_t>(hw::s7::ReturnCode::success)) {
        const Error why(ErrorCode::io_failed, hw::s7::return_code_text(code));
        note_error(why);
        return finish_order(number, fail(why));
    }
    if (order->second.unwritten > 0) return write_part(number, order->second);
    finish_order(number, model::Value());
}

void Device::order_answer(uint64_t number, size_t request, const BytesView* data,
                          const Error* refused) {
    const auto found = orders_.find(number);
    if (found == orders_.end()) return;
    Order& order = found->second;
    if (refused != nullptr) return finish_order(number, fail(*refused));
    OrderSink sink(order.address);
    order.set.take(request, *data, sink);
    if (sink.result) finish_order(number, std::move(*sink.result));
}

void Device::finish_order(uint64_t number, Result<model::Value> result) {
    const auto order = orders_.find(number);
    HW_ASSERT(order != orders_.end());
    const RequestId request = order->second.request;
    orders_.erase(order);
    host_.answered(request, std::move(result));
}

std::optional<Time> Device::deadline() const {
    return client_.deadline();
}

void Device::tick() {
    client_.tick(now(), *this, out_);
    flush();
}

void Device::count(Duration round_trip) {
    report_.round_trip = round_trip;
    ++report_.exchanges;
    report(false);
}

void Device::note_error(const Error& why) {
    ++report_.errors;
    report_.error = why.text();
}

void Device::report(bool turned) {
    const Time at = now();
    if (!turned && at - reported_ < report_interval) return;
    reported_ = at;
    host_.unit("", report_);
    report_.exchanges = report_.errors = 0;
    report_.error.clear();
}

}  // namespace hw::gateway::s7
