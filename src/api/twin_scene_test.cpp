#include "api/twin_scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/api_test_support.h"
#include "api/router.h"
#include "sql/json.h"

namespace hw::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* scene = R"({"format":"headworks-scene/1","name":"Works","nodes":[
    {"id":"t","twin":"works/tank 1","shape":{"kind":"tank"},
     "bindings":[{"kind":"fill","property":"level","max":4}]}]})";
const std::string at = "/api/v1/twins/works/plant1/scene";

// The operations over a catalogue in memory, with one twin.
class SceneApi : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        store_ = std::move(*twin::SceneStore::open(*database_));
        twin::SceneReferences references;
        references.twin = [](std::string_view twin) {
            return twin == "works/tank 1" || twin == "works/plant1";
        };
        scenes_ = std::make_unique<twin::Scenes>(
            twin::Scenes::Rooms{*store_, *audit_, clock_, references});
        operations_ = std::make_unique<TwinSceneOperations>(TwinSceneOperations::Rooms{
            scenes_.get(), clock_,
            [this](const std::vector<std::string>& twins, std::optional<Time> when) {
                asked_ = twins;
                asked_at_ = when;
                return states(when.value_or(clock_.now()));
            }});
        operations_->add_to(table_);
    }

    static Result<twin::Snapshot> states(Time time) {
        twin::Snapshot snapshot;
        snapshot.time = time;
        twin::TwinState state;
        state.id = "works/tank 1";
        state.properties.push_back(
            {"level",
             "",
             {sql::Datum::real(1), time, model::Quality::good, false, twin::Origin::point}});
        snapshot.twins.push_back(std::move(state));
        return snapshot;
    }

    // As the router does it.
    Answer ask(std::string method, std::string path, std::string body = "",
               std::vector<std::pair<std::string, std::string>> headers = {},
               std::vector<std::pair<std::string, std::string>> query = {}) {
        auto answer = std::make_shared<Answer>();
        Exchange exchange = make_exchange(answer, std::move(path), std::move(query));
        exchange.request.method = std::move(method);
        exchange.request.target = exchange.request.path;
        exchange.request.body = std::move(body);
        exchange.request.headers = std::move(headers);
        exchange.request.peer = "127.0.0.1:1";
        const Operation* found = nullptr;
        Match best;
        for (const auto& operation : table_) {
            auto match = match_path(operation.path, exchange.request);
            if (!match || match->literals < best.literals ||
                operation.method != exchange.request.method)
                continue;
            best = std::move(*match);
            found = &operation;
        }
        if (found == nullptr) return *answer;
        exchange.places = best.places;
        found->run(std::move(exchange));
        EXPECT_TRUE(answer->finished);
        return *answer;
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<twin::SceneStore> store_;
    std::unique_ptr<twin::Scenes> scenes_;
    std::unique_ptr<TwinSceneOperations> operations_;
    std::vector<Operation> table_;
    std::vector<std::string> asked_;
    std::optional<Time> asked_at_;
};

TEST_F(SceneApi, ScenesAreCreatedChangedAndRemoved) {
    auto answer = ask("PUT", at, scene);
    EXPECT_EQ(answer.response.status, 201u) << answer.response.body;
    EXPECT_EQ(answer.header("etag"), "\"1\"");
    EXPECT_THAT(answer.response.body, HasSubstr(R"("warnings":[])"));
    answer = ask("GET", at);
    EXPECT_EQ(answer.response.status, 200u);
    EXPECT_THAT(answer.response.body, HasSubstr(R"("name":"Works")"));
    EXPECT_EQ(ask("GET", at, "", {{"if-none-match", "\"1\""}}).response.status, 304u);
    answer = ask("PATCH", at, R"({"name":"New"})", {{"if-match", "\"1\""}});
    EXPECT_EQ(answer.response.status, 200u);
    EXPECT_EQ(answer.header("etag"), "\"2\"");
    EXPECT_EQ(ask("PUT", at, scene, {{"if-match", "\"1\""}}).response.status, 412u);
    EXPECT_THAT(ask("GET", "/api/v1/twin/scenes").response.body,
                HasSubstr(R"({"site":"works/plant1","name":"New","revision":2)"));
    ask("PATCH", at, R"({"name":{"en":"New","zh":"新厂"}})");
    EXPECT_THAT(ask("GET", "/api/v1/twin/scenes").response.body,
                HasSubstr(R"("name":{"en":"New","zh":"新厂"})"));
    EXPECT_EQ(ask("DELETE", at, "", {{"if-match", "\"3\""}}).response.status, 204u);
    EXPECT_EQ(ask("GET", at).response.status, 404u);
}

TEST_F(SceneApi, NodesAreEditedOneByOne) {
    ask("PUT", at, scene);
    auto answer = ask("PUT", at + "/nodes/pipes/p1", R"({"twin":"gone","parent":"t"})");
    EXPECT_EQ(answer.response.status, 201u) << answer.response.body;
    EXPECT_THAT(answer.response.body, HasSubstr("\"field\":\"/nodes/1/twin\""));
    answer = ask("PATCH", at + "/nodes/pipes/p1", R"({"twin":null,"name":"P"})");
    EXPECT_EQ(answer.response.status, 200u);
    answer = ask("GET", at + "/nodes/pipes/p1");
    EXPECT_THAT(answer.response.body, HasSubstr(R"("name":"P")"));
    EXPECT_THAT(answer.response.body, Not(HasSubstr("gone")));
    EXPECT_EQ(ask("GET", at + "/nodes/none").response.status, 404u);
    EXPECT_EQ(ask("DELETE", at + "/nodes/t").response.status, 409u);
    answer = ask("DELETE", at + "/nodes/t", "", {}, {{"cascade", "true"}});
    EXPECT_EQ(answer.response.status, 200u);
    EXPECT_THAT(answer.response.body, HasSubstr("\"nodes\":0"));
    EXPECT_EQ(ask("DELETE", at + "/nodes/t", "", {}, {{"cascde", "true"}}).response.status, 400u);
}

TEST_F(SceneApi, EveryFlawIsTold) {
    const auto answer = ask("PUT", at, R"({"format":"headworks-scene/1","nodes":[{"id":"a",
        "x":1},{"id":"b","parent":"c"}]})");
    EXPECT_EQ(answer.response.status, 422u);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_THAT(answer.response.body, HasSubstr(R"("errors":[{"field":"/nodes/0/x","node":"a")"));
    EXPECT_EQ(ask("PUT", at, "{").response.status, 400u);
    EXPECT_EQ(ask("POST", at + "/check", scene).response.status, 200u);
    EXPECT_EQ(ask("POST", at + "/check", "{}").response.status, 422u);
    EXPECT_EQ(ask("GET", at).response.status, 404u);  // nothing was kept
}

TEST_F(SceneApi, ExportsHaveTheValues) {
    ask("PUT", at, scene);
    auto answer = ask("GET", at + ".gltf");
    ASSERT_EQ(answer.response.status, 200u) << answer.response.body;
    EXPECT_EQ(answer.header("content-type"), "model/gltf+json");
    EXPECT_THAT(asked_, testing::ElementsAre("works/tank 1"));
    EXPECT_FALSE(asked_at_);
    EXPECT_THAT(answer.response.body, HasSubstr("\"fill\":0.25"));
    EXPECT_THAT(answer.response.body, HasSubstr("\"at\":\"2023-11-14T22:13:20Z\""));
    answer = ask("GET", at + ".glb", "", {},
                 {{"at", "2023-11-01T00:00:00Z"}, {"lod", "low"}, {"assets", "reference"}});
    ASSERT_EQ(answer.response.status, 200u);
    EXPECT_EQ(answer.header("content-type"), "model/gltf-binary");
    EXPECT_TRUE(twin::read_gltf(answer.response.body));
    EXPECT_EQ(asked_at_, Time{1'698'796'800'000'000'000});
    answer = ask("GET", at + ".gltf", "", {}, {{"live", "false"}});
    EXPECT_THAT(answer.response.body, Not(HasSubstr("\"fill\":0.25")));
    EXPECT_EQ(ask("GET", at + ".gltf", "", {}, {{"lod", "ultra"}}).response.status, 400u);
    EXPECT_EQ(ask("GET", at + ".gltf", "", {}, {{"assets", "no"}}).response.status, 400u);
    EXPECT_EQ(ask("GET", at + ".gltf", "", {}, {{"level", "low"}}).response.status, 400u);
    EXPECT_EQ(ask("GET", "/api/v1/twins/none/scene.glb").response.status, 404u);
}

TEST_F(SceneApi, AssetsComeAndGo) {
    ask("PUT", at, scene);
    const std::string file = ask("GET", at + ".glb").response.body;
    const std::string asset = "/api/v1/twin/assets/parts/tank.glb";
    EXPECT_EQ(ask("PUT", asset, file, {{"if-match", "\"1\""}}).response.status, 412u);
    auto answer = ask("PUT", asset, file, {{"if-none-match", "*"}});
    EXPECT_EQ(answer.response.status, 201u) << answer.response.body;
    EXPECT_EQ(ask("PUT", asset, file, {{"if-none-match", "*"}}).response.status, 412u);
    EXPECT_EQ(ask("PUT", asset, file).response.status, 200u);
    answer = ask("GET", asset);
    EXPECT_EQ(answer.response.body, file);
    EXPECT_EQ(answer.header("content-type"), "model/gltf-binary");
    EXPECT_EQ(ask("GET", asset, "", {{"if-none-match", "\"1\""}}).response.status, 304u);
    EXPECT_THAT(ask("GET", "/api/v1/twin/assets").response.body,
                HasSubstr(R"({"name":"parts/tank.glb","digest":")"));
    EXPECT_EQ(ask("PUT", asset, "nonsense").response.status, 400u);
    ask("PUT", at + "/nodes/a", R"({"shape":{"kind":"asset","asset":"parts/tank.glb"}})");
    EXPECT_EQ(ask("DELETE", asset).response.status, 409u);
    ask("DELETE", at);
    EXPECT_EQ(ask("DELETE", asset).response.status, 204u);
    EXPECT_EQ(ask("GET", asset).response.status, 404u);
}

// Every schema that an operation names is there.
TEST_F(SceneApi, DescribesItself) {
    sql::JsonReader reader;
    const auto schemas = reader.read(fmt::format("{{{}}}", twin_scene_schemas()));
    ASSERT_TRUE(schemas) << schemas.error().text();
    std::set<std::string> named;
    for (const auto& operation : table_)
        for (const auto& text : {std::string(operation.body), operation.responses})
            for (size_t mark = text.find('#'); mark != std::string::npos;
                 mark = text.find('#', mark + 1))
                named.insert(text.substr(mark + 1, text.find_first_of(" ,;", mark) - mark - 1));
    for (const auto& name : named)
        EXPECT_NE(schemas->find(name), nullptr) << name;
}

}  // namespace
}  // namespace hw::api
