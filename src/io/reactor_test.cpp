#include "io/reactor.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hw::io {
namespace {

TEST(Reactor, runs_tasks_in_order_and_hooks_after_them) {
    Reactor reactor("test");
    std::vector<int> order;
    reactor.on_round_end([&] { order.push_back(0); });
    reactor.post([&] { order.push_back(1); });
    reactor.post([&] { order.push_back(2); });
    reactor.run_until([&] { return !order.empty(); });
    EXPECT_EQ(order, (std::vector<int>{1, 2, 0}));
}

TEST(Reactor, takes_tasks_from_other_threads) {
    Reactor reactor("test");
    int ran = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                reactor.post([&] { ++ran; });
        });
    reactor.run_until([&] { return ran == 4000; });
}

TEST(Reactor, stops_from_another_thread) {
    Reactor reactor("a long name for a thread");
    std::jthread runner([&] { reactor.run(); });
    bool own = false;
    reactor.post([&] {
        own = reactor.on_own_thread();
        reactor.stop();
    });
    runner.join();
    EXPECT_TRUE(own);
    EXPECT_FALSE(reactor.on_own_thread());
}

TEST(Reactor, timers_fire_repeat_and_are_cancelled) {
    Reactor reactor("test");
    int once = 0;
    int many = 0;
    int never = 0;
    reactor.after(microseconds(10), [&] { ++once; });
    const auto cancelled = reactor.after(microseconds(10), [&] { ++never; });
    reactor.cancel(cancelled);
    Reactor::TimerId repeating = 0;
    repeating = reactor.every(microseconds(10), [&] {
        if (++many == 3) reactor.cancel(repeating);
    });
    bool end = false;
    reactor.run_until([&] { return once == 1 && many == 3; });
    reactor.after(milliseconds(1), [&] { end = true; });
    reactor.run_until([&] { return end; });
    EXPECT_EQ(many, 3);
    EXPECT_EQ(never, 0);
}

TEST(Reactor, unrun_tasks_are_destroyed_with_it) {
    auto held = std::make_shared<int>(1);
    {
        Reactor reactor("test");
        reactor.post([held] {});
        reactor.after(seconds(1000), [held] {});
    }
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace hw::io
