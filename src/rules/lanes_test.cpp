#include "rules/lanes.h"

#include <gtest/gtest.h>

#include "rules/test_support.h"

namespace hw::rules {
namespace {

struct Way {
    explicit Way(size_t queue_bytes = 1 << 20) : log(disk, settings()) {
        EXPECT_TRUE(log.open());
        Inlet::Limits limits;
        limits.queue_bytes = queue_bytes;
        limits.read_back_bytes = 1000;
        inlet = std::make_unique<Inlet>(limits, clock, &log);
        lane = &inlet->add_lane("mqtt");
    }
    static store::SegmentLogSettings settings() {
        store::SegmentLogSettings settings;
        settings.folder = "input";
        return settings;
    }
    void offer(int number, bool durable) {
        MessageFields fields;
        fields.topic = "a";
        const std::string payload = std::to_string(number);
        fields.payload = as_bytes(payload);
        Event event = message_event(fields, clock.now(), {});
        event.durable = durable;
        lane->add(std::move(event));
        EXPECT_TRUE(lane->offer());
    }
    std::vector<int> take(Time* until = nullptr) {
        std::vector<int> out;
        for (;;) {
            const auto taken = inlet->take();
            for (const auto& group : taken.groups) {
                EXPECT_LE(last, group.arrival);
                last = group.arrival;
                for (const auto& event : group.events)
                    out.push_back(std::stoi(std::string(event.record->column(1).as_text())));
            }
            EXPECT_LE(last, taken.until);
            if (until != nullptr) *until = taken.until;
            if (!taken.more) return out;
        }
    }

    ManualClock clock{test_begin};
    io::SimDisk disk{1};
    store::SegmentLog log;
    std::unique_ptr<Inlet> inlet;
    Lane* lane = nullptr;
    Time last;
};

TEST(Inlet, GivesEverythingInOrderWithTimesThatNeverGoBack) {
    Way way;
    way.offer(1, false);
    way.clock.advance(seconds(5));
    way.offer(2, true);
    way.clock.advance(Duration{} - seconds(3));
    way.offer(3, false);
    Time until;
    EXPECT_EQ(way.take(&until), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(until, test_begin + seconds(5));
}

TEST(Inlet, AtItsLimitDurableEventsComeByTheLogAndOthersAreCounted) {
    Way way(3'000);
    for (int i = 0; i < 40; ++i)
        way.offer(i, i % 2 == 0);
    EXPECT_TRUE(way.inlet->figures().behind);
    const auto got = way.take();
    for (int i = 0; i < 40; i += 2)
        EXPECT_EQ(std::count(got.begin(), got.end(), i), 1) << i;
    const auto figures = way.inlet->figures();
    EXPECT_FALSE(figures.behind);
    ASSERT_EQ(figures.lanes.size(), 1);
    EXPECT_EQ(figures.lanes[0].offered, 40);
    EXPECT_EQ(figures.lanes[0].dropped + got.size(), 40);
    EXPECT_GT(figures.lanes[0].read_back, 10);
    // And goes on in memory.
    way.offer(100, false);
    EXPECT_EQ(way.take(), std::vector<int>{100});
}

TEST(Inlet, TheLogIsTheQueue) {
    Way way;
    for (int i = 0; i < 10; ++i) {
        way.offer(i, true);
        way.clock.advance(milliseconds(i));
    }
    std::vector<Group> live;
    for (auto& group : way.inlet->take().groups)
        live.push_back(std::move(group));
    const auto replayed = way.inlet->replay(1);
    ASSERT_TRUE(replayed);
    ASSERT_EQ(replayed->groups.size(), live.size());
    for (size_t i = 0; i < live.size(); ++i) {
        EXPECT_EQ(replayed->groups[i].arrival, live[i].arrival);
        EXPECT_EQ(replayed->groups[i].position, live[i].position);
        EXPECT_EQ(replayed->groups[i].events[0].record->column(1),
                  live[i].events[0].record->column(1));
    }
}

TEST(Inlet, AFailingLogIsToldAndTheEventsComeAllTheSame) {
    Way way;
    way.disk.set_capacity(0);
    MessageFields fields;
    fields.topic = "a";
    Event event = message_event(fields, way.clock.now(), {});
    event.durable = true;
    way.lane->add(std::move(event));
    EXPECT_FALSE(way.lane->offer());
    EXPECT_EQ(way.inlet->figures().log_failures, 1);
    EXPECT_EQ(way.inlet->take().groups.size(), 1);
}

TEST(Group, SamplesAndEventsAreReadBack) {
    model::SampleBatch samples;
    samples.add_double(model::PointId(3), test_begin, 1.5, model::Quality::bad);
    samples.add_text(model::PointId(4), test_begin + seconds(1), "x");
    samples.add_bool(model::PointId(5), test_begin - seconds(1), true);
    Event event = server_event("client/connected", test_begin, sql::Datum::object({}));
    ASSERT_TRUE(event.record);
    event.durable = true;
    std::string bytes;
    std::vector<Event> events;
    events.push_back(event);
    encode_group(bytes, test_begin, events, samples);
    const auto group = decode_group(bytes);
    ASSERT_TRUE(group);
    EXPECT_EQ(group->arrival, test_begin);
    ASSERT_EQ(group->events.size(), 1);
    EXPECT_EQ(&group->events[0].record->shape(), &event.record->shape());
    ASSERT_EQ(group->samples.size(), 3);
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(group->samples.sample(i), samples.sample(i));
    // Cut anywhere but between the event and the samples it cannot be read.
    size_t readable = 0;
    for (size_t cut = 9; cut < bytes.size(); ++cut)
        readable += decode_group(std::string_view(bytes).substr(0, cut)).has_value() ? 1 : 0;
    EXPECT_EQ(readable, 1);
}

}  // namespace
}  // namespace hw::rules
