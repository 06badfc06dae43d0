#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/functions/functions.h"
#include "twin/past/past.h"
#include "twin/past/past_test_support.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PastEventsTest : public testing::Test, protected PastBed {
  protected:
    PastEventsTest() {
        sql::add_builtin_functions(functions);
        for (const auto* model : past_models)
            twins.put_model(model);
        twins.describe({.id = "w", .model = "dtmi:x:Works;1", .name = {}, .bindings = {}},
                       Time{100});
        TwinSpec pump{.id = "w/p1", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}};
        twins.describe(pump, Time{200});
        pump.bindings["running"] = "plc/r1";
        twins.describe(pump, Time{400}, "bob");
        note(250, "twin.desired.set", "w/p1/flow", "", "5");
        note(300, "point.write", "w/p1/flow", "4", "5");
        note(500, "point.write", "plc/r1", "", "true");
        note(510, "point.write", "other/point", "", "1");
        note(520, "device.update", "w/p1", "", "{}");
        note(530, "twin.command.ask", "w/p1/start", "", "{}", "permission_denied");
    }
    void note(int64_t time, std::string action, std::string target, std::string before,
              std::string after, std::string result = "ok") {
        audit.append({Time{time}, "op", "http", std::move(action), std::move(target),
                      std::move(before), std::move(after), std::move(result), ""});
    }
    // "530 w/p1 twin.command.ask start by op"
    std::vector<std::string> events(EventQuery query) {
        std::vector<std::string> all;
        const auto page = past->events(query);
        if (!page) return {page.error().text()};
        next = page->next;
        for (const auto& one : page->events)
            all.push_back(std::to_string(one.time.ns) + " " + one.twin + " " + one.kind +
                          (one.path.empty() ? "" : " " + one.path) + " by " + one.actor +
                          (one.result == "ok" ? "" : " " + one.result));
        return all;
    }

    std::string next;
};

TEST_F(PastEventsTest, of_one_twin_newest_first) {
    EXPECT_THAT(events({.scope = {.filter = "w/p1"}, .from = Time{0}, .to = Time{900}}),
                ElementsAre("530 w/p1 twin.command.ask start by op permission_denied",
                            "500 w/p1 point.write running by op", "400 w/p1 twin.update by bob",
                            "300 w/p1 point.write flow by op",
                            "250 w/p1 twin.desired.set flow by op", "200 w/p1 twin.create by ann"));
    EXPECT_EQ(next, "");
    EXPECT_THAT(events({.scope = {.filter = "w/p1"}, .from = Time{300}, .to = Time{400}}),
                ElementsAre("400 w/p1 twin.update by bob", "300 w/p1 point.write flow by op"));
}

TEST_F(PastEventsTest, with_what_was_before_and_after) {
    const auto page =
        past->events({.scope = {.filter = "w/p1"}, .from = Time{400}, .to = Time{400}});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->events.size(), 1u);
    EXPECT_THAT(page->events[0].after, HasSubstr("plc/r1"));
    EXPECT_THAT(page->events[0].before, testing::Not(HasSubstr("plc/r1")));
}

TEST_F(PastEventsTest, of_many_twins) {
    EXPECT_THAT(events({.scope = {.filter = "#"}, .from = Time{0}, .to = Time{210}}),
                ElementsAre("200 w/p1 twin.create by ann", "100 w twin.create by ann"));
    const auto all = events({.scope = {.filter = "w/#"}, .from = Time{0}, .to = Time{900}});
    EXPECT_EQ(all.size(), 7u);
}

TEST_F(PastEventsTest, relationships_come_change_and_go) {
    twins.relate("w", "intakes", "w/p1", Time{310}, Time{320});
    twins.relate("w", "intakes", "w/p1", Time{320}, Time{330});
    twins.relate("w", "intakes", "w/p1", Time{340});
    note(331, "relationship.delete", "twins/w/relationships/intakes/w/p1", "{}", "");
    EXPECT_THAT(events({.scope = {.filter = "w"}, .from = Time{300}, .to = Time{400}}),
                ElementsAre("340 w relationship.create intakes w/p1 by eve",
                            "330 w relationship.delete intakes w/p1 by op",
                            "320 w relationship.update intakes w/p1 by eve",
                            "310 w relationship.create intakes w/p1 by eve"));
}

TEST_F(PastEventsTest, who_removed_a_twin) {
    twins.end("w/p1", Time{600});
    note(601, "twin.delete", "twins/w/p1", "{}", "", "conflict");
    note(602, "twin.delete", "twins/w/p1", "{}", "");
    EXPECT_THAT(events({.scope = {.filter = "w/p1"}, .from = Time{531}, .to = Time{900}}),
                ElementsAre("600 w/p1 twin.delete by op"));
}

TEST_F(PastEventsTest, twins_that_came_and_went_in_between) {
    twins.describe({.id = "w/p9", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}}, Time{600});
    twins.end("w/p9", Time{650});
    note(650, "twin.delete", "twins/w/p9", "{}", "");
    const EventQuery query{.scope = {.filter = "w/#"}, .from = Time{550}, .to = Time{900}};
    EXPECT_THAT(events(query),
                ElementsAre("650 w/p9 twin.delete by op", "600 w/p9 twin.create by ann"));
    EventQuery of_works = query;
    of_works.scope.model = "dtmi:x:Works;1";
    EXPECT_THAT(events(of_works), ElementsAre());
}

TEST_F(PastEventsTest, pages_are_whole_and_without_doubles) {
    for (int i = 0; i < 50; ++i)
        note(600 + i / 20, "twin.desired.set", "w/p1/flow", "", std::to_string(i));
    const auto all =
        events({.scope = {.filter = "w/p1"}, .from = Time{0}, .to = Time{900}, .limit = 1'000});
    ASSERT_EQ(all.size(), 56u);
    for (const size_t limit : {1, 3, 7, 19, 55, 56}) {
        std::vector<std::string> paged;
        next.clear();
        do {
            const auto page = events({.scope = {.filter = "w/p1"},
                                      .from = Time{0},
                                      .to = Time{900},
                                      .limit = limit,
                                      .cursor = next});
            ASSERT_LE(page.size(), limit);
            paged.insert(paged.end(), page.begin(), page.end());
        } while (!next.empty());
        EXPECT_EQ(paged, all) << limit;
    }
}

TEST_F(PastEventsTest, more_than_one_page_of_the_audit) {
    for (int i = 0; i < 5'000; ++i)
        note(1'000 + i, "twin.desired.set", "w/p1/flow", "", "1");
    size_t found = 0;
    next.clear();
    do {
        found += events({.scope = {.filter = "w/p1"},
                         .from = Time{0},
                         .to = Time{90'000},
                         .limit = 300,
                         .cursor = next})
                     .size();
    } while (!next.empty());
    EXPECT_EQ(found, 5'006u);
}

TEST_F(PastEventsTest, what_is_asked_wrongly) {
    EXPECT_THAT(events({.scope = {}, .from = Time{2}, .to = Time{1}}).at(0), HasSubstr("after"));
    EXPECT_THAT(events({.scope = {}, .from = Time{0}, .to = Time{1}, .cursor = "x"}).at(0),
                HasSubstr("cursor"));
    EXPECT_THAT(events({.scope = {.root = "x"}, .from = Time{0}, .to = Time{1}}).at(0),
                HasSubstr("no such twin"));
}

}  // namespace
}  // namespace hw::twin
