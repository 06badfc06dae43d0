#include "rules/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "rules/engine_work.h"

namespace hw::rules {

Engine::Engine(Rooms rooms) : work_(std::make_unique<Work>(std::move(rooms))) {}
Engine::~Engine() = default;

Result<void> Engine::put(std::shared_ptr<const RuleSpec> spec, int64_t version, sql::Flaw* flaw) {
    return work_->put(std::move(spec), version, flaw);
}
Result<void> Engine::check(std::shared_ptr<const RuleSpec> spec, sql::Flaw* flaw) {
    return work_->check(std::move(spec), flaw);
}
bool Engine::remove(std::string_view id) {
    return work_->remove(id);
}
std::optional<int64_t> Engine::version(std::string_view id) const {
    const RunningRule* rule = work_->find(id);
    return rule == nullptr ? std::nullopt : std::optional(rule->version);
}
bool Engine::runs(std::string_view id) const {
    return work_->find(id) != nullptr;
}
size_t Engine::size() const {
    return work_->size();
}

void Engine::push(const Group& group, bool only_durable) {
    work_->push(group, only_durable);
}
void Engine::miss(const Missed& missed) {
    work_->miss(missed);
}
void Engine::advance(Time now) {
    work_->advance(now);
}
std::optional<Time> Engine::next_due() const {
    return work_->next_due();
}
Time Engine::now() const {
    return work_->now();
}
void Engine::set_wall(Time wall) {
    work_->set_wall(wall);
}

std::vector<Engine::State> Engine::take_states(bool all) {
    std::vector<State> states;
    work_->each([&](RunningRule& rule) {
        if (!rule.durable || (!all && !rule.touched)) return;
        rule.touched = false;
        states.push_back(Work::state_of(rule));
    });
    return states;
}

Result<void> Engine::restore(const State& state) {
    return work_->restore(state);
}

void Engine::listen(std::string_view id, std::shared_ptr<sql::QueryOutput> listener) {
    if (RunningRule* rule = work_->find(id)) rule->listener = std::move(listener);
}

void Engine::set_since(std::string_view id, uint64_t position) {
    if (RunningRule* rule = work_->find(id)) rule->since = position;
}

void Engine::give_refused(RefusedRows& refused) {
    work_->give_refused(refused);
}

void Engine::flush_outlets(const std::function<Done()>& done) {
    work_->each([&](RunningRule& rule) {
        if (!rule.durable) return;
        const auto flush = [&](Outlet& outlet) { outlet.flush(done()); };
        for (auto& action : rule.actions)
            action.each_outlet(flush);
        for (auto& action : rule.late_actions)
            action.each_outlet(flush);
    });
}

std::optional<RuleFigures> Engine::figures(std::string_view id) const {
    const RunningRule* rule = work_->find(id);
    if (rule == nullptr) return std::nullopt;
    return rule->figures(true);
}

std::vector<RuleFigures> Engine::all_figures(size_t limit, bool with_operators) const {
    std::vector<RuleFigures> all;
    work_->each([&](RunningRule& rule) {
        if (all.size() < limit) all.push_back(rule.figures(with_operators));
    });
    return all;
}

EngineFigures Engine::totals() const {
    return work_->totals();
}

void Engine::count_state() {
    work_->count_state();
}

std::string Engine::plan_text(std::string_view id) const {
    const RunningRule* rule = work_->find(id);
    return rule == nullptr ? std::string() : rule->query->plan_text();
}
std::string Engine::plan_json(std::string_view id) const {
    const RunningRule* rule = work_->find(id);
    return rule == nullptr ? std::string() : rule->query->plan_json();
}

}  // namespace hw::rules
