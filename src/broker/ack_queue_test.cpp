#include "broker/ack_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace hw::broker {
namespace {

std::vector<int> release(AckQueue& queue, Ticket ticket) {
    std::vector<int> ids;
    queue.release(ticket,
                  [&](AckQueue::Ack ack, bool mute) { ids.push_back(mute ? -ack.id : ack.id); });
    return ids;
}

TEST(AckQueue, keeps_the_order_of_arrival) {
    AckQueue queue;
    queue.push({1}, 5);
    queue.push({2}, 5);
    queue.push({3}, 0);  // kept by nobody, yet after those that wait
    queue.push({4}, 6);
    EXPECT_TRUE(release(queue, 4).empty());
    EXPECT_EQ(release(queue, 5), (std::vector{1, 2, 3}));
    EXPECT_EQ(queue.newest(), 6u);
    EXPECT_EQ(release(queue, 9), (std::vector{4}));
    EXPECT_TRUE(queue.empty());
}

TEST(AckQueue, mutes_what_the_gone_connection_was_owed) {
    AckQueue queue;
    queue.push({1}, 5);
    queue.mute();
    queue.push({2}, 5);
    EXPECT_EQ(release(queue, 5), (std::vector{-1, 2}));
}

}  // namespace
}  // namespace hw::broker
