#include "gateway/device.h"

#include <fmt/format.h>

#include <algorithm>
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

bool same_link(const CheckedDevice& a, const CheckedDevice& b) {
    if (a.driver != b.driver || a.spec.enabled != b.spec.enabled || a.spec.name != b.spec.name ||
        a.settings.size() != b.settings.size())
        return false;
    return std::equal(a.settings.begin(), a.settings.end(), b.settings.begin(),
                      [](const auto& x, const auto& y) {
                          return x.first == y.first && x.second.text == y.second.text;
                      });
}

}  // namespace

Device::Device(CheckedDevice checked, DeviceContext& context, std::function<void()> on_event)
    : config_(std::move(checked)), context_(context), on_event_(std::move(on_event)) {
    figures_.name = config_.spec.name;
}

Device::~Device() {
    drop_orders(Error(ErrorCode::unavailable,
                      fmt::format("device '{}' was taken away", config_.spec.name)));
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
    auto device =
        std::unique_ptr<Device>(new Device(std::move(checked), context, std::move(on_event)));
    device->begin_event();
    device->set_tags(points, {}, {});
    HW_TRY(device->start());
    return device;
}

Result<void> Device::start() {
    drop_orders(Error(ErrorCode::unavailable,
                      fmt::format("device '{}' was changed meanwhile", config_.spec.name)));
    driver_.reset();
    link_.reset();
    connections_ = 0;
    reopen_.reset();
    units_.clear();
    figures_.driver = config_.spec.driver;
    if (!config_.spec.enabled) {
        turn(LinkState::disabled);
        return {};
    }
    driver_ = HW_TRY(config_.driver->make(config_.settings, *this));
    reconnect_interval_ = config_.settings.at("reconnect_interval").as_duration();
    configure_driver();
    link_ = context_.open_link(config_.driver->link, config_.settings, *this);
    open();
    return {};
}

void Device::open() {
    reopen_.reset();
    const bool listens = config_.driver->link == LinkKind::tcp_server;
    // After a failed attempt the state stays `down`, so that it does not flicker.
    if (figures_.link != LinkState::down || listens)
        turn(listens ? LinkState::listening : LinkState::connecting);
    link_->open();
}

Result<void> Device::change(CheckedDevice checked, const PointIds& points) {
    begin_event();
    const bool keep_link = same_link(config_, checked);
    if (!keep_link && checked.spec.enabled) {
        // Before anything is touched: the driver may refuse its settings.
        auto probe = checked.driver->make(checked.settings, *this);
        if (!probe) return fail(std::move(probe).error());
    }
    CheckedDevice before = std::exchange(config_, std::move(checked));
    figures_.name = config_.spec.name;
    set_tags(points, std::move(tags_), before);
    if (!keep_link) {
        for (auto& tag : tags_)
            mark(tag,
                 config_.spec.enabled ? model::Quality::bad_not_connected
                                      : model::Quality::bad_out_of_service,
                 nullptr);
        return start();
    }
    if (driver_) configure_driver();
    return {};
}

void Device::set_tags(const PointIds& points, std::vector<Tag> old, const CheckedDevice& before) {
    std::unordered_map<uint32_t, Tag*> known;
    for (auto& tag : old)
        known[tag.point.value()] = &tag;
    std::unordered_map<std::string_view, const Group*> known_groups;
    for (size_t g = 0; g < groups_.size(); ++g)
        known_groups[before.spec.groups[g].name] = &groups_[g];
    std::vector<Group> groups;
    tags_.clear();
    first_tag_.clear();
    const Time now = context_.clock.monotonic();
    for (uint32_t g = 0; g < config_.spec.groups.size(); ++g) {
        const GroupSpec& group = config_.spec.groups[g];
        first_tag_.push_back(static_cast<uint32_t>(tags_.size()));
        const auto at = known_groups.find(group.name);
        groups.push_back(at == known_groups.end() ? Group{} : *at->second);
        groups.back().polling = false;
        groups.back().due = now;
        for (uint32_t t = 0; t < group.tags.size(); ++t) {
            Tag tag{points[g][t], g, t, TagValue(group.tags[t])};
            const auto found = known.find(tag.point.value());
            if (found != known.end()) {
                Tag& was = *found->second;
                const TagSpec& spec = before.spec.groups[was.group].tags[was.place];
                if (spec == group.tags[t]) {
                    tag.has_last = was.has_last;
                    tag.quality = was.quality;
                    tag.time = was.time;
                    tag.last = std::move(was.last);
                    tag.error = std::move(was.error);
                }
                known.erase(found);
            }
            tags_.push_back(std::move(tag));
        }
    }
    groups_ = std::move(groups);
    next_due_ = now;
    // Those that are gone do not look alive any more.
    for (auto& [point, tag] : known)
        mark(*tag, model::Quality::bad_out_of_service, nullptr);
    tags_.shrink_to_fit();
}

void Device::configure_driver() {
    std::vector<DriverGroup> groups;
    groups.reserve(config_.spec.groups.size());
    for (size_t g = 0; g < config_.spec.groups.size(); ++g) {
        const GroupSpec& group = config_.spec.groups[g];
        DriverGroup& out = groups.emplace_back();
        out.interval = group.interval;
        out.tags.reserve(group.tags.size());
        for (uint32_t t = 0; t < group.tags.size(); ++t)
            out.tags.push_back(driver_tag(TagIndex(first_tag_[g] + t)));
    }
    driver_->configure(groups);
}

DriverTag Device::driver_tag(TagIndex index) const {
    const TagSpec& spec = spec_of(tags_[index.value()]);
    return {index, spec.address, spec.type, spec.access};
}

std::string Device::point_of(std::string_view name) const {
    for (size_t g = 0; g < config_.tags.size(); ++g)
        for (size_t t = 0; t < config_.tags[g].size(); ++t)
            if (config_.spec.groups[g].tags[t].name == name) return config_.tags[g][t].point;
    return "";
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
    figures_.link = state;
    figures_.since = event_time_;
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
        log_info("gateway", fmt::format("{}: connected with {}", config_.spec.name, peer));
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
        log_warning("gateway", fmt::format("{}: {}", config_.spec.name, why.text()));
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
    log_warning("gateway", fmt::format("{}: the link is lost: {}", config_.spec.name, why.text()));
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
    if (config_.driver->link == LinkKind::tcp_server) return turn(LinkState::listening);
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
            const GroupSpec& spec = config_.spec.groups[g];
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
            // On a grid of its own; what was missed is skipped.
            const Duration phase = phase_of(config_.spec.name, spec.name, spec.interval);
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
                    fmt::format("'{}' did not answer within {} ms", config_.spec.name, ms)));
    }
}

// ---- values

void Device::add_sample(Tag& tag) {
    context_.round.add(tag.point, {tag.time, tag.last, tag.quality});
    ++figures_.samples;
}

void Device::value(TagIndex index, const model::Value& raw, model::Quality quality,
                   std::optional<Time> time) {
    HW_ASSERT(index.value() < tags_.size());
    Tag& tag = tags_[index.value()];
    ++figures_.reads;
    model::Value value = tag.rule.from_raw(raw);
    if (quality == model::Quality::good && !tag.rule.in_range(value))
        quality = model::Quality::uncertain_engineering_units_exceeded;
    const Time when = time.value_or(event_time_);
    tag.error.reset();
    if (tag.has_last && when < tag.time && time) {
        // An older one, sent late: kept, but it is not the state now.
        context_.round.add(tag.point, {when, value, quality});
        ++figures_.samples;
        return;
    }
    if (tag.rule.on_change() && tag.has_last && quality == tag.quality &&
        !tag.rule.changed(tag.last, value))
        return;
    tag.has_last = true;
    tag.quality = quality;
    tag.time = when;
    tag.last = std::move(value);
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
    if (!tag.has_last) return;  // nothing that could be shown as stale
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
                report.up ? fmt::format("{}: unit {} answers again", config_.spec.name, name)
                          : fmt::format("{}: unit {} is lost: {}", config_.spec.name, name,
                                        report.error));
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
