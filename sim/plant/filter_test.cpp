#include "sim/plant/filter.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/plant/filter_gallery.h"

namespace hw::sim {
namespace {

Filter::Supply supply(double flow, double turbidity = 1.4) {
    return {.settled = {.flow = flow, .turbidity = turbidity, .temperature = 10, .ph = 7.4},
            .wash = 0,
            .dt = 1};
}

void run_hours(Filter& filter, double hours, double flow, double turbidity = 1.4) {
    for (int i = 0; i < hours * 3600; ++i)
        filter.step(supply(flow, turbidity));
}

TEST(BedHeadLossTest, is_linear_in_velocity_and_grows_with_solids_and_cold) {
    EXPECT_NEAR(bed_head_loss(11, 0.1, 10), 2 * bed_head_loss(5.5, 0.1, 10), 1e-12);
    EXPECT_GT(bed_head_loss(5.5, 0.2, 10), bed_head_loss(5.5, 0.1, 10));
    EXPECT_GT(bed_head_loss(5.5, 0.1, 4), bed_head_loss(5.5, 0.1, 18));
    EXPECT_NEAR(bed_head_loss(5.5, 0, 10), 0.32, 1e-12);
}

TEST(FilterTest, holds_back_what_it_books) {
    Filter filter(0.02, 1);
    double in = 0;
    double out = 0;
    for (int i = 0; i < 20'000; ++i) {
        filter.step(supply(0.0385));
        in += 1.4 * filter.through_flow() * solids_per_ntu / 1000;
        out += filter.turbidity() * filter.through_flow() * solids_per_ntu / 1000;
    }
    EXPECT_NEAR(in - out, (filter.deposit() - 0.02) * Filter::area, 1e-9);
    EXPECT_NEAR(filter.captured(), in - out, 1e-9);
}

TEST(FilterTest, a_run_lasts_a_day_or_two_and_ends_by_head_loss) {
    Filter filter(0.003, 0);
    run_hours(filter, 2, 0.0385);
    EXPECT_NEAR(filter.head_loss(), 0.36, 0.1);
    EXPECT_LT(filter.turbidity(), 0.15);
    int seconds = 2 * 3600;
    for (; !filter.wants_wash(); ++seconds)
        filter.step(supply(0.0385));
    EXPECT_GT(seconds, 24 * 3600);
    EXPECT_LT(seconds, 48 * 3600);
    EXPECT_GE(filter.head_loss(), Filter::head_loss_limit);
    EXPECT_LT(filter.turbidity(), Filter::turbidity_limit);
}

TEST(FilterTest, dirtier_water_makes_shorter_runs) {
    Filter clean(0.003, 0);
    Filter dirty(0.003, 0);
    run_hours(clean, 5, 0.0385, 1.2);
    run_hours(dirty, 5, 0.0385, 2.6);
    EXPECT_GT(dirty.head_loss(), clean.head_loss() + 0.1);
}

TEST(FilterTest, a_wash_resets_the_bed_and_keeps_the_volumes) {
    Filter filter(0.38, 36);
    run_hours(filter, 0.2, 0.0385);
    const double solids = filter.deposit();
    const double storage = filter.storage();
    const double filtered = filter.filtered_volume();
    double in = 0;
    std::vector<FilterState> states{filter.state()};
    filter.wash();
    for (int i = 0; i < 7200; ++i) {
        auto given = supply(filter.takes_water() ? 0.0385 : 0.0);
        given.wash = filter.wash_wanted();
        in += given.settled.flow + given.wash;
        filter.step(given);
        if (filter.state() != states.back()) states.push_back(filter.state());
    }
    EXPECT_EQ(states,
              (std::vector{FilterState::filtering, FilterState::draining, FilterState::air_scour,
                           FilterState::backwash, FilterState::ripening, FilterState::filtering}));
    EXPECT_LT(filter.deposit(), 0.02 * solids + 0.02);
    EXPECT_LT(filter.head_loss(), 0.5);
    EXPECT_LT(filter.run_hours(), 2);
    EXPECT_EQ(filter.washes(), 1);
    EXPECT_NEAR(in - filter.waste_volume() - (filter.filtered_volume() - filtered),
                filter.storage() - storage, 1e-9);
    EXPECT_NEAR(filter.deposit() * Filter::area,
                0.38 * Filter::area + filter.captured() - filter.washed_out(), 1e-9);
}

TEST(FilterTest, ripens_to_waste_with_a_turbidity_peak) {
    Filter filter(0.3, 30);
    filter.wash();
    while (filter.state() != FilterState::ripening) {
        auto given = supply(0);
        given.wash = filter.wash_wanted();
        filter.step(given);
    }
    double peak = 0;
    while (filter.state() == FilterState::ripening) {
        filter.step(supply(0.0385));
        EXPECT_EQ(filter.filtered_flow(), 0);
        peak = std::max(peak, filter.turbidity());
    }
    EXPECT_GT(peak, 0.5);
    EXPECT_LT(filter.turbidity(), 0.2);
}

TEST(FilterGalleryTest, washes_one_filter_at_a_time_and_keeps_the_balance) {
    Random random(3);
    FilterGallery gallery(random);
    Controls controls;
    const Water settled{.flow = 0.231, .turbidity = 1.8, .temperature = 12, .ph = 7.4};
    const double before = gallery.storage();
    double in = 0;
    double out = 0;
    for (int i = 0; i < 2 * 86'400; ++i) {
        gallery.step(settled, 3000, 12, controls.filters, 1);
        in += settled.flow + gallery.wash_draw();
        out += gallery.filtered().flow;
        int washing = 0;
        for (const auto& filter : gallery.filters())
            washing += filter.state() == FilterState::filtering ? 0 : 1;
        ASSERT_LE(washing, 1);
    }
    for (const auto& filter : gallery.filters()) {
        EXPECT_GE(filter.washes(), 1);
        EXPECT_LE(filter.washes(), 3);
    }
    EXPECT_NEAR(in - out - gallery.waste_volume() - gallery.overflow(), gallery.storage() - before,
                1e-9 * in);
}

}  // namespace
}  // namespace hw::sim
