#include "twin/watch/watch_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/config_text.h"
#include "base/log.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

Error no_longer(const Change& change, const WatchManager::Kept& kept) {
    if (change.revision == 0)
        return Error(ErrorCode::conflict,
                     fmt::format("there is a subscription '{}' already", kept.spec.id));
    return Error(ErrorCode::conflict,
                 fmt::format("subscription '{}' is of revision {}, not {}; read it again",
                             kept.spec.id, kept.revision, *change.revision));
}

}  // namespace

Result<std::unique_ptr<WatchManager>> WatchManager::open(const WatchSettings& settings,
                                                         Rooms rooms) {
    auto store = HW_TRY(WatchStore::open(rooms.database));
    std::unique_ptr<WatchManager> manager(
        new WatchManager(settings, std::move(rooms), std::move(store)));
    HW_TRY(manager->load());
    manager->rooms_.twins.add_follower(manager->hub_);
    return manager;
}

WatchManager::WatchManager(const WatchSettings& settings, Rooms rooms,
                           std::unique_ptr<WatchStore> store)
    : settings_(settings),
      rooms_(std::move(rooms)),
      store_(std::move(store)),
      courier_(settings, {rooms_.twins, rooms_.clock, rooms_.metrics,
                          [this](const WatchPtr& watch) { forgotten(watch); }}),
      hub_(rooms_.twins, rooms_.functions, rooms_.clock, settings.queue_limit,
           [this](const WatchPtr& watch) { courier_.ready(watch); }) {
    courier_.set_hub(hub_);
    rooms_.metrics.gauge("headworks_twin_subscriptions", "Subscriptions to twins", [this] {
        MutexLock lock(mutex_);
        return static_cast<double>(kept_.size() + ad_hoc_.size());
    });
}

WatchManager::~WatchManager() {
    stop();
}

// What does not fit keeps its place and says why.
Result<void> WatchManager::load() {
    const MutexLock change(changes_);
    for (auto& row : HW_TRY(store_->load())) {
        Kept kept;
        kept.revision = row.revision;
        kept.created = row.created;
        kept.updated = row.updated;
        kept.actor = std::move(row.actor);
        auto spec = read_watch(row.body, row.id);
        if (spec) {
            kept.spec = std::move(*spec);
            if (kept.spec.enabled) {
                auto watch = hub_.make(kept.spec);
                if (watch) kept.watch = std::move(*watch);
                if (!watch) kept.problem = watch.error().text();
            }
        } else {
            kept.spec.id = row.id;
            kept.problem = spec.error().text();
        }
        if (!kept.problem.empty())
            log_warning("twin",
                        fmt::format("subscription '{}' does not work: {}", row.id, kept.problem));
        MutexLock lock(mutex_);
        kept_.insert_or_assign(row.id, std::move(kept));
    }
    publish();
    return {};
}

void WatchManager::start() {
    const MutexLock change(changes_);
    courier_.start();
    bool rooted = false;
    for (const auto& kept : list()) {
        if (!kept.watch) continue;
        if (!kept.spec.filter.root.empty())
            rooted =
                hub_.set_members(*kept.watch, members_of(rooms_.twins, kept.spec.filter)) || rooted;
        learn_names(kept.watch);
        deliver(kept.watch);
    }
    if (rooted) rooms_.twins.ask_again();
}

void WatchManager::stop() {
    courier_.stop();
}

void WatchManager::publish() {
    std::vector<WatchPtr> watches, rooted;
    {
        MutexLock lock(mutex_);
        for (const auto& [id, kept] : kept_)
            if (kept.watch) watches.push_back(kept.watch);
        for (const auto& [text, watch] : ad_hoc_)
            watches.push_back(watch);
    }
    for (const auto& watch : watches)
        if (!watch->spec.filter.root.empty()) rooted.push_back(watch);
    hub_.set_watches(std::move(watches));
    courier_.set_rooted(std::move(rooted));
}

void WatchManager::ask_again(const Watch& watch) const {
    rooms_.twins.ask_again(watch.spec.filter.twins);
}

void WatchManager::deliver(const WatchPtr& watch) {
    if (!watch->spec.mqtt || rooms_.outlet == nullptr) return;
    courier_.attach(watch,
                    std::make_shared<MqttSink>(watch, *rooms_.outlet, [this] { courier_.wake(); }),
                    {}, false);
}

// So that the first events have them.
void WatchManager::learn_names(const WatchPtr& watch) {
    const auto& enrich = watch->spec.enrich;
    if (std::find(enrich.begin(), enrich.end(), "name") == enrich.end()) return;
    Scope scope = scope_of(watch->spec.filter);
    scope.values = false;
    const auto twins = rooms_.twins.snapshot(scope);
    if (!twins) return;
    for (const auto& twin : twins->twins)
        if (const auto* name = rooms_.twins.name(twin.id); name != nullptr && !twin.name.empty())
            hub_.set_name(*name, name_in(twin.name));
}

std::vector<WatchManager::Kept> WatchManager::list() const {
    std::vector<Kept> out;
    MutexLock lock(mutex_);
    out.reserve(kept_.size());
    for (const auto& [id, kept] : kept_)
        out.push_back(kept);
    return out;
}

std::optional<WatchManager::Kept> WatchManager::find(std::string_view id) const {
    MutexLock lock(mutex_);
    const auto at = kept_.find(id);
    if (at == kept_.end()) return {};
    return at->second;
}

Error WatchManager::no_such(std::string_view id) const {
    std::vector<std::string> ids;
    {
        MutexLock lock(mutex_);
        for (const auto& [known, kept] : kept_)
            ids.push_back(known);
    }
    return Error(ErrorCode::not_found,
                 fmt::format("there is no subscription '{}'{}", id, did_you_mean(id, ids)));
}

Result<WatchManager::Kept> WatchManager::get(std::string_view id) const {
    if (auto kept = find(id)) return std::move(*kept);
    return fail(no_such(id));
}

Result<void> WatchManager::check(const WatchSpec& spec) const {
    if (!spec.filter.model.empty())
        if (auto model = rooms_.twins.models()->get(spec.filter.model); !model)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'filter.model': {}", model.error().text()));
    return {};
}

Result<WatchPtr> WatchManager::make(const WatchSpec& spec) const {
    HW_TRY(check(spec));
    auto watch = HW_TRY(hub_.make(spec));
    if (!spec.filter.root.empty()) hub_.set_members(*watch, members_of(rooms_.twins, spec.filter));
    return watch;
}

Result<WatchManager::Kept> WatchManager::create(WatchSpec spec, const Change& change) {
    bool created = false;
    return change_one(std::move(spec), change, false, false, created);
}

Result<WatchManager::Kept> WatchManager::put(WatchSpec spec, const Change& change, bool& created) {
    return change_one(std::move(spec), change, true, change.revision.value_or(0) != 0, created);
}

Result<WatchManager::Kept> WatchManager::change_one(WatchSpec spec, const Change& change,
                                                    bool may_exist, bool must_exist,
                                                    bool& created) {
    const MutexLock one(changes_);
    const auto before = find(spec.id);
    created = !before;
    const std::string action = before ? "twin_subscription.update" : "twin_subscription.create";
    const std::string id = spec.id;
    const std::string text = watch_text(spec);
    const auto work = [&]() HW_LOCKING(requires_capability(changes_)) -> Result<Kept> {
        if (id.empty())
            return fail(ErrorCode::invalid_argument, "'id' must be given: the subscription's name");
        if (before && !may_exist)
            return fail(ErrorCode::conflict,
                        fmt::format("there is a subscription '{}' already; PUT replaces it", id));
        if (!before && must_exist) return fail(no_such(id));
        if (before && change.revision && *change.revision != before->revision)
            return fail(no_longer(change, *before));
        return store(std::move(spec), change, before ? &*before : nullptr);
    };
    auto done = work();
    note(change, action, id, before ? watch_text(before->spec) : "", text,
         done ? nullptr : &done.error());
    return done;
}

Result<WatchManager::Kept> WatchManager::store(WatchSpec spec, const Change& change,
                                               const Kept* before) {
    if (before == nullptr) {
        MutexLock lock(mutex_);
        if (kept_.size() + ad_hoc_.size() >= settings_.subscriptions_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} subscriptions, the limit "
                                    "twin.subscriptions_limit",
                                    kept_.size() + ad_hoc_.size()));
    }
    Kept now;
    // One that is disabled must be right all the same.
    auto watch = HW_TRY(make(spec));
    if (spec.enabled) now.watch = std::move(watch);
    now.spec = std::move(spec);
    now.revision = before == nullptr ? 1 : before->revision + 1;
    now.updated = rooms_.clock.now();
    now.created = before == nullptr ? now.updated : before->created;
    now.actor = change.actor;
    HW_TRY(store_->save(
        {now.spec.id, now.revision, now.created, now.updated, now.actor, watch_text(now.spec)}));
    replace(before, now);
    return now;
}

void WatchManager::replace(const Kept* before, const Kept& now) {
    {
        MutexLock lock(mutex_);
        kept_.insert_or_assign(now.spec.id, now);
    }
    if (now.watch) learn_names(now.watch);
    publish();
    if (before != nullptr && before->watch) ask_again(*before->watch);
    if (now.watch) ask_again(*now.watch);
    if (now.watch) deliver(now.watch);
    if (before != nullptr && before->watch)
        courier_.end(before->watch, now.watch, "the subscription was disabled");
}

Result<void> WatchManager::remove(std::string_view id, const Change& change) {
    const MutexLock one(changes_);
    const auto before = find(id);
    const auto work = [&]() HW_LOCKING(requires_capability(changes_)) -> Result<void> {
        if (!before) return fail(no_such(id));
        if (change.revision && *change.revision != before->revision)
            return fail(no_longer(change, *before));
        HW_TRY(store_->remove(id));
        {
            MutexLock lock(mutex_);
            kept_.erase(before->spec.id);
        }
        publish();
        if (before->watch) {
            ask_again(*before->watch);
            courier_.end(before->watch, nullptr, "the subscription was removed");
        }
        return {};
    };
    auto done = work();
    note(change, "twin_subscription.remove", id, before ? watch_text(before->spec) : "", "",
         done ? nullptr : &done.error());
    return done;
}

void WatchManager::note(const Change& change, std::string_view action, std::string_view id,
                        std::string old_value, std::string new_value, const Error* error) const {
    catalog::AuditRecord record;
    record.time = rooms_.clock.now();
    record.actor = change.actor;
    record.origin = change.origin;
    record.action = action;
    record.target = id;
    record.old_value = std::move(old_value);
    record.new_value = std::move(new_value);
    record.result = error == nullptr ? "ok" : std::string(to_string(error->code()));
    record.detail = error == nullptr ? change.reason : error->text();
    rooms_.audit.append(std::move(record));
}

Result<void> WatchManager::room_for_reader() const {
    if (courier_.readers() < settings_.readers_limit) return {};
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{} streams of twins' events are open, the limit "
                            "twin.subscription_readers",
                            courier_.readers()));
}

Result<void> WatchManager::read(std::string_view id, std::shared_ptr<WatchSink> sink,
                                std::optional<uint64_t> last) {
    const MutexLock one(changes_);
    HW_TRY(room_for_reader());
    const auto kept = HW_TRY(get(id));
    if (!kept.watch)
        return fail(ErrorCode::unavailable,
                    kept.problem.empty()
                        ? fmt::format("subscription '{}' is disabled", id)
                        : fmt::format("subscription '{}' does not work: {}", id, kept.problem));
    courier_.attach(kept.watch, std::move(sink), last, true);
    return {};
}

Result<void> WatchManager::read(WatchSpec spec, std::shared_ptr<WatchSink> sink,
                                std::optional<uint64_t> last) {
    if (spec.mqtt)
        return fail(ErrorCode::invalid_argument,
                    "'deliver' belongs to kept subscriptions; PUT one, or leave it out");
    spec.id.clear();
    spec.description.clear();
    spec.enabled = true;
    const std::string text = watch_text(spec);
    const MutexLock one(changes_);
    HW_TRY(room_for_reader());
    {
        MutexLock lock(mutex_);
        if (const auto known = ad_hoc_.find(text); known != ad_hoc_.end()) {
            // Under the lock, so that forgotten() sees the reader.
            courier_.attach(known->second, std::move(sink), last, true);
            return {};
        }
        if (kept_.size() + ad_hoc_.size() >= settings_.subscriptions_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} subscriptions, the limit "
                                    "twin.subscriptions_limit",
                                    kept_.size() + ad_hoc_.size()));
    }
    auto watch = HW_TRY(make(spec));
    learn_names(watch);
    {
        MutexLock lock(mutex_);
        ad_hoc_.emplace(text, watch);
    }
    publish();
    ask_again(*watch);
    courier_.attach(watch, std::move(sink), last, true);
    return {};
}

// Of streams of their own: nobody came back. The twins still ask for it until they are made to ask
// again; that costs nothing, since nobody takes its events.
void WatchManager::forgotten(const WatchPtr& watch) {
    if (!watch->spec.id.empty()) return;
    MutexLock lock(mutex_);
    if (watch->readers > 0) return;
    std::erase_if(ad_hoc_, [&](const auto& one) { return one.second == watch; });
}

WatchFigures WatchManager::figures_of(const Watch& watch,
                                      const std::unordered_map<uint32_t, uint64_t>& slots) const {
    const auto& counters = watch.counters;
    WatchFigures figures;
    figures.matched = counters.matched;
    figures.delivered = counters.delivered;
    figures.dropped = counters.dropped;
    figures.throttled = counters.throttled;
    figures.suppressed = counters.suppressed;
    figures.rejected = counters.rejected;
    figures.failed = counters.failed;
    figures.refused = counters.refused;
    const auto followed = slots.find(watch.number);
    if (followed != slots.end()) figures.slots = followed->second;
    figures.queued = watch.outbox.size();
    figures.readers = watch.readers;
    if (const int64_t last = counters.last_event_ns; last != 0) figures.last_event = Time{last};
    figures.last_error = hub_.last_error(watch);
    return figures;
}

Result<WatchFigures> WatchManager::figures(std::string_view id) const {
    const auto kept = HW_TRY(get(id));
    const auto slots = hub_.settle();
    if (!kept.watch) return WatchFigures{};
    return figures_of(*kept.watch, slots);
}

std::map<std::string, WatchFigures, std::less<>> WatchManager::all_figures() const {
    std::map<std::string, WatchFigures, std::less<>> out;
    const auto slots = hub_.settle();
    for (const auto& kept : list())
        out.emplace(kept.spec.id, kept.watch ? figures_of(*kept.watch, slots) : WatchFigures{});
    return out;
}

}  // namespace hw::twin
