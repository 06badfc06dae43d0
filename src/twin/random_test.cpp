// Live state against the snapshot's deriver: whatever happens in whatever order, both say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/random.h"
#include "twin/derive/snapshot_deriver.h"
#include "twin/test_support.h"

namespace hw::twin {
namespace {

constexpr size_t pumps = 12, works = 4, sites = 2;

class Storm {
  public:
    explicit Storm(uint64_t seed) : random_(seed) {
        house.open();
        house.put_models();
    }

    void step() {
        switch (random_.below(10)) {
            case 0:
                return put();
            case 1:
                return remove();
            case 2:
            case 3:
                return relate();
            case 4:
                return unrelate();
            default:
                return sample();
        }
    }

    void compare() {
        house.twins->sync();
        auto live = house.twins->snapshot({});
        ASSERT_TRUE(live);
        Snapshot derived = *live;
        SnapshotDeriver deriver(house.functions);
        deriver.derive(derived);
        for (size_t t = 0; t < derived.twins.size(); ++t)
            for (size_t i = 0; i < derived.twins[t].properties.size(); ++i) {
                const auto& a = live->twins[t].properties[i];
                const auto& b = derived.twins[t].properties[i];
                ASSERT_EQ(sql::to_json(a.live.value), sql::to_json(b.live.value))
                    << derived.twins[t].id << " " << a.path;
                ASSERT_EQ(to_string(a.live.quality), to_string(b.live.quality))
                    << derived.twins[t].id << " " << a.path;
                ASSERT_EQ(a.live.stale, b.live.stale) << derived.twins[t].id << " " << a.path;
                ASSERT_EQ(a.live.time, b.live.time) << derived.twins[t].id << " " << a.path;
            }
    }

    TestHouse house;

  private:
    static void ignore(const auto&) {}  // what is refused changes nothing
    std::string pump() { return fmt::format("p{}", random_.below(pumps)); }
    std::string work() { return fmt::format("w{}", random_.below(works)); }
    std::string site() { return fmt::format("s{}", random_.below(sites)); }

    void put() {
        switch (random_.below(3)) {
            case 0:
                ignore(house.put(pump(), "Pump",
                                 random_.below(4) == 0 ? R"({"flow":7,"serial":"x"})" : "{}"));
                return;
            case 1:
                ignore(house.put(work(), "Works"));
                return;
            default:
                ignore(house.put(site(), "Site"));
        }
    }
    void remove() {
        if (random_.below(3) != 0) return;
        ignore(house.twins->remove(random_.below(2) == 0 ? pump() : work(), true, house.change));
    }
    void relate() {
        switch (random_.below(4)) {
            case 0:
                ignore(house.relate(site(), "works", work()));
                return;
            case 1:
                ignore(house.relate(pump(), "partOf", work()));
                return;
            default:
                ignore(house.relate(work(), "pumps", pump()));
        }
    }
    void unrelate() {
        switch (random_.below(3)) {
            case 0:
                ignore(house.twins->remove_relationship(site(), "works", work(), house.change));
                return;
            case 1:
                ignore(house.twins->remove_relationship(pump(), "partOf", work(), house.change));
                return;
            default:
                ignore(house.twins->remove_relationship(work(), "pumps", pump(), house.change));
        }
    }
    void sample() {
        model::SampleBatch batch;
        for (size_t i = 0; i <= random_.below(4); ++i) {
            house.clock.advance(milliseconds(1));
            const auto point = *house.points.intern(
                pump() + std::vector<std::string>{"/flow", "/head", "/running"}[random_.below(3)]);
            const auto value = static_cast<double>(random_.below(3)) / 2;
            const auto quality = random_.below(5) == 0   ? model::Quality::bad
                                 : random_.below(5) == 0 ? model::Quality::uncertain
                                                         : model::Quality::good;
            batch.add_double(point, house.clock.now(), value, quality);
        }
        const model::SampleBatch* const batches[] = {&batch};
        house.twins->tap(batches);
    }

    Random random_;
};

class Derived : public testing::TestWithParam<uint64_t> {};

TEST_P(Derived, AreAsTheSnapshotsDeriverSays) {
    Storm storm(GetParam());
    for (int i = 0; i < 600; ++i) {
        storm.step();
        if (i % 5 == 0) storm.compare();
        if (testing::Test::HasFatalFailure()) {
            ADD_FAILURE() << "step " << i;
            return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Derived, testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace hw::twin
