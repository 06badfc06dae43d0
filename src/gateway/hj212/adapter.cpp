#include "gateway/hj212/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/log.h"

namespace hw::gateway::hj212 {
namespace {

namespace wire = hw::hj212;

constexpr Duration report_interval = seconds(1);
constexpr Duration log_interval = seconds(10);
constexpr std::string_view room = "gateway";
constexpr size_t shown_bytes = 32;  // of a value in an error

std::string item_key(wire::Command area, std::string_view factor, std::string_view field) {
    return fmt::format("{} {}", static_cast<int>(area), key_of(factor, field));
}

struct Range {
    double least;
    double most;
};

template <class T>
Range range() {
    return {static_cast<double>(std::numeric_limits<T>::min()),
            static_cast<double>(std::numeric_limits<T>::max())};
}

// nullopt: not a whole number.
std::optional<Range> range_of(TagType type) {
    switch (type) {
        case TagType::bit:
        case TagType::boolean:
            return Range{0, 1};
        case TagType::int8:
            return range<int8_t>();
        case TagType::uint8:
            return range<uint8_t>();
        case TagType::int16:
            return range<int16_t>();
        case TagType::uint16:
            return range<uint16_t>();
        case TagType::int32:
            return range<int32_t>();
        case TagType::uint32:
            return range<uint32_t>();
        default:
            return std::nullopt;
    }
}

Result<model::Value> value_of(std::string_view text, TagType type) {
    if (type == TagType::string) return model::Value(std::string(text));
    const Decimal number = scan_decimal(text);
    if (number.length != text.size() || number.kind == Decimal::Kind::none ||
        number.kind == Decimal::Kind::out_of_range)
        return fail(ErrorCode::corrupt, fmt::format("the station reported '{}', which is no number",
                                                    text.substr(0, shown_bytes)));
    const auto whole = range_of(type);
    if (!whole) return model::Value(number.real);
    const double rounded = std::round(number.real);
    if (rounded < whole->least || rounded > whole->most)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the value {} does not fit into {}; choose a wider type",
                                text.substr(0, shown_bytes), to_string(type)));
    if (type == TagType::bit || type == TagType::boolean) return model::Value(rounded != 0);
    return model::Value(static_cast<int64_t>(rounded));
}

// What lies beside a factor's values: how good they are and when they were sampled.
struct Beside {
    std::string_view flag;
    std::string_view sample_time;
};

}  // namespace

model::Quality quality_of_flag(std::string_view flag) {
    if (flag.size() != 1) return flag.empty() ? model::Quality::good : model::Quality::uncertain;
    switch (flag.front()) {
        case 'N':
            return model::Quality::good;
        case 'F':
        case 'M':
        case 'C':
            return model::Quality::bad_out_of_service;
        case 'D':
            return model::Quality::bad_sensor_failure;
        case 'B':
            return model::Quality::bad_communication;
        case 'S':
            return model::Quality::uncertain_substitute;
        case 'T':
            return model::Quality::uncertain_engineering_units_exceeded;
        default:
            return model::Quality::uncertain;
    }
}

Adapter::Adapter(AdapterSettings settings, DriverHost& host)
    : settings_(std::move(settings)), host_(host) {}

void Adapter::configure(std::span<const DriverGroup> groups) {
    tags_.clear();
    items_.clear();
    any_station_ = false;
    std::set<std::string, std::less<>> named;
    for (const DriverGroup& group : groups) {
        for (const DriverTag& tag : group.tags) {
            Result<TagAddress> address = parse_tag_address(tag.address);
            // check() took it.
            HW_ASSERT(address.has_value());
            any_station_ = any_station_ || address->station.empty();
            named.insert(address->station);
            items_[item_key(address->area, address->factor, address->field)].push_back(
                tags_.size());
            tags_.push_back({.tag = tag, .address = std::move(*address)});
        }
    }
    const Time now = host_.clock().monotonic();
    for (const std::string& name : named)
        units_.try_emplace(name, Unit{.report = {}, .heard = now, .due = {}});
    std::erase_if(units_, [&](const auto& one) {
        return !one.second.report.up && !named.contains(one.first);
    });
}

void Adapter::connected(ConnectionId connection, std::string_view) {
    connections_.try_emplace(
        connection, Connection{.receiver = wire::Receiver(settings_.receiver, host_.clock()),
                               .heard = host_.clock().monotonic()});
}

void Adapter::received(ConnectionId connection, BytesView bytes) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;
    found->second.heard = host_.clock().monotonic();
    std::string out;
    const Result<void> fed = found->second.receiver.feed(bytes, *this, out);
    if (!out.empty()) host_.send(connection, std::move(out));
    if (fed) return;
    connections_.erase(found);
    host_.close(connection, fed.error());
}

void Adapter::disconnected(ConnectionId connection, const Error&) {
    connections_.erase(connection);
}

void Adapter::poll(GroupIndex group) {
    // Stations send by themselves.
    host_.polled(group);
}

void Adapter::write(RequestId request, const DriverTag&, const model::Value&) {
    host_.answered(request, fail(ErrorCode::unsupported,
                                 "HJ 212 stations report; they cannot be "
                                 "written to"));
}

void Adapter::read(RequestId request, const DriverTag&) {
    host_.answered(request, fail(ErrorCode::unsupported,
                                 "HJ 212 stations report by themselves; they cannot be asked"));
}

std::optional<Time> Adapter::deadline() const {
    std::optional<Time> first;
    const auto consider = [&](Time time) { first = first ? std::min(*first, time) : time; };
    for (const auto& [id, connection] : connections_) {
        consider(connection.heard + settings_.idle_timeout);
        if (const auto time = connection.receiver.deadline()) consider(*time);
    }
    for (const auto& [name, unit] : units_) {
        if (unit.due) consider(*unit.due);
        if (unit.report.up) consider(unit.heard + settings_.station_timeout);
    }
    return first;
}

void Adapter::tick() {
    const Time now = host_.clock().monotonic();
    std::vector<ConnectionId> idle;
    for (auto& [id, connection] : connections_) {
        connection.receiver.tick(*this);
        if (now >= connection.heard + settings_.idle_timeout) idle.push_back(id);
    }
    for (const ConnectionId id : idle) {
        connections_.erase(id);
        host_.close(id, Error(ErrorCode::timed_out,
                              fmt::format("nothing was heard for the idle_timeout of {}",
                                          format_duration(settings_.idle_timeout))));
    }
    for (auto& [name, unit] : units_)
        if (unit.report.up && now >= unit.heard + settings_.station_timeout) silence(name, unit);
    report_due(now);
}

void Adapter::silence(const std::string& name, Unit& unit) {
    const Error why(ErrorCode::timed_out,
                    fmt::format("{} was not heard for the station_timeout of {}",
                                name.empty() ? "any station" : fmt::format("station {}", name),
                                format_duration(settings_.station_timeout)));
    unit.report.up = false;
    ++unit.report.errors;
    unit.report.error = why.text();
    unit.due = host_.clock().monotonic();
    for (const Tag& tag : tags_)
        if (tag.address.station == name)
            host_.failed(tag.tag.index, model::Quality::bad_timeout, why);
}

Adapter::Unit* Adapter::find_unit(std::string_view name) {
    if (const auto found = units_.find(name); found != units_.end()) return &found->second;
    if (units_.size() >= settings_.stations_limit) return nullptr;
    return &units_.try_emplace(std::string(name)).first->second;
}

void Adapter::note(std::string_view station, const Error* error) {
    Unit* unit = find_unit(station);
    if (unit == nullptr) return;
    const Time now = host_.clock().monotonic();
    const bool turned = error == nullptr && !unit->report.up;
    if (error == nullptr) {
        unit->heard = now;
        unit->report.up = true;
        ++unit->report.exchanges;
    } else {
        ++unit->report.errors;
        unit->report.error = error->text();
    }
    if (turned)
        unit->due = now;
    else if (!unit->due)
        unit->due = now + report_interval;
}

void Adapter::report_due(Time now) {
    for (auto& [name, unit] : units_) {
        if (!unit.due || now < *unit.due) continue;
        unit.due.reset();
        host_.unit(name, unit.report);
        unit.report.exchanges = 0;
        unit.report.errors = 0;
        unit.report.error.clear();
    }
}

void Adapter::on_heard(std::string_view station) {
    note(station, nullptr);
    if (any_station_) note("", nullptr);
}

void Adapter::on_clock_set(std::string_view station, Result<void> result) {
    if (!result) note(station, &result.error());
}

void Adapter::on_rejected(std::string_view station, const Error& why) {
    // Whoever it is has not shown yet that it is a station: no unit is made for it.
    if (units_.contains(station)) note(station, &why);
    const Time now = host_.clock().monotonic();
    if (logged_ && now < *logged_ + log_interval) return;
    logged_ = now;
    log_warning(room, fmt::format("HJ 212: a packet{} was not taken: {}",
                                  station.empty() ? "" : fmt::format(" of station {}", station),
                                  why.text()));
}

void Adapter::on_report(const wire::Report& report) {
    std::unordered_map<std::string_view, Beside> beside;
    for (const wire::Item& item : report.items) {
        if (item.field == "Flag") beside[item.factor].flag = item.value;
        if (item.field == "SampleTime") beside[item.factor].sample_time = item.value;
    }
    for (const wire::Item& item : report.items) {
        const auto found = items_.find(item_key(report.command, item.factor, item.field));
        if (found == items_.end()) continue;
        const Beside with = beside.contains(item.factor) ? beside[item.factor] : Beside{};
        auto time = wire::parse_local_time(with.sample_time, settings_.receiver.zone);
        if (!time) time = report.time;
        // Of the flag itself it does not say how good it is.
        const model::Quality quality =
            item.field == "Flag" ? model::Quality::good : quality_of_flag(with.flag);
        for (const size_t place : found->second) {
            const Tag& tag = tags_[place];
            if (!tag.address.station.empty() && tag.address.station != report.station) continue;
            if (tag.address.station.empty()) {
                if (only_station_.empty()) only_station_ = report.station;
                if (only_station_ != report.station && !mixed_) {
                    mixed_ = true;
                    log_warning(room, fmt::format("HJ 212: stations {} and {} both report to tags "
                                                  "whose address names no station; write {}@{}",
                                                  only_station_, report.station, report.station,
                                                  tag.tag.address));
                }
            }
            tell(tag, item.value, quality, time);
        }
    }
}

void Adapter::tell(const Tag& tag, std::string_view text, model::Quality quality,
                   std::optional<Time> time) {
    Result<model::Value> value = value_of(text, tag.tag.type);
    if (value) return host_.value(tag.tag.index, *value, quality, time);
    // An instrument that is stopped reports no number; then the flag is the reason.
    const bool excused = model::family(quality) == model::QualityFamily::bad;
    const auto own = value.error().code() == ErrorCode::corrupt ? model::Quality::bad
                                                                : model::Quality::bad_out_of_range;
    host_.failed(tag.tag.index, excused ? quality : own, value.error());
}

}  // namespace hw::gateway::hj212
