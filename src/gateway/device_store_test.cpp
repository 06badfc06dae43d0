#include "gateway/device_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace hw::gateway {
namespace {

using testing::ElementsAre;

TagSpec tag(std::string name, double scale = 1) {
    TagSpec made;
    made.name = std::move(name);
    made.address = "1!400001";
    made.scale = scale;
    made.unit = "m3/h";
    made.min = 0;
    return made;
}

StoredDevice device(std::string name, size_t groups, size_t tags) {
    StoredDevice made{
        {std::move(name), "modbus-tcp", "pump", true, {{"host", "10.0.0.1"}}, {}}, "api", 7};
    for (size_t g = 0; g < groups; ++g) {
        auto& group = made.spec.groups.emplace_back();
        group.name = fmt::format("g{}", g);
        group.interval = milliseconds(250);
        for (size_t t = 0; t < tags; ++t)
            group.tags.push_back(tag(fmt::format("t{}", t), 0.5));
    }
    return made;
}

class Store : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        store_ = std::move(*DeviceStore::open(*database_));
    }
    void save(const StoredDevice& now, const StoredDevice* before = nullptr) {
        const auto done = store_->save(now, before, nullptr);
        ASSERT_TRUE(done) << done.error().text();
    }
    std::vector<StoredDevice> load() {
        auto loaded = store_->load();
        EXPECT_TRUE(loaded) << loaded.error().text();
        return loaded ? std::move(*loaded) : std::vector<StoredDevice>();
    }
    int64_t number(std::string_view sql) {
        int64_t found = -1;
        EXPECT_TRUE(database_->read([&](catalog::Session& session) -> Result<void> {
            found = HW_TRY(session.number(sql));
            return {};
        }));
        return found;
    }

    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<DeviceStore> store_;
};

TEST_F(Store, KeepsDevicesAsTheyAre) {
    auto one = device("works/b", 2, 3);
    one.spec.groups[1].tags[2] = {"odd \"name\"",
                                  "x",
                                  TagType::uint64,
                                  {true, true, true},
                                  -0.1,
                                  3,
                                  4.5,
                                  7,
                                  0.25,
                                  1.5,
                                  std::nullopt,
                                  1e300,
                                  "°C",
                                  "",
                                  "else/where"};
    one.spec.enabled = false;
    one.spec.settings.emplace_back("comment", "a, \"b\"\n");
    const auto two = device("works/a", 0, 0);
    save(one);
    save(two);
    const auto loaded = load();
    ASSERT_EQ(loaded.size(), 2u);
    EXPECT_EQ(loaded[0].spec, two.spec);
    EXPECT_EQ(loaded[1].spec, one.spec);
    EXPECT_EQ(loaded[1].origin, "api");
    EXPECT_EQ(loaded[1].revision, 7);
}

TEST_F(Store, AChangeOfOneTagWritesOneRow) {
    const auto before = device("works/a", 3, 50);
    save(before);
    auto now = before;
    now.spec.groups[1].tags[17].scale = 4;
    const int64_t changes = number("select total_changes()");
    save(now, &before);
    // The tag's row and the device's, which has the revision.
    EXPECT_EQ(number("select total_changes()") - changes, 2);
    EXPECT_EQ(load()[0].spec, now.spec);
}

TEST_F(Store, RemovingAndAppendingTagsLeavesOthersAlone) {
    const auto before = device("works/a", 1, 50);
    save(before);
    auto now = before;
    auto& tags = now.spec.groups[0].tags;
    tags.erase(tags.begin() + 10);
    tags.push_back(tag("last"));
    const int64_t changes = number("select total_changes()");
    save(now, &before);
    EXPECT_EQ(number("select total_changes()") - changes, 3);
    EXPECT_EQ(load()[0].spec, now.spec);
}

TEST_F(Store, AnyChangeLoadsAsItWasSaved) {
    Random random(1);
    StoredDevice now = device("works/a", 3, 6);
    save(now);
    for (int round = 0; round < 300; ++round) {
        const StoredDevice before = now;
        ++now.revision;
        for (uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
            auto& groups = now.spec.groups;
            const auto fresh = fmt::format("n{}", random.below(40));
            if (groups.empty() || random.chance(0.1)) {
                if (std::any_of(groups.begin(), groups.end(),
                                [&](const auto& group) { return group.name == fresh; }))
                    continue;
                groups.insert(
                    groups.begin() + static_cast<ptrdiff_t>(random.below(groups.size() + 1)),
                    {fresh, milliseconds(100), {tag("x"), tag("y")}});
                continue;
            }
            const size_t g = random.below(groups.size());
            auto& tags = groups[g].tags;
            switch (random.below(7)) {
                case 0:
                    groups.erase(groups.begin() + static_cast<ptrdiff_t>(g));
                    break;
                case 1:
                    groups[g].interval = milliseconds(static_cast<int64_t>(random.below(1000)));
                    break;
                case 2:
                    std::swap(groups[g], groups[random.below(groups.size())]);
                    break;
                case 3:
                    if (std::none_of(tags.begin(), tags.end(),
                                     [&](const auto& one) { return one.name == fresh; }))
                        tags.insert(
                            tags.begin() + static_cast<ptrdiff_t>(random.below(tags.size() + 1)),
                            tag(fresh));
                    break;
                case 4:
                    if (!tags.empty()) tags.erase(tags.begin());
                    break;
                case 5:
                    if (!tags.empty()) tags[random.below(tags.size())].description = fresh;
                    break;
                default:
                    now.spec.name = "works/" + fresh;
            }
        }
        save(now, &before);
        const auto loaded = load();
        ASSERT_EQ(loaded.size(), 1u);
        ASSERT_EQ(loaded[0].spec, now.spec) << "round " << round;
        ASSERT_EQ(loaded[0].revision, now.revision);
    }
}

TEST_F(Store, AFailingCommitKeepsNothing) {
    const auto before = device("works/a", 1, 2);
    save(before);
    auto now = before;
    now.spec.groups.clear();
    const auto done = store_->save(
        now, &before, []() -> Result<void> { return fail(ErrorCode::conflict, "no"); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text(), "no");
    EXPECT_EQ(load()[0].spec, before.spec);
    EXPECT_FALSE(store_->remove("works/a",
                                []() -> Result<void> { return fail(ErrorCode::conflict, "no"); }));
    EXPECT_EQ(load().size(), 1u);
}

TEST_F(Store, RemovesADeviceWithAllItHas) {
    save(device("works/a", 2, 5));
    save(device("works/b", 1, 5));
    ASSERT_TRUE(store_->remove("works/a", nullptr));
    EXPECT_EQ(number("select count(*) from tag"), 5);
    EXPECT_EQ(number("select count(*) from device_group"), 1);
    EXPECT_EQ(load().size(), 1u);
}

TEST_F(Store, ManyTagsComeAndGo) {
    const auto big = device("works/big", 100, 1000);
    save(big);
    EXPECT_EQ(load()[0].spec, big.spec);
}

TEST_F(Store, KeepsTemplates) {
    const Template what{"pump",
                        "a pump",
                        {{"host", "where", "10.0.0.1"}, {"port", "", {}}},
                        R"({"driver":"modbus-tcp"})"};
    ASSERT_TRUE(store_->save_template(what));
    ASSERT_TRUE(store_->save_template(what));
    const auto loaded = store_->load_templates();
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_THAT(*loaded, ElementsAre(what));
    EXPECT_TRUE(*store_->remove_template("pump"));
    EXPECT_FALSE(*store_->remove_template("pump"));
}

}  // namespace
}  // namespace hw::gateway
