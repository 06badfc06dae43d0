#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "scenario/manager.h"

namespace hw::scenario {

namespace {

// The share of a run's work that reading history and binding take, about.
constexpr double bound_share = 0.6;
constexpr double base_share = 0.8;

}  // namespace

void ScenarioManager::work() {
    mutex_.lock();
    while (true) {
        while (!stopping_ && queue_.empty())
            wake_.wait(mutex_);
        if (stopping_) break;
        const auto job = queue_.front();
        queue_.pop_front();
        ++running_;
        mutex_.unlock();
        run_job(*job);
        mutex_.lock();
        --running_;
        wake_.notify_all();
    }
    mutex_.unlock();
}

void ScenarioManager::run_job(Job& job) {
    auto& scenario = job.scenario;
    const auto publish = [&](bool ended) {
        const MutexLock lock(mutex_);
        const auto at = scenarios_.find(scenario.spec.id);
        if (at == scenarios_.end()) return;
        at->second.scenario = scenario;
        if (ended) at->second.job.reset();
    };
    scenario.state = RunState::running;
    scenario.started = rooms_.clock.now();
    scenario.ended = {};
    if (const auto saved = rooms_.store.save(scenario); !saved)
        log_warning("scenario", fmt::format("the state of '{}' could not be kept: {}",
                                            scenario.spec.id, saved.error().text()));
    publish(false);
    auto results = compute(job);
    scenario.ended = rooms_.clock.now();
    Result<void> saved;
    if (results) {
        scenario.state = RunState::done;
        saved = rooms_.store.save_results(scenario, results->with, results->base);
        if (!saved) {
            scenario.state = RunState::failed;
            scenario.error = saved.error().text();
        }
    } else {
        const bool cancelled = results.error().code() == ErrorCode::cancelled;
        bool ending = false;
        {
            const MutexLock lock(mutex_);
            ending = stopping_;
        }
        scenario.state = cancelled && !ending ? RunState::cancelled : RunState::failed;
        scenario.error = ending ? "the server ended before the run was done; it may be run again"
                                : results.error().text();
        saved = rooms_.store.save(scenario);
    }
    if (!saved)
        log_warning("scenario", fmt::format("the result of '{}' could not be kept: {}",
                                            scenario.spec.id, saved.error().text()));
    publish(true);
}

ModelRooms ScenarioManager::model_rooms(const ScenarioSpec& spec) const {
    ModelRooms rooms{.history = rooms_.history, .site = spec.site, .calibration = {}, .stop = {}};
    if (auto kept = rooms_.store.calibration(spec.site, spec.model); kept && *kept)
        rooms.calibration = std::move((*kept)->json);
    return rooms;
}

Result<Fork> ScenarioManager::fork_of(const ScenarioSpec& spec, Time start,
                                      std::optional<Time> at) const {
    auto snapshot = HW_TRY(rooms_.snapshot(spec.site, at));
    Fork fork(std::make_shared<const twin::Snapshot>(std::move(snapshot)), start);
    for (const auto& one : spec.overrides)
        HW_TRY(fork.set(one));
    return fork;
}

// As fork_of at the start. Where the site was not described then, its twins of now, without their
// values: history may be older than the twins.
Result<Fork> ScenarioManager::fork_of_past(const ScenarioSpec& spec, Time start,
                                           std::string& note) const {
    auto fork = fork_of(spec, start, start);
    if (fork || fork.error().code() != ErrorCode::not_found) return fork;
    auto snapshot = HW_TRY(rooms_.snapshot(spec.site, std::nullopt));
    for (auto& twin : snapshot.twins)
        for (auto& property : twin.properties)
            if (property.live.origin != twin::Origin::fixed) property.live = {};
    Fork made(std::make_shared<const twin::Snapshot>(std::move(snapshot)), start);
    for (const auto& one : spec.overrides)
        HW_TRY(made.set(one));
    note = "the site was not described at the start: its twins are those of now";
    return made;
}

Result<std::string> ScenarioManager::text_of(const ModelResult& result) const {
    std::string text;
    JsonWriter json(text);
    write_result(json, result);
    if (text.size() <= settings_.result_bytes_limit) return text;
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the result has {} bytes, more than the {} of "
                            "scenario.result_bytes_limit; take a longer step or a shorter horizon",
                            text.size(), settings_.result_bytes_limit));
}

Result<ScenarioManager::Results> ScenarioManager::compute(Job& job) const {
    const auto& spec = job.scenario.spec;
    const Model* model = HW_TRY(rooms_.models.get(spec.model));
    const Time now = rooms_.clock.now();
    const bool live = spec.start == "now";
    const Time asked = live ? now : HW_TRY(parse_time(spec.start, now));
    if (asked > now)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the start {} is in the future; a scenario starts now or at a time "
                                "that was",
                                format_rfc3339(asked)));
    const Time start{asked.ns - asked.ns % seconds(60).ns};
    std::string note;
    const Fork fork =
        HW_TRY(live ? fork_of(spec, start, std::nullopt) : fork_of_past(spec, start, note));
    auto rooms = model_rooms(spec);
    double done = 0;
    double part = 0;
    rooms.stop = [&](double share) {
        job.progress = done + part * share;
        return job.cancelled.load();
    };
    if (rooms.stop(0)) return fail(ErrorCode::cancelled, "the run was cancelled");
    const auto bound = HW_TRY(model->bind(fork, spec.parameters, rooms));
    const RunOptions options{.horizon = spec.horizon, .step = spec.step};
    Results results;
    done = bound_share;
    part = base_share - bound_share;
    if (fork.overridden()) {
        auto base = HW_TRY(bound->run(fork.without_overrides(), options));
        if (!note.empty()) base.quality.notes.push_back(note);
        results.base = HW_TRY(text_of(base));
    }
    done = base_share;
    part = 1 - base_share;
    auto with = HW_TRY(bound->run(fork, options));
    if (!note.empty()) with.quality.notes.push_back(note);
    results.with = HW_TRY(text_of(with));
    return results;
}

}  // namespace hw::scenario
