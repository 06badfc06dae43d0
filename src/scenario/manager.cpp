#include "scenario/manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config.h"

namespace hw::scenario {

namespace {

constexpr Duration calibration_history = seconds(7 * 86'400);
constexpr Duration minute = seconds(60);

Time whole_minute(Time time) {
    return {time.ns - time.ns % minute.ns};
}

bool busy(RunState state) {
    return state == RunState::queued || state == RunState::running;
}

}  // namespace

Result<std::unique_ptr<ScenarioManager>> ScenarioManager::open(const Settings& settings,
                                                               Rooms rooms) {
    auto scenarios = HW_TRY(rooms.store.load());
    std::unique_ptr<ScenarioManager> manager(new ScenarioManager(settings, std::move(rooms)));
    const MutexLock lock(manager->mutex_);
    for (auto& scenario : scenarios) {
        std::string id = scenario.spec.id;
        manager->scenarios_.emplace(std::move(id), Kept{std::move(scenario), nullptr});
    }
    return manager;
}

ScenarioManager::ScenarioManager(const Settings& settings, Rooms rooms)
    : settings_(settings), rooms_(std::move(rooms)) {}

ScenarioManager::~ScenarioManager() {
    stop();
}

void ScenarioManager::start() {
    if (!settings_.enabled) return;
    {
        const MutexLock lock(mutex_);
        stopping_ = false;
    }
    for (size_t i = workers_.size(); i < settings_.workers; ++i)
        workers_.emplace_back([this] { work(); });
}

void ScenarioManager::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        for (auto& [id, kept] : scenarios_)
            if (kept.job) kept.job->cancelled = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_)
        worker.join();
    workers_.clear();
}

void ScenarioManager::wait_idle() {
    mutex_.lock();
    while (!queue_.empty() || running_ > 0)
        wake_.wait(mutex_);
    mutex_.unlock();
}

StoredScenario ScenarioManager::shown(const Kept& kept) const {
    StoredScenario scenario = kept.scenario;
    if (kept.job) scenario.progress = kept.job->progress;
    if (scenario.state == RunState::done) scenario.progress = 1;
    return scenario;
}

Result<StoredScenario> ScenarioManager::find(std::string_view id) const {
    if (const auto at = scenarios_.find(id); at != scenarios_.end()) return shown(at->second);
    std::vector<std::string> ids;
    for (const auto& [name, kept] : scenarios_)
        ids.push_back(name);
    const auto near = nearest(id, ids);
    return fail(ErrorCode::not_found,
                fmt::format("there is no scenario '{}'{}", id,
                            near ? fmt::format("; did you mean '{}'?", *near) : ""));
}

std::vector<StoredScenario> ScenarioManager::list() const {
    const MutexLock lock(mutex_);
    std::vector<StoredScenario> all;
    for (const auto& [id, kept] : scenarios_)
        all.push_back(shown(kept));
    return all;
}

Result<StoredScenario> ScenarioManager::get(std::string_view id) const {
    const MutexLock lock(mutex_);
    return find(id);
}

void ScenarioManager::note(const twin::Change& change, std::string_view action,
                           std::string_view target, std::string old_value, std::string new_value,
                           const Error* error) const {
    rooms_.audit.append({.time = rooms_.clock.now(),
                         .actor = change.actor,
                         .origin = change.origin,
                         .action = std::string(action),
                         .target = std::string(target),
                         .old_value = std::move(old_value),
                         .new_value = std::move(new_value),
                         .result = std::string(error ? to_string(error->code()) : "ok"),
                         .detail = error ? error->text() : change.reason});
}

std::unexpected<Error> ScenarioManager::refuse(const twin::Change& change, std::string_view action,
                                               std::string_view id, Error error) const {
    note(change, action, id, "", "", &error);
    return fail(std::move(error));
}

Result<StoredScenario> ScenarioManager::create(ScenarioSpec spec, const twin::Change& change) {
    if (!spec.id.empty()) {
        const MutexLock lock(mutex_);
        if (scenarios_.contains(spec.id)) {
            const Error error(ErrorCode::conflict,
                              fmt::format("there is a scenario '{}' already", spec.id));
            return refuse(change, "scenario.create", spec.id, error);
        }
    }
    bool created = false;
    return replace(std::move(spec), change, created);
}

Result<StoredScenario> ScenarioManager::replace(ScenarioSpec spec, const twin::Change& change,
                                                bool& created) {
    const MutexLock one_change(changes_);
    const auto model = rooms_.models.get(spec.model);
    if (!model) return refuse(change, "scenario.create", spec.id, model.error());
    const Time now = rooms_.clock.now();
    StoredScenario scenario;
    std::string before;
    {
        const MutexLock lock(mutex_);
        for (int64_t number = now.ns / 1'000'000; spec.id.empty(); ++number)
            if (auto id = fmt::format("scenario-{}", number); !scenarios_.contains(id))
                spec.id = std::move(id);
        const auto at = scenarios_.find(spec.id);
        created = at == scenarios_.end();
        if (created && scenarios_.size() >= settings_.scenarios_limit)
            return refuse(change, "scenario.create", spec.id,
                          Error(ErrorCode::limit_exceeded,
                                fmt::format("there are {} scenarios, the limit of "
                                            "scenario.scenarios_limit; delete some",
                                            scenarios_.size())));
        if (!created && busy(at->second.scenario.state))
            return refuse(change, "scenario.update", spec.id,
                          Error(ErrorCode::conflict,
                                fmt::format("scenario '{}' runs; cancel it first", spec.id)));
        scenario.created = now;
        if (!created) {
            before = scenario_text(at->second.scenario.spec);
            scenario = at->second.scenario;
        }
    }
    scenario.spec = std::move(spec);
    scenario.updated = now;
    scenario.actor = change.actor;
    const auto action = created ? "scenario.create" : "scenario.update";
    if (auto saved = rooms_.store.save(scenario); !saved)
        return refuse(change, action, scenario.spec.id, saved.error());
    note(change, action, scenario.spec.id, std::move(before), scenario_text(scenario.spec),
         nullptr);
    const MutexLock lock(mutex_);
    scenarios_[scenario.spec.id] = {scenario, nullptr};
    return scenario;
}

Result<void> ScenarioManager::remove(std::string_view id, const twin::Change& change) {
    const MutexLock one_change(changes_);
    StoredScenario scenario;
    {
        const MutexLock lock(mutex_);
        auto found = find(id);
        if (!found) return refuse(change, "scenario.delete", id, found.error());
        scenario = std::move(*found);
    }
    if (busy(scenario.state))
        return refuse(
            change, "scenario.delete", id,
            Error(ErrorCode::conflict, fmt::format("scenario '{}' runs; cancel it first", id)));
    if (auto removed = rooms_.store.remove(id); !removed)
        return refuse(change, "scenario.delete", id, removed.error());
    note(change, "scenario.delete", id, scenario_text(scenario.spec), "", nullptr);
    const MutexLock lock(mutex_);
    scenarios_.erase(scenario.spec.id);
    return {};
}

Result<StoredScenario> ScenarioManager::run(std::string_view id, const twin::Change& change) {
    const MutexLock one_change(changes_);
    if (!settings_.enabled)
        return refuse(change, "scenario.run", id,
                      Error(ErrorCode::unavailable,
                            "scenarios are switched off; set scenario.enabled to true"));
    auto job = std::make_shared<Job>();
    {
        const MutexLock lock(mutex_);
        auto found = find(id);
        if (!found) return refuse(change, "scenario.run", id, found.error());
        if (busy(found->state))
            return refuse(change, "scenario.run", id,
                          Error(ErrorCode::conflict, fmt::format("scenario '{}' is {} already", id,
                                                                 to_string(found->state))));
        if (queue_.size() >= settings_.queue_limit)
            return refuse(change, "scenario.run", id,
                          Error(ErrorCode::limit_exceeded,
                                fmt::format("{} runs wait, the limit of scenario.queue_limit; try "
                                            "again later",
                                            queue_.size())));
        job->scenario = std::move(*found);
    }
    job->scenario.state = RunState::queued;
    job->scenario.error.clear();
    job->scenario.run += 1;
    job->scenario.progress = 0;
    if (auto saved = rooms_.store.save(job->scenario); !saved)
        return refuse(change, "scenario.run", id, saved.error());
    note(change, "scenario.run", id, "", fmt::format("{{\"run\":{}}}", job->scenario.run), nullptr);
    const StoredScenario queued = job->scenario;
    {
        const MutexLock lock(mutex_);
        scenarios_[queued.spec.id] = {queued, job};
        queue_.push_back(std::move(job));
    }
    wake_.notify_all();
    return queued;
}

Result<StoredScenario> ScenarioManager::cancel(std::string_view id, const twin::Change& change) {
    const MutexLock lock(mutex_);
    auto found = find(id);
    if (!found) return refuse(change, "scenario.cancel", id, found.error());
    const auto at = scenarios_.find(id);
    if (!at->second.job)
        return refuse(change, "scenario.cancel", id,
                      Error(ErrorCode::conflict, fmt::format("scenario '{}' does not run", id)));
    at->second.job->cancelled = true;
    note(change, "scenario.cancel", id, "", "", nullptr);
    return found;
}

Result<std::string> ScenarioManager::result_text(std::string_view id,
                                                 ScenarioStore::Which which) const {
    HW_TRY(get(id));
    auto text = HW_TRY(rooms_.store.result(id, which));
    if (text) return std::move(*text);
    return fail(ErrorCode::not_found, fmt::format("scenario '{}' has no result; run it (POST "
                                                  "/api/v1/scenarios/{}/run)",
                                                  id, id));
}

Result<ModelResult> ScenarioManager::result(std::string_view id, ScenarioStore::Which which) const {
    const auto text = HW_TRY(result_text(id, which));
    return read_result(text);
}

Result<Comparison> ScenarioManager::compare_runs(const std::vector<std::string>& ids,
                                                 bool base) const {
    constexpr size_t most = 20;
    if (ids.empty() || ids.size() > most)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("{} scenarios were named; a comparison takes 1 to {}", ids.size(), most));
    std::vector<ModelResult> results;
    std::vector<std::string> names;
    if (base || ids.size() == 1) {
        results.push_back(HW_TRY(result(ids.front(), ScenarioStore::Which::base)));
        names.push_back(ids.front() + " (nothing set)");
    }
    for (const auto& id : ids) {
        results.push_back(HW_TRY(result(id, ScenarioStore::Which::with)));
        names.push_back(id);
    }
    std::vector<Compared> compared;
    for (size_t i = 0; i < results.size(); ++i)
        compared.push_back({names[i], &results[i]});
    return compare(compared);
}

Result<StoredCalibration> ScenarioManager::calibrate(const CalibrationOrder& order,
                                                     const twin::Change& change) {
    const auto made = [&]() -> Result<StoredCalibration> {
        const Model* model = HW_TRY(rooms_.models.get(order.model));
        const Time now = rooms_.clock.now();
        const Time to = whole_minute(order.to.value_or(now));
        const Time from = whole_minute(order.from.value_or(to - calibration_history));
        ScenarioSpec spec;
        spec.site = order.site;
        spec.model = order.model;
        const Fork fork = HW_TRY(fork_of(spec, to, std::nullopt));
        auto rooms = model_rooms(spec);
        rooms.calibration.clear();
        auto found = HW_TRY(model->calibrate(fork, order.parameters, from, to, rooms));
        StoredCalibration calibration{.site = order.site,
                                      .model = order.model,
                                      .time = now,
                                      .confidence = found.confidence,
                                      .json = std::move(found.json)};
        HW_TRY(rooms_.store.save_calibration(calibration));
        return calibration;
    }();
    const Error* error = made ? nullptr : &made.error();
    note(change, "scenario.calibrate", order.site, "", "", error);
    return made;
}

Result<StoredCalibration> ScenarioManager::calibration(std::string_view site,
                                                       std::string_view model) const {
    auto found = HW_TRY(rooms_.store.calibration(site, model));
    if (found) return std::move(*found);
    return fail(ErrorCode::not_found,
                fmt::format("the model '{}' was not calibrated for '{}'", model, site));
}

Result<std::pair<std::vector<ModelInput>, std::string>> ScenarioManager::inputs(
    const std::string& site, const std::string& model_name) const {
    const Model* model = HW_TRY(rooms_.models.get(model_name));
    ScenarioSpec spec;
    spec.site = site;
    spec.model = model_name;
    const Fork fork = HW_TRY(fork_of(spec, whole_minute(rooms_.clock.now()), std::nullopt));
    const auto bound = HW_TRY(model->bind(fork, spec.parameters, model_rooms(spec)));
    return std::pair{bound->inputs(), bound->describe()};
}

}  // namespace hw::scenario
