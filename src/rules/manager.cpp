#include "rules/manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "base/log.h"
#include "rules/rule_json.h"
#include "rules/text_diff.h"
#include "sql/json.h"
#include "sql/parser.h"

namespace hw::rules {

namespace {

constexpr size_t sql_bytes_limit = 256 << 10;
constexpr size_t description_limit = 16 << 10;
constexpr size_t tags_limit = 100;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

}  // namespace

Manager::Manager(Rooms rooms) : rooms_(std::move(rooms)) {
    rooms_.runtime.on_tick([this](Worker& worker, Time now) { tick(worker, now); });
}

Result<void> Manager::start() {
    const MutexLock change(changes_);
    for (auto& connector : HW_TRY(rooms_.store.load_connectors())) {
        MutexLock lock(mutex_);
        connectors_.emplace(connector.name, connector);
    }
    for (auto& stream : HW_TRY(rooms_.store.load_streams())) {
        {
            MutexLock lock(mutex_);
            streams_.emplace(stream.name, stream);
        }
        if (auto put = run_stream(stream, nullptr); !put)
            log_warning("rules", fmt::format("stream '{}' is not read: {}", stream.name,
                                             put.error().text()));
    }
    for (auto& rule : HW_TRY(rooms_.store.load()))
        start_rule(std::move(rule));
    return {};
}

void Manager::start_rule(StoredRule rule) {
    Kept kept;
    auto calendar = calendar_of(rule.spec);
    if (!calendar) {
        rule.problem = calendar.error().text();
    } else {
        kept.calendar = std::move(*calendar);
        if (auto applied = apply(rule, kept.calendar.get(), nullptr); !applied)
            rule.problem = applied.error().text();
    }
    if (!rule.problem.empty())
        log_warning("rules", fmt::format("rule '{}' does not run: {}", rule.spec.id, rule.problem));
    const std::string id = rule.spec.id;
    kept.rule = std::make_shared<const StoredRule>(std::move(rule));
    MutexLock lock(mutex_);
    rules_.insert_or_assign(id, std::move(kept));
}

Manager::Rule Manager::find(std::string_view id) const {
    MutexLock lock(mutex_);
    const auto at = rules_.find(id);
    return at == rules_.end() ? nullptr : at->second.rule;
}

std::vector<Manager::Rule> Manager::list(std::string_view tag) const {
    std::vector<Rule> out;
    MutexLock lock(mutex_);
    for (const auto& [id, kept] : rules_) {
        const auto& tags = kept.rule->spec.tags;
        if (tag.empty() || std::find(tags.begin(), tags.end(), tag) != tags.end())
            out.push_back(kept.rule);
    }
    return out;
}

Result<Manager::Rule> Manager::get(std::string_view id) const {
    if (Rule rule = find(id)) return rule;
    std::vector<std::string> ids;
    {
        MutexLock lock(mutex_);
        for (const auto& [known, kept] : rules_)
            ids.push_back(known);
    }
    return fail(ErrorCode::not_found,
                fmt::format("there is no rule '{}'{}", id, did_you_mean(id, ids)));
}

size_t Manager::size() const {
    MutexLock lock(mutex_);
    return rules_.size();
}

bool Manager::active(std::string_view id) const {
    MutexLock lock(mutex_);
    const auto at = rules_.find(id);
    if (at == rules_.end() || !at->second.rule->spec.enabled || !at->second.rule->problem.empty())
        return false;
    return !at->second.calendar || at->second.calendar->runs_at(rooms_.clock.now());
}

Result<void> Manager::check(const RuleSpec& spec) const {
    HW_TRY(check_id("rule's id", spec.id));
    if (spec.sql.empty()) return refuse("'sql' must be given");
    if (spec.sql.size() > sql_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the statement has {} bytes, at most {} are allowed",
                                spec.sql.size(), sql_bytes_limit));
    if (spec.description.size() > description_limit || spec.tags.size() > tags_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("a rule may have a description of {} bytes and {} tags",
                                description_limit, tags_limit));
    return {};
}

Result<std::shared_ptr<const Calendar>> Manager::calendar_of(const RuleSpec& spec) const {
    if (spec.schedule.empty()) return std::shared_ptr<const Calendar>();
    return std::make_shared<const Calendar>(
        HW_TRY(Calendar::make(spec.schedule, rooms_.settings.time_zone)));
}

// Puts it into the engine, or takes it out where it should not run now. One that should not is
// compiled all the same.
Result<void> Manager::apply(const StoredRule& rule, const Calendar* calendar, Change* change) {
    const bool runs =
        rule.spec.enabled && (calendar == nullptr || calendar->runs_at(rooms_.clock.now()));
    Result<void> result;
    sql::Flaw flaw;
    rooms_.runtime.call([&](Worker& worker) {
        auto spec = std::make_shared<const RuleSpec>(rule.spec);
        result = runs ? worker.put(spec, rule.version, &flaw) : worker.check(*spec, &flaw);
        if (!runs && result) worker.remove(rule.spec.id);
    });
    if (!result && change != nullptr && !flaw.text.empty()) change->flaw = flaw;
    return result;
}

// Called each second on the rules thread: schedules.
void Manager::tick(Worker& worker, Time now) {
    std::vector<Kept> scheduled;
    {
        MutexLock lock(mutex_);
        for (const auto& [id, kept] : rules_)
            if (kept.calendar && kept.rule->spec.enabled && kept.rule->problem.empty())
                scheduled.push_back(kept);
    }
    for (const auto& kept : scheduled) {
        const std::string& id = kept.rule->spec.id;
        const bool runs = kept.calendar->runs_at(now);
        if (runs == worker.engine().runs(id)) continue;
        if (!runs) {
            worker.remove(id);
            continue;
        }
        auto put =
            worker.put(std::make_shared<const RuleSpec>(kept.rule->spec), kept.rule->version);
        if (!put)
            log_warning("rules", fmt::format("rule '{}' does not run: {}", id, put.error().text()));
    }
}

void Manager::note(const Change& change, std::string_view action, std::string_view target,
                   std::string old_value, std::string new_value, const Error* error) {
    catalog::AuditRecord record;
    record.time = rooms_.clock.now();
    record.actor = change.actor;
    record.origin = change.origin;
    record.action = action;
    record.target = target;
    record.old_value = std::move(old_value);
    record.new_value = std::move(new_value);
    record.result = error == nullptr ? "ok" : std::string(to_string(error->code()));
    if (error != nullptr) record.detail = error->text();
    rooms_.audit.append(std::move(record));
}

// Checked by the engine, written, and kept here; where the disk says no the old one runs again.
Result<Manager::Rule> Manager::store_rule(StoredRule now, const Rule& before, Change& change,
                                          std::string_view action) {
    const std::string id = now.spec.id;
    const std::string old_text = before ? rule_text(before->spec) : std::string();
    const std::string new_text = rule_text(now.spec);
    bool applied = false;
    const auto work = [&]() -> Result<Rule> {
        HW_TRY(check(now.spec));
        if (!before && size() >= rooms_.settings.rules_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} rules already; raise rules.rules_limit",
                                    rooms_.settings.rules_limit));
        auto calendar = HW_TRY(calendar_of(now.spec));
        now.version = before ? before->version + 1 : 1;
        now.updated = rooms_.clock.now();
        now.created = before ? before->created : now.updated;
        now.actor = change.actor;
        const auto saved = rooms_.store.save(now, rooms_.settings.versions_limit, [&] {
            auto result = apply(now, calendar.get(), &change);
            applied = result.has_value();
            return result;
        });
        if (!saved) return fail(saved.error());
        auto rule = std::make_shared<const StoredRule>(std::move(now));
        MutexLock lock(mutex_);
        rules_.insert_or_assign(id, Kept{rule, std::move(calendar)});
        return Rule(rule);
    };
    auto result = work();
    if (!result && applied) take_back(id, before);
    note(change, action, "rules/" + id, old_text, new_text, result ? nullptr : &result.error());
    return result;
}

// The engine has the new one, the disk does not.
void Manager::take_back(const std::string& id, const Rule& before) {
    rooms_.runtime.call([&](Worker& worker) { worker.remove(id); });
    if (!before) return;
    std::shared_ptr<const Calendar> calendar;
    {
        MutexLock lock(mutex_);
        calendar = rules_.find(id)->second.calendar;
    }
    if (auto again = apply(*before, calendar.get(), nullptr); !again)
        log_error("rules", fmt::format("rule '{}' runs no more: {}", id, again.error().text()));
}

namespace {

Result<void> same_version(const StoredRule& rule, const Change& change) {
    if (!change.version || *change.version == rule.version) return {};
    if (*change.version == 0)
        return fail(ErrorCode::conflict, fmt::format("there is a rule '{}' already", rule.spec.id));
    return fail(ErrorCode::conflict,
                fmt::format("rule '{}' is of version {} now, not {}; read it again", rule.spec.id,
                            rule.version, *change.version));
}

}  // namespace

// Refused before anything was tried.
std::unexpected<Error> Manager::refuse_change(const Change& change, std::string_view action,
                                              std::string_view id, const Error& error) {
    note(change, action, "rules/" + std::string(id), {}, {}, &error);
    return fail(error);
}

// The rule as it is, where it may be changed.
Result<Manager::Rule> Manager::changing(std::string_view id, const Change& change,
                                        std::string_view action) {
    auto before = get(id);
    if (!before) return refuse_change(change, action, id, before.error());
    if (auto same = same_version(**before, change); !same)
        return refuse_change(change, action, id, same.error());
    return before;
}

Result<Manager::Rule> Manager::create(RuleSpec spec, Change& change) {
    const MutexLock lock(changes_);
    if (find(spec.id))
        return refuse_change(
            change, "rule.create", spec.id,
            Error(ErrorCode::conflict, fmt::format("there is a rule '{}' already", spec.id)));
    StoredRule rule;
    rule.spec = std::move(spec);
    return store_rule(std::move(rule), nullptr, change, "rule.create");
}

Result<Manager::Rule> Manager::replace(std::string_view id, RuleSpec spec, Change& change,
                                       bool& created) {
    const MutexLock lock(changes_);
    if (spec.id.empty()) spec.id = id;
    if (spec.id != id) return refuse(fmt::format("the body names '{}', not '{}'", spec.id, id));
    const Rule before = find(id);
    created = before == nullptr;
    if (before) HW_TRY(changing(id, change, "rule.update"));
    if (created && change.version.value_or(0) != 0)
        return refuse_change(
            change, "rule.create", id,
            Error(ErrorCode::conflict, fmt::format("there is no rule '{}' any more", id)));
    StoredRule rule;
    rule.spec = std::move(spec);
    return store_rule(std::move(rule), before, change, created ? "rule.create" : "rule.update");
}

Result<Manager::Rule> Manager::patch(std::string_view id, std::string_view json, Change& change) {
    const MutexLock lock(changes_);
    const Rule before = HW_TRY(changing(id, change, "rule.update"));
    StoredRule rule;
    rule.spec = before->spec;
    HW_TRY(patch_rule(json, rule.spec));
    if (rule.spec.id != id) return refuse("a rule keeps its id; copy it instead");
    return store_rule(std::move(rule), before, change, "rule.update");
}

Result<Manager::Rule> Manager::set_enabled(std::string_view id, bool enabled, Change& change) {
    const MutexLock lock(changes_);
    const std::string_view action = enabled ? "rule.enable" : "rule.disable";
    const Rule before = HW_TRY(changing(id, change, action));
    if (before->spec.enabled == enabled && before->problem.empty()) return before;
    StoredRule rule;
    rule.spec = before->spec;
    rule.spec.enabled = enabled;
    return store_rule(std::move(rule), before, change, action);
}

Result<void> Manager::remove(std::string_view id, Change& change) {
    const MutexLock lock(changes_);
    const Rule before = HW_TRY(changing(id, change, "rule.delete"));
    const std::string name(id);
    auto removed = rooms_.store.remove(id, [&]() -> Result<void> {
        rooms_.runtime.call([&](Worker& worker) { worker.remove(name); });
        return {};
    });
    note(change, "rule.delete", "rules/" + name, rule_text(before->spec), {},
         removed ? nullptr : &removed.error());
    if (!removed) return removed;
    MutexLock inner(mutex_);
    rules_.erase(name);
    return {};
}

Result<std::vector<RuleVersion>> Manager::versions(std::string_view id) const {
    HW_TRY(get(id));
    std::vector<RuleVersion> out;
    for (const auto& rule : HW_TRY(rooms_.store.versions(id)))
        out.push_back({rule.version, rule.updated, rule.actor});
    return out;
}

Result<StoredRule> Manager::version(std::string_view id, int64_t version) const {
    auto rule = HW_TRY(rooms_.store.version(id, version));
    if (rule) return std::move(*rule);
    HW_TRY(get(id));
    return fail(ErrorCode::not_found,
                fmt::format("rule '{}' has no version {}; the last {} are kept", id, version,
                            rooms_.settings.versions_limit));
}

Result<std::string> Manager::diff(std::string_view id, int64_t from, int64_t to) const {
    const StoredRule a = HW_TRY(version(id, from));
    const StoredRule b = HW_TRY(version(id, to));
    return text_diff(rule_pretty(a.spec), rule_pretty(b.spec));
}

Result<Manager::Rule> Manager::roll_back(std::string_view id, int64_t to, Change& change) {
    const MutexLock lock(changes_);
    const Rule before = HW_TRY(changing(id, change, "rule.roll_back"));
    StoredRule rule = HW_TRY(version(id, to));
    rule.problem.clear();
    return store_rule(std::move(rule), before, change, "rule.roll_back");
}

std::optional<RuleFigures> Manager::figures(std::string_view id) const {
    std::optional<RuleFigures> figures;
    rooms_.runtime.call([&](Worker& worker) { figures = worker.engine().figures(id); });
    return figures;
}

std::vector<RuleFigures> Manager::all_figures() const {
    std::vector<RuleFigures> figures;
    rooms_.runtime.call([&](Worker& worker) {
        figures = worker.engine().all_figures(rooms_.settings.rules_limit, false);
    });
    return figures;
}

}  // namespace hw::rules
