#include "twin/watch/watch_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::twin {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view json, std::string_view id = {}) {
    const auto spec = read_watch(json, id);
    return spec ? std::string() : spec.error().text();
}

TEST(WatchSpec, reads_all_members_and_writes_them_back) {
    const auto spec = read_watch(R"({"id":"levels","description":"tanks","enabled":false,
        "filter":{"twins":"works/+/tank","model":"dtmi:x:Tank;1","root":"works","along":["feeds"],
        "incoming":true,"where":"level > 3","properties":["level","drive/#"],
        "events":["property","stale"]},"when":"every_update","deadband":0.5,"min_interval":"2s",
        "initial":true,"enrich":["name","model","flow"],
        "deliver":{"mqtt":{"topic":"out/${twin}/${path}","qos":1,"retain":true}},"queue":50})");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->id, "levels");
    EXPECT_FALSE(spec->enabled);
    EXPECT_FALSE(spec->on_change);
    EXPECT_EQ(spec->min_interval, seconds(2));
    EXPECT_TRUE(spec->filter.wants(WatchEvents::stale));
    EXPECT_FALSE(spec->filter.wants(WatchEvents::twin));
    EXPECT_EQ(spec->mqtt->qos, 1);
    EXPECT_EQ(spec->queue, 50u);
    EXPECT_EQ(read_watch(watch_text(*spec)).value(), *spec);
}

TEST(WatchSpec, has_defaults_and_takes_the_filter_at_the_top) {
    const auto spec = read_watch(R"({"twins":"a/#","properties":"level"})", "s");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->id, "s");
    EXPECT_EQ(spec->filter.twins, "a/#");
    EXPECT_EQ(spec->filter.properties, std::vector<std::string>{"level"});
    EXPECT_TRUE(spec->enabled && spec->on_change && !spec->mqtt && !spec->initial);
    EXPECT_EQ(spec->filter.events, 1);
    EXPECT_EQ(read_watch("{}")->filter.twins, "#");
    EXPECT_EQ(read_watch(R"({"deliver":"none"})")->mqtt, std::nullopt);
}

TEST(WatchSpec, errors_name_the_member_and_its_value) {
    EXPECT_THAT(error_of("{\"filtre\":{}}"), HasSubstr("did you mean 'filter'"));
    EXPECT_THAT(error_of(R"({"filter":{"twin":"#"}})"), HasSubstr("did you mean 'twins'"));
    EXPECT_THAT(error_of(R"({"twins":"a/#/b"})"), HasSubstr("filter.twins"));
    EXPECT_THAT(error_of(R"({"events":["propertys"]})"), HasSubstr("did you mean 'property'"));
    EXPECT_THAT(error_of(R"({"when":"always"})"), HasSubstr("'always'"));
    EXPECT_THAT(error_of(R"({"deadband":-1})"), HasSubstr("deadband"));
    EXPECT_THAT(error_of(R"({"min_interval":"2d"})"), HasSubstr("1d"));
    EXPECT_THAT(error_of(R"({"along":["feeds"]})"), HasSubstr("filter.root"));
    EXPECT_THAT(error_of(R"({"id":"a/b"})"), HasSubstr("'a/b'"));
    EXPECT_THAT(error_of(R"({"id":"a"})", "b"), HasSubstr("'b' in the path"));
    EXPECT_THAT(error_of(R"({"queue":1})"), HasSubstr("from 10 to"));
    EXPECT_THAT(error_of("[]"), HasSubstr("must be an object"));
    EXPECT_NE(error_of("{"), "");
}

TEST(WatchSpec, topics_are_checked) {
    const auto with = [](std::string_view topic) {
        return error_of("{\"deliver\":{\"mqtt\":{\"topic\":\"" + std::string(topic) + "\"}}}");
    };
    EXPECT_EQ(with("alerts/${twin}/${path}/${event}/${subscription}"), "");
    EXPECT_THAT(with("alerts/${name}"), HasSubstr("known are ${twin}"));
    EXPECT_THAT(with("${twin}/x"), HasSubstr("come back"));
    EXPECT_THAT(with("a${twin}/x"), HasSubstr("come back"));
    EXPECT_THAT(with("a/${twin"), HasSubstr("without its }"));
    EXPECT_THAT(with("$SYS/x"), HasSubstr("server's own"));
    EXPECT_THAT(with("a/#"), HasSubstr("deliver.mqtt.topic"));
    EXPECT_THAT(with(""), HasSubstr("must be given"));
    EXPECT_THAT(error_of(R"({"deliver":{"mqtt":{"topic":"a","qos":2}}})"), HasSubstr("qos"));
    EXPECT_THAT(error_of(R"({"deliver":"mqtt"})"), HasSubstr("must be \"none\""));
}

TEST(WatchSpec, topics_are_filled) {
    const TwinName tank{"works/tank", 0};
    const WatchPath path{"drive/speed", 0};
    WatchEvent event;
    event.twin = &tank;
    event.path = &path;
    EXPECT_EQ(watch_topic({"out/${subscription}/${twin}/${path}/${event}"}, event, "s"),
              "out/s/works/tank/drive/speed/property");
}

TEST(WatchEvent, is_written_by_its_kind) {
    const TwinName tank{"works/tank", 0};
    const WatchPath path{"level", 0};
    const auto text = [&](WatchEvent event, std::string_view id = {}, uint64_t sequence = 0) {
        event.twin = &tank;
        event.time = Time{1'767'225'600'000'000'000};
        std::string out;
        JsonWriter json(out);
        write_watch_event(json, event, id, sequence);
        return out;
    };
    WatchEvent event;
    event.path = &path;
    event.value = sql::Datum::real(2.5);
    event.quality = model::Quality::uncertain;
    event.extra = sql::Datum::object({});
    event.extra.put("name", sql::Datum::text("Tank 1"));
    EXPECT_EQ(text(event, "s", 7),
              R"({"event":"property","subscription":"s","sequence":7,"twin":"works/tank",)"
              R"("path":"level","value":2.5,"time":"2026-01-01T00:00:00Z",)"
              R"("quality":"uncertain","stale":false,"enrich":{"name":"Tank 1"}})");
    WatchEvent edge;
    edge.kind = WatchEventKind::relationship_added;
    edge.value = sql::Datum::array({sql::Datum::text("feeds"), sql::Datum::text("works/b")});
    EXPECT_EQ(text(edge),
              R"({"event":"relationship_added","twin":"works/tank","relationship":"feeds",)"
              R"("target":"works/b","time":"2026-01-01T00:00:00Z"})");
    WatchEvent desired;
    desired.kind = WatchEventKind::desired;
    desired.path = &path;
    desired.value = sql::Datum::text(R"({"state":"applied"})");
    EXPECT_EQ(text(desired), R"({"event":"desired","twin":"works/tank","path":"level",)"
                             R"("detail":{"state":"applied"},"time":"2026-01-01T00:00:00Z"})");
    WatchEvent command;
    command.kind = WatchEventKind::command;
    command.value = sql::Datum::array({sql::Datum::text("start"), sql::Datum::text("odd")});
    EXPECT_EQ(text(command),
              R"({"event":"command","twin":"works/tank","command":"start","detail":"odd",)"
              R"("time":"2026-01-01T00:00:00Z"})");
}

}  // namespace
}  // namespace hw::twin
