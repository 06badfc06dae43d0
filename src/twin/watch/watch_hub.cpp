#include "twin/watch/watch_hub.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

constexpr size_t staged_limit = 4'096;  // events of one watch in a round before it hands them on

bool changes_graph(WatchEventKind kind) {
    return kind == WatchEventKind::twin_created || kind == WatchEventKind::twin_removed ||
           kind == WatchEventKind::relationship_added ||
           kind == WatchEventKind::relationship_removed;
}

std::string_view last_level(std::string_view id) {
    return id.substr(id.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

WatchHub::WatchHub(Twins& twins, const sql::FunctionTable& functions, const Clock& clock,
                   size_t queue_limit, std::function<void(const WatchPtr&)> ready)
    : twins_(twins),
      functions_(functions),
      clock_(clock),
      queue_limit_(queue_limit),
      ready_(std::move(ready)) {}

WatchHub::~WatchHub() = default;

Result<WatchPtr> WatchHub::make(WatchSpec spec) {
    Outbox::Settings settings;
    settings.queue_limit = spec.queue == 0 ? queue_limit_ : spec.queue;
    settings.on_change = spec.on_change;
    settings.deadband = spec.deadband;
    settings.min_interval = spec.min_interval;
    // Microseconds: faster than any watch has events, and exact as a JavaScript number.
    const auto first = static_cast<uint64_t>(std::max<int64_t>(clock_.now().ns / 1'000, 1));
    MutexLock lock(mutex_);
    std::unique_ptr<Where> condition;
    if (!spec.filter.where.empty())
        condition = HW_TRY(Where::compile(spec.filter.where, functions_, services_));
    auto watch = std::make_shared<Watch>(std::move(spec), ++watches_made_, settings, first);
    watch->condition = std::move(condition);
    if (!watch->spec.filter.root.empty()) watch->members = std::make_shared<const WatchMembers>();
    return watch;
}

void WatchHub::set_watches(std::vector<WatchPtr> watches) {
    MutexLock lock(mutex_);
    matcher_.set_watches(std::move(watches));
}

void WatchHub::set_live(Watch& watch, bool live) {
    MutexLock lock(mutex_);
    if (watch.live == live) return;
    watch.live = live;
    if (live) watch.live_epoch = ++epoch_;
    if (!live) watch.outbox.forget();
    matcher_.live_changed();
}

bool WatchHub::set_members(Watch& watch, std::shared_ptr<const WatchMembers> members) {
    MutexLock lock(mutex_);
    if (watch.members && *watch.members == *members) return false;
    watch.members = std::move(members);
    matcher_.look_anew();
    return true;
}

void WatchHub::set_name(const TwinName& twin, std::string_view name) {
    MutexLock lock(mutex_);
    names_[twin.index] = {sql::Datum::text(name), false};
}

std::vector<const TwinName*> WatchHub::take_names_wanted() {
    MutexLock lock(mutex_);
    return std::exchange(names_wanted_, {});
}

sql::Datum WatchHub::name_of(const TwinName& twin) {
    Names& known = names_[twin.index];
    if (known.name.is_null()) {
        // Until its description has been read: what a twin without a name is called.
        if (!std::exchange(known.wanted, true)) names_wanted_.push_back(&twin);
        return sql::Datum::text(last_level(twin.id));
    }
    return known.name;
}

Where::Verdict WatchHub::check(Watch& watch, const TwinState& twin, std::string& error) {
    MutexLock lock(mutex_);
    if (!watch.condition) return Where::Verdict::yes;
    return watch.condition->of(twin, clock_.now(), error);
}

std::vector<std::string> WatchHub::missing(const Watch& watch, const Interface& model) const {
    MutexLock lock(mutex_);
    if (!watch.condition) return {};
    return watch.condition->missing(model);
}

const WatchPath* WatchHub::path(std::string_view text) {
    MutexLock lock(mutex_);
    return matcher_.path(text);
}

std::string WatchHub::last_error(const Watch& watch) const {
    MutexLock lock(mutex_);
    return watch.last_error;
}

std::unordered_map<uint32_t, uint64_t> WatchHub::settle() {
    MutexLock lock(mutex_);
    matcher_.settle();
    return matcher_.slots();
}

void WatchHub::initial(Watch& watch, const TwinState& twin, std::vector<WatchEvent>& out) {
    const auto& filter = watch.spec.filter;
    if (!filter.wants(WatchEvents::property)) return;
    std::string error;
    if (check(watch, twin, error) != Where::Verdict::yes) return;
    const TwinName* name = twins_.name(twin.id);
    if (name == nullptr) return;
    const auto extra = extra_of(watch, twin);
    MutexLock lock(mutex_);
    for (size_t i = 0; i < twin.properties.size(); ++i) {
        const auto& property = twin.properties[i];
        if (property.live.origin == Origin::none && property.live.value.is_null()) continue;
        if (!follows_path(filter, property.path)) continue;
        WatchEvent event;
        event.initial = true;
        event.quality = property.live.quality;
        event.stale = property.live.stale;
        event.twin = name;
        event.path = matcher_.path(property.path);
        event.time = property.live.time;
        event.value = property.live.value;
        event.extra = extra;
        out.push_back(std::move(event));
        if (previous_.size() <= name->index) previous_.resize(name->index + 1);
        auto& slots = previous_[name->index];
        if (slots.size() <= i) slots.resize(i + 1);
        if (slots[i].epoch < watch.live_epoch)
            slots[i] = {property.live.value, property.live.quality, property.live.stale,
                        watch.live_epoch};
    }
}

sql::Datum WatchHub::extra_of(const Watch& watch, const TwinState& twin) const {
    if (watch.spec.enrich.empty()) return {};
    auto extra = sql::Datum::object({});
    for (const auto& path : watch.spec.enrich) {
        if (path == "name") {
            extra.put(path, sql::Datum::text(twin.name.empty() ? std::string(last_level(twin.id))
                                                               : name_in(twin.name)));
        } else if (path == "model") {
            extra.put(path, twin.model ? sql::Datum::text(twin.model->id) : sql::Datum());
        } else {
            const auto* property = twin.find(path);
            extra.put(path, property == nullptr ? sql::Datum() : property->live.value);
        }
    }
    return extra;
}

sql::Datum WatchHub::extra_of(const Watch& watch, const TwinName& twin, size_t slot,
                              const LiveValue* value) {
    if (watch.spec.enrich.empty()) return {};
    const auto model = twins_.model_of(twin);
    auto extra = sql::Datum::object({});
    for (const auto& path : watch.spec.enrich) {
        if (path == "name") {
            extra.put(path, name_of(twin));
        } else if (path == "model") {
            extra.put(path, model ? sql::Datum::text(model->id) : sql::Datum());
        } else {
            const auto at = model ? model->slot(path) : std::nullopt;
            const bool own = at && *at == slot && value != nullptr;
            extra.put(path, own ? value->value : at ? twins_.peek(twin, *at).value : sql::Datum());
        }
    }
    return extra;
}

uint32_t WatchHub::interest(const TwinName& twin, const Interface& model, size_t slot) {
    MutexLock lock(mutex_);
    return matcher_.interest(twin, model, slot);
}

void WatchHub::changed(uint32_t interest, const TwinName& twin, size_t slot,
                       const LiveValue& value) {
    MutexLock lock(mutex_);
    WatchInterest& found = matcher_.at(interest);
    if (!found.group) return;
    ++found.matched;
    found.last = value.time;
    const WatchGroup& group = matcher_.refreshed(*found.group);
    if (!group.live.empty()) offer(group, found, twin, slot, value);
}

// Remembers the slot's value. The epoch since which it has been the same, 0 where it is another.
uint32_t WatchHub::note(const TwinName& twin, size_t slot, const LiveValue& value) {
    if (previous_.size() <= twin.index) previous_.resize(twin.index + 1);
    auto& slots = previous_[twin.index];
    if (slots.size() <= slot) slots.resize(slot + 1);
    Previous& before = slots[slot];
    const uint32_t epoch = std::exchange(before.epoch, epoch_);
    if (epoch != 0 && before.quality == value.quality && before.stale == value.stale &&
        before.value == value.value)
        return epoch;
    before.value = value.value;
    before.quality = value.quality;
    before.stale = value.stale;
    return 0;
}

void WatchHub::offer(const WatchGroup& group, const WatchInterest& interest, const TwinName& twin,
                     size_t slot, const LiveValue& value) {
    const uint32_t same_since = group.on_change ? note(twin, slot, value) : 0;
    for (Watch* watch : group.live) {
        if (watch->spec.on_change && same_since >= watch->live_epoch) {
            watch->counters.suppressed.fetch_add(1, std::memory_order_relaxed);
            continue;
        }
        if (watch->condition && !passes(*watch, twin, slot, &value)) continue;
        WatchEvent event;
        event.stale = value.stale;
        event.quality = value.quality;
        event.twin = &twin;
        event.path = interest.path;
        event.time = value.time;
        event.value = value.value;
        event.extra = extra_of(*watch, twin, slot, &value);
        stage(*watch, std::move(event));
    }
}

bool WatchHub::passes(Watch& watch, const TwinName& twin, size_t slot, const LiveValue* value) {
    switch (watch.condition->live(twins_, twin, slot, value, clock_.now(), error_)) {
        case Where::Verdict::yes:
            return true;
        case Where::Verdict::no:
            watch.counters.rejected.fetch_add(1, std::memory_order_relaxed);
            return false;
        case Where::Verdict::failed:
            watch.counters.failed.fetch_add(1, std::memory_order_relaxed);
            watch.last_error = error_;
            return false;
    }
    return false;
}

void WatchHub::stage(Watch& watch, WatchEvent event) {
    if (watch.staged.empty()) staged_.push_back(watch.shared_from_this());
    watch.staged.push_back(std::move(event));
    if (watch.staged.size() >= staged_limit) flush(watch);
}

void WatchHub::flush(Watch& watch) {
    if (watch.staged.empty()) return;
    watch.outbox.put(watch.staged, clock_.monotonic());
    ready_(watch.shared_from_this());
}

void WatchHub::round_end() {
    MutexLock lock(mutex_);
    for (const auto& watch : staged_)
        flush(*watch);
    staged_.clear();
}

void WatchHub::happened(const Happening& happening) {
    const auto kind = kind_of(happening.kind);
    if (!kind || happening.twin == nullptr) return;
    if (changes_graph(*kind)) graph_changed_ = true;
    MutexLock lock(mutex_);
    if (*kind == WatchEventKind::twin_updated || *kind == WatchEventKind::twin_created)
        names_.erase(happening.twin->index);
    tell(happening, *kind);
    if (*kind != WatchEventKind::twin_removed) return;
    matcher_.forget(*happening.twin);
    names_.erase(happening.twin->index);
    if (happening.twin->index < previous_.size()) previous_[happening.twin->index] = {};
}

void WatchHub::tell(const Happening& happening, WatchEventKind kind) {
    const TwinName& twin = *happening.twin;
    const auto model = twins_.model_of(twin);
    const bool there = model != nullptr && kind != WatchEventKind::twin_removed;
    for (const auto& watch : matcher_.watches_of(twin, model.get())) {
        const auto& filter = watch->spec.filter;
        if (!filter.wants(events_of(kind))) continue;
        if (has_path(kind) && !follows_path(filter, happening.path)) continue;
        auto& counters = watch->counters;
        counters.matched.fetch_add(1, std::memory_order_relaxed);
        counters.last_event_ns.store(happening.time.ns, std::memory_order_relaxed);
        if (!watch->live) continue;
        if (there && watch->condition && !passes(*watch, twin, Where::no_slot, nullptr)) continue;
        WatchEvent event;
        event.kind = kind;
        event.twin = &twin;
        event.time = happening.time;
        if (has_path(kind)) event.path = matcher_.path(happening.path);
        const auto detail = sql::Datum::text(happening.detail);
        event.value =
            has_path(kind) ? detail : sql::Datum::array({sql::Datum::text(happening.path), detail});
        if (there) event.extra = extra_of(*watch, twin, Where::no_slot, nullptr);
        stage(*watch, std::move(event));
    }
}

}  // namespace hw::twin
