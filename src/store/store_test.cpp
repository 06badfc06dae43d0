#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "store/memory_store.h"
#include "store/rocks_store.h"

namespace hw::store {
namespace {

void check_store(Store& store) {
    auto batch = store.make_batch();
    for (const char* key : {"a", "b", "c", "d"})
        batch->put(Family::chunks, key, key);
    batch->put(Family::meta, "a", "meta");
    EXPECT_GT(batch->bytes(), 0u);
    ASSERT_TRUE(store.write(*batch).has_value());
    const std::array families = {Family::chunks, Family::meta};
    auto cursors = store.cursors(families);
    batch->clear();
    batch->remove(Family::chunks, "a");
    batch->remove_range(Family::chunks, "b", "d");
    ASSERT_TRUE(store.write(*batch).has_value());
    ASSERT_TRUE(store.sync().has_value());

    cursors[0]->seek("b");
    ASSERT_TRUE(cursors[0]->valid());
    EXPECT_EQ(cursors[0]->value(), "b");
    cursors[0]->prev();
    EXPECT_EQ(cursors[0]->key(), "a");
    cursors[1]->seek("");
    EXPECT_EQ(cursors[1]->value(), "meta");

    auto after = store.cursor(Family::chunks);
    after->seek("");
    ASSERT_TRUE(after->valid());
    EXPECT_EQ(after->key(), "d");
    after->next();
    EXPECT_FALSE(after->valid());
    after->seek_for_prev("z");
    EXPECT_EQ(after->key(), "d");
    after->seek_for_prev("c");
    EXPECT_FALSE(after->valid());
    EXPECT_TRUE(after->status().has_value());
    EXPECT_EQ(store.get(Family::chunks, "d").value(), "d");
    EXPECT_EQ(store.get(Family::chunks, "a").value(), std::nullopt);
    EXPECT_TRUE(store.compact().has_value());
}

struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / "hw_store_XXXXXX") {
        EXPECT_NE(mkdtemp(path.data()), nullptr);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

TEST(MemoryStore, keeps_rows) {
    MemoryStore store(1);
    check_store(store);
}

TEST(MemoryStore, crash_loses_only_unsynced_writes_from_one_on) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        MemoryStore store(seed);
        auto batch = store.make_batch();
        for (int i = 0; i < 10; ++i) {
            batch->clear();
            batch->put(Family::meta, std::to_string(i), "x");
            ASSERT_TRUE(store.write(*batch).has_value());
            if (i == 4) {
                EXPECT_TRUE(store.sync().has_value());
            }
        }
        store.crash();
        bool gone = false;
        for (int i = 0; i < 10; ++i) {
            const bool there = store.get(Family::meta, std::to_string(i)).value().has_value();
            EXPECT_TRUE(there || i > 4);
            EXPECT_FALSE(there && gone);
            gone = gone || !there;
        }
    }
}

TEST(RocksStore, keeps_rows_over_reopening_and_in_checkpoints) {
    const Folder folder;
    {
        auto store = open_rocks_store(folder.path + "/s", {});
        ASSERT_TRUE(store.has_value()) << store.error().text();
        check_store(**store);
        ASSERT_TRUE((*store)->checkpoint(folder.path + "/copy").has_value());
        const auto second = open_rocks_store(folder.path + "/s", {});
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code(), ErrorCode::unavailable);
    }
    for (const char* name : {"/s", "/copy"}) {
        auto store = open_rocks_store(folder.path + name, {}).value();
        EXPECT_EQ(store->get(Family::chunks, "d").value(), "d");
        EXPECT_EQ(store->get(Family::meta, "a").value(), "meta");
        EXPECT_GT(store->disk_bytes(Family::chunks), 0u);
    }
}

}  // namespace
}  // namespace hw::store
