// The runner's threads; its logic is tested by runner_core_test.cpp.
#include "connector/runner.h"

#include <gtest/gtest.h>

#include <future>

#include "io/sim_disk.h"

namespace hw::connector {
namespace {

Item item_of(uint64_t sequence) {
    return {sql::Datum::object({{sql::Datum::text("n"), sql::Datum::integer(int64_t(sequence))}}),
            Time{1}, "rule", sequence};
}

// A peer that is told what to answer, and whose calls can be awaited.
struct Peer {
    Mutex mutex;
    Condition changed;
    std::vector<uint64_t> got;
    bool down = false;
    bool stuck = false;
    bool cancelled = false;
    uint64_t calls = 0;

    void release() {
        {
            const MutexLock lock(mutex);
            stuck = false;
        }
        changed.notify_all();
    }
    template <class Condition>
    void await(Condition&& condition) {
        const MutexLock lock(mutex);
        while (!condition())
            changed.wait(mutex);
    }
    void await_rows(size_t count) {
        await([&] { return got.size() >= count; });
    }
};

class PeerSink final : public Sink {
  public:
    explicit PeerSink(Peer& peer) : peer_(peer) {}
    Result<void> test() override {
        const MutexLock lock(peer_.mutex);
        if (peer_.down) return fail(ErrorCode::unavailable, "the peer is down");
        return {};
    }
    Sent send(std::span<const Item> items) override {
        Sent sent;
        {
            const MutexLock lock(peer_.mutex);
            ++peer_.calls;
            peer_.changed.notify_all();
            while (peer_.stuck && !peer_.cancelled)
                peer_.changed.wait(peer_.mutex);
            if (peer_.down || peer_.cancelled) {
                sent = {Sent::Outcome::retry, 0, "the peer is down"};
            } else {
                for (const Item& item : items) {
                    if (item.sequence == 13) {
                        sent = {Sent::Outcome::rejected, sent.done, "unlucky"};
                        break;
                    }
                    peer_.got.push_back(item.sequence);
                    ++sent.done;
                }
            }
        }
        peer_.changed.notify_all();
        return sent;
    }
    void cancel() override {
        {
            const MutexLock lock(peer_.mutex);
            peer_.cancelled = true;
        }
        peer_.changed.notify_all();
    }

  private:
    Peer& peer_;
};

// SimDisk is for one thread; the runner calls it under its lock, from several.
struct RunnerTest : testing::Test {
    SystemClock clock;
    BufferKeeper keeper;
    io::SimDisk disk{1};
    Peer peer;
    RunnerSettings settings;

    RunnerTest() {
        settings.retry_interval = settings.retry_interval_max = milliseconds(1);
        settings.batch_size = 4;
    }
    std::unique_ptr<Runner> start(Runner::Fallback fallback = {}) {
        auto runner = Runner::start(settings, [&] { return std::make_unique<PeerSink>(peer); },
                                    {clock, keeper, &disk, "buffer", 1, std::move(fallback)});
        EXPECT_TRUE(runner);
        return *std::move(runner);
    }
    Result<void> flush(Runner& runner) {
        std::promise<Result<void>> kept;
        runner.flushed([&](const Result<void>& result) { kept.set_value(result); });
        return kept.get_future().get();
    }
};

TEST_F(RunnerTest, sends_what_is_offered) {
    const auto runner = start();
    for (uint64_t i = 100; i < 200; ++i)
        EXPECT_TRUE(runner->offer(item_of(i)));
    peer.await_rows(100);
    runner->stop(seconds(10));
    EXPECT_EQ(peer.got.front(), 100u);
    EXPECT_TRUE(std::is_sorted(peer.got.begin(), peer.got.end()));
    const auto figures = runner->figures();
    EXPECT_EQ(figures.matched, 100u);
    EXPECT_EQ(figures.sent, 100u);
    EXPECT_EQ(figures.latency_count, 100u);
    EXPECT_EQ(figures.state, RunnerState::stopped);
    EXPECT_FALSE(runner->offer(item_of(1)));
}

TEST_F(RunnerTest, a_peer_that_is_down_stops_nobody_and_loses_nothing) {
    settings.memory_bytes = 16 << 10;
    settings.workers = 2;
    peer.down = true;
    {
        const auto runner = start();
        for (uint64_t i = 100; i < 5100; ++i) {
            while (!runner->offer(item_of(i)))
                ASSERT_TRUE(flush(*runner));
            if (i % 100 == 0) {
                ASSERT_TRUE(flush(*runner));
            }
        }
        ASSERT_TRUE(flush(*runner));
        EXPECT_GT(runner->figures().disk_bytes, 100'000u);
        EXPECT_EQ(runner->figures().sent, 0u);
        peer.await([&] { return peer.calls >= 3; });
        runner->stop({});
        EXPECT_EQ(runner->figures().dropped_rows(), 0u);
    }
    peer.down = peer.cancelled = false;
    const auto runner = start();
    peer.await_rows(5000);
    std::sort(peer.got.begin(), peer.got.end());
    EXPECT_EQ(std::unique(peer.got.begin(), peer.got.end()), peer.got.end());
    EXPECT_EQ(peer.got.back(), 5099u);
}

TEST_F(RunnerTest, offering_and_flushing_go_on_while_a_call_is_stuck) {
    peer.stuck = true;
    const auto runner = start();
    for (uint64_t i = 100; i < 120; ++i)
        EXPECT_TRUE(runner->offer(item_of(i)));
    peer.await([&] { return peer.calls == 1; });
    ASSERT_TRUE(flush(*runner));
    EXPECT_EQ(runner->figures().sent, 0u);
    peer.release();
    peer.await_rows(20);
}

TEST_F(RunnerTest, stopping_cancels_a_stuck_call_and_keeps_its_rows) {
    peer.stuck = true;
    {
        const auto runner = start();
        for (uint64_t i = 100; i < 110; ++i)
            runner->offer(item_of(i));
        peer.await([&] { return peer.calls == 1; });
        runner->stop({});
        EXPECT_TRUE(peer.cancelled);
    }
    peer.stuck = peer.cancelled = false;
    const auto runner = start();
    peer.await_rows(10);
    EXPECT_EQ(peer.got.size(), 10u);
}

TEST_F(RunnerTest, refused_rows_go_to_the_fallback) {
    std::promise<std::string> told;
    const auto runner = start([&](Item item, Drop drop, const std::string& reason) {
        told.set_value(std::to_string(item.sequence) + " " + std::string(to_string(drop)) + " " +
                       reason);
    });
    for (uint64_t i = 10; i < 20; ++i)
        runner->offer(item_of(i));
    EXPECT_EQ(told.get_future().get(), "13 rejected unlucky");
    peer.await_rows(9);
}

TEST_F(RunnerTest, a_barrier_waits_for_the_fallback) {
    peer.stuck = true;
    std::vector<uint64_t> refused;  // written by the worker, read behind the barrier
    size_t flushes = 0;
    auto runner = Runner::start(
        settings, [&] { return std::make_unique<PeerSink>(peer); },
        {clock, keeper, &disk, "buffer", 1,
         [&](Item item, Drop, const std::string&) { refused.push_back(item.sequence); },
         [&](Runner::Kept kept) {
             ++flushes;
             kept({});
         }});
    ASSERT_TRUE(runner);
    for (uint64_t i = 12; i < 15; ++i)
        (*runner)->offer(item_of(i));
    peer.await([&] { return peer.calls == 1; });
    peer.release();
    peer.await_rows(2);
    ASSERT_TRUE(flush(**runner));
    (*runner)->stop({});
    EXPECT_EQ(refused, std::vector<uint64_t>{13});
    EXPECT_GE(flushes, 2u);
}

TEST_F(RunnerTest, in_memory_the_end_sends_what_it_can) {
    settings.disk = false;
    settings.batch_time = seconds(3600);
    const auto runner = start();
    for (uint64_t i = 100; i < 102; ++i)
        runner->offer(item_of(i));
    ASSERT_TRUE(flush(*runner));
    runner->stop(seconds(30));
    EXPECT_EQ(peer.got.size(), 2u);
    EXPECT_EQ(runner->figures().dropped_rows(), 0u);
}

TEST_F(RunnerTest, paused_rows_wait) {
    const auto runner = start();
    runner->pause();
    for (uint64_t i = 100; i < 110; ++i)
        runner->offer(item_of(i));
    ASSERT_TRUE(flush(*runner));
    EXPECT_EQ(runner->figures().state, RunnerState::paused);
    EXPECT_EQ(runner->figures().queued_rows + runner->figures().sent, 10u);
    runner->resume();
    peer.await_rows(10);
}

TEST_F(RunnerTest, a_sink_that_cannot_be_made_is_an_error) {
    const auto runner =
        Runner::start(settings,
                      []() -> Result<std::unique_ptr<Sink>> {
                          return fail(ErrorCode::invalid_argument, "no such template");
                      },
                      {clock, keeper, &disk, "buffer"});
    ASSERT_FALSE(runner);
    EXPECT_EQ(runner.error().text(), "no such template");
}

}  // namespace
}  // namespace hw::connector
