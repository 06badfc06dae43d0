#include "history/history.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

namespace hw::history {
namespace {

using model::PointId;
using model::SampleBatch;

struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / "hw_history_XXXXXX") {
        EXPECT_NE(mkdtemp(path.data()), nullptr);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

Settings small_settings() {
    Settings settings;
    settings.disk_reserve_bytes = 0;
    settings.chunk_samples = 128;
    return settings;
}

// A historian over a folder, with what it needs.
struct Site {
    explicit Site(const std::string& folder, const Settings& settings = small_settings())
        : points(1000) {
        auto opened = History::open(settings, folder, points, clock, metrics);
        EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().text());
        history = std::move(*opened);
    }
    Result<void> commit(SampleBatch batch) {
        std::promise<Result<void>> done;
        history->submit(std::move(batch), [&](const Result<void>& r) { done.set_value(r); });
        return done.get_future().get();
    }
    std::vector<double> read(const std::string& path, RawQuery query = {}) {
        query.points = {points.find(path).value()};
        if (query.to.ns == 0) query.to = Time{INT64_MAX};
        std::vector<double> values;
        const auto read = history->raw(query, [&](const SampleBatch& rows) {
            for (size_t i = 0; i < rows.size(); ++i)
                values.push_back(std::get<double>(rows.sample(i).value));
            return true;
        });
        EXPECT_TRUE(read.has_value());
        return values;
    }

    SystemClock clock;
    Metrics metrics;
    model::PointDirectory points;
    std::unique_ptr<History> history;
};

SampleBatch ramp(Site& site, const std::string& path, int from, int to) {
    SampleBatch batch;
    const PointId point = site.points.intern(path).value();
    for (int i = from; i < to; ++i)
        batch.add_double(point, Time{i * 1'000'000'000LL}, i);
    return batch;
}

std::vector<double> numbers(int from, int to) {
    std::vector<double> values;
    for (int i = from; i < to; ++i)
        values.push_back(i);
    return values;
}

TEST(History, keeps_samples_over_reopening) {
    const Folder folder;
    {
        Site site(folder.path);
        ASSERT_TRUE(site.commit(ramp(site, "a/b", 0, 1000)).has_value());
        ASSERT_TRUE(site.commit(ramp(site, "a/c", 0, 10)).has_value());
        EXPECT_EQ(site.read("a/b"), numbers(0, 1000));
    }
    Site site(folder.path);
    EXPECT_EQ(site.points.size(), 2u);
    EXPECT_EQ(site.read("a/b"), numbers(0, 1000));
    EXPECT_EQ(site.read("a/c"), numbers(0, 10));
    const auto state = site.history->point_state(site.points.find("a/b").value());
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->count, 1000u);
    EXPECT_EQ(state->last.value, model::Value(999.0));
    EXPECT_EQ(state->first_time, Time{0});
    EXPECT_FALSE(site.history->point_state(PointId{7}).has_value());
}

TEST(History, reads_limits_and_newest_first_over_chunks_and_heads) {
    const Folder folder;
    Site site(folder.path);
    ASSERT_TRUE(site.commit(ramp(site, "p", 0, 500)).has_value());
    ASSERT_TRUE(site.history->settle().has_value());
    ASSERT_TRUE(site.commit(ramp(site, "p", 500, 520)).has_value());
    EXPECT_EQ(site.read("p", {.points = {}, .from = Time{0}, .to = Time{0}, .limit = 5}),
              numbers(0, 5));
    auto newest = site.read(
        "p", {.points = {}, .from = Time{0}, .to = Time{0}, .limit = 30, .newest_first = true});
    std::reverse(newest.begin(), newest.end());
    EXPECT_EQ(newest, numbers(490, 520));
    EXPECT_EQ(
        site.read("p", {.points = {}, .from = Time{100'000'000'000}, .to = Time{200'000'000'000}}),
        numbers(100, 200));
}

TEST(History, keeps_units_and_backs_up) {
    const Folder folder;
    {
        Site site(folder.path + "/live");
        ASSERT_TRUE(site.commit(ramp(site, "p", 0, 300)).has_value());
        ASSERT_TRUE(site.history->settle().has_value());
        ASSERT_TRUE(site.commit(ramp(site, "p", 300, 310)).has_value());
        site.history->describe(site.points.find("p").value(), "m3/h");
        ASSERT_TRUE(site.history->settle().has_value());
        ASSERT_TRUE(site.history->settle().has_value());
        ASSERT_TRUE(site.history->backup(folder.path + "/copy").has_value());
        EXPECT_EQ(site.history->backup(folder.path + "/copy").error().code(), ErrorCode::conflict);
        using std::filesystem::perms;
        const auto mode = [&](const std::string& of) {
            return std::filesystem::status(folder.path + "/copy" + of).permissions();
        };
        EXPECT_EQ(mode(""), perms::owner_all);
        EXPECT_EQ(mode("/store"), perms::owner_all);
        EXPECT_EQ(mode("/backup.list"), perms::owner_read | perms::owner_write);
        ASSERT_TRUE(site.commit(ramp(site, "p", 310, 320)).has_value());
    }
    ASSERT_TRUE(restore_backup(folder.path + "/copy", folder.path + "/back").has_value());
    EXPECT_EQ(restore_backup(folder.path + "/copy", folder.path + "/back").error().code(),
              ErrorCode::conflict);
    Site site(folder.path + "/back");
    EXPECT_EQ(site.read("p"), numbers(0, 310));
    EXPECT_EQ(site.history->point_state(PointId{0})->unit, "m3/h");
    std::filesystem::remove(folder.path + "/copy/backup.list");
    EXPECT_EQ(restore_backup(folder.path + "/copy", folder.path + "/no").error().code(),
              ErrorCode::corrupt);
}

TEST(History, drops_samples_for_good) {
    const Folder folder;
    {
        Site site(folder.path);
        ASSERT_TRUE(site.commit(ramp(site, "p", 0, 500)).has_value());
        const auto dropped = site.history->drop("#", Time{100'000'000'000}, Time{450'000'000'000});
        ASSERT_TRUE(dropped.has_value());
        EXPECT_GT(*dropped, 0u);
    }
    Site site(folder.path);
    auto expected = numbers(0, 100);
    for (const double value : numbers(450, 500))
        expected.push_back(value);
    EXPECT_EQ(site.read("p"), expected);
    EXPECT_EQ(site.history->point_state(PointId{0})->count, 150u);
}

TEST(History, refuses_samples_when_the_disk_is_full) {
    const Folder folder;
    Settings settings = small_settings();
    settings.disk_reserve_bytes = UINT64_MAX / 4;
    Site site(folder.path, settings);
    std::promise<Health> seen;
    bool first = true;
    site.history->on_health([&](Health health, const std::string&) {
        EXPECT_EQ(site.history->health(nullptr), health);  // calling back is allowed
        if (std::exchange(first, false)) seen.set_value(health);
    });
    EXPECT_EQ(site.commit(ramp(site, "p", 0, 5)).error().code(), ErrorCode::no_space);
    EXPECT_EQ(seen.get_future().get(), Health::disk_full);
    std::string reason;
    EXPECT_EQ(site.history->health(&reason), Health::disk_full);
    EXPECT_NE(reason.find("history.disk_reserve"), std::string::npos);
    EXPECT_TRUE(site.read("p").empty());
}

TEST(History, retention_removes_old_chunks) {
    const Folder folder;
    Settings settings = small_settings();
    settings.retention = {{"keep/#", Duration{0}}, {"#", seconds(3600)}};
    Site site(folder.path, settings);
    ASSERT_TRUE(site.commit(ramp(site, "keep/p", 0, 300)).has_value());
    ASSERT_TRUE(site.commit(ramp(site, "old", 0, 300)).has_value());
    SampleBatch fresh;
    fresh.add_double(site.points.find("old").value(), site.clock.now(), 1);
    ASSERT_TRUE(site.commit(std::move(fresh)).has_value());
    ASSERT_TRUE(site.history->settle().has_value());  // applies retention, too
    EXPECT_EQ(site.read("keep/p"), numbers(0, 300));
    // Whole chunks only: that of the fresh sample has up to half as much again as others, by when
    // the old ones were sealed.
    EXPECT_LE(site.read("old").size(), settings.chunk_samples * 3 / 2);
    EXPECT_EQ(site.history->point_state(site.points.find("keep/p").value())->count, 300u);
}

TEST(History, refuses_texts_over_the_limit_alone) {
    const Folder folder;
    Settings settings = small_settings();
    settings.text_bytes_limit = 100;
    Site site(folder.path, settings);
    const PointId point = site.points.intern("t").value();
    SampleBatch large;
    large.add_text(point, Time{1}, std::string(101, 'x'));
    EXPECT_EQ(site.commit(std::move(large)).error().code(), ErrorCode::limit_exceeded);
    SampleBatch small;
    small.add_text(point, Time{1}, std::string(100, 'x'));
    EXPECT_TRUE(site.commit(std::move(small)).has_value());
    EXPECT_EQ(site.history->point_state(point)->last.value, model::Value(std::string(100, 'x')));
}

TEST(History, taps_see_committed_batches_in_order) {
    const Folder folder;
    Site site(folder.path);
    std::vector<size_t> sizes;
    std::vector<size_t> groups;
    site.history->add_tap([&](const SampleBatch& batch) { sizes.push_back(batch.size()); });
    site.history->add_group_tap([&](std::span<const SampleBatch* const> batches) {
        for (const SampleBatch* batch : batches)
            groups.push_back(batch->size());
    });
    for (int i = 1; i <= 5; ++i)
        ASSERT_TRUE(site.commit(ramp(site, "p", 0, i)).has_value());
    EXPECT_EQ(sizes, (std::vector<size_t>{1, 2, 3, 4, 5}));
    // Before the answers, so no waiting for the last.
    EXPECT_EQ(groups, sizes);
    EXPECT_FALSE(site.history->overloaded());
    EXPECT_EQ(site.history->figures().samples_committed, 15u);
}

TEST(History, memory_acknowledgement_still_keeps) {
    const Folder folder;
    Settings settings = small_settings();
    settings.ack = AckMode::memory;
    {
        Site site(folder.path, settings);
        for (int i = 0; i < 1000; i += 100)
            ASSERT_TRUE(site.commit(ramp(site, "p", i, i + 100)).has_value());
    }
    Site site(folder.path, settings);
    EXPECT_EQ(site.read("p"), numbers(0, 1000));
}

// While samples are committed and sealed, a reader sees each once: all that was acknowledged when
// it asked, and nothing out of turn.
TEST(History, reads_are_whole_while_chunks_are_sealed) {
    const Folder folder;
    Settings settings = small_settings();
    settings.chunk_samples = 64;
    Site site(folder.path, settings);
    ASSERT_TRUE(site.commit(ramp(site, "p", 0, 10)).has_value());
    std::atomic<int> acknowledged = 10;
    std::atomic<bool> over = false;
    std::thread reader([&] {
        while (!over) {
            const auto least = static_cast<size_t>(acknowledged.load());
            const auto found = site.read("p");
            EXPECT_GE(found.size(), least);
            EXPECT_EQ(found, numbers(0, static_cast<int>(found.size())));
            AggregateQuery query;
            query.points = {PointId{0}};
            query.from = Time{0};
            query.to = Time{INT64_MAX};
            query.every = seconds(1'000'000);
            query.aggregates = {Aggregate::count, Aggregate::sum};
            const auto buckets = site.history->aggregate(query);
            ASSERT_TRUE(buckets.has_value());
            const double count = buckets->at(0).values[0].at(0);
            EXPECT_GE(count, static_cast<double>(least));
            EXPECT_EQ(buckets->at(0).values[1].at(0), count * (count - 1) / 2);
        }
    });
    for (int i = 10; i < 8000; i += 40) {
        ASSERT_TRUE(site.commit(ramp(site, "p", i, i + 40)).has_value());
        acknowledged = i + 40;
    }
    over = true;
    reader.join();
}

// The child tells each acknowledged batch through a pipe until it is killed.
[[noreturn]] void write_until_killed(const std::string& folder, int out) {
    Site site(folder);
    for (int i = 0;; i += 100) {
        if (!site.commit(ramp(site, "p", i, i + 100)).has_value()) _exit(1);
        const int acknowledged = i + 100;
        if (write(out, &acknowledged, sizeof acknowledged) != sizeof acknowledged) _exit(1);
    }
}

TEST(History, keeps_what_it_acknowledged_when_killed) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the thread sanitizer cannot follow a fork of a process with threads";
#endif
    const Folder folder;
    for (int round = 1; round <= 3; ++round) {
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) write_until_killed(folder.path, ends[1]);
        close(ends[1]);
        int acknowledged = 0;
        while (acknowledged < round * 4000 &&
               read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
        }
        ASSERT_EQ(kill(child, SIGKILL), 0);
        while (read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
        }
        close(ends[0]);
        ASSERT_EQ(waitpid(child, nullptr, 0), child);
        ASSERT_GE(acknowledged, round * 4000);
        Site site(folder.path);
        const auto found = site.read("p");
        ASSERT_GE(found.size(), static_cast<size_t>(acknowledged));
        EXPECT_EQ(found, numbers(0, static_cast<int>(found.size())));
    }
}

}  // namespace
}  // namespace hw::history
