#include "twin/order/order_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::twin {
namespace {

using sql::Datum;

constexpr Time begin{1'767'225'600'000'000'000};

class Store : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        store_ = std::move(*OrderStore::open(*database_));
    }
    static Desired desired(int64_t seq, std::string twin, DesiredState state) {
        Desired made;
        made.seq = seq;
        made.id = "d" + std::to_string(seq);
        made.twin = std::move(twin);
        made.path = "speed";
        made.revision = seq;
        made.value = Datum::real(static_cast<double>(seq));
        made.state = state;
        made.asked_at = begin + seconds(seq);
        return made;
    }
    static Command command(int64_t seq, std::string twin, CommandState state) {
        Command made;
        made.seq = seq;
        made.id = "c" + std::to_string(seq);
        made.twin = std::move(twin);
        made.name = "start";
        made.state = state;
        made.asked_at = begin + seconds(seq);
        made.deadline = made.asked_at + seconds(30);
        return made;
    }
    std::vector<int64_t> seqs(const OrderStore::Query& query) {
        std::vector<int64_t> out;
        const auto page = store_->query(query);
        EXPECT_TRUE(page) << page.error().text();
        for (const auto& order : page->orders)
            out.push_back(std::visit([](const auto& one) { return one.seq; }, order));
        next_ = page->next;
        return out;
    }

    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<OrderStore> store_;
    std::optional<int64_t> next_;
};

TEST_F(Store, KeepsAndLoadsWhatIsLive) {
    const auto old = desired(1, "a/b", DesiredState::superseded);
    auto now = desired(2, "a/b", DesiredState::pending);
    const auto open = command(3, "a/b", CommandState::accepted);
    const Order orders[] = {now, old, open, command(4, "a/b", CommandState::done)};
    ASSERT_TRUE(store_->save(orders));
    now.state = DesiredState::sent;
    auto later = now;
    later.detail = "newer";
    const Order changed[] = {now, later};
    ASSERT_TRUE(store_->save(changed));
    store_ = std::move(*OrderStore::open(*database_));
    const auto live = *store_->load();
    EXPECT_EQ(live.last_seq, 4);
    EXPECT_THAT(live.desired, testing::ElementsAre(later));
    EXPECT_THAT(live.commands, testing::ElementsAre(open));
    EXPECT_EQ(**store_->desired("a/b", "speed"), later);
    EXPECT_EQ(*store_->desired("a/b", "mode"), std::nullopt);
    EXPECT_THAT(*store_->desired_of("a/b"), testing::ElementsAre(later));
    EXPECT_EQ((*store_->command("c4"))->state, CommandState::done);
    EXPECT_EQ(*store_->command("d2"), std::nullopt);
}

TEST_F(Store, TheSameIdTwiceIsRefused) {
    const Order first[] = {command(1, "a", CommandState::accepted)};
    ASSERT_TRUE(store_->save(first));
    auto other = command(2, "a", CommandState::accepted);
    other.id = "c1";
    const Order second[] = {other, desired(3, "a", DesiredState::pending)};
    EXPECT_EQ(store_->save(second).error().code(), ErrorCode::conflict);
    EXPECT_EQ((*store_->load()).last_seq, 1);
}

TEST_F(Store, IsAsked) {
    std::vector<Order> orders;
    for (int64_t i = 1; i <= 9; ++i)
        orders.emplace_back(desired(i, i % 3 == 0 ? "works/a/x" : "works/b",
                                    i < 5 ? DesiredState::refused : DesiredState::applied));
    orders.emplace_back(command(10, "works/a/x", CommandState::refused));
    ASSERT_TRUE(store_->save(orders));
    using testing::ElementsAre;
    EXPECT_THAT(seqs({.twin = "works/a/x"}), ElementsAre(10, 9, 6, 3));
    EXPECT_THAT(seqs({.twin = "works/a/#"}), ElementsAre(10, 9, 6, 3));
    EXPECT_THAT(seqs({.commands = true}), ElementsAre(10));
    EXPECT_THAT(seqs({.commands = false, .state = "refused"}), ElementsAre(4, 3, 2, 1));
    EXPECT_THAT(seqs({.from = begin + seconds(3), .to = begin + seconds(5)}), ElementsAre(4, 3));
    for (const char* twin : {"", "works/#"}) {
        EXPECT_THAT(seqs({.twin = twin, .limit = 4}), ElementsAre(10, 9, 8, 7));
        EXPECT_THAT(seqs({.twin = twin, .before = next_, .limit = 4}), ElementsAre(6, 5, 4, 3));
        EXPECT_THAT(seqs({.twin = twin, .before = next_, .limit = 4}), ElementsAre(2, 1));
        EXPECT_EQ(next_, std::nullopt);
    }
    EXPECT_EQ(store_->query({.twin = "a/#/b"}).error().code(), ErrorCode::invalid_argument);
}

TEST_F(Store, WhatIsOverGoesByAgeAndByNumber) {
    std::vector<Order> orders;
    for (int64_t i = 1; i <= 6; ++i)
        orders.emplace_back(desired(i, "a", DesiredState::refused));
    orders.emplace_back(desired(7, "b", DesiredState::applied));
    ASSERT_TRUE(store_->save(orders));
    EXPECT_EQ(*store_->remove_old(begin + seconds(3), 100), 2u);
    EXPECT_EQ(*store_->remove_old(begin, 2), 2u);
    EXPECT_THAT(seqs({}), testing::ElementsAre(7, 6, 5));
    EXPECT_EQ(*store_->remove_old(begin + seconds(100), 0), 2u);
    EXPECT_THAT(seqs({}), testing::ElementsAre(7));
}

}  // namespace
}  // namespace hw::twin
