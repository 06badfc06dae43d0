#include "gateway/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace hw::gateway {

namespace {

// A driver that reports more has mistaken noise for addresses.
constexpr size_t units_limit = 4096;

// Spreads the polls of many groups over their interval, the same way in each life.
Duration phase_of(std::string_view device, std::string_view group, Duration interval) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const std::string_view text : {device, group})
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return {static_cast<int64_t>(hash % static_cast<uint64_t>(interval.ns))};
}

bool same_settings(const DriverSettings& a, const DriverSettings& b) {
    if (a.size() != b.size()) return false;
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.text == y.second.text;
    });
}

// Without the tags.
DeviceSpec head_of(const DeviceSpec& spec) {
    DeviceSpec head{spec.name, spec.driver, spec.description, spec.enabled, spec.settings, {}};
    for (const auto& group : spec.groups)
        head.groups.push_back({group.name, group.interval, {}});
    return head;
}

}  // namespace

Device::Device(CheckedDevice checked, DeviceContext& context, std::function<void()> on_event)
    : spec_(head_of(checked.spec)),
      info_(checked.driver),
      settings_(std::move(checked.settings)),
      context_(context),
      on_event_(std::move(on_event)) {
    figures_.name = spec_.name;
}

Device::~Device() {
    drop_orders(
        Error(ErrorCode::unavailable, fmt::format("device '{}' was taken away", spec_.name)));
}

void Device::drop_orders(const Error& why) {
    for (auto& [id, pending] : std::exchange(pending_, {})) {
        if (pending.written) pending.written(fail(why));
        if (pending.was_read) pending.was_read(fail(why));
    }
}

Result<std::unique_ptr<Device>> Device::make(CheckedDevice checked, const PointIds& points,
                                             DeviceContext& context,
                                             std::function<void()> on_event) {
    auto device = std::unique_ptr<Device>(new Device(checked, context, std::move(on_event)));
    device->begin_event();
    device->set_tags(checked, points);
    // What an earlier life kept as good is not so before the device says it again.
    for (auto& tag : device->tags_)
        device->mark(tag,
                     checked.spec.enabled ? model::Quality::bad_not_connected
                                          : model::Quality::bad_out_of_service,
                     nullptr);
    HW_TRY(device->start());
    return device;
}

Result<void> Device::start() {
    drop_orders(Error(ErrorCode::unavailable,
                      fmt::format("device '{}' was changed meanwhile", spec_.name)));
    driver_.reset();
    link_.reset();
    connections_ = 0;
    reopen_.reset();
    units_.clear();
    figures_.driver = spec_.driver;
    if (!spec_.enabled) {
        turn(LinkState::disabled);
        return {};
    }
    driver_ = HW_TRY(info_->make(settings_, *this));
    reconnect_interval_ = settings_.at("reconnect_interval").as_duration();
    configure_driver();
    link_ = context_.open_link(info_->link, settings_, *this);
    open();
    return {};
}

void Device::open() {
    reopen_.reset();
    const bool listens = info_->link == LinkKind::tcp_server;
    // After a failed attempt the state stays `down`, so that it does not flicker.
    if (figures_.link != LinkState::down || listens)
        turn(listens ? LinkState::listening : LinkState::connecting);
    link_->open();
}

Result<void> Device::change(CheckedDevice checked, const PointIds& points) {
    begin_event();
    const bool keep_link = info_ == checked.driver && spec_.enabled == checked.spec.enabled &&
                           spec_.name == checked.spec.name &&
                           same_settings(settings_, checked.settings);
    if (!keep_link && checked.spec.enabled) {
        // Before anything is touched: the driver may refuse its settings.
        auto probe = checked.driver->make(checked.settings, *this);
        if (!probe) return fail(std::move(probe).error());
    }
    set_tags(checked, points);
    spec_ = head_of(checked.spec);
    info_ = checked.driver;
    settings_ = std::move(checked.settings);
    figures_.name = spec_.name;
    if (!keep_link) {
        for (auto& tag : tags_)
            mark(tag,
                 spec_.enabled ? model::Quality::bad_not_connected
                               : model::Quality::bad_out_of_service,
                 nullptr);
        return start();
    }
    if (driver_) configure_driver();
    return {};
}

// Most tags are scaled alike, so that few rules serve many.
uint32_t Device::rule_of(const TagSpec& spec, std::unordered_map<std::string, uint32_t>& known) {
    TagSpec numbers = spec;
    numbers.name = numbers.address = numbers.unit = numbers.description = numbers.point = "";
    TagBook book;
    book.add(numbers);
    const auto [at, added] = known.emplace(book.bytes(0), static_cast<uint32_t>(rules_.size()));
    if (added) rules_.emplace_back(spec);
    return at->second;
}

void Device::set_tags(const CheckedDevice& checked, const PointIds& points) {
    const std::vector<Tag> old = std::move(tags_);
    const TagBook old_book = std::move(book_);
    auto old_texts = std::exchange(texts_, {});
    std::unordered_map<uint32_t, uint32_t> known;  // point -> old index
    for (uint32_t i = 0; i < old.size(); ++i)
        known[old[i].point.value()] = i;
    std::unordered_map<std::string_view, const Group*> known_groups;
    for (size_t g = 0; g < groups_.size(); ++g)
        known_groups[spec_.groups[g].name] = &groups_[g];
    std::vector<Group> groups;
    std::unordered_map<std::string, uint32_t> known_rules;
    tags_ = {};
    book_ = {};
    rules_.clear();
    first_tag_.clear();
    const Time now = context_.clock.monotonic();
    for (uint16_t g = 0; g < checked.spec.groups.size(); ++g) {
        const GroupSpec& group = checked.spec.groups[g];
        first_tag_.push_back(static_cast<uint32_t>(tags_.size()));
        const auto at = known_groups.find(group.name);
        groups.push_back(at == known_groups.end() ? Group{} : *at->second);
        groups.back().polling = false;
        groups.back().due = now;
        for (uint32_t t = 0; t < group.tags.size(); ++t) {
            const auto index = static_cast<uint32_t>(tags_.size());
            book_.add(group.tags[t]);
            Tag tag;
            tag.point = points[g][t];
            const auto found = known.find(tag.point.value());
            if (found != known.end()) {
                // A tag that did not change keeps its value.
                if (old_book.bytes(found->second) == book_.bytes(index)) {
                    tag = old[found->second];
                    const auto text = old_texts.find(found->second);
                    if (text != old_texts.end()) texts_[index] = std::move(text->second);
                }
                known.erase(found);
            }
            tag.group = g;
            tag.rule = rule_of(group.tags[t], known_rules);
            tags_.push_back(std::move(tag));
            if (!tags_.back().has_last()) seed(tags_.back());
        }
    }
    groups_ = std::move(groups);
    next_due_ = now;
    // Those that are gone do not look alive any more.
    for (const auto& [point, i] : known)
        if (old[i].has_last()) add_stale(old[i], old_texts[i]);
    tags_.shrink_to_fit();
    book_.shrink();
    rules_.shrink_to_fit();
}

void Device::configure_driver() {
    std::vector<DriverGroup> groups;
    groups.reserve(spec_.groups.size());
    for (size_t g = 0; g < spec_.groups.size(); ++g)
        groups.push_back({spec_.groups[g].interval, {}});
    for (uint32_t i = 0; i < tags_.size(); ++i)
        groups[tags_[i].group].tags.push_back(driver_tag(TagIndex(i)));
    driver_->configure(groups);
}

DriverTag Device::driver_tag(TagIndex index) const {
    const TagSpec spec = book_.get(index.value());
    return {index, spec.address, spec.type, spec.access};
}

std::optional<model::PointId> Device::point_of(std::string_view name) const {
    for (size_t i = 0; i < book_.size(); ++i)
        if (book_.name(i) == name) return tags_[i].point;
    return std::nullopt;
}

std::vector<model::PointId> Device::points() const {
    std::vector<model::PointId> points;
    points.reserve(tags_.size());
    for (const auto& tag : tags_)
        points.push_back(tag.point);
    return points;
}

void Device::begin_event() {
    event_time_ = context_.clock.now();
}

void Device::turn(LinkState state) {
    if (figures_.link == state && figures_.since.ns != 0) return;
    const bool was_up = figures_.link == LinkState::connected;
    figures_.link = state;
    figures_.since = event_time_;
    const bool up = state == LinkState::connected;
    if (context_.on_link && up != was_up)
        context_.on_link(spec_.name, info_->name, up, up ? "" : figures_.last_error);
}

void Device::note_error(std::string text) {
    figures_.last_error = std::move(text);
    figures_.last_error_time = event_time_;
}

// ---- the link

void Device::on_connected(ConnectionId connection, std::string_view peer) {
    begin_event();
    ++connections_;
    if (connections_ == 1) {
        log_info("gateway", fmt::format("{}: connected with {}", spec_.name, peer));
        turn(LinkState::connected);
        const Time now = context_.clock.monotonic();
        for (auto& group : groups_) {
            group.due = now;
            group.polling = false;
        }
        next_due_ = now;
    }
    driver_->connected(connection, peer);
    poll_due();
    on_event_();
}

void Device::on_bytes(ConnectionId connection, BytesView bytes) {
    begin_event();
    figures_.received_bytes += bytes.size();
    driver_->received(connection, bytes);
    on_event_();
}

void Device::on_lost(ConnectionId connection, const Error& why) {
    begin_event();
    driver_->disconnected(connection, why);
    ended(connection, why);
    on_event_();
}

void Device::on_not_opened(const Error& why) {
    begin_event();
    if (figures_.link != LinkState::down)
        log_warning("gateway", fmt::format("{}: {}", spec_.name, why.text()));
    note_error(why.text());
    turn(LinkState::down);
    last_text_ = std::make_shared<const std::string>(why.text());
    for (auto& tag : tags_)
        mark(tag, model::Quality::bad_not_connected, last_text_);
    reopen_ = context_.clock.monotonic() + reconnect_interval_;
    on_event_();
}

void Device::ended(ConnectionId, const Error& why) {
    HW_ASSERT(connections_ > 0);
    --connections_;
    note_error(why.text());
    if (connections_ > 0) return;
    log_warning("gateway", fmt::format("{}: the link is lost: {}", spec_.name, why.text()));
    ++figures_.reconnects;
    for (auto& group : groups_)
        group.polling = false;
    last_text_ = std::make_shared<const std::string>(why.text());
    for (auto& tag : tags_)
        mark(tag, model::Quality::bad_not_connected, last_text_);
    for (auto& [name, unit] : units_) {
        if (!unit.up) continue;
        unit.up = false;
        unit.since = event_time_;
    }
    if (info_->link == LinkKind::tcp_server) return turn(LinkState::listening);
    turn(LinkState::down);
    reopen_ = context_.clock.monotonic() + reconnect_interval_;
}

void Device::send(ConnectionId connection, std::string bytes) {
    figures_.sent_bytes += bytes.size();
    if (link_) link_->send(connection, std::move(bytes));
}

void Device::close(ConnectionId connection, Error why) {
    if (!link_) return;
    link_->close(connection);
    ended(connection, why);
}

// ---- time

std::optional<Time> Device::deadline() const {
    std::optional<Time> soonest = reopen_;
    const auto consider = [&](Time time) {
        if (!soonest || time < *soonest) soonest = time;
    };
    if (connections_ > 0 && !groups_.empty()) consider(next_due_);
    if (driver_)
        if (const auto time = driver_->deadline()) consider(*time);
    for (const auto& [id, pending] : pending_)
        consider(pending.until);
    return soonest;
}

void Device::tick() {
    begin_event();
    const Time now = context_.clock.monotonic();
    if (reopen_ && *reopen_ <= now) open();
    if (driver_) {
        const auto due = driver_->deadline();
        if (due && *due <= now) driver_->tick();
    }
    poll_due();
    expire();
}

void Device::poll_due() {
    const Time now = context_.clock.monotonic();
    if (connections_ == 0 || now < next_due_) return;
    const bool overloaded = context_.overloaded();
    Time next{INT64_MAX};
    for (uint32_t g = 0; g < groups_.size(); ++g) {
        Group& group = groups_[g];
        if (group.due <= now) {
            const GroupSpec& spec = spec_.groups[g];
            if (connections_ == 0) return;  // the driver closed it
            if (group.polling || overloaded) {
                ++group.overruns;
            } else {
                group.polling = true;
                group.polled_since = now;
                ++group.polls;
                group.last_poll = event_time_;
                driver_->poll(GroupIndex(g));
            }
            // On a grid of its own; what was missed altogether is skipped, and counted.
            const int64_t late = (now - group.due).ns / spec.interval.ns;
            if (group.polls > 1) group.overruns += static_cast<uint64_t>(late);
            const Duration phase = phase_of(spec_.name, spec.name, spec.interval);
            const int64_t slot = (now.ns - phase.ns) / spec.interval.ns + 1;
            group.due = Time{slot * spec.interval.ns + phase.ns};
        }
        next = std::min(next, group.due);
    }
    next_due_ = next;
}

void Device::polled(GroupIndex index) {
    HW_ASSERT(index.value() < groups_.size());
    Group& group = groups_[index.value()];
    if (!group.polling) return;
    group.polling = false;
    group.last_duration = context_.clock.monotonic() - group.polled_since;
}

void Device::expire() {
    const Time now = context_.clock.monotonic();
    std::vector<RequestId> late;
    for (const auto& [id, pending] : pending_)
        if (pending.until <= now) late.push_back(id);
    for (const RequestId id : late) {
        auto node = pending_.extract(id);
        if (!node) continue;
        const int64_t ms = (now - node.mapped().since).ns / 1'000'000;
        finish(std::move(node.mapped()),
               fail(ErrorCode::timed_out,
                    fmt::format("'{}' did not answer within {} ms", spec_.name, ms)));
    }
}

// ---- values

// A tag that is new here may have a point with a past. Its last value is shown with the quality it
// had, until the first answer, good or bad.
void Device::seed(Tag& tag) {
    if (!context_.last_kept) return;
    const auto kept = context_.last_kept(tag.point);
    if (!kept) return;
    set_last(tag, kept->value);
    tag.quality = kept->quality;
    tag.time = kept->time;
}

model::Value Device::last_of(const Tag& tag) const {
    switch (tag.type) {
        case model::ValueType::boolean:
            return tag.bits != 0;
        case model::ValueType::int64:
            return static_cast<int64_t>(tag.bits);
        case model::ValueType::float64:
            return std::bit_cast<double>(tag.bits);
        case model::ValueType::text:
            return texts_.at(index_of(tag));
        case model::ValueType::bytes:
            return model::Bytes{texts_.at(index_of(tag))};
    }
    HW_UNREACHABLE();
}

void Device::set_last(Tag& tag, const model::Value& value) {
    tag.type = model::type_of(value);
    if (const auto* flag = std::get_if<bool>(&value))
        tag.bits = *flag ? 1 : 0;
    else if (const auto* whole = std::get_if<int64_t>(&value))
        tag.bits = static_cast<uint64_t>(*whole);
    else if (const auto* number = std::get_if<double>(&value))
        tag.bits = std::bit_cast<uint64_t>(*number);
    else if (const auto* text = std::get_if<std::string>(&value))
        texts_[index_of(tag)] = *text;
    else
        texts_[index_of(tag)] = std::get<model::Bytes>(value).data;
}

void Device::add_sample(const Tag& tag) {
    context_.round.add(tag.point, {tag.time, last_of(tag), tag.quality});
    ++figures_.samples;
}

// The last sample of a tag that is no more; `text` where it is one.
void Device::add_stale(const Tag& tag, const std::string& text) {
    auto& round = context_.round;
    const Time when = std::max(event_time_, tag.time + nanoseconds(1));
    constexpr auto quality = model::Quality::bad_out_of_service;
    if (tag.quality == quality) return;
    switch (tag.type) {
        case model::ValueType::boolean:
            round.add_bool(tag.point, when, tag.bits != 0, quality);
            break;
        case model::ValueType::int64:
            round.add_int(tag.point, when, static_cast<int64_t>(tag.bits), quality);
            break;
        case model::ValueType::float64:
            round.add_double(tag.point, when, std::bit_cast<double>(tag.bits), quality);
            break;
        case model::ValueType::text:
            round.add_text(tag.point, when, text, quality);
            break;
        case model::ValueType::bytes:
            round.add_bytes(tag.point, when, text, quality);
            break;
    }
    ++figures_.samples;
}

void Device::value(TagIndex index, const model::Value& raw, model::Quality quality,
                   std::optional<Time> time) {
    HW_ASSERT(index.value() < tags_.size());
    Tag& tag = tags_[index.value()];
    const TagValue& rule = rules_[tag.rule];
    ++figures_.reads;
    // A float that is no number is how many devices say that the sensor is broken.
    const auto* number = std::get_if<double>(&raw);
    if (number != nullptr && std::isnan(*number) && tag.has_last())
        return mark(tag, model::Quality::bad_sensor_failure, not_a_number_);
    const model::Value value = rule.from_raw(raw);
    if (quality == model::Quality::good && !rule.in_range(value))
        quality = model::Quality::uncertain_engineering_units_exceeded;
    const Time when = time.value_or(event_time_);
    tag.error.reset();
    if (time && when < tag.source) {
        // An older one, sent late: kept, but it is not the state now.
        context_.round.add(tag.point, {when, value, quality});
        ++figures_.samples;
        return;
    }
    if (rule.on_change() && tag.has_last() && quality == tag.quality &&
        !rule.changed(last_of(tag), value))
        return;
    const bool behind = when < tag.time;
    tag.quality = quality;
    tag.source = time.value_or(Time{});
    set_last(tag, value);
    context_.round.add(tag.point, {when, value, quality});
    ++figures_.samples;
    // The device's clock is behind the moment at which we turned its point bad: the value is kept
    // at its own time, and once more as the state now.
    tag.time = when;
    if (!behind || !time) return;
    tag.time = event_time_;
    add_sample(tag);
}

void Device::failed(TagIndex index, model::Quality quality, const Error& why) {
    HW_ASSERT(index.value() < tags_.size());
    ++figures_.read_errors;
    if (!last_text_ || *last_text_ != why.text()) {
        last_text_ = std::make_shared<const std::string>(why.text());
        note_error(why.text());
    }
    figures_.last_error_time = event_time_;
    mark(tags_[index.value()], quality, last_text_);
}

void Device::mark(Tag& tag, model::Quality quality,
                  const std::shared_ptr<const std::string>& error) {
    tag.error = error;
    if (tag.quality == quality) return;
    tag.quality = quality;
    if (!tag.has_last()) return;  // nothing that could be shown as stale
    tag.time = std::max(event_time_, tag.time + nanoseconds(1));
    add_sample(tag);
}

void Device::retire(model::Quality quality) {
    begin_event();
    for (auto& tag : tags_)
        mark(tag, quality, nullptr);
}

void Device::unit(std::string_view name, const UnitReport& report) {
    auto at = units_.find(name);
    if (at == units_.end()) {
        if (units_.size() >= units_limit) return;
        at = units_.emplace(std::string(name), UnitState{}).first;
        at->second.unit = name;
        at->second.since = event_time_;
        at->second.up = report.up;
    }
    UnitState& unit = at->second;
    if (unit.up != report.up) {
        unit.up = report.up;
        unit.since = event_time_;
        if (!name.empty())
            log(report.up ? LogLevel::info : LogLevel::warning, "gateway",
                report.up ? fmt::format("{}: unit {} answers again", spec_.name, name)
                          : fmt::format("{}: unit {} is lost: {}", spec_.name, name, report.error));
    }
    if (report.round_trip.ns != 0) figures_.round_trip = unit.round_trip = report.round_trip;
    unit.exchanges += report.exchanges;
    unit.errors += report.errors;
    if (report.error.empty()) return;
    unit.last_error = report.error;
    unit.last_error_time = event_time_;
    note_error(report.error);
}

}  // namespace hw::gateway
