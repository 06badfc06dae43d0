// The queue with its reader, on a disk that fails on purpose.
#include "upstream/queue.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"
#include "io/sim_disk.h"
#include "model/point_directory.h"
#include "upstream/backlog_reader.h"
#include "upstream/lanes.h"
#include "upstream/outbox.h"

namespace hw::upstream {
namespace {

constexpr Time start{1'700'000'000'000'000'000};

QueueSettings small() {
    QueueSettings settings;
    settings.segment_bytes = 2000;
    settings.record_rows = 16;
    return settings;
}

// One life of an edge's process over a disk that outlives it.
struct Edge {
    template <class Call>
    auto with(Call&& call) {
        return outbox.with_queue(call);
    }

    Edge(io::SimDisk& disk_of_all, QueueSettings settings, Time now = start,
         Outbox::Selection selection = {{"#"}, {}, {}})
        : disk(disk_of_all), clock(now), outbox(disk, settings, selection, points, clock) {
        for (int i = 0; i < 20; ++i)
            ids.push_back(*points.intern("p/" + std::to_string(i)));
        const auto state = load_state(disk, "upstream");
        known_state = state.has_value();
        const auto opened = outbox.open(state.value_or(QueueState{}));
        EXPECT_TRUE(opened) << opened.error().text();
        lanes.emplace(Lanes::Settings{}, with([](Queue& q) { return q.acknowledged(); }));
        lanes->connected();
        reader.emplace(disk, outbox, *lanes, [this](const Loss& loss) { losses.push_back(loss); });
        take_losses();
    }

    void take_losses() {
        for (auto& loss : with([](Queue& q) { return q.take_losses(); }))
            losses.push_back(loss);
    }
    uint64_t lost() {
        take_losses();
        uint64_t samples = 0;
        for (const auto& loss : losses)
            samples += loss.samples;
        return samples;
    }
    // Values first, first + 1, ...
    void put(int64_t first, size_t count) {
        model::SampleBatch batch;
        for (size_t i = 0; i < count; ++i) {
            const int64_t value = first + static_cast<int64_t>(i);
            batch.add_int(ids[static_cast<size_t>(value) % ids.size()],
                          clock.now() + Duration{value}, value);
        }
        const model::SampleBatch* const group[] = {&batch};
        outbox.tap(group);
    }
    std::optional<BacklogReader::Chunk> next(size_t rows = 64) { return reader->next(rows); }
    // All that waits, acknowledged as it is read; checks each row's path.
    std::multiset<int64_t> drain() {
        std::multiset<int64_t> values;
        for (int idle = 0; idle < 100;) {  // a segment that cannot be read is one

            const auto chunk = next();
            if (!chunk) {
                ++idle;
                continue;
            }
            for (size_t i = 0; i < chunk->rows.size(); ++i) {
                const auto value = static_cast<int64_t>(chunk->rows.values()[i]);
                values.insert(value);
                EXPECT_EQ((*chunk->paths)[chunk->rows.points()[i].value()],
                          "p/" + std::to_string(value % 20));
            }
            acknowledge(chunk->records);
            idle = 0;
        }
        return values;
    }
    void acknowledge(const std::vector<RecordSamples>& records) {
        const uint64_t token = lanes->sent(Lane::backlog, records);
        const auto answered = lanes->answered(token);
        with([&](Queue& q) { q.acknowledge(answered); });
    }
    Result<void> save() {
        QueueState state = with([](Queue& q) { return q.state(); });
        state.saved = clock.now();
        return save_state(disk, "upstream", encode_state(state));
    }
    uint64_t waiting() {
        return with([](Queue& q) { return q.waiting_samples(); });
    }

    io::SimDisk& disk;
    ManualClock clock;
    model::PointDirectory points{1000};
    std::vector<model::PointId> ids;
    Outbox outbox;
    std::optional<Lanes> lanes;
    std::optional<BacklogReader> reader;
    std::vector<Loss> losses;
    bool known_state = false;
};

std::multiset<int64_t> range(int64_t first, int64_t count) {
    std::multiset<int64_t> values;
    for (int64_t i = 0; i < count; ++i)
        values.insert(first + i);
    return values;
}

TEST(Queue, gives_back_what_it_took) {
    io::SimDisk disk(1);
    Edge edge(disk, small());
    edge.put(0, 100);
    edge.put(100, 5);
    EXPECT_EQ(edge.waiting(), 105u);
    EXPECT_EQ(edge.drain(), range(0, 105));
    EXPECT_EQ(edge.waiting(), 0u);
    edge.put(200, 10);
    EXPECT_EQ(edge.drain(), range(200, 10));
    EXPECT_EQ(edge.lost(), 0u);
}

TEST(Queue, survives_a_kill_with_everything) {
    io::SimDisk disk(1);
    {
        Edge edge(disk, small());
        edge.put(0, 1000);
        const auto chunk = edge.next();
        ASSERT_TRUE(chunk);
        edge.acknowledge(chunk->records);
        ASSERT_TRUE(edge.save());
        edge.put(1000, 500);  // behind the state
    }
    Edge edge(disk, small());
    EXPECT_TRUE(edge.known_state);
    EXPECT_EQ(edge.waiting(), 1500u - 64);
    EXPECT_EQ(edge.drain(), range(64, 1500 - 64));
    EXPECT_EQ(edge.lost(), 0u);
}

TEST(Queue, without_its_state_everything_is_sent_again) {
    io::SimDisk disk(1);
    {
        Edge edge(disk, small());
        edge.put(0, 1000);
        ASSERT_TRUE(edge.next());
        ASSERT_TRUE(edge.save());
    }
    disk.damage("upstream/state", 20);
    Edge edge(disk, small());
    EXPECT_FALSE(edge.known_state);
    EXPECT_EQ(edge.drain(), range(0, 1000));
}

TEST(Queue, removes_what_is_done) {
    io::SimDisk disk(1);
    Edge edge(disk, small());
    for (int64_t i = 0; i < 200; ++i)
        edge.put(i * 100, 100);
    EXPECT_GT(edge.with([](Queue& q) { return q.segments(); }), 1u);
    edge.put(20'000, 1);
    edge.drain();
    edge.with([](Queue& q) { q.clean_up(start); });
    EXPECT_EQ(edge.with([](Queue& q) { return q.segments(); }), 1u);
    EXPECT_LT(disk.used_bytes(), 2500u);
    edge.lanes->forget_before(edge.with([](Queue& q) { return q.oldest_record(); }));
    EXPECT_LE(edge.lanes->claimed().size(), 1u);
}

TEST(Queue, drops_the_oldest_over_its_size) {
    io::SimDisk disk(1);
    QueueSettings settings = small();
    settings.bytes_limit = 10'000;
    Edge edge(disk, settings);
    for (int64_t i = 0; i < 500; ++i) {
        edge.clock.advance(seconds(1));
        edge.put(i * 40, 40);
        ASSERT_LE(edge.with([](Queue& q) { return q.bytes(); }), 10'000u);
    }
    const uint64_t lost = edge.lost();
    ASSERT_FALSE(edge.losses.empty());
    EXPECT_EQ(edge.losses[0].reason, GapReason::queue_full);
    EXPECT_EQ(edge.losses[0].from, start + seconds(1));
    EXPECT_LT(edge.losses[0].to, edge.clock.now());
    EXPECT_EQ(edge.drain(), range(static_cast<int64_t>(lost), 20'000 - static_cast<int64_t>(lost)));
}

TEST(Queue, drops_what_is_too_old) {
    io::SimDisk disk(1);
    QueueSettings settings = small();
    settings.age_limit = seconds(3600);
    Edge edge(disk, settings);
    edge.put(0, 30);
    edge.clock.advance(seconds(1800));
    edge.put(30, 30);  // in a segment of its own: the first is old enough to be closed
    edge.clock.advance(seconds(1801));
    edge.with([&](Queue& q) { q.clean_up(edge.clock.now()); });
    EXPECT_EQ(edge.lost(), 30u);
    EXPECT_EQ(edge.losses[0].reason, GapReason::too_old);
    edge.clock.advance(seconds(1801));
    edge.with([&](Queue& q) { q.clean_up(edge.clock.now()); });
    EXPECT_EQ(edge.lost(), 60u);
    EXPECT_EQ(edge.waiting(), 0u);
    edge.put(60, 10);
    EXPECT_EQ(edge.drain(), range(60, 10));
}

// Every byte of a segment damaged in turn: the rest arrives, the loss is told to the sample.
TEST(Queue, damage_is_a_gap_and_never_stops_it) {
    size_t size = 0;
    for (uint64_t at = 0; at == 0 || at < size; at += 3) {
        io::SimDisk disk(1);
        {
            Edge edge(disk, small());
            for (int64_t i = 0; i < 10; ++i)
                edge.put(i * 30, 30);
            ASSERT_TRUE(edge.save());
        }
        const std::string first = "upstream/0000000000000001.queue";
        size = disk.read(first)->size();
        disk.damage(first, at);
        Edge edge(disk, small());
        const auto values = edge.drain();
        ASSERT_EQ(values.size() + edge.lost(), 300u) << "damaged at " << at;
        ASSERT_GT(edge.lost(), 0u);
        for (const int64_t value : values)
            ASSERT_EQ(values.count(value), 1u);
        ASSERT_EQ(edge.waiting(), 0u);
    }
}

TEST(Queue, a_disk_that_is_full_is_a_loss_and_then_goes_on) {
    io::SimDisk disk(1);
    Edge edge(disk, small());
    edge.put(0, 100);
    disk.set_capacity(disk.used_bytes() + 20);
    edge.put(100, 100);
    EXPECT_EQ(edge.lost(), 100u);
    EXPECT_EQ(edge.losses[0].reason, GapReason::queue_failed);
    disk.set_capacity(UINT64_MAX);
    edge.put(200, 100);
    auto expected = range(0, 100);
    expected.merge(range(200, 100));
    EXPECT_EQ(edge.drain(), expected);
}

TEST(Queue, numbers_are_never_used_twice) {
    io::SimDisk disk(1);
    uint64_t next = 0;
    {
        Edge edge(disk, small());
        edge.put(0, 100);
        edge.drain();
        ASSERT_TRUE(edge.save());
        next = edge.with([](Queue& q) { return q.next_record(); });
    }
    // The power went: the segment's end was not on disk, though it was acknowledged.
    ASSERT_TRUE(disk.remove("upstream/0000000000000001.queue"));
    Edge edge(disk, small());
    EXPECT_GE(edge.with([](Queue& q) { return q.next_record(); }), next);
    edge.put(500, 10);
    EXPECT_EQ(edge.drain(), range(500, 10));
}

TEST(Queue, sends_only_what_is_selected) {
    io::SimDisk disk(1);
    Edge edge(disk, small(), start, {{"p/1", "p/2"}, {"p/2"}, "p/3"});
    edge.put(0, 20);
    EXPECT_EQ(edge.drain(), (std::multiset<int64_t>{1, 3}));
}

// Lives of one edge on a disk with faults, ended by kills and power cuts at any time. What was
// synced, and everything where no power went, is there after it or told as lost; nothing is there
// that was never offered.
class Lives {
  public:
    explicit Lives(uint64_t seed) : random_(seed), disk_(seed) {
        settings_ = small();
        settings_.sync_each = random_.chance(0.3);
    }

    void live() {
        disk_.set_faults({});
        Edge edge(disk_, settings_, now_);
        disk_.set_faults({.append_fails = random_.chance(0.5) ? 0.02 : 0,
                          .sync_fails = random_.chance(0.5) ? 0.1 : 0});
        in_this_life_.clear();
        const auto steps = random_.below(60);
        for (uint64_t i = 0; i < steps; ++i) {
            edge.clock.advance(milliseconds(10));
            step(edge);
        }
        tell(edge);
        now_ = edge.clock.now();
        if (random_.chance(0.5)) return;  // a kill: the kernel has it all
        disk_.crash();
        std::erase_if(expected_, [this](int64_t value) { return !durable_.contains(value); });
    }

    void end() {
        disk_.set_faults({});
        Edge last(disk_, settings_, now_);
        for (const int64_t value : last.drain())
            arrived_.insert(value);
        tell(last);
        uint64_t missing = 0;
        for (const int64_t value : expected_)
            missing += arrived_.contains(value) ? 0 : 1;
        for (const int64_t value : arrived_)
            EXPECT_LT(value, next_) << "was never offered";
        EXPECT_LE(missing, told_);
        EXPECT_EQ(last.waiting(), 0u);
    }

  private:
    void step(Edge& edge) {
        const auto what = random_.below(6);
        if (what == 0) {
            const bool synced = edge.with([](Queue& q) { return q.sync(); }).has_value();
            if (synced) sync_covers(edge);
        } else if (what == 1) {
            const auto chunk = edge.next();
            if (!chunk) return;
            for (const uint64_t value : chunk->rows.values())
                arrived_.insert(static_cast<int64_t>(value));
            edge.acknowledge(chunk->records);
        } else if (what == 2) {
            [[maybe_unused]] const auto saved = edge.save();
        } else {
            put(edge);
        }
    }

    void put(Edge& edge) {
        tell(edge);
        const auto count = 1 + random_.below(100);
        edge.put(next_, count);
        const uint64_t lost = edge.lost();
        // Refused as a whole, or taken as a whole.
        ASSERT_TRUE(lost == 0 || lost == count);
        edge.losses.clear();
        for (uint64_t i = 0; i < count && lost == 0; ++i) {
            expected_.insert(next_ + static_cast<int64_t>(i));
            in_this_life_.insert(next_ + static_cast<int64_t>(i));
        }
        next_ += static_cast<int64_t>(count);
        if (settings_.sync_each && lost == 0) sync_covers(edge);
    }

    // A sync that failed in this life may have left a segment behind that is not on disk.
    void sync_covers(Edge& edge) {
        if (edge.with([](Queue& q) { return q.failed_writes(); }) == 0)
            durable_.insert(in_this_life_.begin(), in_this_life_.end());
    }
    void tell(Edge& edge) {
        told_ += edge.lost();
        edge.losses.clear();
    }

    Random random_;
    io::SimDisk disk_;
    QueueSettings settings_;
    std::set<int64_t> in_this_life_, expected_, durable_, arrived_;
    uint64_t told_ = 0;
    int64_t next_ = 0;
    Time now_ = start;
};

class QueueLives : public testing::TestWithParam<uint64_t> {};

TEST_P(QueueLives, lose_nothing_silently) {
    Lives lives(GetParam());
    for (int life = 0; life < 8; ++life)
        lives.live();
    lives.end();
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueueLives, testing::Range<uint64_t>(1, 60));

}  // namespace
}  // namespace hw::upstream
