#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace hw {
namespace {

using testing::HasSubstr;

TEST(Metrics, SameNameAndLabelsAreTheSameCounter) {
    Metrics metrics;
    Counter& a = metrics.counter("headworks_x_total", "X.", {{"k", "1"}, {"j", "2"}});
    Counter& b = metrics.counter("headworks_x_total", "X.", {{"j", "2"}, {"k", "1"}});
    Counter& c = metrics.counter("headworks_x_total", "X.");
    EXPECT_EQ(&a, &b);
    EXPECT_NE(&a, &c);
    a.add();
    b.add(2);
    EXPECT_EQ(a.value(), 3u);
    EXPECT_EQ(c.value(), 0u);
}

TEST(Metrics, AnotherTypeUnderTheSameNameIsABug) {
    Metrics metrics;
    metrics.counter("headworks_x_total", "X.");
    EXPECT_DEATH(metrics.gauge("headworks_x_total", "X.", [] { return 1.0; }), "BUG");
}

TEST(Metrics, RendersPrometheusText) {
    Metrics metrics;
    metrics.counter("headworks_b_total", "Second.", {{"reason", "a\"b\\c\nd"}}).add(5);
    metrics.gauge("headworks_a", "First\nline.", [] { return 2.5; });
    EXPECT_EQ(metrics.render(),
              "# HELP headworks_a First\\nline.\n"
              "# TYPE headworks_a gauge\n"
              "headworks_a 2.5\n"
              "# HELP headworks_b_total Second.\n"
              "# TYPE headworks_b_total counter\n"
              "headworks_b_total{reason=\"a\\\"b\\\\c\\nd\"} 5\n");
}

TEST(Metrics, RendersLatenciesAsCumulativeBuckets) {
    Metrics metrics;
    LatencyHistogram& latency = metrics.latency("headworks_l_seconds", "L.", {{"q", "1"}});
    latency.observe_ns(10'000);
    latency.observe_ns(10'001);
    latency.observe_ns(20'000'000'000);
    const std::string text = metrics.render();
    EXPECT_THAT(text, HasSubstr("# TYPE headworks_l_seconds histogram\n"));
    EXPECT_THAT(text, HasSubstr("headworks_l_seconds_bucket{q=\"1\",le=\"1e-05\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("headworks_l_seconds_bucket{q=\"1\",le=\"2.5e-05\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("headworks_l_seconds_bucket{q=\"1\",le=\"10\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("headworks_l_seconds_bucket{q=\"1\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("headworks_l_seconds_count{q=\"1\"} 3\n"));
    EXPECT_EQ(latency.sum_ns(), 20'000'020'001);
}

TEST(Metrics, CountsFromSeveralThreads) {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n)
                metrics.counter("headworks_x_total", "X.").add();
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(metrics.counter("headworks_x_total", "X.").value(), 4000u);
}

}  // namespace
TEST(Metrics, CollectedFiguresComeAndGo) {
    Metrics metrics;
    bool there = true;
    metrics.collect([&](std::vector<Metrics::Collected>& out) {
        if (!there) return;
        out.push_back({"headworks_link_up", "Link is up", false, {{"device", "a"}}, 1});
        out.push_back({"headworks_reads_total", "Reads", true, {{"device", "a"}}, 7});
        out.push_back({"headworks_link_up", "Link is up", false, {{"device", "b"}}, 0});
    });
    EXPECT_EQ(metrics.render(),
              "# HELP headworks_link_up Link is up\n# TYPE headworks_link_up gauge\n"
              "headworks_link_up{device=\"a\"} 1\nheadworks_link_up{device=\"b\"} 0\n"
              "# HELP headworks_reads_total Reads\n# TYPE headworks_reads_total counter\n"
              "headworks_reads_total{device=\"a\"} 7\n");
    there = false;
    EXPECT_EQ(metrics.render(), "");
}

}  // namespace hw
