#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "history/history.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "twin/twins.h"

namespace hw::twin {

struct TestFolder {
    TestFolder() : path(std::filesystem::temp_directory_path() / "hw_twin_XXXXXX") {
        EXPECT_NE(mkdtemp(path.data()), nullptr);
    }
    ~TestFolder() { std::filesystem::remove_all(path); }
    std::string path;
};

// A clock that tests set; any thread.
class TestClock final : public Clock {
  public:
    Time now() const override { return Time{ns_.load()}; }
    Time monotonic() const override { return Time{ns_.load()}; }
    void advance(Duration by) { ns_ += by.ns; }

  private:
    std::atomic<int64_t> ns_{1'767'225'600'000'000'000};  // 2026-01-01T00:00:00Z
};

// A pump, its works that rolls up pumps, and a site over works.
inline constexpr std::string_view test_models = R"json([
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Thing;1",
 "@type":"Interface","displayName":"Thing","contents":[
  {"@type":"Relationship","name":"partOf","maxMultiplicity":1}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Drive;1",
 "@type":"Interface","displayName":"Drive","contents":[
  {"@type":"Telemetry","name":"speed","schema":"double"},
  {"@type":"Property","name":"rated","schema":"double"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Pump;1",
 "@type":"Interface","displayName":"Pump","extends":"dtmi:test:Thing;1","contents":[
  {"@type":"Telemetry","name":"flow","schema":"double"},
  {"@type":"Telemetry","name":"head","schema":"double"},
  {"@type":"Telemetry","name":"running","schema":"boolean"},
  {"@type":"Property","name":"mode","writable":true,"schema":{"@type":"Enum",
   "valueSchema":"integer","enumValues":[{"name":"off","enumValue":0},
    {"name":"auto","enumValue":1}]}},
  {"@type":"Property","name":"serial","schema":"string","fixed":true},
  {"@type":"Property","name":"power","schema":"double","expression":"flow * head * 9.81"},
  {"@type":"Component","name":"drive","schema":"dtmi:test:Drive;1"},
  {"@type":"Relationship","name":"feeds","target":"dtmi:test:Pump;1","maxMultiplicity":2,
   "properties":[{"@type":"Property","name":"length","schema":"double"}]}]},
{"@context":["dtmi:dtdl:context;3","dtmi:dtdl:extension:historization;1",
 "dtmi:headworks:twin;1"],"@id":"dtmi:test:Works;1",
 "@type":"Interface","displayName":"Works","extends":"dtmi:test:Thing;1","contents":[
  {"@type":"Relationship","name":"pumps","target":"dtmi:test:Pump;1"},
  {"@type":["Property","Historized"],"name":"total","schema":"double",
   "expression":"sum(pumps.flow)"},
  {"@type":"Property","name":"count","schema":"integer","expression":"count(pumps)"},
  {"@type":"Property","name":"energy","schema":"double",
   "expression":"sum(pumps.power) FILTER (WHERE pumps.running)"},
  {"@type":"Property","name":"members","schema":"integer","expression":"count(incoming.partOf)"},
  {"@type":"Property","name":"highest","schema":"double","expression":"max(incoming.partOf.flow)"},
  {"@type":"Property","name":"double","schema":"double","expression":"total * 2"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Site;1",
 "@type":"Interface","displayName":"Site","contents":[
  {"@type":"Relationship","name":"works","target":"dtmi:test:Works;1"},
  {"@type":"Property","name":"total","schema":"double","expression":"sum(works.total)"},
  {"@type":"Telemetry","name":"wind","schema":"double","staleAfter":"PT5S"}]}
])json";

// Twins with their catalogue and a real history on a folder.
struct TestHouse {
    explicit TestHouse(Settings given = {}) : settings(given) {
        sql::add_builtin_functions(functions);
        history::Settings history_settings;
        history_settings.disk_reserve_bytes = 0;
        history =
            *history::History::open(history_settings, folder.path, points, machine, metrics());
        history->add_group_tap([this](auto batches) {
            if (twins) twins->tap(batches);
        });
        database = *catalog::Database::open(":memory:");
        audit = *catalog::AuditLog::open(*database, {}, clock, metrics());
    }
    ~TestHouse() { close(); }

    // Opens and loads; the thread runs only where it is told to.
    void open(std::vector<Follower*> followers = {}, bool start = false) {
        auto opened = Twins::open(
            settings, {*database, *audit, *history, points, clock, metrics(), functions,
                       [this](model::SampleBatch batch) { kept.push_back(std::move(batch)); }});
        ASSERT_TRUE(opened) << opened.error().text();
        for (Follower* follower : followers)
            (*opened)->add_follower(*follower);
        (*opened)->load();
        twins = std::move(*opened);
        if (start) twins->start();
    }
    void close() { twins.reset(); }  // nobody may be committing
    void put_models(std::string_view text = test_models) {
        std::vector<ModelFlaw> flaws;
        const std::string_view documents[] = {text};
        const auto put = twins->put_models(documents, change, flaws);
        ASSERT_TRUE(put) << put.error().text();
    }
    Result<TwinState> put(std::string id, std::string_view model, std::string_view values = "{}") {
        TwinSpec spec;
        spec.id = std::move(id);
        spec.model = "dtmi:test:" + std::string(model) + ";1";
        sql::JsonReader reader;
        spec.properties = *reader.read(values);
        bool created = false;
        return twins->put(std::move(spec), change, created);
    }
    Result<void> relate(std::string source, std::string name, std::string target) {
        bool created = false;
        return twins->put_relationship({std::move(source), std::move(name), std::move(target)},
                                       change, created);
    }
    void commit(model::SampleBatch batch) {
        std::promise<bool> done;
        history->submit(std::move(batch),
                        [&](const Result<void>& result) { done.set_value(result.has_value()); });
        EXPECT_TRUE(done.get_future().get());
    }
    void sample(std::string_view path, double value, Duration later = {}) {
        model::SampleBatch batch;
        batch.add_double(*points.intern(path), clock.now() + later, value);
        commit(std::move(batch));
    }
    LiveValue live(std::string_view id, std::string_view path) {
        auto value = twins->read(id, path);
        EXPECT_TRUE(value) << value.error().text();
        return value ? *value : LiveValue{};
    }
    sql::Datum value(std::string_view id, std::string_view path) { return live(id, path).value; }
    // A registry's collectors must stay valid: one for each thing that registers.
    Metrics& metrics() { return *all_metrics.emplace_back(std::make_unique<Metrics>()); }

    Settings settings;
    TestFolder folder;
    TestClock clock;
    SystemClock machine;  // history waits by it
    sql::FunctionTable functions;
    model::PointDirectory points{10'000'000};
    std::vector<std::unique_ptr<Metrics>> all_metrics;
    std::unique_ptr<catalog::Database> database;
    std::unique_ptr<catalog::AuditLog> audit;
    std::unique_ptr<Twins> twins;
    std::vector<model::SampleBatch> kept;
    Change change{"ann", "test"};
    std::unique_ptr<history::History> history;
};

inline sql::Datum real(double value) {
    return sql::Datum::real(value);
}
inline sql::Datum integer(int64_t value) {
    return sql::Datum::integer(value);
}

}  // namespace hw::twin
