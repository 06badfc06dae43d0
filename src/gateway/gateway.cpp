#include "gateway/gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/mutex.h"
#include "gateway/device.h"
#include "gateway/link.h"

namespace hw::gateway {

std::string_view to_string(LinkState state) {
    switch (state) {
        case LinkState::disabled:
            return "disabled";
        case LinkState::connecting:
            return "connecting";
        case LinkState::connected:
            return "connected";
        case LinkState::down:
            return "down";
        case LinkState::listening:
            return "listening";
    }
    HW_UNREACHABLE();
}

namespace {

constexpr Duration snapshot_period = seconds(1);

// What /metrics shows; written by the gateway's thread, read by any.
class Snapshots {
  public:
    void set(std::vector<DeviceState> states) {
        MutexLock lock(mutex_);
        states_ = std::move(states);
    }
    void collect(std::vector<Metrics::Collected>& out) const {
        MutexLock lock(mutex_);
        for (const auto& state : states_)
            collect_device(state, out);
    }

  private:
    static void collect_device(const DeviceState& state, std::vector<Metrics::Collected>& out) {
        const Metrics::Labels labels = {{"device", state.name}, {"driver", state.driver}};
        const auto add = [&](std::string_view name, std::string_view help, bool total, auto value) {
            out.push_back({name, help, total, labels, static_cast<double>(value)});
        };
        add("headworks_gateway_link_up", "1 while the device's link is there", false,
            state.link == LinkState::connected ? 1 : 0);
        add("headworks_gateway_round_trip_seconds", "Of the device's last exchange", false,
            static_cast<double>(state.round_trip.ns) * 1e-9);
        add("headworks_gateway_tags", "Tags of the device", false, state.tags);
        add("headworks_gateway_tags_bad", "Tags of bad quality", false, state.tags_bad);
        add("headworks_gateway_samples_total", "Samples made", true, state.samples);
        add("headworks_gateway_reads_total", "Tags read well", true, state.reads);
        add("headworks_gateway_read_errors_total", "Tags that could not be read", true,
            state.read_errors);
        add("headworks_gateway_writes_total", "Writes that the device took", true, state.writes);
        add("headworks_gateway_write_errors_total", "Writes that failed", true, state.write_errors);
        add("headworks_gateway_reconnects_total", "Times the link was lost", true,
            state.reconnects);
        add("headworks_gateway_received_bytes_total", "Bytes from the device", true,
            state.received_bytes);
        add("headworks_gateway_sent_bytes_total", "Bytes to the device", true, state.sent_bytes);
        uint64_t overruns = 0;
        for (const auto& group : state.groups)
            overruns += group.overruns;
        add("headworks_gateway_overruns_total",
            "Polls left out, since the one before was still under way", true, overruns);
        for (const auto& unit : state.units) {
            Metrics::Labels of_unit = labels;
            of_unit.emplace_back("unit", unit.unit);
            out.push_back({"headworks_gateway_unit_up", "1 while the unit answers", false, of_unit,
                           unit.up ? 1.0 : 0.0});
            out.push_back({"headworks_gateway_unit_errors_total",
                           "Requests to the unit that failed", true, of_unit,
                           static_cast<double>(unit.errors)});
        }
    }

    mutable Mutex mutex_;
    std::vector<DeviceState> states_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace

struct Gateway::State {
    State(const Settings& s, Rooms r)
        : settings(s),
          rooms(std::move(r)),
          context{rooms.clock,
                  links_of(rooms.reactor, rooms.metrics),
                  round,
                  rooms.overloaded,
                  [this](model::PointId id) { return rooms.points.path(id); },
                  rooms.last_kept,
                  s.writes_queue_limit,
                  rooms.on_link} {}

    // A device and its timer.
    struct Entry {
        std::unique_ptr<Device> device;
        io::Reactor::TimerId timer = 0;
        Time armed{INT64_MAX};
    };
    struct Place {
        Entry* entry = nullptr;
        TagIndex tag;
    };

    // Runs the task on the reactor's thread and waits.
    template <class F>
    auto ask(F task) -> decltype(task()) {
        HW_ASSERT(!rooms.reactor.on_own_thread());
        std::promise<decltype(task())> promise;
        auto answer = promise.get_future();
        rooms.reactor.post([&] {
            if constexpr (std::is_void_v<decltype(task())>) {
                task();
                promise.set_value();
            } else {
                promise.set_value(task());
            }
        });
        return answer.get();
    }

    Result<void> apply(CheckedDevice checked);
    Result<Device::PointIds> intern(const CheckedDevice& checked);
    bool remove(std::string_view name);
    void arm(Entry& entry);
    void wake(Entry& entry);
    std::optional<Place> find(model::PointId point) const;
    void place(Entry& entry, const std::vector<model::PointId>& before);
    void write(WriteOrder order, Answer<WriteResult> done);
    Answer<WriteResult> audited(WriteRecord record, Answer<WriteResult> done);
    void end_round();
    void snapshot();
    std::vector<DeviceState> states() const;

    const Settings settings;
    const Rooms rooms;
    model::SampleBatch round;
    DeviceContext context;
    std::map<std::string, Entry, std::less<>> devices;
    size_t tags = 0;
    io::Reactor::TimerId snapshot_timer = 0;
    // Shared with the metrics' collector, which may outlive the gateway.
    const std::shared_ptr<Snapshots> snapshots = std::make_shared<Snapshots>();

    mutable Mutex mutex;
    // Which device and tag a point belongs to, by point. Written by the gateway's thread alone.
    std::vector<Place> places HW_LOCKING(guarded_by(mutex));
};

Result<Device::PointIds> Gateway::State::intern(const CheckedDevice& checked) {
    Device::PointIds ids(checked.tags.size());
    const auto own = devices.find(checked.spec.name);
    for (size_t g = 0; g < checked.tags.size(); ++g) {
        for (const auto& tag : checked.tags[g]) {
            const auto id = HW_TRY(rooms.points.intern(tag.point));
            const auto at = find(id);
            if (at && (own == devices.end() || at->entry != &own->second))
                return fail(ErrorCode::conflict,
                            fmt::format("the point '{}' belongs to device '{}' already; give the "
                                        "tag another point",
                                        tag.point, at->entry->device->name()));
            ids[g].push_back(id);
        }
    }
    return ids;
}

Result<void> Gateway::State::apply(CheckedDevice checked) {
    size_t count = 0;
    for (const auto& group : checked.tags)
        count += group.size();
    const auto found = devices.find(checked.spec.name);
    const size_t had = found == devices.end() ? 0 : found->second.device->points().size();
    if (found == devices.end() && devices.size() >= settings.devices_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("there are {} devices already, the limit gateway.devices_limit",
                                devices.size()));
    if (tags - had + count > settings.tags_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} tags would be over the limit gateway.tags_limit of {}",
                                tags - had + count, settings.tags_limit));
    const auto ids = HW_TRY(intern(checked));
    for (size_t g = 0; g < ids.size(); ++g)
        for (size_t t = 0; t < ids[g].size(); ++t)
            if (const auto& unit = checked.spec.groups[g].tags[t].unit; !unit.empty())
                rooms.describe(ids[g][t], unit);
    if (found != devices.end()) {
        Entry& entry = found->second;
        const auto before = entry.device->points();
        HW_TRY(entry.device->change(std::move(checked), ids));
        place(entry, before);
        arm(entry);
    } else {
        const std::string name = checked.spec.name;
        Entry& entry = devices[name];
        auto device =
            Device::make(std::move(checked), ids, context, [this, &entry] { arm(entry); });
        if (!device) {
            devices.erase(name);
            return fail(std::move(device).error());
        }
        entry.device = std::move(*device);
        place(entry, {});
        arm(entry);
    }
    tags = tags - had + count;
    return {};
}

std::optional<Gateway::State::Place> Gateway::State::find(model::PointId point) const {
    MutexLock lock(mutex);
    if (point.value() >= places.size() || places[point.value()].entry == nullptr)
        return std::nullopt;
    return places[point.value()];
}

void Gateway::State::place(Entry& entry, const std::vector<model::PointId>& before) {
    const auto now = entry.device ? entry.device->points() : std::vector<model::PointId>{};
    MutexLock lock(mutex);
    for (const auto id : before)
        places[id.value()] = {};
    for (uint32_t i = 0; i < now.size(); ++i) {
        if (now[i].value() >= places.size()) places.resize(now[i].value() + 1);
        places[now[i].value()] = {&entry, TagIndex(i)};
        rooms.points.set_by_exception(now[i], entry.device->by_exception(TagIndex(i)));
    }
    for (const auto id : before)
        if (places[id.value()].entry == nullptr) rooms.points.set_by_exception(id, false);
}

bool Gateway::State::remove(std::string_view name) {
    const auto at = devices.find(name);
    if (at == devices.end()) return false;
    Entry& entry = at->second;
    entry.device->retire(model::Quality::bad_out_of_service);
    const auto before = entry.device->points();
    tags -= before.size();
    entry.device.reset();
    place(entry, before);
    if (entry.timer != 0) rooms.reactor.cancel(entry.timer);
    devices.erase(at);
    return true;
}

// A timer that fires too early costs one look; moving it at every answer would cost more.
void Gateway::State::arm(Entry& entry) {
    if (!entry.device) return;  // in the middle of make()
    const auto deadline = entry.device->deadline();
    if (!deadline || *deadline >= entry.armed) return;
    if (entry.timer != 0) rooms.reactor.cancel(entry.timer);
    entry.armed = *deadline;
    const Duration wait = std::max(Duration{0}, *deadline - rooms.clock.monotonic());
    entry.timer = rooms.reactor.after(wait, [this, &entry] { wake(entry); });
}

void Gateway::State::wake(Entry& entry) {
    entry.timer = 0;
    entry.armed = Time{INT64_MAX};
    entry.device->tick();
    arm(entry);
}

// The answer that is noted before it is given.
Answer<WriteResult> Gateway::State::audited(WriteRecord record, Answer<WriteResult> done) {
    return [this, record = std::move(record),
            done = std::move(done)](Result<WriteResult> result) mutable {
        record.result = result;
        if (rooms.audit) rooms.audit(record);
        done(std::move(result));
    };
}

void Gateway::State::write(WriteOrder order, Answer<WriteResult> done) {
    if (order.point.empty()) {
        const auto device = devices.find(order.device);
        const auto point =
            device == devices.end() ? std::nullopt : device->second.device->point_of(order.tag);
        if (point) order.point = rooms.points.path(*point);
        if (order.point.empty())
            return done(fail(
                ErrorCode::not_found,
                fmt::format("there is no tag '{}' of a device '{}'", order.tag, order.device)));
    }
    const auto id = rooms.points.find(order.point);
    const auto at = id ? find(*id) : std::nullopt;
    if (!at && rooms.elsewhere) {
        WriteRecord record{rooms.clock.now(), order, "", "", WriteResult{}};
        return rooms.elsewhere(order, audited(std::move(record), std::move(done)));
    }
    if (!at)
        return done(fail(ErrorCode::not_found,
                         fmt::format("no device has the point '{}'; only points of devices can be "
                                     "written",
                                     order.point)));
    Entry& entry = *at->entry;
    const Device& device = *entry.device;
    WriteRecord record{rooms.clock.now(), order, device.name(), device.tag_spec(at->tag).name,
                       WriteResult{}};
    entry.device->write(at->tag, order, audited(std::move(record), std::move(done)));
    arm(entry);
}

void Gateway::State::end_round() {
    if (round.empty()) return;
    const size_t size = round.size();
    rooms.submit(std::exchange(round, model::SampleBatch{}));
    round.reserve(std::min<size_t>(size, 4096));
}

std::vector<DeviceState> Gateway::State::states() const {
    std::vector<DeviceState> out;
    out.reserve(devices.size());
    for (const auto& [name, entry] : devices)
        out.push_back(entry.device->state());
    return out;
}

void Gateway::State::snapshot() {
    snapshots->set(states());
}

Gateway::Gateway(const Settings& settings, Rooms rooms)
    : state_(std::make_unique<State>(settings, std::move(rooms))) {
    State& state = *state_;
    state.rooms.reactor.on_round_end([&state] { state.end_round(); });
    state.snapshot_timer =
        state.rooms.reactor.every(snapshot_period, [&state] { state.snapshot(); });
    state.rooms.metrics.collect(
        [snapshots = state.snapshots](auto& out) { snapshots->collect(out); });
}

Gateway::~Gateway() = default;

Result<void> Gateway::apply(CheckedDevice device) {
    return state_->ask([&] { return state_->apply(std::move(device)); });
}

bool Gateway::remove(std::string_view name) {
    return state_->ask([&] { return state_->remove(name); });
}

std::vector<DeviceState> Gateway::states() const {
    return state_->ask([&] { return state_->states(); });
}

std::optional<DeviceState> Gateway::state(std::string_view name) const {
    return state_->ask([&]() -> std::optional<DeviceState> {
        const auto at = state_->devices.find(name);
        if (at == state_->devices.end()) return std::nullopt;
        return at->second.device->state();
    });
}

std::vector<TagState> Gateway::tag_states(std::string_view name) const {
    return state_->ask([&]() -> std::vector<TagState> {
        const auto at = state_->devices.find(name);
        if (at == state_->devices.end()) return {};
        return at->second.device->tag_states();
    });
}

void Gateway::read(std::string_view device, const TagSpec& tag, Duration timeout,
                   Answer<model::Sample> done) {
    state_->rooms.reactor.post([this, name = std::string(device), tag, timeout,
                                answer = std::move(done)]() mutable {
        const auto at = state_->devices.find(name);
        if (at == state_->devices.end())
            return answer(fail(ErrorCode::not_found, fmt::format("there is no device '{}'", name)));
        at->second.device->read(tag, timeout, std::move(answer));
        state_->arm(at->second);
    });
}

void Gateway::write(WriteOrder order, Answer<WriteResult> done) {
    state_->rooms.reactor.post(
        [this, order = std::move(order), answer = std::move(done)]() mutable {
            state_->write(std::move(order), std::move(answer));
        });
}

bool Gateway::has_point(std::string_view path) const {
    const auto id = state_->rooms.points.find(path);
    if (!id) return false;
    return state_->find(*id).has_value();
}

void Gateway::stop() {
    state_->ask([this] {
        if (state_->settings.stale_on_stop)
            for (auto& [name, entry] : state_->devices)
                entry.device->retire(model::Quality::bad_not_connected);
        for (auto& [name, entry] : state_->devices)
            if (entry.timer != 0) state_->rooms.reactor.cancel(entry.timer);
        state_->rooms.reactor.cancel(state_->snapshot_timer);
        {
            MutexLock lock(state_->mutex);
            state_->places.clear();
        }
        state_->devices.clear();
        state_->end_round();
    });
}

}  // namespace hw::gateway
