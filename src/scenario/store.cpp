#include "scenario/store.h"

#include <array>
#include <utility>

#include "base/assert.h"

namespace hw::scenario {

namespace {

using catalog::as_double;
using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;

constexpr catalog::Migration migrations[] = {
    {"scenarios",
     "create table scenario (id text not null primary key, body text not null, "
     "created bigint not null, updated bigint not null, actor text not null, "
     "state text not null, error text not null, started bigint not null, ended bigint not null, "
     "run bigint not null);\n"
     "create table scenario_result (scenario_id text not null references scenario (id) on delete "
     "cascade, kind text not null, body text not null, primary key (scenario_id, kind));\n"
     "create table scenario_calibration (site text not null, model text not null, "
     "time bigint not null, confidence double precision not null, body text not null, "
     "primary key (site, model));\n"}};

constexpr std::string_view server_ended =
    "the server ended before the run was done; it may be run again";

constexpr std::array<std::string_view, 6> state_names{"none", "queued", "running",
                                                      "done", "failed", "cancelled"};

Result<RunState> state_of(std::string_view text) {
    for (size_t i = 0; i < state_names.size(); ++i)
        if (state_names.at(i) == text) return static_cast<RunState>(i);
    return fail(ErrorCode::corrupt, "a scenario's state is '" + std::string(text) + "'");
}

Result<StoredScenario> scenario_from(Row& row) {
    StoredScenario scenario;
    scenario.spec = HW_TRY(read_scenario(as_text(std::move(row[0]))));
    scenario.created.ns = as_int(row[1]);
    scenario.updated.ns = as_int(row[2]);
    scenario.actor = as_text(std::move(row[3]));
    scenario.state = HW_TRY(state_of(as_text(std::move(row[4]))));
    scenario.error = as_text(std::move(row[5]));
    scenario.started.ns = as_int(row[6]);
    scenario.ended.ns = as_int(row[7]);
    scenario.run = as_int(row[8]);
    return scenario;
}

Result<void> write(Session& session, const StoredScenario& s) {
    const std::string state(to_string(s.state));
    const std::string body = scenario_text(s.spec);
    const uint64_t changed = HW_TRY(session.run(
        "update scenario set body = :body, updated = :updated, actor = :actor, state = :state, "
        "error = :error, started = :started, ended = :ended, run = :run where id = :id",
        {body, s.updated.ns, s.actor, state, s.error, s.started.ns, s.ended.ns, s.run, s.spec.id}));
    if (changed > 0) return {};
    HW_TRY(session.run(
        "insert into scenario (id, body, created, updated, actor, state, error, started, ended, "
        "run) values (:id, :body, :created, :updated, :actor, :state, :error, :started, :ended, "
        ":run)",
        {s.spec.id, body, s.created.ns, s.updated.ns, s.actor, state, s.error, s.started.ns,
         s.ended.ns, s.run}));
    return {};
}

std::string kind_of(ScenarioStore::Which which) {
    return which == ScenarioStore::Which::with ? "with" : "base";
}

}  // namespace

std::string_view to_string(RunState state) {
    return state_names.at(static_cast<size_t>(state));
}

Result<std::unique_ptr<ScenarioStore>> ScenarioStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("scenario", migrations));
    const auto marked = database.transaction([](Session& session) -> Result<void> {
        HW_TRY(
            session.run("update scenario set state = 'failed', error = :error "
                        "where state = 'running' or state = 'queued'",
                        {std::string(server_ended)}));
        return {};
    });
    if (!marked) return fail(marked.error());
    return std::unique_ptr<ScenarioStore>(new ScenarioStore(database));
}

Result<std::vector<StoredScenario>> ScenarioStore::load() const {
    std::vector<StoredScenario> scenarios;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(
            session.rows("select body, created, updated, actor, state, error, started, ended, run "
                         "from scenario order by id",
                         {ColumnType::text, ColumnType::int64, ColumnType::int64, ColumnType::text,
                          ColumnType::text, ColumnType::text, ColumnType::int64, ColumnType::int64,
                          ColumnType::int64}));
        for (auto& row : rows) {
            auto scenario = HW_TRY(scenario_from(row));
            scenarios.push_back(std::move(scenario));
        }
        return {};
    });
    if (!done) return fail(done.error());
    return scenarios;
}

Result<void> ScenarioStore::save(const StoredScenario& scenario) {
    return database_.transaction(
        [&](Session& session) -> Result<void> { return write(session, scenario); });
}

Result<void> ScenarioStore::remove(std::string_view id) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from scenario where id = :id", {std::string(id)}));
        return {};
    });
}

Result<void> ScenarioStore::save_results(const StoredScenario& scenario, std::string_view with,
                                         std::string_view base) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(write(session, scenario));
        HW_TRY(
            session.run("delete from scenario_result where scenario_id = :id", {scenario.spec.id}));
        for (const auto& [kind, body] :
             {std::pair{Which::with, with}, std::pair{Which::base, base}})
            if (!body.empty())
                HW_TRY(
                    session.run("insert into scenario_result (scenario_id, kind, body) values "
                                "(:id, :kind, :body)",
                                {scenario.spec.id, kind_of(kind), std::string(body)}));
        return {};
    });
}

Result<std::optional<std::string>> ScenarioStore::result(std::string_view id, Which which) const {
    std::optional<std::string> body;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select kind, body from scenario_result where scenario_id = :id order by kind desc",
            {ColumnType::text, ColumnType::text}, {std::string(id)}));
        for (auto& row : rows)  // "with" comes first, and stands in where there is no "base"
            if (!body || as_text(std::move(row[0])) == kind_of(which))
                body = as_text(std::move(row[1]));
        return {};
    });
    if (!done) return fail(done.error());
    return body;
}

Result<void> ScenarioStore::save_calibration(const StoredCalibration& calibration) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from scenario_calibration where site = :site and model = :model",
                           {calibration.site, calibration.model}));
        HW_TRY(
            session.run("insert into scenario_calibration (site, model, time, confidence, body) "
                        "values (:site, :model, :time, :confidence, :body)",
                        {calibration.site, calibration.model, calibration.time.ns,
                         calibration.confidence, calibration.json}));
        return {};
    });
}

Result<std::optional<StoredCalibration>> ScenarioStore::calibration(std::string_view site,
                                                                    std::string_view model) const {
    std::optional<StoredCalibration> found;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows =
            HW_TRY(session.rows("select time, confidence, body from scenario_calibration "
                                "where site = :site and model = :model",
                                {ColumnType::int64, ColumnType::float64, ColumnType::text},
                                {std::string(site), std::string(model)}));
        if (rows.empty()) return {};
        auto& row = rows.front();
        found = StoredCalibration{.site = std::string(site),
                                  .model = std::string(model),
                                  .time = Time{as_int(row[0])},
                                  .confidence = as_double(row[1]),
                                  .json = as_text(std::move(row[2]))};
        return {};
    });
    if (!done) return fail(done.error());
    return found;
}

}  // namespace hw::scenario
