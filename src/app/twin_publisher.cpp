#include "app/twin_publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "model/point_path.h"
#include "twin/model/state.h"

namespace hw::app {

namespace {

constexpr std::string_view root = "$hw/twin/";
constexpr size_t events_limit = 100'000;  // that wait for the broker's thread
constexpr size_t page_rows = 1'000;
constexpr size_t page_twins = 500;
constexpr uint32_t look_period_s = 10;

// Without $share/<group>/.
std::string_view plain_filter(std::string_view filter) {
    constexpr std::string_view shared = "$share/";
    if (!filter.starts_with(shared)) return filter;
    const size_t group_end = filter.find('/', shared.size());
    return group_end == std::string_view::npos ? std::string_view() : filter.substr(group_end + 1);
}

// Whether the filter may match a topic of twins; wildcards at the front never match a '$'.
bool reaches_twins(std::string_view filter) {
    if (!filter.starts_with("$hw/")) return false;
    const std::string_view second = filter.substr(4, filter.find('/', 4) - 4);
    return second == "#" || second == "+" || second == "twin";
}

// Ids of the twins whose topics the filter may match.
std::string ids_of(std::string_view filter) {
    if (!filter.starts_with(root)) return "#";
    filter.remove_prefix(root.size());
    const size_t end = std::min(filter.find("/property/"), filter.find("/event/"));
    if (end == std::string_view::npos || filter.substr(0, end).find('#') != std::string_view::npos)
        return "#";
    return std::string(filter.substr(0, end));
}

}  // namespace

TwinPublisher::TwinPublisher(Rooms rooms)
    : rooms_(std::move(rooms)),
      published_(rooms_.metrics.counter("headworks_twin_mqtt_published_total",
                                        "Updates and events of twins sent to MQTT subscribers")),
      dropped_(rooms_.metrics.counter(
          "headworks_twin_mqtt_dropped_total",
          "Updates of twins that came faster than the broker could send them")) {
    by_number_.push_back(nullptr);  // 0: no interest
}

TwinPublisher::~TwinPublisher() = default;

void TwinPublisher::start(twin::Twins& twins, std::function<void(std::function<void()>)> run) {
    twins_ = &twins;
    run_ = std::move(run);
    // Sessions of an earlier life may have their subscriptions.
    rooms_.reactor.post([this] { look(); });
    rooms_.reactor.every(seconds(1), [this] {
        if (wanted_ && ++seconds_to_look_ >= look_period_s) look();
    });
}

void TwinPublisher::subscribed(std::string_view filter, Time now) {
    filter = plain_filter(filter);
    if (!reaches_twins(filter)) return;
    {
        MutexLock lock(mutex_);
        if (!filters_.emplace(filter).second) return;
    }
    wanted_ = true;
    ask_again(ids_of(filter), now);
}

void TwinPublisher::ask_again(std::string ids, std::optional<Time> since) {
    if (twins_ == nullptr) return;
    run_([this, ids = std::move(ids), since] {
        twins_->ask_again(ids);
        if (since) catch_up(ids, *since);
    });
}

void TwinPublisher::catch_up(const std::string& ids, Time since) {
    twin::Scope scope;
    scope.filter = ids;
    scope.relationships = false;
    scope.limit = page_twins;
    for (;;) {
        const auto page = twins_->snapshot(scope);
        if (!page) return;
        for (const auto& twin : page->twins) {
            const auto* name = twins_->name(twin.id);
            for (const auto& property : twin.properties) {
                const auto& live = property.live;
                if (name == nullptr || live.time < since || live.origin == twin::Origin::none)
                    continue;
                MutexLock lock(mutex_);
                if (!reached(fmt::format("{}{}/property/{}", root, twin.id, property.path)))
                    continue;
                twin::WatchEvent event;
                event.twin = name;
                event.path = path(property.path);
                event.time = live.time;
                event.value = live.value;
                event.quality = live.quality;
                event.stale = live.stale;
                stage(std::move(event));
            }
        }
        if (page->twins.size() < page_twins) break;
        scope.after = page->twins.back().id;
    }
    round_end();
}

void TwinPublisher::each_filter(const std::function<void(std::string_view)>& call) {
    auto& broker = rooms_.broker();
    if (!broker.has_subscriptions()) return;
    broker::SubscriptionQuery query;
    query.limit = query.visits = page_rows;
    for (;;) {
        auto page = broker.subscriptions(query);
        for (const auto& one : page.items)
            call(plain_filter(one.filter));
        if (!page.next) return;
        query.after_client = std::move(page.next->client);
        query.after_filter = std::move(page.next->filter);
    }
}

void TwinPublisher::look() {
    seconds_to_look_ = 0;
    std::set<std::string, std::less<>> filters;
    each_filter([&](std::string_view filter) {
        if (reaches_twins(filter)) filters.emplace(filter);
    });
    set_filters(std::move(filters));
}

void TwinPublisher::set_filters(std::set<std::string, std::less<>> filters) {
    {
        MutexLock lock(mutex_);
        if (filters_ == filters) return;
        filters_ = std::move(filters);
        wanted_ = !filters_.empty();
    }
    ask_again("#", {});
}

uint32_t TwinPublisher::interest(const twin::TwinName& twin, const twin::Interface& model,
                                 size_t slot) {
    if (!wanted_) return 0;
    const std::string& slot_path = model.slots[slot].path;
    const std::string topic = fmt::format("{}{}/property/{}", root, twin.id, slot_path);
    MutexLock lock(mutex_);
    return reached(topic) ? path(slot_path)->number : 0;
}

bool TwinPublisher::reached(std::string_view topic) {
    return std::any_of(filters_.begin(), filters_.end(),
                       [&](const auto& filter) { return model::matches(filter, topic); });
}

const twin::WatchPath* TwinPublisher::path(std::string_view text) {
    const auto known = paths_.find(text);
    if (known != paths_.end()) return known->second.get();
    const auto number = static_cast<uint32_t>(by_number_.size());
    auto fresh = std::make_unique<twin::WatchPath>(twin::WatchPath{std::string(text), number});
    by_number_.push_back(fresh.get());
    return paths_.emplace(std::string(text), std::move(fresh)).first->second.get();
}

void TwinPublisher::stage(twin::WatchEvent event) {
    if (events_.size() >= events_limit) {
        events_.pop_front();
        dropped_.add();
    }
    events_.push_back(std::move(event));
}

void TwinPublisher::changed(uint32_t interest, const twin::TwinName& twin, size_t,
                            const twin::LiveValue& value) {
    twin::WatchEvent event;
    event.twin = &twin;
    event.time = value.time;
    event.value = value.value;
    event.quality = value.quality;
    event.stale = value.stale;
    MutexLock lock(mutex_);
    event.path = by_number_[interest];
    stage(std::move(event));
}

void TwinPublisher::happened(const twin::Happening& happening) {
    if (!wanted_ || happening.twin == nullptr) return;
    const auto kind = twin::kind_of(happening.kind);
    if (!kind) return;
    twin::WatchEvent event;
    event.kind = *kind;
    event.twin = happening.twin;
    event.time = happening.time;
    const auto detail = sql::Datum::text(happening.detail);
    event.value = twin::has_path(*kind)
                      ? detail
                      : sql::Datum::array({sql::Datum::text(happening.path), detail});
    MutexLock lock(mutex_);
    if (twin::has_path(*kind)) event.path = path(happening.path);
    stage(std::move(event));
}

void TwinPublisher::round_end() {
    {
        MutexLock lock(mutex_);
        if (posted_ || events_.empty()) return;
        posted_ = true;
    }
    rooms_.reactor.post([this] { drain(); });
}

void TwinPublisher::drain() {
    std::deque<twin::WatchEvent> events;
    {
        MutexLock lock(mutex_);
        posted_ = false;
        events.swap(events_);
    }
    for (const auto& event : events)
        announce(event);
}

void TwinPublisher::announce(const twin::WatchEvent& event) {
    topic_ = root;
    topic_ += event.twin->id;
    const bool property = event.kind == twin::WatchEventKind::property;
    topic_ += property ? "/property/" : "/event/";
    topic_ += property ? event.path->text : twin::to_string(event.kind);
    auto& broker = rooms_.broker();
    if (!broker.wanted(topic_)) return;
    payload_.clear();
    JsonWriter json(payload_);
    if (property) {
        twin::write_watch_value(json, event);
    } else {
        twin::write_watch_event(json, event);
    }
    broker::Outgoing message;
    message.topic = topic_;
    message.payload = as_bytes(payload_);
    message.content_type = "application/json";
    broker.announce(message);
    published_.add();
}

namespace {

// Calls when every message has its answer.
struct Answers {
    size_t left = 0;
    twin::WatchOutlet::Answer answer;
    std::function<void(const twin::WatchOutlet::Answer&)> done;

    void one(const Result<void>& result) {
        if (!result && answer.refused++ == 0) answer.error = result.error().text();
        if (--left == 0) done(answer);
    }
};

}  // namespace

void TwinPublisher::publish(std::vector<Message> messages,
                            std::function<void(const Answer&)> done) {
    rooms_.reactor.post([this, messages = std::move(messages), done = std::move(done)] {
        publish_now(messages, done);
    });
}

void TwinPublisher::publish_now(const std::vector<Message>& messages,
                                const std::function<void(const Answer&)>& done) {
    if (messages.empty()) return done({});
    const auto answers = std::make_shared<Answers>(Answers{messages.size(), {}, done});
    for (const auto& message : messages) {
        broker::Outgoing out{.topic = message.topic,
                             .payload = as_bytes(message.payload),
                             .qos = message.qos,
                             .retain = message.retain,
                             .content_type = "application/json"};
        if (auto taken = rooms_.broker().publish(
                out, [answers](const Result<void>& result) { answers->one(result); });
            !taken)
            answers->one(taken);
    }
}

void TwinPublisher::count_subscribers(std::string topic, std::function<void(size_t)> done) {
    rooms_.reactor.post([this, topic = std::move(topic), done = std::move(done)] {
        size_t count = 0;
        each_filter([&](std::string_view filter) {
            if (!filter.empty() && model::matches(filter, topic)) ++count;
        });
        done(count);
    });
}

}  // namespace hw::app
