#include "gateway/iec104/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "base/log.h"
#include "gateway/iec104/tag_element.h"

namespace hw::gateway::iec104 {
namespace {

namespace wire = hw::iec104;

constexpr Duration report_interval = seconds(1);
constexpr size_t reads_at_once = 8;  // of one group's poll
constexpr std::string_view room = "gateway";

uint64_t key_of(uint16_t station, uint32_t object) {
    return (static_cast<uint64_t>(station) << 24) | object;
}

model::Quality quality_of_error(const Error& error) {
    switch (error.code()) {
        case ErrorCode::timed_out:
            return model::Quality::bad_timeout;
        case ErrorCode::not_found:
        case ErrorCode::unsupported:
            return model::Quality::bad_configuration;
        default:
            return model::Quality::bad_communication;
    }
}

// What the station itself refused is the device's word to whoever ordered, whatever its kind.
Error as_told(const Error& error) {
    switch (error.code()) {
        case ErrorCode::conflict:
        case ErrorCode::not_found:
        case ErrorCode::unsupported:
            return Error(ErrorCode::io_failed, error.text());
        default:
            return error;
    }
}

}  // namespace

Adapter::Adapter(const AdapterSettings& settings, DriverHost& host)
    : settings_(settings), host_(host), client_(settings.client, host.clock()) {}

void Adapter::configure(std::span<const DriverGroup> groups) {
    ++generation_;
    runs_.clear();
    tags_.clear();
    groups_.clear();
    objects_.clear();
    std::map<uint16_t, Station> before = std::exchange(stations_, {});
    std::vector<uint16_t> addresses;
    for (const DriverGroup& group : groups) {
        auto& places = groups_.emplace_back();
        for (const DriverTag& tag : group.tags) {
            const Result<TagAddress> address = parse_tag_address(tag.address, tag.type);
            // check() took it.
            HW_ASSERT(address.has_value());
            const uint16_t station = address->common_address.value_or(settings_.common_address);
            auto [at, is_new] = stations_.try_emplace(station);
            if (is_new) {
                addresses.push_back(station);
                if (const auto old = before.find(station); old != before.end()) {
                    at->second.report = old->second.report;
                    at->second.due = old->second.due;
                }
            }
            at->second.names.insert(address->common_address ? std::to_string(station) : "");
            if (tag.access.read) objects_[key_of(station, address->object)].push_back(tags_.size());
            places.push_back(tags_.size());
            tags_.push_back({.tag = tag, .address = *address, .station = station});
        }
    }
    client_.set_stations(addresses, out_);
    // New tags get their first value so; those that were there lose nothing.
    for (const uint16_t address : addresses)
        if (before.contains(address)) client_.interrogate(address, out_);
    settle({});
}

void Adapter::connected(ConnectionId connection, std::string_view) {
    connection_ = connection;
    discarded_ = false;
    client_.connected(out_);
    settle({});
}

void Adapter::received(ConnectionId connection, BytesView bytes) {
    if (connection != connection_) return;
    settle(client_.feed(bytes, *this, out_));
}

void Adapter::disconnected(ConnectionId connection, const Error& why) {
    if (connection != connection_) return;
    end(why);
}

void Adapter::settle(const Result<void>& result) {
    if (!connection_) {
        out_.clear();
        return;
    }
    if (!out_.empty()) host_.send(*connection_, std::exchange(out_, {}));
    finish_runs();
    if (result) return;
    const ConnectionId connection = *connection_;
    end(result.error());
    host_.close(connection, result.error());
}

void Adapter::end(const Error& why) {
    connection_.reset();
    runs_.clear();
    client_.disconnected(why, *this);
    out_.clear();
    for (auto& [address, station] : stations_)
        note(address, false, &why);
    report_due(host_.clock().monotonic(), true);
}

std::optional<Time> Adapter::deadline() const {
    if (!connection_) return std::nullopt;
    std::optional<Time> first = client_.deadline();
    for (const auto& [address, station] : stations_)
        if (station.due) first = first ? std::min(*first, *station.due) : *station.due;
    return first;
}

void Adapter::tick() {
    if (!connection_) return;
    settle(client_.tick(*this, out_));
    report_due(host_.clock().monotonic(), false);
}

void Adapter::poll(GroupIndex group) {
    HW_ASSERT(group.value() < groups_.size());
    PollRun run;
    run.group = group;
    if (client_.started() && settings_.poll != PollKind::none) {
        for (const size_t place : groups_[group.value()]) {
            const Tag& tag = tags_[place];
            if (!tag.tag.access.read) continue;
            if (settings_.poll == PollKind::interrogation)
                run.stations.insert(tag.station);
            else
                run.objects.emplace_back(tag.station, tag.address.object);
        }
        std::ranges::sort(run.objects);
        run.objects.erase(std::ranges::unique(run.objects).begin(), run.objects.end());
    }
    for (const uint16_t station : run.stations)
        client_.interrogate(station, out_);
    continue_run(run);
    runs_.push_back(std::move(run));
    settle({});
}

void Adapter::continue_run(PollRun& run) {
    while (run.next < run.objects.size() && run.under_way < reads_at_once) {
        const auto [station, object] = run.objects[run.next++];
        const wire::OrderId id = add_order({.request = std::nullopt,
                                            .is_read = true,
                                            .bit = std::nullopt,
                                            .station = station,
                                            .object = object,
                                            .group = run.group,
                                            .generation = generation_});
        if (client_.read(id, station, object, out_)) {
            ++run.under_way;
            continue;
        }
        // The limit of orders, or stopped: the next poll asks again.
        orders_.erase(id);
        run.next = run.objects.size();
    }
}

void Adapter::finish_runs() {
    std::vector<GroupIndex> done;
    std::erase_if(runs_, [&](const PollRun& run) {
        const bool over =
            run.stations.empty() && run.under_way == 0 && run.next == run.objects.size();
        if (over) done.push_back(run.group);
        return over;
    });
    for (const GroupIndex group : done)
        host_.polled(group);
}

wire::OrderId Adapter::add_order(Order order) {
    const wire::OrderId id{++last_order_};
    orders_.emplace(id, std::move(order));
    return id;
}

void Adapter::write(RequestId request, const DriverTag& tag, const model::Value& value) {
    const Result<TagAddress> address = parse_tag_address(tag.address, tag.type);
    if (!address) return host_.answered(request, fail(address.error()));
    Result<wire::Element> element = command_element(*address, value, tag.type);
    if (!element) return host_.answered(request, fail(element.error()));
    const uint16_t station = address->common_address.value_or(settings_.common_address);
    const wire::OrderId id = add_order({.request = request,
                                        .type = tag.type,
                                        .bit = address->bit,
                                        .station = station,
                                        .object = address->command_object,
                                        .group = {}});
    const Result<void> taken = client_.command(id,
                                               {.common_address = station,
                                                .type = command_type(*address),
                                                .object_address = address->command_object,
                                                .element = std::move(*element),
                                                .select_first = address->select_first},
                                               out_);
    if (!taken) {
        orders_.erase(id);
        return host_.answered(request, fail(taken.error()));
    }
    settle({});
}

void Adapter::read(RequestId request, const DriverTag& tag) {
    const Result<TagAddress> address = parse_tag_address(tag.address, tag.type);
    if (!address) return host_.answered(request, fail(address.error()));
    const uint16_t station = address->common_address.value_or(settings_.common_address);
    const wire::OrderId id = add_order({.request = request,
                                        .is_read = true,
                                        .type = tag.type,
                                        .bit = address->bit,
                                        .station = station,
                                        .object = address->object,
                                        .group = {}});
    if (const Result<void> taken = client_.read(id, station, address->object, out_); !taken) {
        orders_.erase(id);
        return host_.answered(request, fail(taken.error()));
    }
    settle({});
}

void Adapter::on_started() {
    for (Tag& tag : tags_)
        tag.heard = false;
    for (auto& [address, station] : stations_)
        station.interrogated = station.silence_told = false;
}

void Adapter::on_stopped() {
    for (PollRun& run : runs_)
        run.stations.clear();
}

void Adapter::on_object(const wire::AsduHeader& header, const wire::Object& object) {
    last_object_ = object;
    note(header.common_address, true, nullptr);
    const auto found = objects_.find(key_of(header.common_address, object.address));
    if (found == objects_.end()) return;
    for (const size_t place : found->second)
        tell(tags_[place], object);
}

void Adapter::tell(Tag& tag, const wire::Object& object) {
    tag.heard = true;
    const Result<TagReading> reading = read_element(object, tag.tag.type, tag.address.bit);
    if (!reading)
        return host_.failed(tag.tag.index, model::Quality::bad_out_of_range, reading.error());
    const auto time =
        object.time ? wire::time_from_tag(*object.time, settings_.client.zone, host_.clock().now())
                    : std::nullopt;
    host_.value(tag.tag.index, reading->value, reading->quality, time);
}

void Adapter::on_initialized(uint16_t common_address, const wire::EndOfInitialization&) {
    note(common_address, true, nullptr);
}

void Adapter::on_procedure(uint16_t common_address, wire::Procedure procedure,
                           Result<Duration> result) {
    const auto found = stations_.find(common_address);
    if (found == stations_.end()) return;
    Station& station = found->second;
    const bool interrogation = procedure == wire::Procedure::interrogation;
    for (PollRun& run : runs_)
        if (interrogation) run.stations.erase(common_address);
    if (result) {
        station.report.round_trip = *result;
        note(common_address, true, nullptr);
        station.interrogated = station.interrogated || interrogation;
        return tell_silent(common_address, procedure);
    }
    const Error& error = result.error();
    // The link went; that is told apart.
    if (error.code() == ErrorCode::cancelled) return;
    if (!interrogation) {
        // A station may do without clock or counters.
        note(common_address, station.report.up, &error);
        return tell_silent(common_address, procedure);
    }
    // One that says no, or leaves out the termination, is there. One that does not answer, or does
    // not know its address, is not.
    const bool there = error.code() != ErrorCode::timed_out && error.code() != ErrorCode::not_found;
    note(common_address, there, &error);
    if (error.code() == ErrorCode::unavailable) {
        station.interrogated = true;
        return tell_silent(common_address, procedure);
    }
    fail_station(common_address, error, there);
}

// After the first of everything that is asked of a station, what it did not mention is known.
void Adapter::tell_silent(uint16_t common_address, wire::Procedure procedure) {
    Station& station = stations_.at(common_address);
    const auto last = settings_.client.counter_interval > Duration{}
                          ? wire::Procedure::counters
                          : wire::Procedure::interrogation;
    if (procedure != last || !station.interrogated || station.silence_told) return;
    station.silence_told = true;
    fail_station(
        common_address,
        Error(ErrorCode::not_found, fmt::format("station {} did not report this object when it was "
                                                "interrogated; check the address",
                                                common_address)),
        true);
}

void Adapter::fail_station(uint16_t common_address, const Error& why, bool silent_only) {
    for (const Tag& tag : tags_) {
        if (tag.station != common_address || !tag.tag.access.read || (silent_only && tag.heard))
            continue;
        host_.failed(
            tag.tag.index,
            silent_only ? model::Quality::bad_waiting_for_initial_data : quality_of_error(why),
            why);
    }
}

void Adapter::on_answer(wire::OrderId id, Result<Duration> result) {
    const auto found = orders_.find(id);
    HW_ASSERT(found != orders_.end());
    const Order order = std::move(found->second);
    orders_.erase(found);
    if (result) {
        if (const auto at = stations_.find(order.station); at != stations_.end())
            at->second.report.round_trip = *result;
        note(order.station, true, nullptr);
    } else if (const auto at = stations_.find(order.station); at != stations_.end()) {
        // That a command fails does not mean that the station is gone.
        note(order.station, at->second.report.up, &result.error());
    }
    if (order.request) {
        if (!result) return host_.answered(*order.request, fail(as_told(result.error())));
        if (!order.is_read) return host_.answered(*order.request, model::Value{});
        HW_ASSERT(last_object_.address == order.object);
        Result<TagReading> reading = read_element(last_object_, order.type, order.bit);
        if (!reading) return host_.answered(*order.request, fail(reading.error()));
        return host_.answered(*order.request, std::move(reading->value));
    }
    if (order.generation != generation_) return;
    if (!result) {
        const auto tags = objects_.find(key_of(order.station, order.object));
        if (tags != objects_.end())
            for (const size_t place : tags->second)
                host_.failed(tags_[place].tag.index, quality_of_error(result.error()),
                             result.error());
    }
    for (PollRun& run : runs_) {
        if (run.group != order.group) continue;
        --run.under_way;
        continue_run(run);
    }
}

void Adapter::on_discarded(const Error& why) {
    // Once a connection: a station that has such objects sends them all the time.
    if (discarded_) return;
    discarded_ = true;
    log_warning(room, fmt::format("IEC 60870-5-104: an ASDU was passed over: {}", why.text()));
}

void Adapter::note(uint16_t common_address, bool up, const Error* error) {
    const auto found = stations_.find(common_address);
    if (found == stations_.end()) return;
    Station& station = found->second;
    const Time now = host_.clock().monotonic();
    const bool turned = station.report.up != up;
    station.report.up = up;
    if (error == nullptr) {
        ++station.report.exchanges;
    } else {
        ++station.report.errors;
        station.report.error = error->text();
    }
    if (turned)
        station.due = now;
    else if (!station.due)
        station.due = now + report_interval;
}

void Adapter::report_due(Time now, bool all) {
    for (auto& [address, station] : stations_) {
        if (!all && (!station.due || now < *station.due)) continue;
        station.due.reset();
        for (const std::string& name : station.names)
            host_.unit(name, station.report);
        station.report.exchanges = 0;
        station.report.errors = 0;
        station.report.error.clear();
    }
}

}  // namespace hw::gateway::iec104
