#include "twin/bulk_change.h"
#include "twin/model/twin_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

std::string key_of(const RelationshipSpec& spec, bool with_target) {
    std::string key = spec.source;
    key.push_back('\0');
    key += spec.name;
    if (!with_target) return key;
    key.push_back('\0');
    return key += spec.target;
}

}  // namespace

void BulkChange::flaw(uint64_t line, std::string what, std::string text) {
    if (report_.errors.size() < errors_limit)
        report_.errors.push_back({line, std::move(what), std::move(text)});
    else
        ++report_.errors_more;
}

InterfacePtr BulkChange::model_of(std::string_view id) const {
    if (const auto at = models_.find(id); at != models_.end()) return at->second;
    const Twin* twin = std::as_const(twins_.live_).graph().find(id);
    return twin == nullptr ? nullptr : twin->model->interface;
}

void BulkChange::check() {
    for (auto& error : bulk_.errors)
        flaw(error.line, std::move(error.what), std::move(error.text));
    for (size_t row = 0; row < bulk_.twins.size(); ++row)
        if (auto sound = check_twin_row(row); !sound)
            flaw(bulk_.twins[row].line, bulk_.twins[row].spec.id, sound.error().text());
    for (size_t row = 0; row < bulk_.relationships.size(); ++row)
        if (auto sound = check_edge_row(row); !sound) {
            const auto& spec = bulk_.relationships[row].spec;
            flaw(bulk_.relationships[row].line,
                 fmt::format("{} {} {}", spec.source, spec.name, spec.target),
                 sound.error().text());
        }
}

Result<void> BulkChange::check_twin_row(size_t row) {
    TwinSpec& spec = bulk_.twins[row].spec;
    HW_TRY(check_twin_id(spec.id));
    const auto [seen, first] = twins_seen_.try_emplace(spec.id, bulk_.twins[row].line);
    if (!first)
        return fail(ErrorCode::conflict, fmt::format("twin '{}' is given twice, first in line {}",
                                                     spec.id, seen->second));
    const InterfacePtr model = HW_TRY(twins_.models()->get(spec.model));
    const Graph& graph = std::as_const(twins_.live_).graph();
    const Twin* before = graph.find(spec.id);
    TwinSpec checked = spec;
    checked = HW_TRY(check_twin(std::move(checked), *model, twins_.settings_));
    spec.properties = std::move(checked.properties);  // the id stays where it is: maps hold it
    if (before != nullptr && before->spec() == spec) {
        ++report_.twins_unchanged;
        return {};
    }
    if (before != nullptr && before->model->interface->id != model->id)
        HW_TRY(twins_.check_edges(*before, *model));
    FreshTwin fresh{row, model, 1, {}, before != nullptr};
    if (const TwinName* name = graph.name(spec.id))
        fresh.revision = graph.at(name->index).revision + 1;
    if (before != nullptr) fresh.created = before->created;
    slots_ += before == nullptr ? model->slots.size() : 0;
    models_.emplace(spec.id, model);
    fresh_twins_.push_back(std::move(fresh));
    ++(before != nullptr ? report_.twins_changed : report_.twins_created);
    return {};
}

Result<void> BulkChange::check_edge_row(size_t row) {
    RelationshipSpec& spec = bulk_.relationships[row].spec;
    const auto [seen, first] =
        edges_seen_.try_emplace(key_of(spec, true), bulk_.relationships[row].line);
    if (!first)
        return fail(ErrorCode::conflict,
                    fmt::format("the relationship is given twice, first in line {}", seen->second));
    const InterfacePtr source_model = model_of(spec.source);
    if (!source_model) HW_TRY(twins_.find(spec.source));
    const InterfacePtr target_model = model_of(spec.target);
    if (!target_model) HW_TRY(twins_.find(spec.target));
    const Content* relationship = HW_TRY(relationship_of(*source_model, spec.name));
    spec =
        HW_TRY(check_relationship(std::move(spec), *relationship, *target_model, twins_.settings_));
    const Graph& graph = std::as_const(twins_.live_).graph();
    const Twin* source = graph.find(spec.source);
    const Twin* target = graph.find(spec.target);
    std::optional<uint32_t> edge;
    if (source != nullptr && target != nullptr) edge = graph.edge(*source, spec.name, *target);
    if (edge && graph.edge(*edge).properties == spec.properties) {
        ++report_.relationships_unchanged;
        return {};
    }
    if (const size_t most = relationship->max_multiplicity; !edge && most > 0) {
        size_t& added = edges_added_[key_of(spec, false)];
        const size_t there = source == nullptr ? 0 : twins_.count_edges(*source, spec.name, most);
        if (there + added >= most) return fail(too_many(spec, *relationship));
        ++added;
    }
    fresh_edges_.push_back({row, edge.has_value()});
    ++(edge ? report_.relationships_changed : report_.relationships_created);
    return {};
}

Result<void> BulkChange::check_room() const {
    return twins_.check_room(report_.twins_created, report_.relationships_created, slots_);
}

Result<void> BulkChange::store(const std::string& actor, Time time) {
    StoredChange stored;
    stored.time = time;
    stored.actor = actor;
    stored.twins.reserve(fresh_twins_.size());
    for (auto& fresh : fresh_twins_) {
        if (!fresh.replaces) fresh.created = time;
        stored.twins.push_back({&bulk_.twins[fresh.row].spec, fresh.revision, fresh.created});
    }
    stored.relationships.reserve(fresh_edges_.size());
    for (const auto& fresh : fresh_edges_)
        stored.relationships.push_back({&bulk_.relationships[fresh.row].spec, fresh.replaces});
    return twins_.store_->save(stored);
}

void BulkChange::apply(const std::string& actor, Time time) {
    Live& live = twins_.live_;
    for (size_t from = 0; from < fresh_twins_.size(); from += Live::piece_twins) {
        const WorkLock work(live.work());
        const WriteLock lock(live.lock());
        for (size_t i = from; i < std::min(fresh_twins_.size(), from + Live::piece_twins); ++i) {
            const FreshTwin& fresh = fresh_twins_[i];
            live.put_twin(bulk_.twins[fresh.row].spec, fresh.model,
                          {fresh.revision, fresh.created, time, actor}, true);
        }
        live.settle();
    }
    for (size_t from = 0; from < fresh_edges_.size(); from += Live::piece_samples) {
        const WorkLock work(live.work());
        const WriteLock lock(live.lock());
        for (size_t i = from; i < std::min(fresh_edges_.size(), from + Live::piece_samples); ++i) {
            auto& spec = bulk_.relationships[fresh_edges_[i].row].spec;
            Twin& source = *live.graph().find(spec.source);
            Twin& target = *live.graph().find(spec.target);
            if (fresh_edges_[i].replaces)
                live.change_edge(*live.graph().edge(source, spec.name, target),
                                 std::move(spec.properties));
            else
                live.add_edge(source, spec.name, target, std::move(spec.properties), true);
        }
        live.settle();
    }
    live.fetch_last_values();
}

namespace {

std::string summary(const BulkReport& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("twins_created", report.twins_created);
    json.member("twins_changed", report.twins_changed);
    json.member("relationships_created", report.relationships_created);
    json.member("relationships_changed", report.relationships_changed);
    json.member("errors", report.errors.size() + report.errors_more);
    json.end_object();
    return out;
}

}  // namespace

Result<BulkReport> TwinsImpl::apply(Bulk bulk, const BulkOptions& options, const Change& change) {
    const MutexLock lock(changes_);
    BulkReport report;
    BulkChange work(*this, bulk, report);
    work.check();
    if (options.dry_run || (options.all_or_nothing && !report.errors.empty())) return report;
    const auto done = [&]() -> Result<void> {
        HW_TRY(work.check_room());
        report.applied = true;
        if (work.empty()) return {};
        const Time time = change_time();
        HW_TRY(work.store(change.actor, time));
        work.apply(change.actor, time);
        return {};
    }();
    note(change, "twin.import", "twins", {}, done ? summary(report) : std::string(),
         done ? nullptr : &done.error());
    if (!done) return fail(done.error());
    forget_old();
    return report;
}

}  // namespace hw::twin
