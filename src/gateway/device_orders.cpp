// The orders of a device: writes, their read-back, and the read of one address.

#include <fmt/format.h>

#include <utility>

#include "gateway/device.h"

namespace hw::gateway {

namespace {

// A tag that is in no group, as in a test of an address.
constexpr TagIndex no_tag{UINT32_MAX};

std::string value_text(const model::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<int64_t>(&value)) return fmt::format("{}", *whole);
    if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
    if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("'{}'", *text);
    return fmt::format("{} bytes", std::get<model::Bytes>(value).data.size());
}

// Whether what was read is what was written, as far as the type can hold it.
bool holds(TagType type, const model::Value& written, const model::Value& read) {
    if (const auto* a = std::get_if<double>(&written)) {
        double b = 0;
        if (const auto* number = std::get_if<double>(&read))
            b = *number;
        else if (const auto* whole = std::get_if<int64_t>(&read))
            b = static_cast<double>(*whole);
        else
            return false;
        if (type == TagType::float32) return static_cast<float>(*a) == static_cast<float>(b);
        return *a == b;
    }
    return written == read;
}

}  // namespace

std::unexpected<Error> Device::not_connected() const {
    if (!spec_.enabled)
        return fail(ErrorCode::unavailable,
                    fmt::format("device '{}' is disabled; enable it first", spec_.name));
    return fail(ErrorCode::unavailable,
                fmt::format("device '{}' is not connected{}{}", spec_.name,
                            figures_.last_error.empty() ? "" : ": ", figures_.last_error));
}

void Device::write(TagIndex index, const WriteOrder& order, Answer<WriteResult> done) {
    begin_event();
    HW_ASSERT(index.value() < tags_.size());
    const Tag& tag = tags_[index.value()];
    const TagSpec spec = tag_spec(index);
    if (!spec.access.write)
        return done(fail(ErrorCode::permission_denied,
                         fmt::format("tag '{}' of '{}' is not for writing; its access is {}",
                                     spec.name, spec_.name, to_string(spec.access))));
    auto raw = rules_[tag.rule].to_raw(order.value);
    if (!raw) return done(fail(std::move(raw).error()));
    if (connections_ == 0) return done(not_connected());
    if (pending_.size() >= context_.writes_queue_limit)
        return done(
            fail(ErrorCode::limit_exceeded, fmt::format("{} orders of '{}' wait already, the limit "
                                                        "gateway.writes_queue_limit",
                                                        pending_.size(), spec_.name)));
    const RequestId id(++last_request_);
    const DriverTag target = driver_tag(index);
    const Time now = context_.clock.monotonic();
    Pending pending{Pending::Kind::write, spec, tag.point, now, now + order.timeout};
    pending.value = order.value;
    pending.raw = *raw;
    pending.verify = order.verify;
    if (tag.has_last()) pending.result.old_value = last_of(tag);
    pending.written = std::move(done);
    pending_.emplace(id, std::move(pending));
    driver_->write(id, target, *raw);
}

void Device::read(const TagSpec& spec, Duration timeout, Answer<model::Sample> done) {
    begin_event();
    if (connections_ == 0) return done(not_connected());
    if (pending_.size() >= context_.writes_queue_limit)
        return done(
            fail(ErrorCode::limit_exceeded, fmt::format("{} orders of '{}' wait already, the limit "
                                                        "gateway.writes_queue_limit",
                                                        pending_.size(), spec_.name)));
    const RequestId id(++last_request_);
    const Time now = context_.clock.monotonic();
    Pending pending{Pending::Kind::read, spec, model::PointId(), now, now + timeout};
    pending.was_read = std::move(done);
    pending_.emplace(id, std::move(pending));
    driver_->read(id, {no_tag, spec.address, spec.type, spec.access});
}

void Device::answered(RequestId request, Result<model::Value> result) {
    auto node = pending_.extract(request);
    if (!node) return;  // given up before
    finish(std::move(node.mapped()), std::move(result));
}

void Device::finish(Pending pending, Result<model::Value> result) {
    switch (pending.kind) {
        case Pending::Kind::write:
            return finish_write(std::move(pending), std::move(result));
        case Pending::Kind::verify:
            return finish_verify(std::move(pending), std::move(result));
        case Pending::Kind::read:
            break;
    }
    if (!result) return pending.was_read(fail(std::move(result).error()));
    const TagValue rule(pending.spec);
    model::Sample sample{event_time_, rule.from_raw(*result), model::Quality::good};
    if (!rule.in_range(sample.value))
        sample.quality = model::Quality::uncertain_engineering_units_exceeded;
    pending.was_read(std::move(sample));
}

void Device::finish_write(Pending pending, Result<model::Value> result) {
    if (!result) {
        ++figures_.write_errors;
        note_error(result.error().text());
        return pending.written(fail(std::move(result).error()));
    }
    ++figures_.writes;
    pending.result.took = context_.clock.monotonic() - pending.since;
    if (!pending.spec.access.read) {
        // Nothing will ever read it back, so what was written is what is known.
        for (auto& tag : tags_) {
            if (tag.point != pending.point) continue;
            tag.quality = model::Quality::good;
            tag.time = event_time_;
            set_last(tag, rules_[tag.rule].from_raw(pending.raw));
            add_sample(tag);
        }
    }
    // What cannot be read cannot be read back: the answer has no `read_back` then.
    if (pending.verify && pending.spec.access.read) return verify(std::move(pending));
    pending.written(std::move(pending.result));
}

void Device::verify(Pending pending) {
    if (connections_ == 0) return pending.written(not_connected());
    const RequestId id(++last_request_);
    const DriverTag target{no_tag, pending.spec.address, pending.spec.type, pending.spec.access};
    pending.kind = Pending::Kind::verify;
    pending_.emplace(id, std::move(pending));
    driver_->read(id, target);
}

void Device::finish_verify(Pending pending, Result<model::Value> result) {
    if (!result)
        return pending.written(fail(result.error().within("written, but it cannot be read back")));
    const TagValue rule(pending.spec);
    const model::Value seen = rule.from_raw(*result);
    if (!holds(pending.spec.type, pending.raw, *result))
        return pending.written(
            fail(ErrorCode::io_failed, fmt::format("{} was written, but the device says {}",
                                                   value_text(pending.value), value_text(seen))));
    pending.result.read_back = seen;
    pending.result.took = context_.clock.monotonic() - pending.since;
    pending.written(std::move(pending.result));
}

// ---- what others see

DeviceState Device::state() const {
    DeviceState state = figures_;
    state.connections = connections_;
    state.tags = tags_.size();
    for (const auto& tag : tags_)
        if (model::family(tag.quality) == model::QualityFamily::bad) ++state.tags_bad;
    std::vector<size_t> counts(groups_.size());
    for (const auto& tag : tags_)
        ++counts[tag.group];
    for (size_t g = 0; g < groups_.size(); ++g) {
        const Group& group = groups_[g];
        state.groups.push_back({spec_.groups[g].name, spec_.groups[g].interval, counts[g],
                                group.polls, group.overruns, group.last_duration, group.last_poll});
    }
    for (const auto& [name, unit] : units_)
        state.units.push_back(unit);
    return state;
}

std::vector<TagState> Device::tag_states() const {
    std::vector<TagState> states;
    states.reserve(tags_.size());
    for (uint32_t i = 0; i < tags_.size(); ++i) {
        const Tag& tag = tags_[i];
        TagState& out = states.emplace_back();
        TagSpec spec = book_.get(i);
        out.group = spec_.groups[tag.group].name;
        out.name = std::move(spec.name);
        out.point = context_.path(tag.point);
        out.address = std::move(spec.address);
        if (tag.has_last()) out.last = model::Sample{tag.time, last_of(tag), tag.quality};
        if (tag.error) out.error = *tag.error;
    }
    return states;
}

}  // namespace hw::gateway
