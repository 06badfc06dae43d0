#include "twin/watch/watch_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/metrics.h"
#include "sql/functions/functions.h"
#include "twin/watch/courier.h"
#include "twin/watch/fake_twins.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Notes what it gets as "path=value", "!3" for a gap.
class Notes final : public WatchSink {
  public:
    bool gone() const override { return is_gone; }
    bool ready() const override { return is_ready; }
    void begin(const Watch&, uint64_t) override { ++begun; }
    void events(const Watch&, std::span<const WatchEvent> events, uint64_t first) override {
        if (first != 0) last = first + events.size() - 1;
        for (const auto& event : events) {
            std::string text;
            JsonWriter json(text);
            write_watch_event(json, event);
            json_texts.push_back(text);
            std::string note = event.kind == WatchEventKind::property
                                   ? std::string()
                                   : std::string(to_string(event.kind)) + " ";
            note += event.twin != nullptr ? event.twin->id : "-";
            if (event.path != nullptr) note += "/" + event.path->text;
            if (event.kind == WatchEventKind::property) {
                note += "=";
                sql::append_plain(note, event.value);
            }
            if (event.initial) note += " (initial)";
            got.push_back(note);
        }
    }
    void gap(uint64_t missed) override { got.push_back("!" + std::to_string(missed)); }
    void idle() override { ++idles; }
    void end(std::string_view why) override {
        ended = why;
        is_gone = true;
    }
    std::vector<std::string> take() { return std::exchange(got, {}); }

    std::vector<std::string> got, json_texts;
    std::string ended;
    uint64_t last = 0;
    int begun = 0, idles = 0;
    bool is_gone = false, is_ready = true;
};

class WatchHubTest : public testing::Test {
  protected:
    WatchHubTest() {
        sql::add_builtin_functions(functions);
        twins.add_follower(hub);
        courier.set_hub(hub);
        twins.add_twin("works/a", tank, "Tank A");
        twins.add_twin("works/b", tank);
        twins.add_twin("works/p", pump);
        twins.add_twin("other/a", tank);
    }
    WatchPtr watch(std::string_view json) {
        auto spec = read_watch(json);
        EXPECT_TRUE(spec) << spec.error().text();
        auto made = hub.make(std::move(*spec));
        EXPECT_TRUE(made) << made.error().text();
        if (!(*made)->spec.filter.root.empty())
            hub.set_members(**made, members_of(twins, (*made)->spec.filter));
        watches.push_back(*made);
        publish();
        return *made;
    }
    void publish() {
        hub.set_watches(watches);
        std::vector<WatchPtr> rooted;
        for (const auto& one : watches)
            if (!one->spec.filter.root.empty()) rooted.push_back(one);
        courier.set_rooted(rooted);
        twins.ask_again();
    }
    std::shared_ptr<Notes> reader(const WatchPtr& one, std::optional<uint64_t> last = {}) {
        auto notes = std::make_shared<Notes>();
        courier.attach(one, notes, last, true);
        work();
        return notes;
    }
    void work(Duration by = {}) {
        clock.advance(by);
        courier.work(clock.monotonic());
    }
    void set(const std::string& id, const std::string& path, double value,
             model::Quality quality = model::Quality::good) {
        twins.set(id, path, sql::Datum::real(value), quality);
        work();
    }

    ManualClock clock{Time{1'767'225'600'000'000'000}};
    Metrics metrics;
    sql::FunctionTable functions;
    FakeTwins twins;
    WatchSettings settings;
    std::vector<WatchPtr> forgotten;
    Courier courier{settings, {twins, clock, metrics, [this](const WatchPtr& one) {
                                   forgotten.push_back(one);
                               }}};
    WatchHub hub{twins, functions, clock, 100, [this](const WatchPtr& one) { courier.ready(one); }};
    std::vector<WatchPtr> watches;
    InterfacePtr vessel = fake_model("dtmi:x:Vessel;1", {"level"});
    InterfacePtr tank =
        fake_model("dtmi:x:Tank;1", {"level", "flow", "drive/speed"}, {"dtmi:x:Vessel;1"});
    InterfacePtr pump = fake_model("dtmi:x:Pump;1", {"flow", "power"});
};

TEST_F(WatchHubTest, follows_what_its_filter_names) {
    const auto by_id = reader(watch(R"({"twins":"works/+","properties":["level"]})"));
    const auto by_model = reader(watch(R"({"model":"dtmi:x:Vessel;1","properties":["drive/#"]})"));
    const auto all = reader(watch(R"({"twins":"works/p"})"));
    set("works/a", "level", 1);
    set("works/a", "flow", 2);
    set("works/a", "drive/speed", 3);
    set("works/p", "flow", 4);
    set("other/a", "level", 5);
    set("other/a", "drive/speed", 6);
    EXPECT_THAT(by_id->take(), ElementsAre("works/a/level=1.0"));
    EXPECT_THAT(by_model->take(),
                ElementsAre("works/a/drive/speed=3.0", "other/a/drive/speed=6.0"));
    EXPECT_THAT(all->take(), ElementsAre("works/p/flow=4.0"));
    EXPECT_EQ(twins.interest_of("works/b", 1), 0u) << "nobody follows it";
    EXPECT_EQ(twins.interest_of("other/a", 2), twins.interest_of("works/b", 2));
}

TEST_F(WatchHubTest, slots_are_counted_as_twins_come_and_go) {
    const auto levels = watch(R"({"properties":["level"]})");
    const auto slots = [&] { return hub.settle()[levels->number]; };
    EXPECT_EQ(slots(), 3u);
    twins.add_twin("works/c", tank);
    EXPECT_EQ(slots(), 4u);
    twins.add_twin("works/c", vessel);
    EXPECT_EQ(slots(), 4u) << "another model";
    twins.add_twin("works/c", pump);
    EXPECT_EQ(slots(), 3u);
    twins.remove_twin("works/a");
    EXPECT_EQ(slots(), 2u);
    watches.clear();
    publish();
    EXPECT_EQ(slots(), 0u);
    EXPECT_EQ(twins.interest_of("works/b", 0), 0u);
}

TEST_F(WatchHubTest, counts_without_readers_and_makes_no_events) {
    const auto one = watch(R"({"twins":"works/#"})");
    set("works/a", "level", 1);
    set("works/a", "level", 1);
    set("other/a", "level", 1);
    hub.settle();
    EXPECT_EQ(one->counters.matched, 2u);
    EXPECT_EQ(one->outbox.size(), 0u);
    EXPECT_GT(one->counters.last_event_ns, 0);
    watches.clear();
    publish();
    set("works/a", "level", 2);
    hub.settle();
    EXPECT_EQ(one->counters.matched, 2u);
}

TEST_F(WatchHubTest, sends_changes_of_value_or_quality_only) {
    const auto changes_watch = watch("{}");
    const auto changes = reader(changes_watch);
    const auto updates = reader(watch(R"({"when":"every_update"})"));
    set("works/a", "level", 1);
    set("works/a", "level", 1);
    set("works/a", "level", 1, model::Quality::bad);
    set("works/a", "level", 2, model::Quality::bad);
    EXPECT_EQ(changes->take().size(), 3u);
    EXPECT_EQ(updates->take().size(), 4u);
    EXPECT_EQ(changes_watch->counters.suppressed, 1u);
}

TEST_F(WatchHubTest, a_new_reader_gets_the_first_update_whatever_others_had) {
    const auto early = reader(watch("{}"));
    set("works/a", "level", 1);
    const auto late = reader(watch(R"({"twins":"works/a"})"));
    set("works/a", "level", 1);
    set("works/a", "level", 1);
    EXPECT_EQ(early->take().size(), 1u);
    EXPECT_THAT(late->take(), ElementsAre("works/a/level=1.0"));
}

TEST_F(WatchHubTest, where_is_asked_on_the_state_with_the_new_value) {
    const auto one = watch(R"({"twins":"works/a","where":"flow > 5 AND level > 1"})");
    const auto notes = reader(one);
    set("works/a", "flow", 9);
    set("works/a", "level", 1);
    EXPECT_THAT(notes->take(), IsEmpty()) << "level is null, then 1";
    set("works/a", "level", 2);
    set("works/a", "flow", 3);
    set("works/a", "flow", 7);
    EXPECT_THAT(notes->take(), ElementsAre("works/a/level=2.0", "works/a/flow=7.0"));
    EXPECT_EQ(one->counters.rejected, 3u);
}

TEST_F(WatchHubTest, a_condition_that_fails_says_why) {
    const auto one = watch(R"({"twins":"works/a","where":"level + 1"})");
    const auto notes = reader(one);
    set("works/a", "level", 2);
    EXPECT_THAT(notes->take(), IsEmpty());
    EXPECT_EQ(one->counters.failed, 1u);
    EXPECT_THAT(hub.last_error(*one), HasSubstr("yields 3.0, not true or false"));
    const auto wrong = hub.make(*read_watch(R"({"where":"level >"})"));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().text(), HasSubstr("'filter.where'"));
    const auto rolled = hub.make(*read_watch(R"({"where":"sum(intakes.flow) > 3"})"));
    ASSERT_FALSE(rolled);
    EXPECT_THAT(rolled.error().text(), HasSubstr("derived property"));
}

TEST_F(WatchHubTest, events_are_enriched_with_the_state_of_their_moment) {
    const auto notes = reader(watch(
        R"({"twins":"works/a","properties":["level"],"enrich":["flow","model","name","x"]})"));
    set("works/a", "flow", 7);
    set("works/a", "level", 1);
    twins.set("works/a", "flow", sql::Datum::real(8));
    work(seconds(1));
    set("works/a", "level", 2);
    ASSERT_EQ(notes->json_texts.size(), 2u);
    EXPECT_THAT(notes->json_texts[0],
                HasSubstr(R"("enrich":{"flow":7.0,"model":"dtmi:x:Tank;1","name":"a","x":null})"))
        << "the name is not known yet";
    EXPECT_THAT(notes->json_texts[1], HasSubstr(R"("flow":8.0)"));
    EXPECT_THAT(notes->json_texts[1], HasSubstr(R"("name":"Tank A")"));
}

TEST_F(WatchHubTest, happenings_are_events_of_their_kinds) {
    const auto notes =
        reader(watch(R"({"twins":"works/+","events":["twin","relationship","stale","desired",
                     "command"],"properties":["level"]})"));
    set("works/a", "level", 1);
    twins.add_twin("works/new", tank);
    twins.link("works/a", "feeds", "works/b");
    twins.happen({.kind = Happening::Kind::stale, .path = "level"}, "works/a");
    twins.happen({.kind = Happening::Kind::stale, .path = "flow"}, "works/a");
    twins.happen({.kind = Happening::Kind::desired, .path = "level", .detail = "{}"}, "works/a");
    twins.happen({.kind = Happening::Kind::command, .path = "start", .detail = "{}"}, "works/a");
    twins.remove_twin("works/new");
    twins.add_twin("other/new", tank);
    work();
    EXPECT_THAT(notes->take(), ElementsAre("twin_created works/new", "relationship_added works/a",
                                           "stale works/a/level", "desired works/a/level",
                                           "command works/a", "twin_removed works/new"));
}

TEST_F(WatchHubTest, a_sub_graph_is_followed_as_it_grows) {
    twins.link("works/a", "feeds", "works/b");
    const auto notes = reader(watch(R"({"root":"works/a","properties":["level"]})"));
    set("works/b", "level", 1);
    set("other/a", "level", 1);
    EXPECT_THAT(notes->take(), ElementsAre("works/b/level=1.0"));
    twins.link("works/b", "feeds", "other/a");
    work(seconds(1));
    set("other/a", "level", 2);
    EXPECT_THAT(notes->take(), ElementsAre("other/a/level=2.0"));
}

TEST_F(WatchHubTest, begins_with_the_present_state) {
    set("works/a", "level", 1);
    set("works/b", "level", 2);
    const auto one = watch(R"({"twins":"works/+","properties":["level"],"initial":true,
                               "where":"level < 2"})");
    const auto notes = reader(one);
    EXPECT_THAT(notes->take(), ElementsAre("works/a/level=1.0 (initial)"));
    set("works/a", "level", 1);
    EXPECT_THAT(notes->take(), IsEmpty()) << "it has that already";
    set("works/a", "level", 1.5);
    EXPECT_THAT(notes->take(), ElementsAre("works/a/level=1.5"));
}

TEST_F(WatchHubTest, the_present_state_of_many_comes_in_parts) {
    for (int i = 0; i < 450; ++i) {
        const std::string id = "many/" + std::to_string(i);
        twins.add_twin(id, vessel);
        twins.set(id, "level", sql::Datum::real(i));
    }
    const auto notes = reader(watch(R"({"twins":"many/+","initial":true})"));
    EXPECT_EQ(notes->take().size(), 450u);
}

TEST_F(WatchHubTest, a_slow_reader_gets_a_gap_and_others_do_not) {
    const auto one = watch(R"({"when":"every_update","queue":10})");
    const auto slow = reader(one);
    const auto quick = reader(one);
    slow->is_ready = false;
    for (int i = 0; i < 25; ++i)
        set("works/a", "level", i);
    EXPECT_EQ(quick->take().size(), 25u);
    slow->is_ready = true;
    work(seconds(1));
    const auto got = slow->take();
    ASSERT_EQ(got.size(), 11u);
    EXPECT_EQ(got[0], "!15");
    EXPECT_EQ(got[10], "works/a/level=24.0");
    EXPECT_EQ(one->counters.dropped, 15u);
    EXPECT_EQ(one->counters.delivered, 35u);
}

TEST_F(WatchHubTest, a_reader_that_comes_back_goes_on_where_it_was) {
    const auto one = watch(R"({"twins":"works/a","initial":true})");
    const auto first = reader(one);
    set("works/a", "level", 1);
    first->is_gone = true;
    work(seconds(1));
    EXPECT_EQ(one->readers, 0u);
    set("works/a", "level", 2);
    set("works/a", "level", 3);
    const auto second = reader(one, first->last);
    EXPECT_THAT(second->take(), ElementsAre("works/a/level=2.0", "works/a/level=3.0"));
    second->is_gone = true;
    work(seconds(1));
    work(settings.linger);
    EXPECT_THAT(forgotten, ElementsAre(one));
    set("works/a", "level", 4);
    EXPECT_EQ(one->outbox.size(), 3u) << "nobody is waited for any more";
    const auto third = reader(one, 12345);
    EXPECT_THAT(third->take(), ElementsAre("works/a/level=4.0 (initial)"))
        << "a place of another life begins anew";
}

TEST_F(WatchHubTest, throttled_values_come_out_by_themselves) {
    const auto notes = reader(watch(R"({"min_interval":"1s"})"));
    set("works/a", "level", 1);
    set("works/a", "level", 2);
    set("works/a", "level", 3);
    EXPECT_THAT(notes->take(), ElementsAre("works/a/level=1.0"));
    work(milliseconds(500));
    EXPECT_THAT(notes->take(), IsEmpty());
    work(milliseconds(500));
    EXPECT_THAT(notes->take(), ElementsAre("works/a/level=3.0"));
}

TEST_F(WatchHubTest, events_of_one_round_go_out_together) {
    const auto notes = reader(watch("{}"));
    twins.hold_round = true;
    set("works/a", "level", 1);
    set("works/a", "level", 2);
    EXPECT_THAT(notes->take(), IsEmpty());
    twins.end_round();
    work();
    EXPECT_EQ(notes->take().size(), 2u);
}

TEST_F(WatchHubTest, a_watch_may_go_in_the_middle_of_a_round) {
    const auto notes = reader(watch("{}"));
    twins.hold_round = true;
    set("works/a", "level", 1);
    courier.end(watches.front(), nullptr, "removed");
    work();
    watches.clear();
    publish();
    twins.end_round();
    work();
    EXPECT_EQ(notes->ended, "removed");
}

TEST_F(WatchHubTest, readers_go_on_at_the_successor) {
    const auto before = watch(R"({"properties":["level"]})");
    const auto notes = reader(before);
    watches.clear();
    const auto after = watch(R"({"properties":["flow"]})");
    courier.end(before, after, "");
    work();
    set("works/a", "level", 1);
    set("works/a", "flow", 2);
    EXPECT_THAT(notes->take(), ElementsAre("works/a/flow=2.0"));
    EXPECT_EQ(after->readers, 1u);
    EXPECT_EQ(courier.readers(), 1u);
    EXPECT_EQ(notes->begun, 2);
}

TEST_F(WatchHubTest, streams_show_that_they_live) {
    const auto notes = reader(watch("{}"));
    const int before = notes->idles;
    work(settings.heartbeat);
    work(settings.heartbeat);
    EXPECT_EQ(notes->idles, before + 2);
}

// Many watches in random order: an interest's meaning is always what its filter says.
TEST_F(WatchHubTest, interests_stay_true_as_watches_come_and_go) {
    const std::vector<std::string> filters = {
        R"({"properties":["level"]})",
        R"({"twins":"works/#"})",
        R"({"twins":"other/#"})",
        R"({"model":"dtmi:x:Pump;1"})",
        R"({"twins":"works/+","properties":["flow","drive/+"]})",
        R"({"model":"dtmi:x:Vessel;1"})"};
    uint32_t seed = 7;
    for (int round = 0; round < 200; ++round) {
        seed = seed * 1664525 + 1013904223;
        const uint32_t what = seed >> 24;
        if (watches.size() > 4) watches.erase(watches.begin() + (what % 5));
        const auto one = watch(filters[what % filters.size()]);
        const auto slots = hub.settle();
        for (const auto& each : watches) {
            size_t expected = 0;
            const auto reached = twins.snapshot(scope_of(each->spec.filter));
            for (const auto& twin : reached->twins)
                for (const auto& property : twin.properties)
                    expected += follows_path(each->spec.filter, property.path);
            const auto found = slots.find(each->number);
            ASSERT_EQ(found == slots.end() ? 0 : found->second, expected)
                << round << " " << watch_text(each->spec);
        }
    }
}

}  // namespace
}  // namespace hw::twin
