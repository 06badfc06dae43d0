#include "rules/engine_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sql/datum_codec.h"
#include "sql/json.h"
#include "sql/parser.h"

namespace hw::rules {

namespace {

using sql::Datum;

// FROM a, b: the sources are not joined, so an event that several of them match counts once.
bool reads_any_of(const std::string& text, size_t sources) {
    if (sources < 2) return false;
    const auto select = sql::parse_select(text);
    return select && std::all_of(select->sources.begin(), select->sources.end(),
                                 [](const auto& one) { return one.join == sql::JoinType::none; });
}

sql::QueryOptions query_options(const RuleOptions& options) {
    sql::QueryOptions out;
    out.event_time = options.event_time;
    out.timestamp_field = options.timestamp_field;
    out.late_tolerance = options.late_tolerance;
    out.allowed_lateness = options.allowed_lateness;
    out.rows_limit = options.rows_limit;
    out.bytes_limit = options.bytes_limit;
    out.groups_limit = options.groups_limit;
    out.dialect = options.dialect;
    return out;
}

// 0: a payload of no kind that a message has, from a log that was tampered with.
uint64_t hop_key(std::string_view topic, const Datum& payload) {
    if (payload.kind() != sql::Kind::text && payload.kind() != sql::Kind::bytes) return 0;
    return HopBook::key_of_message(topic, payload.as_text());
}

Datum value_datum(const model::SampleBatch& samples, size_t row) {
    const uint64_t bits = samples.values()[row];
    switch (samples.types()[row]) {
        case model::ValueType::boolean:
            return Datum::boolean(bits != 0);
        case model::ValueType::int64:
            return Datum::integer(static_cast<int64_t>(bits));
        case model::ValueType::float64:
            return Datum::real(std::bit_cast<double>(bits));
        case model::ValueType::text:
            return Datum::text(samples.text(row));
        case model::ValueType::bytes:
            return Datum::bytes(samples.text(row));
    }
    return {};
}

}  // namespace

sql::QueryOptions options_of(const RuleOptions& options) {
    return query_options(options);
}

sql::RecordRef sample_record(const Datum& path, const model::SampleBatch& samples, size_t row,
                             const Datum& unit, Time arrival) {
    const Time time{samples.times_ns()[row]};
    std::vector<Datum> columns;
    columns.reserve(6);
    columns.push_back(path);
    columns.push_back(value_datum(samples, row));
    columns.push_back(Datum::text(model::to_string(samples.qualities()[row])));
    columns.push_back(Datum::time(time));
    columns.push_back(Datum::integer(time.ns / 1'000'000));
    columns.push_back(unit);
    columns.resize(sql::points_shape().columns.size());
    return std::make_shared<const sql::Record>(sql::points_shape(), arrival, std::move(columns));
}

Engine::Work::Work(Rooms rooms)
    : rooms_(std::move(rooms)),
      sources_(rooms_.interest, rooms_.points, rooms_.settings.topics_limit),
      gate_(rooms_.outputs, rooms_.tracer, rooms_.settings.hops_limit, figures_) {}

Engine::Work::~Work() {
    while (!rules_.empty())
        remove(rules_.begin()->first);
}

RunningRule* Engine::Work::find(std::string_view id) const {
    const auto at = rules_.find(id);
    return at == rules_.end() ? nullptr : at->second.get();
}

Result<void> Engine::Work::make_actions(RunningRule& rule) {
    const RuleSpec& spec = *rule.spec;
    if (spec.actions.size() + spec.late_actions.size() > rooms_.settings.actions_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("a rule may have {} actions; raise rules.actions_limit",
                                rooms_.settings.actions_limit));
    for (size_t i = 0; i < spec.actions.size(); ++i) {
        auto made = ActionSlot::make(spec.actions[i], spec.id, spec.options.qos, rooms_.actions);
        if (!made) return fail(made.error().within(fmt::format("actions[{}]", i)));
        rule.actions.push_back(std::move(*made));
    }
    for (size_t i = 0; i < spec.late_actions.size(); ++i) {
        auto made =
            ActionSlot::make(spec.late_actions[i], spec.id, spec.options.qos, rooms_.actions);
        if (!made) return fail(made.error().within(fmt::format("late_actions[{}]", i)));
        rule.late_actions.push_back(std::move(*made));
    }
    return {};
}

Result<std::unique_ptr<RunningRule>> Engine::Work::compile(std::shared_ptr<const RuleSpec> spec,
                                                           int64_t version, sql::Flaw* flaw) {
    const sql::Environment environment{rooms_.functions, &rooms_.streams, rooms_.services, spec->id,
                                       wall_};
    auto query = rooms_.compile(spec->sql, environment, query_options(spec->options));
    if (!query) {
        if (flaw != nullptr) *flaw = query.error();
        return fail(ErrorCode::invalid_argument, query.error().full_text());
    }
    auto rule = std::make_unique<RunningRule>();
    rule->spec = std::move(spec);
    rule->version = version;
    rule->query = std::move(*query);
    rule->timed = !rule->query->stateless();
    rule->durable = rule->spec->options.qos != Guarantee::none;
    rule->any_of = reads_any_of(rule->spec->sql, rule->query->sources().size());
    rule->begun = wall_;
    for (const auto& source : rule->query->sources())
        if (source.type == sql::SourceType::named)
            for (const auto& name : source.names)
                rule->held.push_back(rooms_.streams.hold(name));
    HW_TRY(make_actions(*rule));
    return rule;
}

Result<void> Engine::Work::put(std::shared_ptr<const RuleSpec> spec, int64_t version,
                               sql::Flaw* flaw) {
    const std::string id = spec->id;
    const bool fresh = find(id) == nullptr;
    if (fresh && rules_.size() >= rooms_.settings.rules_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} rules run already; raise rules.rules_limit", rules_.size()));
    auto rule = HW_TRY(compile(std::move(spec), version, flaw));
    if (rule->timed && fresh && figures_.state_bytes > rooms_.settings.state_bytes)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the windows of all rules hold {} already; raise rules.state_bytes "
                                "or shorten windows",
                                format_bytes(figures_.state_bytes)));
    // The same rule made anew, since a stream or connection changed: its windows go on.
    std::optional<State> carried;
    if (const RunningRule* old = find(id); old != nullptr && old->version == version) {
        carried = state_of(*old);
        rule->since = old->since;
    }
    remove(id);
    const auto free = std::find(by_number_.begin(), by_number_.end(), nullptr);
    rule->number = static_cast<uint32_t>(free - by_number_.begin());
    if (free == by_number_.end()) by_number_.push_back(nullptr);
    by_number_[rule->number] = rule.get();
    join(*rule);
    reschedule(*rule);
    rules_.emplace(id, std::move(rule));
    // Where it does not fit (the stream has other columns now) it begins anew.
    if (carried) (void)restore(*carried);
    return {};
}

Engine::State Engine::Work::state_of(const RunningRule& rule) {
    State state{rule.spec->id, rule.version, {}};
    ByteWriter out(state.bytes);
    out.varint(rule.sequence);
    for (const auto& action : rule.actions)
        action.save(out);
    if (rule.timed) rule.query->save(state.bytes);
    return state;
}

Result<void> Engine::Work::check(std::shared_ptr<const RuleSpec> spec, sql::Flaw* flaw) {
    auto compiled = compile(std::move(spec), 0, flaw);
    if (!compiled) return fail(compiled.error());
    return {};
}

bool Engine::Work::remove(std::string_view id) {
    const auto at = rules_.find(id);
    if (at == rules_.end()) return false;
    RunningRule& rule = *at->second;
    leave(rule);
    if (rule.due) timers_.erase({*rule.due, rule.number});
    by_number_[rule.number] = nullptr;
    rules_.erase(at);
    return true;
}

// An index serves rules on one source whose rows depend on nothing but the events that pass WHERE:
// with event time the others move the watermark.
void Engine::Work::join(RunningRule& rule) {
    const auto sources = rule.query->sources();
    for (size_t i = 0; i < sources.size(); ++i) {
        if (sources[i].shape == nullptr) continue;  // a table: it is asked
        SourceGroup& group = sources_.join(sources[i], rooms_.streams, rule.durable);
        RunningRule::Membership member{&group, i, group.events, group.missed, false};
        if (sources.size() == 1 && !rule.spec->options.event_time)
            member.indexed = group.index.add(rule);
        if (!member.indexed) group.all.push_back({&rule, i, Candidate::none});
        rule.sources.push_back(member);
    }
}

void Engine::Work::leave(RunningRule& rule) {
    for (const auto& member : rule.sources) {
        if (member.indexed) {
            member.group->index.remove(rule);
        } else {
            std::erase_if(member.group->all, [&](const Candidate& one) {
                return one.rule == &rule && one.source == member.source;
            });
        }
        sources_.leave(*member.group, rule.durable);
    }
    rule.sources.clear();
}

Result<void> Engine::Work::restore(const State& state) {
    RunningRule* rule = find(state.id);
    if (rule == nullptr) return fail(ErrorCode::not_found, "there is no such rule");
    if (rule->version != state.version)
        return fail(ErrorCode::conflict, "the state is of another version of the rule");
    ByteReader in(as_bytes(state.bytes));
    rule->sequence = in.varint();
    for (auto& action : rule->actions)
        action.load(in);
    const BytesView rest = in.rest();
    if (in.failed()) return fail(ErrorCode::corrupt, "the state cannot be read");
    if (rule->timed) {
        const auto loaded = rule->query->load(rest);
        if (!loaded) return loaded;
    }
    reschedule(*rule);
    return {};
}

void Engine::Work::push(const Group& group, bool only_durable) {
    only_durable_ = only_durable;
    now_ = std::max(now_, group.arrival);
    fire(now_);
    for (const auto& event : group.events)
        push_event(event, group);
    push_samples(group);
    only_durable_ = false;
}

void Engine::Work::push_event(const Event& event, const Group& group) {
    if (!event.name.is_text()) return;
    const std::string_view name = event.name.as_text();
    uint64_t key = 0;
    if (event.channel == Channel::message && !rooms_.outputs.hops().empty())
        key = hop_key(name, event.record->column(1));
    push_to(groups_of(event.channel, name), event.record, group, key);
}

// The texts of a point are made once; the unit is asked again after each count_state().
sql::RecordRef Engine::Work::record_of(const model::SampleBatch& samples, size_t row,
                                       Time arrival) {
    const model::PointId point = samples.points()[row];
    const size_t at = point.value();
    if (at >= point_texts_.size()) point_texts_.resize(std::max(at + 1, point_texts_.size() * 2));
    PointTexts& texts = point_texts_[at];
    if (texts.path.is_null()) texts.path = Datum::text(rooms_.points.path(point));
    if (texts.unit_round != unit_round_) {
        texts.unit_round = unit_round_;
        const std::string unit = rooms_.unit ? rooms_.unit(point) : std::string();
        texts.unit = unit.empty() ? Datum() : Datum::text(unit);
    }
    return sample_record(texts.path, samples, row, texts.unit, arrival);
}

void Engine::Work::push_samples(const Group& group) {
    const auto& samples = group.samples;
    for (size_t i = 0; i < samples.size(); ++i) {
        const model::PointId point = samples.points()[i];
        if (point.value() >= rooms_.points.size()) continue;  // a log of another history
        const auto& groups = sources_.of_point(point);
        if (groups.empty()) {
            ++figures_.events;
            ++figures_.unrouted;
            continue;
        }
        const uint64_t key = rooms_.outputs.hops().empty()
                                 ? 0
                                 : HopBook::key_of_sample(point, {samples.times_ns()[i]});
        push_to(groups, record_of(samples, i, group.arrival), group, key);
    }
}

const SourceTable::Groups& Engine::Work::groups_of(Channel channel, std::string_view name) {
    static const SourceTable::Groups none;
    switch (channel) {
        case Channel::message:
            return sources_.of_message(name);
        case Channel::event:
            return sources_.of_event(name);
        case Channel::ingress:
            return sources_.of_ingress(name);
    }
    return none;
}

void Engine::Work::miss(const Missed& missed) {
    const auto add = [](const SourceTable::Groups& groups, uint64_t count) {
        for (SourceGroup* source : groups)
            source->missed += count;
    };
    for (size_t i = 0; i < missed.events.size(); ++i)
        for (const auto& [name, count] : missed.events[i])
            add(groups_of(static_cast<Channel>(i), name), count);
    for (const auto& [point, count] : missed.samples)
        if (point.value() < rooms_.points.size()) add(sources_.of_point(point), count);
}

void Engine::Work::give_refused(RefusedRows& refused) {
    uint64_t homeless = 0;
    for (auto& entry : refused.take()) {
        RunningRule* rule = find(entry.item.rule_id);
        ActionSlot* slot = nullptr;
        if (rule != nullptr)
            for (auto* actions : {&rule->actions, &rule->late_actions})
                for (auto& action : *actions)
                    if (slot == nullptr) slot = action.fallback_like(*entry.fallback);
        if (entry.done && slot == nullptr)
            entry.done({});
        else if (entry.done)
            slot->flush(std::move(entry.done));
        else if (slot == nullptr)
            ++homeless;
        else
            gate_.give_refused(*slot, entry.item, wall_);
    }
    if (homeless > 0) refused.count_dropped(homeless);
}

void Engine::Work::push_to(const SourceTable::Groups& groups, const sql::RecordRef& record,
                           const Group& group, uint64_t key) {
    ++figures_.events;
    ++event_serial_;
    if (groups.empty()) {
        ++figures_.unrouted;
        return;
    }
    hops_ = key == 0 ? 0 : rooms_.outputs.hops().take(key);
    tracing_ = rooms_.tracer.active(wall_) && rooms_.tracer.wants_event(*record);
    for (SourceGroup* source : groups)
        push_to_group(*source, record, group);
    tracing_ = false;
}

void Engine::Work::push_to_group(SourceGroup& source, const sql::RecordRef& record,
                                 const Group& group) {
    if (source.reader == nullptr) {
        ++source.events;
        return push_record(source, record, group);
    }
    std::string why;
    const auto records = source.reader->read(record, rooms_.services.json, why);
    if (!why.empty()) {
        ++source.unread;
        source.last_unread = std::move(why);
    }
    for (const auto& own : records) {
        ++source.events;
        ++event_serial_;
        push_record(source, own, group);
    }
}

void Engine::Work::push_record(SourceGroup& source, const sql::RecordRef& record,
                               const Group& group) {
    candidates_.clear();
    source.index.find(*record, now_, candidates_);
    for (const auto& candidate : candidates_)
        deliver(candidate, record, group);
    for (const auto& candidate : source.all)
        deliver(candidate, record, group);
}

bool Engine::Work::takes(RunningRule& rule, const Group& group) {
    if (only_durable_ && !rule.durable) return false;
    if (group.position != 0 && group.position < rule.since) return false;
    if (!rule.any_of) return true;
    if (rule.last_event == event_serial_) return false;
    rule.last_event = event_serial_;
    return true;
}

void Engine::Work::deliver(const Candidate& candidate, const sql::RecordRef& record,
                           const Group& group) {
    RunningRule& rule = *candidate.rule;
    if (!takes(rule, group)) return;
    ++figures_.candidates;
    ++rule.passed;
    rule.touched = true;
    const bool traced = tracing_ && rooms_.tracer.wants_rule(rule.spec->id);
    if (traced) trace_begin(rule, *record);
    gate_.begin(rule, now_, wall_, group.arrival, hops_);
    if (candidate.conjunct == Candidate::none) {
        rule.query->push(candidate.source, record, now_, gate_);
    } else {
        rule.query->push_known(candidate.source, record, now_, candidate.conjunct, gate_);
    }
    gate_.end();
    if (traced) trace_end(rule);
    if (rule.timed) reschedule(rule);
}

void Engine::Work::reschedule(RunningRule& rule) {
    const auto due = rule.query->next_due();
    if (due == rule.due) return;
    if (rule.due) timers_.erase({*rule.due, rule.number});
    rule.due = due;
    if (due) timers_.emplace(*due, rule.number);
}

void Engine::Work::advance(Time now) {
    now_ = std::max(now_, now);
    fire(now_);
}

// In the order in which they are due, each at its own moment: so what comes out does not depend on
// when somebody asks.
void Engine::Work::fire(Time until) {
    while (!timers_.empty() && timers_.begin()->first <= until) {
        const auto [due, number] = *timers_.begin();
        fire_one(*by_number_[number], due);
    }
}

void Engine::Work::fire_one(RunningRule& rule, Time due) {
    const bool traced = rooms_.tracer.active(wall_) && rooms_.tracer.follows_timers(rule.spec->id);
    if (traced) trace_begin_timer(rule, due);
    gate_.begin(rule, due, wall_, std::nullopt, 0);
    rule.query->advance(due, gate_);
    gate_.end();
    if (traced) trace_end(rule);
    rule.touched = true;
    const auto next = rule.query->next_due();
    timers_.erase({due, rule.number});
    rule.due = next;
    // A query that asks for the same moment again waits for its next event.
    if (next && *next <= due) rule.due.reset();
    if (rule.due) timers_.emplace(*rule.due, rule.number);
}

void Engine::Work::trace_begin(RunningRule& rule, const sql::Record& record) {
    rooms_.tracer.open(rule.spec->id, wall_, true);
    Datum::Members members;
    for (size_t i = 0; i < record.shape().columns.size(); ++i)
        if (!record.column(i).is_null())
            members.push_back({Datum::text(record.shape().columns[i].name), record.column(i)});
    rooms_.tracer.step("source", record.shape().name,
                       sql::to_json(Datum::object(std::move(members))));
    trace_rows(rule);
}

void Engine::Work::trace_begin_timer(RunningRule& rule, Time due) {
    rooms_.tracer.open(rule.spec->id, wall_, false);
    rooms_.tracer.step("timer", format_rfc3339(due));
    trace_rows(rule);
}

void Engine::Work::trace_rows(RunningRule& rule) {
    operators_before_ = rule.query->figures();
    step_rows_.clear();
    rule.query->follow(&step_rows_);
}

// What each operator made of it: its counts, and the rows that left it.
void Engine::Work::trace_end(RunningRule& rule) {
    rule.query->follow(nullptr);
    const auto after = rule.query->figures();
    for (size_t i = 0; i < after.size() && i < operators_before_.size(); ++i) {
        const auto& before = operators_before_[i];
        const uint64_t in = after[i].in - before.in;
        const uint64_t out = after[i].out - before.out;
        if (in == 0 && out == 0) continue;
        const bool filter = after[i].name == "filter" || after[i].name == "having";
        std::string outcome =
            filter ? (out > 0 ? "true" : "false") : fmt::format("{} in, {} out", in, out);
        if (after[i].errors > before.errors) outcome += ", failed";
        if (after[i].late > before.late) outcome += ", late";
        const auto& rows = step_rows_.rows();
        rooms_.tracer.operator_step(i, after[i].name, outcome, after[i].detail,
                                    i < rows.size() ? rows[i] : std::vector<std::string>{});
    }
    rooms_.tracer.close();
}

EngineFigures Engine::Work::totals() const {
    EngineFigures out = figures_;
    out.rules = rules_.size();
    out.groups_of_sources = sources_.size();
    out.index_keys = sources_.index_keys();
    out.routes = sources_.routes();
    return out;
}

void Engine::Work::count_state() {
    ++unit_round_;
    figures_.state_bytes = 0;
    for (const auto& [id, rule] : rules_)
        if (rule->timed) figures_.state_bytes += rule->query->state_bytes();
}

}  // namespace hw::rules
