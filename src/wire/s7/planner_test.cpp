#include "wire/s7/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace hw::s7 {
namespace {

uint32_t answer_bytes(const ReadPlan& plan, const PlannedRequest& request) {
    uint32_t bytes = answer_header_bytes + 2;
    for (uint32_t i = 0; i < request.ranges; ++i) {
        const uint32_t size = plan.ranges[request.first_range + i].bytes;
        bytes += static_cast<uint32_t>(item_data_header_bytes) + size + size % 2;
    }
    return bytes;
}

Want want(uint32_t start, uint32_t bytes, uint16_t db = 1) {
    return {Area::data_block, db, start, bytes, false};
}

TEST(S7Planner, NeighboursAreOneRange) {
    const Want wants[] = {want(8, 4), want(0, 4), want(4, 4)};
    const ReadPlan plan = plan_reads(wants, {});
    ASSERT_EQ(plan.ranges.size(), 1u);
    EXPECT_EQ(plan.ranges[0].start, 0u);
    EXPECT_EQ(plan.ranges[0].bytes, 12u);
    EXPECT_EQ(plan.requests.size(), 1u);
}

TEST(S7Planner, GapsAreReadUpToTheSetting) {
    const Want wants[] = {want(0, 2), want(10, 2), want(21, 2)};
    EXPECT_EQ(plan_reads(wants, {.gap_bytes = 8}).ranges.size(), 2u);
    EXPECT_EQ(plan_reads(wants, {.gap_bytes = 7}).ranges.size(), 3u);
    EXPECT_EQ(plan_reads(wants, {.gap_bytes = 9}).ranges.size(), 1u);
}

TEST(S7Planner, BlocksAndAreasAreNotMerged) {
    const Want wants[] = {want(0, 2, 1),
                          want(2, 2, 2),
                          {Area::flag, 0, 4, 2, false},
                          {Area::timer, 0, 0, 2, false},
                          {Area::timer, 0, 1, 2, false},
                          {Area::counter, 0, 2, 2, false}};
    const ReadPlan plan = plan_reads(wants, {});
    EXPECT_EQ(plan.ranges.size(), 5u);
    EXPECT_EQ(plan.requests.size(), 1u);
    std::vector<ItemAddress> items;
    append_items(plan, plan.requests[0], items);
    const auto timer = std::find_if(items.begin(), items.end(),
                                    [](const ItemAddress& i) { return i.area == Area::timer; });
    ASSERT_NE(timer, items.end());
    EXPECT_EQ(timer->count, 2);
    EXPECT_EQ(timer->size, ItemSize::timer);
}

// 1,000 floats: 235 fit in an answer of 960 bytes, 55 in one of 240.
TEST(S7Planner, LargeBlocksFillTheirAnswers) {
    std::vector<Want> wants;
    for (uint32_t i = 0; i < 1000; ++i)
        wants.push_back(want(i * 4, 4));
    EXPECT_EQ(plan_reads(wants, {.pdu_size = 960}).requests.size(), 5u);
    EXPECT_EQ(plan_reads(wants, {.pdu_size = 240}).requests.size(), 19u);
}

TEST(S7Planner, WhatIsLargerThanAnAnswerComesInParts) {
    const Want wants[] = {want(0, 256), want(256, 2)};
    const ReadPlan plan = plan_reads(wants, {.pdu_size = 240});
    ASSERT_EQ(plan.pieces.size(), 3u);
    EXPECT_EQ(plan.pieces[0].bytes, 222u);
    EXPECT_EQ(plan.pieces[1].want_offset, 222u);
    EXPECT_EQ(plan.pieces[1].bytes, 34u);
    EXPECT_EQ(plan.requests.size(), 2u);
}

TEST(S7Planner, AloneIsAlone) {
    Want wants[] = {want(0, 2), want(2, 2), want(4, 2)};
    wants[1].alone = true;
    EXPECT_EQ(plan_reads(wants, {}).ranges.size(), 3u);
}

TEST(S7Planner, AnyPlanKeepsItsPromises) {
    Random random(7);
    for (int round = 0; round < 2000; ++round) {
        const PlanLimits limits{.pdu_size = static_cast<uint16_t>(112 + random.below(849)),
                                .gap_bytes = static_cast<uint32_t>(random.below(40)),
                                .items = 1 + random.below(20)};
        std::vector<Want> wants;
        const size_t count = random.below(120);
        for (size_t i = 0; i < count; ++i) {
            Want w = want(static_cast<uint32_t>(random.below(600)),
                          static_cast<uint32_t>(1 + random.below(random.chance(0.05) ? 600 : 12)),
                          static_cast<uint16_t>(1 + random.below(3)));
            if (random.chance(0.2)) {
                w.area = random.chance(0.5) ? Area::timer : Area::counter;
                w.bytes = 2;
                w.db = 0;
            }
            w.alone = random.chance(0.1);
            wants.push_back(w);
        }
        const ReadPlan plan = plan_reads(wants, limits);
        uint32_t next_range = 0;
        for (const PlannedRequest& request : plan.requests) {
            EXPECT_EQ(request.first_range, next_range);
            next_range += request.ranges;
            EXPECT_GE(request.ranges, 1u);
            EXPECT_LE(request.ranges, limits.items);
            EXPECT_LE(answer_bytes(plan, request), limits.pdu_size);
            EXPECT_LE(job_header_bytes + 2 + request.ranges * item_address_bytes, limits.pdu_size);
        }
        EXPECT_EQ(next_range, plan.ranges.size());
        std::vector<uint32_t> covered(wants.size(), 0);
        uint32_t next_piece = 0;
        for (const Range& range : plan.ranges) {
            EXPECT_EQ(range.first_piece, next_piece);
            next_piece += range.pieces;
            for (uint32_t i = 0; i < range.pieces; ++i) {
                const Piece& piece = plan.pieces[range.first_piece + i];
                const Want& w = wants[piece.want];
                const uint32_t unit = is_numbered(w.area) ? 2 : 1;
                EXPECT_EQ(range.area, w.area);
                EXPECT_EQ(range.db, w.db);
                EXPECT_LE(piece.range_offset + piece.bytes, range.bytes);
                EXPECT_EQ(range.start * unit + piece.range_offset,
                          w.start * unit + piece.want_offset);
                EXPECT_EQ(piece.want_offset, covered[piece.want]);
                covered[piece.want] += piece.bytes;
                if (w.alone) {
                    EXPECT_EQ(range.pieces, 1u);
                }
            }
        }
        EXPECT_EQ(next_piece, plan.pieces.size());
        for (size_t i = 0; i < wants.size(); ++i)
            EXPECT_EQ(covered[i], wants[i].bytes);
    }
}

}  // namespace
}  // namespace hw::s7
