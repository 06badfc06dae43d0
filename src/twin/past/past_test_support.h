#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "model/point_path.h"
#include "twin/live.h"
#include "twin/past/past.h"

namespace hw::twin {

// A history in memory.
class PastHistory final : public history::History {
  public:
    std::map<uint32_t, std::map<int64_t, model::Sample>> samples;
    mutable size_t asked = 0;  // points, by values_at

    void submit(model::SampleBatch batch, history::Done done) override {
        for (size_t i = 0; i < batch.size(); ++i)
            samples[batch.points()[i].value()][batch.times_ns()[i]] = batch.sample(i);
        if (done) done({});
    }
    bool overloaded() const override { return false; }
    void on_relief(std::function<void()>) override {}
    void on_health(std::function<void(history::Health, const std::string&)>) override {}
    void add_tap(std::function<void(const model::SampleBatch&)>) override {}
    void add_group_tap(GroupTap) override {}
    std::optional<history::PointState> point_state(model::PointId) const override { return {}; }
    void point_states(const std::vector<model::PointId>&,
                      std::vector<std::optional<history::PointState>>&) const override {}
    Result<void> values_at(std::span<const model::PointId> ids, Time time,
                           std::vector<std::optional<model::Sample>>& out) const override {
        out.clear();
        asked += ids.size();
        for (const auto id : ids) {
            out.emplace_back();
            const auto at = samples.find(id.value());
            if (at == samples.end()) continue;
            const auto after = at->second.upper_bound(time.ns);
            if (after != at->second.begin()) out.back() = std::prev(after)->second;
        }
        return {};
    }
    void describe(model::PointId, std::string_view) override {}
    Result<void> raw(const history::RawQuery& query, const history::RawSink& sink) const override {
        model::SampleBatch rows;
        for (const auto point : query.points) {
            const auto at = samples.find(point.value());
            if (at == samples.end()) continue;
            for (const auto& [time, sample] : at->second)
                if (time >= query.from.ns && time < query.to.ns && rows.size() < query.limit)
                    rows.add(point, sample);
        }
        sink(rows);
        return {};
    }
    Result<std::vector<history::Buckets>> aggregate(const history::AggregateQuery&) const override {
        return std::vector<history::Buckets>{};
    }
    std::unique_ptr<history::Scan> scan(history::WantedColumns) const override { return nullptr; }
    Result<uint64_t> drop(std::string_view, Time, Time) override { return uint64_t{0}; }
    Result<void> backup(const std::string&) override { return {}; }
    Result<void> settle() override { return {}; }
    history::Health health(std::string*) const override { return history::Health::ok; }
    Figures figures() const override { return {}; }
};

class PastAudit final : public catalog::AuditLog {
  public:
    std::vector<catalog::AuditRecord> records;

    void append(catalog::AuditRecord record) override { records.push_back(std::move(record)); }
    bool flush() override { return true; }
    Result<catalog::AuditPage> query(const catalog::AuditQuery& query) const override {
        catalog::AuditPage page;
        const size_t end = query.before ? static_cast<size_t>(*query.before) : records.size();
        for (size_t i = end; i > 0; --i) {
            const auto& one = records[i - 1];
            const bool action =
                query.action.empty() || one.action == query.action ||
                (query.action.ends_with('.') && one.action.starts_with(query.action));
            if (!action || (query.from && one.time < *query.from) ||
                (query.to && one.time >= *query.to) || !model::matches(query.filter, one.target))
                continue;
            if (page.records.size() == query.limit) {
                page.next = static_cast<int64_t>(i);
                break;
            }
            page.records.push_back(one);
        }
        return page;
    }
    Result<uint64_t> remove_old() override { return uint64_t{0}; }
};

// Twins of whom only the past is known.
class PastTwins final : public Twins {
  public:
    struct Edge {
        RelationshipSpec spec;
        Time from;
        std::optional<Time> to;
    };
    std::shared_ptr<const Models> known = Models::none();
    std::map<std::string, std::vector<Version>> all;
    std::vector<Edge> edges;

    void put_model(const std::string& text) {
        std::vector<ModelFlaw> flaws;
        const std::string_view document = text;
        auto with = known->with({&document, 1}, flaws);
        HW_ASSERT(with && flaws.empty());
        known = std::move(with);
    }
    void describe(TwinSpec spec, Time from, std::string actor = "ann") {
        auto& versions = all[spec.id];
        if (!versions.empty() && !versions.back().to) versions.back().to = from;
        const auto revision = static_cast<int64_t>(versions.size() + 1);
        versions.push_back({revision, from, {}, std::move(actor), std::move(spec)});
    }
    void end(const std::string& id, Time at) { all[id].back().to = at; }
    void relate(std::string source, std::string name, std::string target, Time from = Time{0},
                std::optional<Time> to = {}) {
        edges.push_back(
            {{.source = std::move(source), .name = std::move(name), .target = std::move(target)},
             from,
             to});
    }

    Result<Snapshot> described_at(const Scope& scope, Time time) const override;
    Result<std::vector<Version>> versions(std::string_view id) const override {
        const auto found = all.find(std::string(id));
        if (found == all.end()) return fail(ErrorCode::not_found, "there is no such twin");
        return std::vector<Version>(found->second.rbegin(), found->second.rend());
    }
    Result<std::vector<RelationshipVersion>> relationship_versions(
        std::string_view id) const override {
        std::vector<RelationshipVersion> found;
        for (const auto& edge : edges)
            if (edge.spec.source == id) found.push_back({edge.spec, edge.from, edge.to, "eve"});
        return found;
    }
    std::shared_ptr<const Models> models() const override { return known; }

    void add_follower(Follower&) override {}
    void load() override {}
    void start() override {}
    void stop() override {}
    void tap(std::span<const model::SampleBatch* const>) override {}
    Result<std::vector<ModelChange>> put_models(std::span<const std::string_view>, const Change&,
                                                std::vector<ModelFlaw>&) override {
        return std::vector<ModelChange>{};
    }
    Result<void> remove_model(std::string_view, const Change&) override { return {}; }
    Result<TwinState> get(std::string_view) const override { return TwinState{}; }
    Result<TwinSpec> spec(std::string_view) const override { return TwinSpec{}; }
    Result<TwinState> put(TwinSpec, const Change&, bool&) override { return TwinState{}; }
    Result<TwinState> patch(std::string_view, std::string_view, const Change&) override {
        return TwinState{};
    }
    Result<void> remove(std::string_view, bool, const Change&) override { return {}; }
    Result<std::vector<RelationshipSpec>> relationships(const RelationshipQuery&) const override {
        return std::vector<RelationshipSpec>{};
    }
    Result<void> put_relationship(RelationshipSpec, const Change&, bool&) override { return {}; }
    Result<void> remove_relationship(std::string_view, std::string_view, std::string_view,
                                     const Change&) override {
        return {};
    }
    Result<BulkReport> apply(Bulk, const BulkOptions&, const Change&) override {
        return BulkReport{};
    }
    Result<LiveValue> read(std::string_view, std::string_view) const override {
        return LiveValue{};
    }
    Result<std::vector<std::string>> hop(std::string_view, std::string_view, bool) const override {
        return std::vector<std::string>{};
    }
    Result<Snapshot> snapshot(const Scope&) const override { return Snapshot{}; }
    Result<std::string> point(std::string_view, std::string_view) const override { return ""; }
    LiveValue peek(const TwinName&, size_t) const override { return {}; }
    const TwinName* name(std::string_view) const override { return nullptr; }
    InterfacePtr model_of(const TwinName&) const override { return nullptr; }
    void ask_again(std::string_view) override {}
    void tell(const Happening&) override {}
    twin::Figures figures() const override { return {}; }
    void sync() const override {}

  private:
    static bool held(Time from, const std::optional<Time>& to, Time at) {
        return from <= at && (!to || *to > at);
    }
    TwinState state_of(const Version& version, bool values) const;
};

inline TwinState PastTwins::state_of(const Version& version, bool values) const {
    TwinState state;
    state.id = version.spec.id;
    state.model = known->find(version.spec.model);
    HW_ASSERT(state.model != nullptr);
    for (size_t i = 0; values && i < state.model->slots.size(); ++i) {
        auto source =
            source_of(*state.model, i, state.id, version.spec.properties, &version.spec.bindings);
        PropertyState property{state.model->slots[i].path, std::move(source.point), {}};
        property.live.origin = source.origin;
        if (source.origin == Origin::fixed)
            property.live = {source.value, version.from, model::Quality::good, false,
                             Origin::fixed};
        state.properties.push_back(std::move(property));
    }
    return state;
}

// Of roots the root alone: what it reaches is the live state's own matter.
inline Result<Snapshot> PastTwins::described_at(const Scope& scope, Time time) const {
    Snapshot out;
    out.time = time;
    for (const auto& [id, versions] : all) {
        if (!model::matches(scope.filter, id)) continue;
        if (!scope.root.empty() && id != scope.root) continue;
        for (const auto& version : versions) {
            if (!held(version.from, version.to, time)) continue;
            TwinState state = state_of(version, scope.values);
            for (const auto& edge : edges)
                if (scope.relationships && edge.spec.source == id && held(edge.from, edge.to, time))
                    state.relationships.push_back(edge.spec);
            out.twins.push_back(std::move(state));
        }
    }
    if (!scope.root.empty() && out.twins.empty())
        return fail(ErrorCode::not_found, "there was no such twin");
    return out;
}

// A works with a pump station; the works' inflow is the sum of its pumps, and it knows who is part
// of it.
inline constexpr const char* past_models[] = {R"json({
"@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"], "@id": "dtmi:x:Pump;1",
"@type": "Interface", "contents": [
 {"@type": "Telemetry", "name": "flow", "schema": "double"},
 {"@type": "Telemetry", "name": "running", "schema": "boolean"},
 {"@type": "Property", "name": "twice", "schema": "double",
  "expression": "flow * 2"},
 {"@type": "Command", "name": "start"},
 {"@type": "Relationship", "name": "partOf"}]})json",
                                              R"json({
"@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"], "@id": "dtmi:x:Works;1",
"@type": "Interface", "contents": [
 {"@type": "Property", "name": "town", "schema": "string", "fixed": true},
 {"@type": "Property", "name": "inflow", "schema": "double",
  "expression": "sum(intakes.twice)"},
 {"@type": "Property", "name": "parts", "schema": "integer",
  "expression": "count(incoming.partOf)"},
 {"@type": "Relationship", "name": "intakes"}]})json"};

// A plant whose past is known, and the room over it. The test adds functions.
struct PastBed {
    PastBed() : points(100'000), clock(Time{1'000'000}) {
        past = std::make_unique<Past>(
            Past::Rooms{twins, history, points, audit, functions, clock, settings});
    }
    void add(const std::string& point, int64_t time, double value,
             model::Quality quality = model::Quality::good) {
        model::SampleBatch batch;
        batch.add_double(points.intern(point).value(), Time{time}, value, quality);
        history.submit(std::move(batch), {});
    }
    void add_bool(const std::string& point, int64_t time, bool value) {
        model::SampleBatch batch;
        batch.add_bool(points.intern(point).value(), Time{time}, value, model::Quality::good);
        history.submit(std::move(batch), {});
    }

    PastTwins twins;
    PastHistory history;
    model::PointDirectory points;
    PastAudit audit;
    sql::FunctionTable functions;
    ManualClock clock;
    Settings settings;
    std::unique_ptr<Past> past;
};

}  // namespace hw::twin
