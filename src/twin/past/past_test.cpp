#include "twin/past/past.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/functions/functions.h"
#include "sql/json.h"
#include "twin/past/past_test_support.h"

namespace hw::twin {
namespace {

using model::Quality;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PastTest : public testing::Test, protected PastBed {
  protected:
    PastTest() {
        sql::add_builtin_functions(functions);
        for (const auto* model : past_models)
            twins.put_model(model);
        TwinSpec works{.id = "w", .model = "dtmi:x:Works;1", .name = {}, .bindings = {}};
        works.properties.put("town", sql::Datum::text("A"));
        twins.describe(works, Time{100});
        works.properties.put("town", sql::Datum::text("B"));
        twins.describe(works, Time{500}, "bob");
        for (const auto* id : {"w/p1", "w/p2"})
            twins.describe({.id = id, .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}},
                           Time{200});
        twins.relate("w", "intakes", "w/p1", Time{200});
        twins.relate("w", "intakes", "w/p2", Time{400});
        twins.relate("w/p1", "partOf", "w", Time{200});
    }
    std::string shown(const Result<Snapshot>& snapshot, std::string_view id,
                      std::string_view path) {
        if (!snapshot) return "error: " + snapshot.error().text();
        for (const auto& twin : snapshot->twins)
            for (const auto& property : twin.properties)
                if (twin.id == id && property.path == path)
                    return sql::to_json(property.live.value) + " " +
                           std::string(to_string(property.live.quality)) + "@" +
                           std::to_string(property.live.time.ns) +
                           (property.live.stale ? " stale" : "");
        return "none";
    }
    std::string at(int64_t time, std::string_view id, std::string_view path, Scope scope = {}) {
        return shown(past->at(scope, Time{time}), id, path);
    }
};

TEST_F(PastTest, values_are_those_of_the_time) {
    add("w/p1/flow", 300, 1.5);
    add("w/p1/flow", 600, 2.5);
    add("w/p2/flow", 550, 10, Quality::uncertain);
    EXPECT_EQ(at(250, "w/p1", "flow"), "null bad.waiting_for_initial_data@0");
    EXPECT_EQ(at(300, "w/p1", "flow"), "1.5 good@300");
    EXPECT_EQ(at(599, "w/p1", "flow"), "1.5 good@300");
    EXPECT_EQ(at(599, "w/p1", "twice"), "3.0 good@300");
    EXPECT_EQ(at(599, "w", "town"), "\"B\" good@500");
    EXPECT_EQ(at(499, "w", "town"), "\"A\" good@100");
    EXPECT_EQ(at(399, "w", "inflow"), "3.0 good@300");
    EXPECT_EQ(at(450, "w", "inflow"), "3.0 uncertain.sub_normal@300");
    EXPECT_EQ(at(700, "w", "inflow"), "25.0 uncertain.sub_normal@600");
    EXPECT_EQ(at(150, "w", "parts"), "0 good@0");
    EXPECT_EQ(at(150, "w/p1", "flow"), "none");
    EXPECT_EQ(at(50, "w", "town"), "none");
}

TEST_F(PastTest, related_twins_are_taken_in_and_cut_off_again) {
    add("w/p1/flow", 300, 1.5);
    const auto one = past->twin_at("w", Time{350});
    ASSERT_TRUE(one.has_value()) << one.error().text();
    const auto snapshot = past->at({.filter = "w"}, Time{350});
    ASSERT_TRUE(snapshot.has_value());
    EXPECT_EQ(snapshot->twins.size(), 1u);
    EXPECT_EQ(shown(snapshot, "w", "inflow"), "3.0 good@300");
    EXPECT_EQ(shown(snapshot, "w", "parts"), "1 good@0");  // of no value, so of no time
    EXPECT_EQ(snapshot->twins[0].relationships.size(), 1u);
    const auto bare = past->at({.filter = "w", .relationships = false}, Time{350});
    EXPECT_EQ(shown(bare, "w", "inflow"), "3.0 good@300");
    EXPECT_THAT(bare->twins[0].relationships, IsEmpty());
    // Only what is needed is read.
    add("w/p2/flow", 300, 1.5);
    history.asked = 0;
    ASSERT_TRUE(past->at({.filter = "w/p2"}, Time{450}).has_value());
    EXPECT_EQ(history.asked, 1u);
    const auto names = past->at({.values = false}, Time{450});
    EXPECT_EQ(names->twins.size(), 3u);
    EXPECT_EQ(history.asked, 1u);
}

TEST_F(PastTest, stale_as_of_then) {
    settings.stale_after = nanoseconds(100);
    add("w/p1/flow", 300, 1.5);
    EXPECT_EQ(at(399, "w/p1", "flow"), "1.5 good@300");
    EXPECT_EQ(at(400, "w/p1", "flow"), "1.5 good@300 stale");
    EXPECT_EQ(at(400, "w/p1", "twice"), "3.0 good@300 stale");
}

TEST_F(PastTest, values_that_do_not_fit_their_schema) {
    add("w/p1/running", 300, 1);
    add("w/p1/running", 310, 7);
    EXPECT_EQ(at(305, "w/p1", "running"), "true good@300");
    EXPECT_EQ(at(315, "w/p1", "running"), "7.0 bad.configuration@310");
}

TEST_F(PastTest, the_future_is_not_the_past) {
    clock.advance(seconds(1));
    const Time now = clock.now();
    EXPECT_TRUE(past->at({}, now + seconds(30)).has_value());
    const auto future = past->at({}, now + seconds(61));
    ASSERT_FALSE(future.has_value());
    EXPECT_THAT(future.error().text(), HasSubstr("is to come"));
    EXPECT_EQ(past->twin_at("nobody", now).error().code(), ErrorCode::not_found);
}

TEST_F(PastTest, differences_of_two_times) {
    add("w/p1/flow", 300, 1.5);
    add("w/p1/flow", 600, 2.5);
    const auto differences = past->between({}, Time{350}, Time{650});
    ASSERT_TRUE(differences.has_value()) << differences.error().text();
    ASSERT_EQ(differences->size(), 2u);  // w/p2 is the same
    EXPECT_EQ(differences->at(0).twin, "w");
    EXPECT_EQ(differences->at(0).relationships_added.size(), 1u);
    EXPECT_EQ(differences->at(1).twin, "w/p1");
    EXPECT_EQ(differences->at(1).values.size(), 2u);  // flow and twice
    EXPECT_THAT(*past->between({}, Time{350}, Time{360}), IsEmpty());
    // A root that came in between.
    const auto added = past->between({.root = "w/p1"}, Time{150}, Time{350});
    ASSERT_TRUE(added.has_value()) << added.error().text();
    ASSERT_EQ(added->size(), 1u);
    EXPECT_EQ(added->at(0).what, Difference::What::added);
    EXPECT_EQ(past->between({.root = "x"}, Time{150}, Time{350}).error().code(),
              ErrorCode::not_found);
    EXPECT_EQ(past->between({}, Time{350}, Time{150}).error().code(), ErrorCode::invalid_argument);
}

TEST_F(PastTest, bindings_of_a_property_over_time) {
    TwinSpec pump{.id = "w/p1", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}};
    pump.bindings["flow"] = "plc/f1";
    twins.describe(pump, Time{600});
    pump.name = "another name";
    twins.describe(pump, Time{700});
    twins.end("w/p1", Time{800});
    const auto shown_bindings = [&](int64_t from, int64_t to) {
        const auto found = past->bindings("w/p1", "flow", Time{from}, Time{to});
        if (!found) return found.error().text();
        std::string text;
        for (const auto& one : *found)
            text += (one.point.empty() ? "-" : one.point) + " " + std::to_string(one.from.ns) +
                    ".." + std::to_string(one.to.ns) + " ";
        return text;
    };
    EXPECT_EQ(shown_bindings(0, 550), "w/p1/flow 0..550 ");
    EXPECT_EQ(shown_bindings(300, 900), "w/p1/flow 300..600 plc/f1 600..800 - 800..900 ");
    EXPECT_EQ(shown_bindings(650, 750), "plc/f1 650..750 ");
    EXPECT_EQ(past->bindings("w/p1", "none", Time{0}, Time{9}).error().code(),
              ErrorCode::not_found);
    const auto derived = past->bindings("w/p1", "twice", Time{0}, Time{9});
    EXPECT_EQ(derived->at(0).point, "");
}

}  // namespace
}  // namespace hw::twin
