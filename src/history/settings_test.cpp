#include "history/settings.h"

#include <gtest/gtest.h>

namespace hw::history {
namespace {

Result<Settings> load(std::vector<std::string> sets) {
    Config::Sources sources;
    sources.sets = std::move(sets);
    const Config config = HW_TRY(Config::load(properties, {&retention_table, 1}, sources));
    return settings_from(config);
}

TEST(HistorySettings, defaults_of_the_table_are_those_of_the_struct) {
    const auto read = load({});
    ASSERT_TRUE(read.has_value()) << read.error().text();
    const Settings built_in;
    EXPECT_EQ(read->ack, built_in.ack);
    EXPECT_EQ(read->commit_interval, built_in.commit_interval);
    EXPECT_EQ(read->commit_bytes, built_in.commit_bytes);
    EXPECT_EQ(read->queue_bytes_limit, built_in.queue_bytes_limit);
    EXPECT_EQ(read->chunk_samples, built_in.chunk_samples);
    EXPECT_EQ(read->journal_bytes_limit, built_in.journal_bytes_limit);
    EXPECT_EQ(read->head_bytes_limit, built_in.head_bytes_limit);
    EXPECT_EQ(read->cache_bytes, built_in.cache_bytes);
    EXPECT_EQ(read->memtable_bytes, built_in.memtable_bytes);
    EXPECT_EQ(read->points_limit, built_in.points_limit);
    EXPECT_EQ(read->disk_reserve_bytes, built_in.disk_reserve_bytes);
    EXPECT_EQ(read->text_bytes_limit, built_in.text_bytes_limit);
    EXPECT_EQ(read->query_threads, built_in.query_threads);
}

TEST(HistorySettings, values_are_read) {
    const auto read = load({"history.ack=memory", "history.chunk_samples=4096"});
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->ack, AckMode::memory);
    EXPECT_EQ(read->chunk_samples, 4096u);
    EXPECT_FALSE(load({"history.chunk_samples=1"}).has_value());
    EXPECT_FALSE(load({"history.ack=never"}).has_value());
}

}  // namespace
}  // namespace hw::history
