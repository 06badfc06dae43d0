#include "twin/twins.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "twin/twins_impl.h"

namespace hw::twin {

namespace {

constexpr Duration sweep_interval = seconds(1);

}  // namespace

Result<std::unique_ptr<Twins>> Twins::open(const Settings& settings, Rooms rooms) {
    auto twins = std::make_unique<TwinsImpl>(settings, std::move(rooms));
    HW_TRY(twins->read_catalog());
    return std::unique_ptr<Twins>(std::move(twins));
}

TwinsImpl::TwinsImpl(const Settings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(std::move(rooms)),
      live_({settings_, rooms_.points, rooms_.history, rooms_.clock, rooms_.functions}),
      queue_(live_.point_table(), settings_.queue_bytes),
      models_(Models::none()) {
    register_metrics();
}

TwinsImpl::~TwinsImpl() {
    stop();
}

void TwinsImpl::register_metrics() {
    Metrics& metrics = rooms_.metrics;
    const auto& figures = live_.figures();
    metrics.total("headworks_twin_updates_total", "Values applied to twins",
                  [&] { return static_cast<double>(figures.updates); });
    metrics.total("headworks_twin_derivations_total", "Derived properties computed",
                  [&] { return static_cast<double>(figures.derivations); });
    metrics.total("headworks_twin_outdated_total", "Samples older than the twin's value",
                  [&] { return static_cast<double>(figures.outdated); });
    metrics.total("headworks_twin_mistyped_total", "Samples of a type that the model does not take",
                  [&] { return static_cast<double>(figures.mistyped); });
    metrics.total("headworks_twin_dropped_total",
                  "Samples beyond twin.queue_bytes: only the newest of a point is applied",
                  [this] { return static_cast<double>(queue_.dropped()); });
    metrics.gauge("headworks_twin_queue_bytes", "Samples that wait for the twins",
                  [this] { return static_cast<double>(queue_.bytes()); });
    metrics.gauge("headworks_twin_twins", "Twins",
                  [&] { return static_cast<double>(figures.twins); });
    metrics.gauge("headworks_twin_relationships", "Relationships of twins",
                  [&] { return static_cast<double>(figures.relationships); });
    metrics.gauge("headworks_twin_slots", "Telemetry and properties of all twins",
                  [&] { return static_cast<double>(figures.slots); });
    apply_seconds_ = &metrics.latency("headworks_twin_apply_seconds",
                                      "From taking a queue of samples to having applied them");
}

namespace {

// One line for all that the log would say ten thousand times.
class Complaints {
  public:
    explicit Complaints(std::string_view what) : what_(what) {}
    ~Complaints() {
        if (count_ > 0)
            log_warning("twin", fmt::format("{} of {} no longer fit their models, as {}", count_,
                                            what_, first_));
    }
    void add(std::string_view id, std::string_view text) {
        if (count_++ == 0) first_ = fmt::format("'{}': {}", id, text);
    }

  private:
    const std::string_view what_;
    std::string first_;
    size_t count_ = 0;
};

}  // namespace

// A twin whose model is gone or that does not fit it stays in the tables, and its id free.
Result<void> TwinsImpl::read_catalog() {
    store_ = HW_TRY(TwinStore::open(rooms_.database));
    const auto documents = HW_TRY(store_->load_models());
    const std::vector<std::string_view> texts(documents.begin(), documents.end());
    std::vector<ModelFlaw> flaws;
    std::shared_ptr<const Models> models = Models::none();
    if (!texts.empty()) models = models->with(texts, flaws);
    if (!models)
        return fail(ErrorCode::corrupt,
                    fmt::format("the models of the catalogue cannot be read: {}",
                                flaws.empty() ? "no reason given" : flaws.front().full_text()));
    const MutexLock change(changes_);
    const WorkLock work(live_.work());
    const WriteLock lock(live_.lock());
    {
        const MutexLock inner(models_mutex_);
        models_ = models;
    }
    for (const auto& ended : HW_TRY(store_->ended())) {
        live_.graph().place(ended.id).revision = ended.revision;
        last_change_ = std::max(last_change_, ended.to);
    }
    Complaints twins("twins");
    HW_TRY(store_->each_twin(std::nullopt, [&](StoredTwin&& twin) -> Result<void> {
        const InterfacePtr model = models->find(twin.spec.model);
        if (!model) {
            twins.add(twin.spec.id, fmt::format("there is no model '{}'", twin.spec.model));
            return {};
        }
        live_.put_twin(twin.spec, model, {twin.revision, twin.created, twin.from, twin.actor},
                       false);
        last_change_ = std::max(last_change_, twin.from);
        return {};
    }));
    Complaints relationships("relationships");
    HW_TRY(
        store_->each_relationship(std::nullopt, [&](StoredRelationship&& stored) -> Result<void> {
            Twin* source = live_.graph().find(stored.spec.source);
            Twin* target = live_.graph().find(stored.spec.target);
            last_change_ = std::max(last_change_, stored.from);
            if (source != nullptr && target != nullptr)
                live_.add_edge(*source, stored.spec.name, *target,
                               std::move(stored.spec.properties), false);
            else
                relationships.add(stored.spec.source, "an end is not there");
            return {};
        }));
    live_.settle();
    forget_old();
    return {};
}

void TwinsImpl::load() {
    live_.load();
}

void TwinsImpl::start() {
    if (running_.exchange(true)) return;
    stopping_ = false;
    thread_ = std::thread([this, begun = rooms_.clock.monotonic()] { run(begun); });
}

void TwinsImpl::stop() {
    if (!running_) return;
    stopping_ = true;
    queue_.wake();
    thread_.join();
    running_ = false;
    apply_queued();
    keep_derived();
}

void TwinsImpl::tap(std::span<const model::SampleBatch* const> batches) {
    queue_.tap(batches, live_.binder().fresh_points());
}

void TwinsImpl::run(Time begun) {
    pthread_setname_np(pthread_self(), "twin");
    const Duration tick = std::min(sweep_interval, settings_.keep_interval);
    Time swept = begun;
    Time kept = begun;
    SampleQueue::Work work;
    while (!stopping_) {
        if (queue_.take(work, tick)) {
            const Time taken = rooms_.clock.monotonic();
            live_.apply(work);
            apply_seconds_->observe_ns((rooms_.clock.monotonic() - taken).ns);
        }
        queue_.done(work);
        const Time now = rooms_.clock.monotonic();
        if (now - swept >= sweep_interval) {
            swept = now;
            live_.sweep();
        }
        if (now - kept >= settings_.keep_interval) {
            kept = now;
            keep_derived();
        }
    }
}

void TwinsImpl::keep_derived() {
    auto batch = live_.take_kept();
    if (!batch.empty() && rooms_.keep) rooms_.keep(std::move(batch));
}

// Where no thread runs, whoever wants to read applies what waits.
void TwinsImpl::apply_queued() const {
    SampleQueue::Work work;
    if (queue_.take_now(work)) live_.apply(work);
    queue_.done(work);
}

void TwinsImpl::wait_for(uint32_t tap) const {
    if (live_.lock().writing()) return;
    if (running_)
        queue_.wait(tap);
    else
        apply_queued();
}

void TwinsImpl::sync() const {
    wait_for(queue_.queued());
}

void TwinsImpl::tell(const Happening& happening) {
    const WorkLock work(live_.work());
    const WriteLock lock(live_.lock());
    live_.tell(happening);
    live_.settle();
}

Figures TwinsImpl::figures() const {
    sync();
    Figures out;
    const auto& figures = live_.figures();
    out.models = models()->all().size();
    out.twins = figures.twins;
    out.relationships = figures.relationships;
    out.slots = figures.slots;
    out.bound_slots = figures.bound;
    out.derived_slots = figures.derived;
    out.updates = figures.updates;
    out.derivations = figures.derivations;
    out.dropped = queue_.dropped();
    out.queued_bytes = queue_.bytes();
    out.memory_bytes = live_.bytes();
    return out;
}

}  // namespace hw::twin
