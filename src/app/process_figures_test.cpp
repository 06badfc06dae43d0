#include "app/process_figures.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

TEST(ProcessFigures, reads_the_kernels_tables) {
    const std::string_view text = "Name:\tx\nVmRSSx:\t1 kB\nVmRSS:\t  1234 kB\nThreads:\t17\n";
    EXPECT_EQ(proc_value(text, "VmRSS"), 1234u * 1024);
    EXPECT_EQ(proc_value(text, "Threads"), 17u);
    EXPECT_EQ(proc_value(text, "None"), 0u);
    EXPECT_EQ(proc_value("", "Threads"), 0u);
}

TEST(ProcessFigures, adds_series_up) {
    const auto sums =
        metric_sums("# HELP a b\na_total{x=\"1 2\"} 3\na_total{x=\"2\"} 4\nb 1.5e3\nbad\nc none\n");
    EXPECT_EQ(sums.size(), 2u);
    EXPECT_EQ(sums.at("a_total"), 7);
    EXPECT_EQ(sums.at("b"), 1500);
}

TEST(ProcessFigures, knows_this_process) {
    const auto figures = process_figures();
    EXPECT_GT(figures.memory_bytes, 1'000'000u);
    EXPECT_GE(figures.threads, 1u);
    EXPECT_GE(figures.open_files, 3u);
    EXPECT_GE(figures.open_files_limit, figures.open_files);
    EXPECT_GT(machine_figures().memory_bytes, figures.memory_bytes);
    EXPECT_GE(clock_state().error_ms_most, 0);
}

}  // namespace
}  // namespace hw::app
