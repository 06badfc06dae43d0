#include "connector/runner_core.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "connector/stored_item.h"
#include "io/sim_disk.h"

namespace hw::connector {
namespace {

constexpr Time start{1'700'000'000'000'000'000};

Item item_of(uint64_t sequence, size_t size = 50) {
    std::string text = std::to_string(sequence);
    text.resize(std::max(size, text.size()), '.');
    return {sql::Datum::object({{sql::Datum::text("n"), sql::Datum::integer(int64_t(sequence))},
                                {sql::Datum::text("text"), sql::Datum::text(text)}}),
            start, "rule", sequence};
}

RunnerSettings in_memory() {
    RunnerSettings settings;
    settings.disk = false;
    settings.batch_size = 10;
    return settings;
}

RunnerSettings on_disk() {
    RunnerSettings settings;
    settings.batch_size = 10;
    settings.memory_bytes = 16 << 10;
    settings.buffer_bytes = 1 << 20;
    return settings;
}

std::vector<uint64_t> numbers(std::span<const Item> items) {
    std::vector<uint64_t> found;
    for (const Item& item : items)
        found.push_back(item.sequence);
    return found;
}

struct World {
    ManualClock clock{start};
    io::SimDisk disk{7};
    std::unique_ptr<RunnerCore> core;

    explicit World(const RunnerSettings& settings, uint64_t seed = 1) { begin(settings, seed); }
    void begin(const RunnerSettings& settings, uint64_t seed = 1) {
        core.reset();  // as after kill -9: nothing is written
        core = std::make_unique<RunnerCore>(settings, clock, &disk, "buffer", seed);
        ASSERT_TRUE(core->open());
    }
    void add(uint64_t first, uint64_t count, size_t size = 50) {
        for (uint64_t i = first; i < first + count; ++i)
            core->add(item_of(i, size), clock.now());
    }
    // All that comes out, sent.
    std::vector<uint64_t> drain() {
        std::vector<uint64_t> sent;
        while (Batch* batch = core->take().batch) {
            const auto some = numbers(batch->rest());
            sent.insert(sent.end(), some.begin(), some.end());
            EXPECT_TRUE(core->settle(*batch, {}));
        }
        return sent;
    }
    uint64_t dropped(Drop reason) { return core->figures().dropped[static_cast<size_t>(reason)]; }
};

std::vector<uint64_t> range(uint64_t first, uint64_t last) {
    std::vector<uint64_t> made;
    for (uint64_t i = first; i <= last; ++i)
        made.push_back(i);
    return made;
}

TEST(RunnerCore, sends_in_batches_in_order) {
    World world(in_memory());
    EXPECT_EQ(world.core->take().batch, nullptr);
    world.add(1, 25);
    Batch* first = world.core->take().batch;
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(numbers(first->rest()), range(1, 10));
    EXPECT_EQ(world.core->figures().in_flight, 10u);
    EXPECT_EQ(world.core->figures().queued_rows, 25u);
    EXPECT_TRUE(world.core->settle(*first, {}));
    EXPECT_EQ(world.drain(), range(11, 25));
    EXPECT_EQ(world.core->figures().sent, 25u);
    EXPECT_EQ(world.core->figures().queued_bytes, 0u);
    EXPECT_EQ(world.core->figures().state, RunnerState::connected);
}

TEST(RunnerCore, a_batch_that_is_not_full_waits_for_batch_time) {
    RunnerSettings settings = in_memory();
    settings.batch_time = milliseconds(500);
    World world(settings);
    world.add(1, 4);
    world.clock.advance(milliseconds(200));
    auto next = world.core->take();
    EXPECT_EQ(next.batch, nullptr);
    EXPECT_EQ(next.rows_wanted, 6u);
    EXPECT_EQ(*next.again, world.clock.monotonic() + milliseconds(300));
    world.add(5, 6);
    EXPECT_EQ(world.drain(), range(1, 10));
    world.add(11, 1);
    world.clock.advance(milliseconds(500));
    EXPECT_EQ(world.drain(), range(11, 11));
    world.add(12, 1);
    EXPECT_EQ(world.core->take().batch, nullptr);
    world.core->hurry();
    EXPECT_EQ(world.drain(), range(12, 12));
}

TEST(RunnerCore, batches_are_bounded_in_bytes) {
    RunnerSettings settings = in_memory();
    settings.batch_bytes = 5000;
    World world(settings);
    world.add(1, 6, 2000);
    world.add(7, 1, 9000);
    std::vector<size_t> sizes;
    while (Batch* batch = world.core->take().batch) {
        sizes.push_back(batch->items.size());
        world.core->settle(*batch, {});
    }
    EXPECT_EQ(sizes, (std::vector<size_t>{2, 2, 2, 1}));
}

TEST(RunnerCore, retries_the_rest_with_doubled_waits_and_jitter) {
    RunnerSettings settings = in_memory();
    settings.retry_interval = seconds(1);
    settings.retry_interval_max = seconds(5);
    World world(settings);
    world.add(1, 10);
    Batch* batch = world.core->take().batch;
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 3, "the line is down"}));
    EXPECT_EQ(numbers(batch->rest()), range(4, 10));
    EXPECT_EQ(world.core->figures().state, RunnerState::disconnected);
    EXPECT_EQ(world.core->figures().reason, "the line is down");
    const Time now = world.clock.monotonic();
    for (const int64_t most : {1, 2, 4, 5, 5}) {
        EXPECT_GE(batch->retry_at, now + Duration{seconds(most).ns / 2});
        EXPECT_LE(batch->retry_at, now + seconds(most));
        EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 0, "still down"}));
    }
    // Progress begins the waits anew.
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 1, "down again"}));
    EXPECT_LE(batch->retry_at, now + seconds(1));
    EXPECT_TRUE(world.core->settle(*batch, {}));
    const auto& figures = world.core->figures();
    EXPECT_EQ(figures.sent, 10u);
    EXPECT_EQ(figures.failed, 7u);
    EXPECT_EQ(figures.retried, 6 * 7u + 6);
    EXPECT_EQ(figures.last_error, "down again");
    EXPECT_EQ(figures.dropped_rows(), 0u);
}

TEST(RunnerCore, gives_up_after_max_retries_and_tells_the_fallback) {
    RunnerSettings settings = in_memory();
    settings.max_retries = 2;
    World world(settings);
    world.core->keep_refused(true);
    world.add(1, 3);
    Batch* batch = world.core->take().batch;
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 1, "down"}));
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 0, "down"}));
    EXPECT_TRUE(world.core->settle(*batch, {Sent::Outcome::retry, 0, "down"}));
    EXPECT_EQ(world.dropped(Drop::retries), 2u);
    const auto refused = world.core->take_refused();
    ASSERT_EQ(refused.size(), 2u);
    EXPECT_EQ(refused[0].item.sequence, 2u);
    EXPECT_EQ(refused[1].drop, Drop::retries);
    EXPECT_EQ(refused[1].reason, "down");
}

TEST(RunnerCore, a_rejected_row_does_not_hold_up_its_neighbours) {
    World world(in_memory());
    world.core->keep_refused(true);
    world.add(1, 5);
    Batch* batch = world.core->take().batch;
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::rejected, 2, "status 400"}));
    EXPECT_EQ(batch->retry_at, world.clock.monotonic());
    EXPECT_EQ(numbers(batch->rest()), range(4, 5));
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::rejected, 0, "status 400"}));
    EXPECT_TRUE(world.core->settle(*batch, {Sent::Outcome::rejected, 0, "status 400"}));
    EXPECT_EQ(world.core->figures().sent, 2u);
    EXPECT_EQ(world.dropped(Drop::rejected), 3u);
    EXPECT_EQ(world.core->take_refused().size(), 3u);
    EXPECT_EQ(world.core->figures().state, RunnerState::connected);
}

TEST(RunnerCore, rows_expire_while_they_wait_and_while_they_are_retried) {
    RunnerSettings settings = in_memory();
    settings.request_ttl = seconds(10);
    World world(settings);
    world.core->keep_refused(true);
    world.add(1, 3);
    world.clock.advance(seconds(6));
    world.add(4, 3);
    Batch* batch = world.core->take().batch;
    EXPECT_FALSE(world.core->settle(*batch, {Sent::Outcome::retry, 0, "down"}));
    world.clock.advance(seconds(5));
    EXPECT_FALSE(world.core->expire(*batch));
    EXPECT_EQ(numbers(batch->rest()), range(4, 6));
    world.clock.advance(seconds(6));
    EXPECT_TRUE(world.core->expire(*batch));
    world.add(7, 2);
    world.clock.advance(seconds(11));
    EXPECT_EQ(world.core->take().batch, nullptr);
    EXPECT_EQ(world.dropped(Drop::expired), 8u);
    EXPECT_EQ(world.core->take_refused().size(), 8u);
}

TEST(RunnerCore, memory_drops_the_oldest_or_the_newest) {
    for (const auto overflow : {Overflow::drop_oldest, Overflow::drop_newest}) {
        RunnerSettings settings = in_memory();
        settings.overflow = overflow;
        settings.buffer_bytes = 20 * item_bytes(item_of(1));
        World world(settings);
        world.add(1, 30);
        EXPECT_EQ(world.dropped(Drop::buffer_full), 10u);
        EXPECT_EQ(world.drain(), overflow == Overflow::drop_oldest ? range(11, 30) : range(1, 20));
    }
}

TEST(RunnerCore, what_does_not_fit_in_memory_goes_through_the_disk_in_order) {
    World world(on_disk());
    world.add(1, 5);
    EXPECT_FALSE(world.core->wants_spill());
    Batch* batch = world.core->take().batch;  // in flight meanwhile
    world.add(6, 200);
    EXPECT_TRUE(world.core->wants_spill());
    EXPECT_FALSE(world.core->kept());
    ASSERT_TRUE(world.core->spill());
    EXPECT_TRUE(world.core->kept());
    world.add(206, 5);
    EXPECT_EQ(numbers(batch->rest()), range(1, 5));
    EXPECT_EQ(world.core->figures().queued_rows, 210u);
    EXPECT_TRUE(world.core->settle(*batch, {}));
    EXPECT_EQ(world.drain(), range(6, 210));
    EXPECT_EQ(world.core->figures().queued_rows, 0u);
    EXPECT_TRUE(world.core->kept());
}

TEST(RunnerCore, what_is_on_disk_is_sent_by_the_next_life) {
    World world(on_disk());
    world.add(1, 40);
    Batch* first = world.core->take().batch;
    Batch* second = world.core->take().batch;
    EXPECT_TRUE(world.core->settle(*second, {}));  // out of order
    ASSERT_TRUE(world.core->close());
    EXPECT_EQ(numbers(first->rest()), range(1, 10));
    world.begin(on_disk());
    EXPECT_EQ(world.core->figures().queued_rows, 30u);
    auto sent = world.drain();
    EXPECT_EQ(sent.size(), 30u);
    EXPECT_EQ(sent.front(), 1u);
    EXPECT_EQ(sent[10], 21u);
    ASSERT_TRUE(world.core->close());
    world.begin(on_disk());
    EXPECT_EQ(world.core->figures().queued_rows, 0u);
}

TEST(RunnerCore, in_memory_mode_the_end_drops_and_counts) {
    World world(in_memory());
    world.add(1, 25);
    world.core->take();
    ASSERT_TRUE(world.core->close());
    EXPECT_EQ(world.dropped(Drop::stopped), 25u);
}

TEST(RunnerCore, a_full_disk_buffer_drops_and_counts_every_row) {
    for (const auto overflow : {Overflow::drop_oldest, Overflow::drop_newest}) {
        RunnerSettings settings = on_disk();
        settings.overflow = overflow;
        settings.buffer_bytes = 128 << 10;
        World world(settings);
        for (uint64_t i = 0; i < 100; ++i) {
            world.add(1 + i * 20, 20, 200);
            ASSERT_TRUE(world.core->spill());
            EXPECT_LE(world.disk.used_bytes(), settings.buffer_bytes);
        }
        const uint64_t dropped = world.dropped(Drop::buffer_full);
        EXPECT_GT(dropped, 1000u);
        const auto sent = world.drain();
        EXPECT_EQ(sent.size() + dropped, 2000u);
        const bool oldest = overflow == Overflow::drop_oldest;
        EXPECT_EQ(oldest ? sent.back() : sent.front(), oldest ? 2000u : 1u);
        EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end()));
    }
}

TEST(RunnerCore, a_disk_that_refuses_bounds_memory_and_is_tried_again) {
    World world(on_disk());
    world.disk.set_capacity(0);
    for (uint64_t i = 0; i < 50; ++i) {
        world.add(1 + i * 10, 10, 200);
        if (world.core->wants_spill()) {
            EXPECT_FALSE(world.core->spill());
        }
        world.clock.advance(milliseconds(500));
    }
    EXPECT_LE(world.core->figures().queued_bytes, 4 * on_disk().memory_bytes);
    const uint64_t dropped = world.dropped(Drop::buffer_full);
    EXPECT_GT(dropped, 0u);
    EXPECT_GT(world.core->figures().failed_writes, 0u);
    EXPECT_NE(world.core->figures().last_error.find("full"), std::string::npos);
    world.disk.set_capacity(UINT64_MAX);
    world.clock.advance(seconds(2));
    ASSERT_TRUE(world.core->spill());
    EXPECT_EQ(world.drain().size() + dropped, 500u);
}

TEST(RunnerCore, broken_rows_on_disk_are_counted) {
    World world(on_disk());
    world.add(1, 30);
    ASSERT_TRUE(world.core->close());
    const auto files = world.disk.list("buffer").value();
    world.disk.damage("buffer/" + files.front(), 48 + 300);
    world.begin(on_disk());
    EXPECT_EQ(world.drain().size(), 29u);
    EXPECT_EQ(world.dropped(Drop::corrupt), 1u);
}

TEST(StoredItem, reads_back_and_distrusts) {
    const Item item = item_of(77);
    std::string bytes;
    save_item(bytes, item, start + seconds(3));
    const auto stored = load_item(bytes);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->item.row, item.row);
    EXPECT_EQ(stored->item.sequence, 77u);
    EXPECT_EQ(stored->item.rule_id, "rule");
    EXPECT_EQ(stored->item.time, item.time);
    EXPECT_EQ(stored->queued, start + seconds(3));
    for (size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(load_item(std::string_view(bytes).substr(0, size))) << size;
    EXPECT_FALSE(load_item(bytes + "x"));
}

TEST(StoredItem, keeps_the_hops_and_reads_what_was_written_without_them) {
    Item item = item_of(5);
    item.hops = 3;
    item.rule_id = "r";
    std::string bytes;
    save_item(bytes, item, start);
    EXPECT_EQ(load_item(bytes)->item.hops, 3);
    // Behind version, sequence, two times, length and name.
    const size_t hops = bytes.find(std::string("\x01r\x03", 3)) + 2;
    bytes.erase(hops, 1);
    bytes[0] = 1;
    const auto old = load_item(bytes);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->item.hops, 0);
    EXPECT_EQ(old->item.row, item.row);
}

// A rule that offers rows and asks for barriers, a sink that fails in every way, and a process that
// is killed now and then: the rule begins again behind its last barrier. Nothing is lost, and what
// was sent for the first time came in order.
void live(uint64_t seed, bool power_fails) {
    Random random(seed);
    RunnerSettings settings = on_disk();
    settings.memory_bytes = 1500 + random.below(4000);
    settings.batch_size = 1 + random.below(15);
    World world(settings, seed);
    uint64_t offered = 0, safe = 0;
    std::set<uint64_t> sent;
    uint64_t highest = 0;
    std::vector<Batch*> held;
    const size_t workers = 1 + random.below(2);
    for (int step = 0; step < 400; ++step) {
        const uint64_t what = random.below(100);
        world.clock.advance(milliseconds(static_cast<int64_t>(random.below(400))));
        if (what < 40) {
            const uint64_t count = 1 + random.below(8);
            world.add(offered + 1, count, random.below(120));
            offered += count;
            if (world.core->wants_spill()) {
                ASSERT_TRUE(world.core->spill());
            }
        } else if (what < 90) {
            if (held.size() < workers)
                if (Batch* batch = world.core->take().batch) held.push_back(batch);
            if (held.empty()) continue;
            const size_t which = random.below(held.size());
            Batch& batch = *held[which];
            Sent outcome;
            if (random.chance(0.4))
                outcome = {Sent::Outcome::retry, random.below(batch.rest().size()), "down"};
            const size_t done =
                outcome.outcome == Sent::Outcome::sent ? batch.rest().size() : outcome.done;
            for (const Item& item : batch.rest().first(done)) {
                if (workers == 1 && sent.insert(item.sequence).second) {
                    EXPECT_GT(item.sequence, highest) << "seed " << seed;
                    highest = std::max(highest, item.sequence);
                }
                sent.insert(item.sequence);
            }
            if (world.core->settle(batch, outcome)) held.erase(held.begin() + long(which));
        } else if (what < 95) {
            if (world.core->wants_spill() || random.chance(0.5)) {
                ASSERT_TRUE(world.core->spill());
                if (random.chance(0.7)) {
                    ASSERT_TRUE(world.core->sync());
                    safe = offered;
                }
            }
        } else if (what < 97) {
            held.clear();
            if (power_fails) world.disk.crash();
            world.begin(settings, seed);
            offered = safe;
        }
    }
    for (Batch* batch : held) {
        for (const Item& item : batch->rest())
            sent.insert(item.sequence);
        EXPECT_TRUE(world.core->settle(*batch, {}));
    }
    for (const uint64_t number : world.drain())
        sent.insert(number);
    for (uint64_t number = 1; number <= offered; ++number)
        EXPECT_TRUE(sent.contains(number)) << number << " seed " << seed;
    EXPECT_EQ(world.core->figures().dropped_rows(), 0u) << "seed " << seed;
}

TEST(RunnerCore, kills_at_random_points_lose_nothing_behind_a_barrier) {
    for (uint64_t seed = 1; seed <= 200; ++seed)
        live(seed, false);
}

TEST(RunnerCore, power_losses_at_random_points_lose_nothing_behind_a_barrier) {
    for (uint64_t seed = 1; seed <= 200; ++seed)
        live(seed, true);
}

}  // namespace
}  // namespace hw::connector
