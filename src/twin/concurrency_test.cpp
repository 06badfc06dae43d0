// Samples, changes, reads and followers at once; for the thread sanitizer above all.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "base/random.h"
#include "twin/test_support.h"

namespace hw::twin {
namespace {

class Counter final : public Follower {
  public:
    uint32_t interest(const TwinName&, const Interface&, size_t slot) override { return slot + 1; }
    void changed(uint32_t, const TwinName&, size_t, const LiveValue&) override { ++count; }
    void happened(const Happening&) override { ++count; }
    void round_end() override { ++count; }

    uint64_t count = 0;
};

TEST(Concurrency, ReadersSeeWhatWasCommittedBeforeThem) {
    constexpr int pumps = 50;
    TestHouse house;
    Counter counter;
    house.open({&counter}, true);
    house.put_models();
    ASSERT_TRUE(house.put("w", "Works"));
    for (int i = 0; i < pumps; ++i) {
        ASSERT_TRUE(house.put(fmt::format("p{}", i), "Pump"));
        ASSERT_TRUE(house.relate("w", "pumps", fmt::format("p{}", i)));
    }
    std::vector<model::PointId> points;
    for (int i = 0; i < pumps; ++i)
        points.push_back(*house.points.intern(fmt::format("p{}/flow", i)));
    std::atomic<int> tapped{0};  // the last value that all points have
    std::atomic<bool> stop{false};
    std::thread commits([&] {
        for (int value = 1; value <= 300; ++value) {
            model::SampleBatch batch;
            house.clock.advance(milliseconds(1));
            for (const auto point : points)
                batch.add_double(point, house.clock.now(), value);
            const model::SampleBatch* const batches[] = {&batch};
            house.twins->tap(batches);
            tapped = value;
        }
        stop = true;
    });
    std::thread changes([&] {
        for (int i = 0; !stop; ++i) {
            const std::string id = fmt::format("extra{}", i % 10);
            EXPECT_TRUE(house.put(id, "Pump"));
            EXPECT_TRUE(house.relate(id, "partOf", "w"));
            EXPECT_TRUE(house.twins->remove(id, true, house.change));
            if (i % 5 == 0) house.twins->ask_again();
        }
    });
    std::vector<std::thread> readers;
    for (uint64_t r = 0; r < 3; ++r)
        readers.emplace_back([&, r] {
            Random random(r);
            while (!stop) {
                const int least = tapped;
                const std::string id = fmt::format("p{}", random.below(pumps));
                const auto one = house.twins->read(id, "flow");
                ASSERT_TRUE(one);
                if (least > 0) {
                    EXPECT_GE(one->value.as_real(), least);
                }
                const auto total = house.twins->read("w", "total");
                ASSERT_TRUE(total);
                if (least > 0) {
                    EXPECT_GE(total->value.as_real(), least * pumps);
                }
                EXPECT_EQ(house.twins->hop("w", "pumps", false)->size(), pumps);
                EXPECT_GE(house.twins->snapshot({.filter = "#"})->twins.size(), pumps);
                EXPECT_GE(house.twins->figures().twins, pumps);
            }
        });
    commits.join();
    changes.join();
    for (auto& reader : readers)
        reader.join();
    EXPECT_EQ(house.value("w", "total"), real(300 * pumps));
    house.twins->stop();
    EXPECT_GT(counter.count, 300 * pumps);
}

}  // namespace
}  // namespace hw::twin
