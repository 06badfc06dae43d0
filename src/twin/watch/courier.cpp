#include "twin/watch/courier.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace hw::twin {

namespace {

constexpr size_t batch_events = 256;  // to one sink in one go
constexpr size_t initial_twins = 200;
// While something is throttled or a sink is behind; else.
constexpr Duration hurried_tick = milliseconds(20);
constexpr Duration idle_tick = milliseconds(250);
constexpr Duration graph_pause = milliseconds(500);  // between looks at a changing graph

}  // namespace

Scope scope_of(const WatchFilter& filter) {
    Scope scope;
    scope.filter = filter.twins;
    scope.model = filter.model;
    scope.root = filter.root;
    scope.along = filter.along;
    scope.incoming = filter.incoming;
    scope.relationships = false;
    return scope;
}

std::shared_ptr<const WatchMembers> members_of(const Twins& twins, const WatchFilter& filter) {
    Scope scope = scope_of(filter);
    scope.values = false;
    auto members = std::make_shared<WatchMembers>();
    const auto reached = twins.snapshot(scope);
    if (!reached) return members;
    for (const auto& twin : reached->twins)
        if (const auto* name = twins.name(twin.id)) members->insert(name->index);
    return members;
}

Courier::Courier(const WatchSettings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(std::move(rooms)),
      delivered_(rooms_.metrics.counter("headworks_twin_watch_delivered_total",
                                        "Events of subscriptions that were taken")),
      dropped_(rooms_.metrics.counter("headworks_twin_watch_dropped_total",
                                      "Events of subscriptions that were gone before a slow "
                                      "reader took them")) {
    rooms_.metrics.gauge("headworks_twin_watch_readers", "Open streams of twins' events",
                         [this] { return static_cast<double>(readers()); });
}

Courier::~Courier() {
    stop();
}

void Courier::start() {
    HW_ASSERT(hub_ != nullptr);
    thread_ = std::thread([this] { loop(); });
}

void Courier::stop() {
    if (!thread_.joinable()) return;
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    for (auto& [number, served] : served_)
        for (auto& place : served.places)
            place.sink->end("the server stops");
    served_.clear();
}

void Courier::ready(const WatchPtr& watch) {
    if (watch->ready.exchange(true)) return;
    {
        MutexLock lock(mutex_);
        ready_.push_back(watch);
    }
    wake_.notify_one();
}

void Courier::wake() {
    {
        MutexLock lock(mutex_);
        woken_ = true;
    }
    wake_.notify_one();
}

void Courier::run(std::function<void()> task) {
    {
        MutexLock lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void Courier::loop() {
    for (;;) {
        {
            MutexLock lock(mutex_);
            if (!stopping_ && ready_.empty() && tasks_.empty() && !woken_)
                wake_.wait_for(
                    mutex_, std::chrono::nanoseconds(hurried() ? hurried_tick.ns : idle_tick.ns));
            if (stopping_) return;
        }
        work(rooms_.clock.monotonic());
    }
}

bool Courier::hurried() const {
    return behind_ || std::any_of(served_.begin(), served_.end(), [](const auto& one) {
               return one.second.watch->spec.min_interval.ns > 0;
           });
}

void Courier::work(Time monotonic_now) {
    std::vector<WatchPtr> watches;
    std::vector<std::function<void()>> tasks;
    bool woken = false;
    {
        MutexLock lock(mutex_);
        watches.swap(ready_);
        tasks.swap(tasks_);
        woken = std::exchange(woken_, false);
    }
    for (const auto& task : tasks)
        task();
    for (const auto& watch : watches) {
        watch->ready = false;
        const auto served = served_.find(watch->number);
        if (served != served_.end() && !pump(served->second)) behind_ = true;
    }
    if (woken || monotonic_now >= tick_due_) tick(monotonic_now);
    {
        MutexLock lock(mutex_);
        ++rounds_;
    }
    round_over_.notify_all();
}

void Courier::tick(Time now) {
    behind_ = false;
    const bool heartbeat = now >= heartbeat_due_;
    if (heartbeat) heartbeat_due_ = now + settings_.heartbeat;
    std::vector<WatchPtr> forgotten;
    for (auto at = served_.begin(); at != served_.end();) {
        Served& served = at->second;
        if (served.watch->spec.min_interval.ns > 0) served.watch->outbox.release(now);
        if (heartbeat)
            for (const auto& place : served.places)
                place.sink->idle();
        if (!pump(served)) behind_ = true;
        if (remove_gone(served, now)) {
            ++at;
            continue;
        }
        forgotten.push_back(served.watch);
        at = served_.erase(at);
    }
    for (const auto& watch : forgotten) {
        hub_->set_live(*watch, false);
        rooms_.forgotten(watch);
    }
    if (now >= graph_due_ && hub_->take_graph_changed()) {
        graph_due_ = now + graph_pause;
        follow_graph();
    }
    learn_names();
    tick_due_ = now + (hurried() ? hurried_tick : idle_tick);
}

// False: nobody is left, and the time of lingering is over.
bool Courier::remove_gone(Served& served, Time now) {
    const bool had = !served.places.empty();
    served.places.remove_if([&](const Place& place) {
        if (!place.sink->gone()) return false;
        if (place.reader) {
            --served.watch->readers;
            --readers_;
        }
        return true;
    });
    if (!served.places.empty()) return true;
    if (had) served.lingers_until = now + settings_.linger;
    return now < served.lingers_until;
}

void Courier::attach(WatchPtr watch, std::shared_ptr<WatchSink> sink, std::optional<uint64_t> last,
                     bool reader) {
    if (reader) {
        ++readers_;
        ++watch->readers;
    }
    run([this, watch = std::move(watch), sink = std::move(sink), last, reader] {
        take_up(watch, sink, last, reader);
    });
}

void Courier::take_up(WatchPtr watch, std::shared_ptr<WatchSink> sink, std::optional<uint64_t> last,
                      bool reader) {
    Served& served = served_[watch->number];
    served.watch = watch;
    hub_->set_live(*watch, true);
    Place place;
    place.sink = std::move(sink);
    place.reader = reader;
    const bool resumed = last && watch->outbox.resumable(*last);
    place.at = resumed ? *last + 1 : watch->outbox.next();
    place.initial = reader && watch->spec.initial && !resumed;
    place.sink->begin(*watch, place.at);
    served.places.push_back(std::move(place));
    if (!pump(served)) behind_ = true;
}

void Courier::end(WatchPtr watch, WatchPtr successor, std::string why) {
    run([this, watch = std::move(watch), successor = std::move(successor), why = std::move(why)] {
        drop(watch, successor, why);
    });
}

void Courier::drop(const WatchPtr& watch, const WatchPtr& successor, const std::string& why) {
    const auto served = served_.find(watch->number);
    if (served == served_.end()) return;
    pump(served->second);
    std::list<Place> places = std::move(served->second.places);
    served_.erase(served);
    hub_->set_live(*watch, false);
    for (auto& place : places) {
        if (!place.reader) {
            place.sink->end(why);
            continue;
        }
        --watch->readers;
        --readers_;
        if (!successor) {
            place.sink->end(why);
            continue;
        }
        ++successor->readers;
        ++readers_;
        take_up(successor, std::move(place.sink), {}, true);
    }
}

void Courier::set_rooted(std::vector<WatchPtr> rooted) {
    run([this, rooted = std::move(rooted)] { rooted_ = rooted; });
}

bool Courier::pump(Served& served) {
    bool whole = true;
    uint64_t least = UINT64_MAX;
    for (auto& place : served.places) {
        whole = pump(*served.watch, place) && whole;
        least = std::min(least, place.at);
    }
    if (!served.places.empty()) served.watch->outbox.trim(least);
    return whole;
}

bool Courier::pump(Watch& watch, Place& place) {
    while (!place.sink->gone()) {
        if (!place.sink->ready()) return false;
        if (place.initial) {
            place.initial = send_initial(watch, place);
            continue;
        }
        watch.outbox.take(place.at, batch_events, taken_);
        if (taken_.missed > 0) {
            watch.counters.dropped.fetch_add(taken_.missed, std::memory_order_relaxed);
            dropped_.add(taken_.missed);
            place.sink->gap(taken_.missed);
        }
        if (taken_.events.empty()) return true;
        place.sink->events(watch, taken_.events, taken_.first);
        delivered_.add(taken_.events.size());
        if (!place.sink->counts())
            watch.counters.delivered.fetch_add(taken_.events.size(), std::memory_order_relaxed);
    }
    return true;
}

// The next part of the present state. False: that was all.
bool Courier::send_initial(Watch& watch, Place& place) {
    Scope scope = scope_of(watch.spec.filter);
    scope.after = place.initial_after;
    scope.limit = initial_twins;
    const auto part = rooms_.twins.snapshot(scope);
    if (!part) {
        log_warning("twin", part.error().within("present state of a subscription").text());
        return false;
    }
    initial_.clear();
    for (const auto& twin : part->twins)
        hub_->initial(watch, twin, initial_);
    if (!initial_.empty()) {
        place.sink->events(watch, initial_, 0);
        delivered_.add(initial_.size());
        watch.counters.delivered.fetch_add(initial_.size(), std::memory_order_relaxed);
    }
    if (part->twins.size() < initial_twins) return false;
    place.initial_after = part->twins.back().id;
    return true;
}

void Courier::follow_graph() {
    bool changed = false;
    for (const auto& watch : rooted_) {
        auto members = members_of(rooms_.twins, watch->spec.filter);
        changed = hub_->set_members(*watch, std::move(members)) || changed;
    }
    if (changed) rooms_.twins.ask_again();
}

void Courier::learn_names() {
    for (const auto* twin : hub_->take_names_wanted())
        if (const auto spec = rooms_.twins.spec(twin->id); spec && !spec->name.empty())
            hub_->set_name(*twin, spec->name);
}

size_t Courier::undelivered(const Watch& watch, uint64_t sequence) const {
    const auto served = served_.find(watch.number);
    if (served == served_.end()) return 0;
    return static_cast<size_t>(std::count_if(
        served->second.places.begin(), served->second.places.end(), [&](const Place& place) {
            return !place.sink->gone() && place.sink->delivered_to(place.at) <= sequence;
        }));
}

bool Courier::settle(Duration most) {
    const auto done = std::make_shared<std::promise<void>>();
    auto answer = done->get_future();
    run([done] { done->set_value(); });
    return answer.wait_for(std::chrono::nanoseconds(most.ns)) == std::future_status::ready;
}

size_t Courier::wait_delivered(const WatchPtr& watch, uint64_t sequence, Duration most) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(most.ns);
    for (;;) {
        const auto left = std::make_shared<std::promise<size_t>>();
        auto answer = left->get_future();
        run([this, watch, sequence, left] { left->set_value(undelivered(*watch, sequence)); });
        // A courier that has stopped answers no more.
        if (answer.wait_until(deadline + std::chrono::seconds(1)) != std::future_status::ready)
            return 1;
        const size_t count = answer.get();
        if (count == 0 || std::chrono::steady_clock::now() >= deadline) return count;
        MutexLock lock(mutex_);
        const uint64_t before = rounds_;
        while (rounds_ == before && !stopping_ && std::chrono::steady_clock::now() < deadline)
            round_over_.wait_for(mutex_, std::chrono::milliseconds(20));
    }
}

}  // namespace hw::twin
