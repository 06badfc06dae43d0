#include "store/segment_log.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "io/sim_disk.h"

namespace hw::store {
namespace {

SegmentLogSettings small(uint64_t limit = 256 << 10) {
    return {.folder = "log", .bytes_limit = limit, .segment_bytes = 4 << 10};
}

std::string body_of(uint64_t position, size_t size = 100) {
    std::string body = "record " + std::to_string(position) + " ";
    body.resize(size, static_cast<char>('a' + position % 26));
    return body;
}

uint64_t append(SegmentLog& log, size_t count, size_t size = 100) {
    std::vector<std::string> bodies;
    for (size_t i = 0; i < count; ++i)
        bodies.push_back(body_of(log.end() + i, size));
    const std::vector<std::string_view> views(bodies.begin(), bodies.end());
    const auto first = log.append(views);
    EXPECT_TRUE(first) << first.error().text();
    return first.value_or(0);
}

// All from `from` on, checked to be whole and in order.
std::vector<uint64_t> positions(SegmentLog& log, uint64_t from, uint64_t* lost = nullptr,
                                size_t rows = 7) {
    std::vector<uint64_t> found;
    while (from < log.end()) {
        const auto read = log.read(from, rows, 64 << 10);
        EXPECT_TRUE(read) << read.error().text();
        if (!read) break;
        EXPECT_GT(read->next, from);
        EXPECT_LE(read->records.size(), rows);
        for (const auto& record : read->records) {
            EXPECT_EQ(record.body, body_of(record.position, record.body.size()));
            EXPECT_TRUE(found.empty() || found.back() < record.position);
            EXPECT_GE(record.position, from);
            found.push_back(record.position);
        }
        if (lost != nullptr) *lost += read->lost;
        from = read->next;
    }
    return found;
}

std::vector<std::string> files(io::SimDisk& disk) {
    return disk.list("log").value();
}

TEST(SegmentLog, gives_back_what_was_appended_in_order) {
    io::SimDisk disk(1);
    SegmentLog log(disk, small());
    ASSERT_TRUE(log.open()->clean());
    EXPECT_EQ(append(log, 3), 1u);
    for (uint64_t i = 0; i < 4; ++i)
        EXPECT_EQ(append(log, 50), 4u + i * 50);
    EXPECT_EQ(log.records(), 203u);
    EXPECT_GT(log.segments(), 1u);
    EXPECT_EQ(positions(log, 1).size(), 203u);
    EXPECT_EQ(positions(log, 100).front(), 100u);
    EXPECT_EQ(positions(log, 60).size(), 144u);  // back again
    EXPECT_TRUE(log.read(204, 10, 1000)->records.empty());
}

TEST(SegmentLog, a_restart_finds_records_and_goes_on_behind_them) {
    io::SimDisk disk(1);
    {
        SegmentLog log(disk, small());
        ASSERT_TRUE(log.open());
        append(log, 100);
        log.trim(31);
        ASSERT_TRUE(log.sync());
    }
    SegmentLog log(disk, small());
    ASSERT_TRUE(log.open()->clean());
    EXPECT_EQ(log.begin(), 31u);
    EXPECT_EQ(append(log, 5), 101u);
    EXPECT_EQ(positions(log, 0).front(), 31u);
    EXPECT_EQ(positions(log, 0).size(), 75u);
}

TEST(SegmentLog, positions_survive_when_everything_is_trimmed) {
    io::SimDisk disk(1);
    {
        SegmentLog log(disk, small());
        ASSERT_TRUE(log.open());
        append(log, 100);
        log.trim(101);
        append(log, 1);
        log.trim(102);
        ASSERT_TRUE(log.sync());
        EXPECT_EQ(files(disk).size(), 1u);
    }
    {
        SegmentLog log(disk, small());
        ASSERT_TRUE(log.open()->clean());
        EXPECT_EQ(log.records(), 0u);
        EXPECT_EQ(append(log, 1), 102u);
    }
    SegmentLog log(disk, small());
    ASSERT_TRUE(log.open(500)->clean());
    EXPECT_EQ(append(log, 1), 500u);
    uint64_t lost = 0;
    EXPECT_EQ(positions(log, 0, &lost), (std::vector<uint64_t>{102, 500}));
    EXPECT_EQ(lost, 0u);
}

TEST(SegmentLog, says_so_at_its_limit_and_takes_more_when_room_is_made) {
    io::SimDisk disk(1);
    SegmentLog log(disk, small(64 << 10));
    ASSERT_TRUE(log.open());
    const std::string body = body_of(1, 1000);
    const std::string_view one[] = {body};
    size_t taken = 0;
    Result<uint64_t> appended;
    while ((appended = log.append(one)))
        ++taken;
    EXPECT_EQ(appended.error().code(), ErrorCode::limit_exceeded);
    EXPECT_LE(disk.used_bytes(), 64u << 10);
    EXPECT_GT(taken, 55u);
    EXPECT_EQ(log.end(), taken + 1);
    const uint64_t dropped = log.drop_oldest();
    EXPECT_EQ(dropped, 4u);
    EXPECT_EQ(log.begin(), dropped + 1);
    EXPECT_TRUE(log.append(one));
    const std::string huge(70 << 10, 'x');
    const std::string_view too_long[] = {huge};
    EXPECT_EQ(log.append(too_long).error().code(), ErrorCode::invalid_argument);
}

TEST(SegmentLog, drops_a_log_of_one_segment_as_a_whole) {
    io::SimDisk disk(1);
    SegmentLog log(disk, small());
    ASSERT_TRUE(log.open());
    EXPECT_EQ(log.drop_oldest(), 0u);
    append(log, 5);
    log.trim(2);
    EXPECT_EQ(log.drop_oldest(), 4u);
    EXPECT_EQ(append(log, 1), 6u);
    EXPECT_EQ(positions(log, 0), std::vector<uint64_t>{6});
    ASSERT_TRUE(log.sync());
    EXPECT_EQ(files(disk).size(), 1u);
}

TEST(SegmentLog, a_record_longer_than_a_reading_window_is_read) {
    io::SimDisk disk(1);
    SegmentLog log(disk, {.folder = "log", .bytes_limit = 64 << 20, .segment_bytes = 4 << 20});
    ASSERT_TRUE(log.open());
    append(log, 1, 600 << 10);
    append(log, 20, 100 << 10);
    append(log, 2, 1 << 20);
    EXPECT_EQ(positions(log, 1, nullptr, 1).size(), 23u);
    EXPECT_EQ(log.read(1, 100, 1)->records.size(), 1u);
}

TEST(SegmentLog, loses_only_what_is_broken_and_counts_it) {
    io::SimDisk disk(1);
    {
        SegmentLog log(disk, small());
        ASSERT_TRUE(log.open());
        for (int i = 0; i < 10; ++i)
            append(log, 10);
    }
    const auto names = files(disk);
    ASSERT_GE(names.size(), 3u);
    const uint64_t frame = log_record_head_bytes + 2 + 100;
    disk.damage("log/" + names[0], 10);                                         // its header
    disk.damage("log/" + names[1], log_segment_header_bytes + 3 * frame + 50);  // the 4th
    disk.damage("log/" + names[1], log_segment_header_bytes + 5 * frame + 5);   // the 6th's length
    SegmentLog log(disk, small());
    const auto repair = log.open();
    ASSERT_TRUE(repair);
    EXPECT_EQ(repair->lost_records, 2u);
    EXPECT_EQ(repair->cut_bytes, 0u);
    EXPECT_EQ(repair->skipped_bytes, log_segment_header_bytes + 2 * frame);
    uint64_t lost = 0;
    EXPECT_EQ(positions(log, 1, &lost).size(), 98u);
    EXPECT_EQ(lost, 2u);
    EXPECT_EQ(append(log, 1), 101u);
}

TEST(SegmentLog, a_segment_that_is_gone_is_counted) {
    io::SimDisk disk(1);
    {
        SegmentLog log(disk, small());
        ASSERT_TRUE(log.open());
        for (int i = 0; i < 10; ++i)
            append(log, 10);
    }
    const auto names = files(disk);
    ASSERT_GE(names.size(), 3u);
    ASSERT_TRUE(disk.remove("log/" + names[1]));
    SegmentLog log(disk, small());
    const auto repair = log.open();
    uint64_t lost = 0;
    const size_t found = positions(log, 1, &lost).size();
    EXPECT_GT(lost, 0u);
    EXPECT_EQ(found + lost, 100u);
    EXPECT_EQ(repair->lost_records, lost);
}

TEST(SegmentLog, foreign_files_are_left_alone) {
    io::SimDisk disk(1);
    ASSERT_TRUE(disk.make_folder("log"));
    for (const char* name : {"log/notes.txt", "log/000000000000000x-0000000000000001.log"})
        ASSERT_TRUE(disk.create(name));
    SegmentLog log(disk, small());
    EXPECT_TRUE(log.open()->clean());
    append(log, 1);
    EXPECT_EQ(files(disk).size(), 3u);
}

TEST(SegmentLog, a_failing_disk_costs_the_batch_and_says_so) {
    size_t failed = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        io::SimDisk disk(seed);
        disk.set_faults({.append_fails = 0.3, .sync_fails = 0.2});
        std::map<uint64_t, std::string> kept;
        SegmentLogSettings settings = small();
        settings.sync_each = seed % 2 == 0;
        SegmentLog log(disk, settings);
        ASSERT_TRUE(log.open());
        for (int i = 0; i < 60; ++i) {
            const std::string body = "batch " + std::to_string(i);
            const std::string_view views[] = {body, body};
            const auto first = log.append(views);
            if (!first) {
                ++failed;
                continue;
            }
            EXPECT_EQ(*first, kept.empty() ? 1 : kept.rbegin()->first + 1);
            kept[*first] = kept[*first + 1] = body;
        }
        // What failed is not there in this life, nor in the next.
        for (int life = 0; life < 2; ++life) {
            SegmentLog again(disk, settings);
            if (life == 1) {
                ASSERT_TRUE(again.open());
            }
            SegmentLog& reading = life == 0 ? log : again;
            std::map<uint64_t, std::string> found;
            for (uint64_t from = 1; from < reading.end();) {
                const auto read = reading.read(from, 9, 1000);
                ASSERT_TRUE(read);
                EXPECT_EQ(read->lost, 0u);
                for (const auto& record : read->records)
                    found[record.position] = record.body;
                from = read->next;
            }
            for (const auto& [position, body] : kept)
                EXPECT_EQ(found[position], body) << "seed " << seed << " life " << life;
            // A batch may be there whose failure was all that the process had time to hear of.
            EXPECT_LE(found.size(), kept.size() + (life == 1 ? 2 : 0));
        }
    }
    EXPECT_GT(failed, 20u);
}

// Lives of a process that is killed, or loses its power, at random points.
void live(uint64_t seed, bool power_fails) {
    io::SimDisk disk(seed);
    Random random(seed);
    uint64_t synced_end = 1, known_end = 1, done = 1;
    for (int life = 0; life < 12; ++life) {
        SegmentLog log(disk, small());
        const auto repair = log.open();
        ASSERT_TRUE(repair);
        // A power loss takes the end only, never the middle.
        EXPECT_EQ(repair->lost_records, 0u) << "seed " << seed;
        EXPECT_GE(log.end(), power_fails ? synced_end : known_end) << "seed " << seed;
        EXPECT_LE(log.end(), known_end);
        EXPECT_LE(log.begin(), std::max(done, log.end()));
        const auto found = positions(log, 0);
        EXPECT_EQ(found.size(), log.records()) << "seed " << seed << " life " << life;
        known_end = log.end();
        synced_end = std::min(synced_end, known_end);
        done = log.begin();
        for (uint64_t step = random.below(40); step > 0; --step) {
            const uint64_t what = random.below(10);
            if (what < 6) {
                append(log, 1 + random.below(12), 1 + random.below(300));
                known_end = log.end();
            } else if (what < 8) {
                done = log.begin() + random.below(log.records() + 1);
                log.trim(done);
                if (what == 7) {
                    ASSERT_TRUE(log.save_trim());
                }
            } else if (what == 8) {
                ASSERT_TRUE(log.sync());
                synced_end = known_end;
            } else {
                positions(log, log.begin(), nullptr, 1 + random.below(20));
            }
        }
        if (power_fails) disk.crash();
    }
}

TEST(SegmentLog, kills_at_random_points_lose_nothing) {
    for (uint64_t seed = 1; seed <= 150; ++seed)
        live(seed, false);
}

TEST(SegmentLog, power_losses_at_random_points_lose_only_what_was_not_synced) {
    for (uint64_t seed = 1; seed <= 150; ++seed)
        live(seed, true);
}

// A file cut at every byte reads as its whole records.
TEST(SegmentLog, a_torn_tail_is_cut_wherever_it_tears) {
    io::SimDisk whole(1);
    {
        SegmentLog log(whole, small());
        ASSERT_TRUE(log.open());
        append(log, 4, 30);
    }
    const std::string name = "log/" + files(whole).front();
    const std::string content = whole.read(name).value();
    for (size_t size = 0; size <= content.size(); ++size) {
        io::SimDisk disk(1);
        ASSERT_TRUE(disk.make_folder("log"));
        ASSERT_TRUE(disk.create(name).value()->append(as_bytes(content.substr(0, size))));
        SegmentLog log(disk, small());
        const auto repair = log.open();
        const size_t frame = log_record_head_bytes + 2 + 30;
        const size_t left =
            size < log_segment_header_bytes ? 0 : (size - log_segment_header_bytes) / frame;
        EXPECT_EQ(log.records(), left) << size;
        EXPECT_EQ(repair->lost_records, 0u);
        EXPECT_EQ(repair->cut_bytes, size < log_segment_header_bytes
                                         ? size
                                         : (size - log_segment_header_bytes) % frame);
        EXPECT_EQ(append(log, 2, 30), left + 1);
        EXPECT_EQ(positions(log, 1).size(), left + 2);
        SegmentLog again(disk, small());
        ASSERT_TRUE(again.open());
        EXPECT_EQ(positions(again, 1).size(), left + 2);
    }
}

}  // namespace
}  // namespace hw::store
