#include "history/journal.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/sim_disk.h"

namespace hw::history {
namespace {

using model::PointId;
using model::SampleBatch;

SampleBatch mixed_batch(uint64_t seed, size_t rows) {
    Random random(seed);
    SampleBatch batch;
    for (size_t i = 0; i < rows; ++i) {
        const PointId point{static_cast<uint32_t>(random.below(1000))};
        const Time time{static_cast<int64_t>(random.next())};
        const auto quality = random.chance(0.2) ? model::Quality::bad : model::Quality::good;
        switch (random.below(5)) {
            case 0:
                batch.add_bool(point, time, random.chance(0.5), quality);
                break;
            case 1:
                batch.add_int(point, time, static_cast<int64_t>(random.next()), quality);
                break;
            case 2:
                batch.add_text(point, time, std::string(random.below(30), 't'), quality);
                break;
            case 3:
                batch.add_bytes(point, time, std::string(random.below(30), '\0'), quality);
                break;
            default:
                batch.add_double(point, time, random.uniform(), quality);
        }
    }
    return batch;
}

void expect_same(const SampleBatch& a, const SampleBatch& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
        ASSERT_EQ(a.points()[i], b.points()[i]);
        ASSERT_EQ(a.sample(i), b.sample(i));
    }
}

// What a journal holds, by lsn.
struct Read {
    std::vector<uint64_t> lsns;
    std::vector<SampleBatch> batches;
    Journal::Damages damages;
};

struct Fixture {
    explicit Fixture(uint64_t seed, uint64_t segment_bytes = 1 << 20)
        : disk(seed), settings{"journal", segment_bytes} {}

    Read open() {
        journal = std::make_unique<Journal>(disk, settings);
        Read read;
        const auto replayed = journal->replay(
            [&](const Record& record, uint64_t) -> Result<void> {
                SampleBatch batch;
                HW_TRY(read_samples(record.body, batch));
                read.lsns.push_back(record.lsn);
                read.batches.push_back(std::move(batch));
                return {};
            },
            1, read.damages);
        EXPECT_TRUE(replayed.has_value());
        return read;
    }
    Result<void> write(const SampleBatch& batch) {
        HW_TRY(journal->prepare());
        write_samples_record(journal->buffer(), journal->next_header(), batch);
        HW_TRY(journal->flush());
        return journal->sync();
    }

    io::SimDisk disk;
    Journal::Settings settings;
    std::unique_ptr<Journal> journal;
};

TEST(JournalRecord, plant_batch_takes_about_ten_bytes_a_sample) {
    SampleBatch batch;
    for (uint32_t i = 0; i < 10'000; ++i)
        batch.add_double(PointId{i}, Time{1'700'000'000'000'000'000}, i * 0.5);
    std::string out;
    write_samples_record(out, {1, 1, 0}, batch);
    EXPECT_LT(out.size(), 10'000u * 10 + 100);
}

TEST(Journal, reads_back_what_it_wrote_over_segments) {
    Fixture f(1, 2000);
    EXPECT_TRUE(f.open().lsns.empty());
    for (uint64_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(f.write(mixed_batch(i, i * 7)).has_value());
        if (!f.journal->full()) continue;
        ASSERT_TRUE(f.journal->rotate().has_value());
    }
    EXPECT_GT(f.journal->segments().size(), 3u);
    const Read read = f.open();
    EXPECT_TRUE(read.damages.empty());
    ASSERT_EQ(read.batches.size(), 20u);
    for (uint64_t i = 0; i < 20; ++i)
        expect_same(read.batches[i], mixed_batch(i, i * 7));

    while (f.journal->segments().size() > 4)
        ASSERT_TRUE(f.journal->remove_oldest().has_value());
    const Read rest = f.open();
    EXPECT_TRUE(rest.damages.empty());
    EXPECT_LT(rest.lsns.size(), 20u);
    EXPECT_EQ(rest.lsns.back(), 20u);
}

TEST(Journal, leaves_out_a_torn_tail) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
        Fixture f(seed);
        f.open();
        ASSERT_TRUE(f.write(mixed_batch(1, 50)).has_value());
        write_samples_record(f.journal->buffer(), f.journal->next_header(), mixed_batch(2, 50));
        ASSERT_TRUE(f.journal->flush().has_value());
        f.disk.crash();
        const Read read = f.open();
        EXPECT_TRUE(read.damages.empty()) << "seed " << seed << ": " << read.damages[0];
        ASSERT_GE(read.batches.size(), 1u);
        expect_same(read.batches[0], mixed_batch(1, 50));
        ASSERT_TRUE(f.write(mixed_batch(3, 5)).has_value());
        const Read again = f.open();
        EXPECT_TRUE(again.damages.empty());
        EXPECT_EQ(again.batches.size(), read.batches.size() + 1);
    }
}

TEST(Journal, reports_damage_in_the_middle_and_reads_on) {
    Fixture f(1);
    f.open();
    for (uint64_t i = 0; i < 3; ++i)
        ASSERT_TRUE(f.write(mixed_batch(i, 50)).has_value());
    const std::string path = f.journal->path_of(f.journal->current_segment());
    f.disk.damage(path, segment_header_bytes + 100);
    const Read read = f.open();
    ASSERT_EQ(read.damages.size(), 1u);
    EXPECT_NE(read.damages[0].find("lacks the records 1 to 1"), std::string::npos);
    EXPECT_EQ(read.lsns, (std::vector<uint64_t>{2, 3}));
}

TEST(Journal, reports_a_lost_end_of_a_closed_segment) {
    Fixture f(1);
    f.open();
    for (uint64_t i = 0; i < 2; ++i)
        ASSERT_TRUE(f.write(mixed_batch(i, 50)).has_value());
    const std::string path = f.journal->path_of(f.journal->current_segment());
    ASSERT_TRUE(f.journal->rotate().has_value());
    ASSERT_TRUE(f.write(mixed_batch(9, 5)).has_value());
    f.disk.damage(path, f.disk.read(path)->size() - 10);
    const Read read = f.open();
    ASSERT_EQ(read.damages.size(), 1u);
    EXPECT_NE(read.damages[0].find("lacks the records 2 to 2"), std::string::npos);
    EXPECT_EQ(read.lsns, (std::vector<uint64_t>{1, 3}));
}

TEST(Journal, what_failed_never_comes_back) {
    Fixture f(1);
    f.open();
    ASSERT_TRUE(f.write(mixed_batch(1, 10)).has_value());
    f.disk.set_faults({.append_fails = 0, .sync_fails = 1});
    EXPECT_FALSE(f.write(mixed_batch(2, 10)).has_value());
    EXPECT_FALSE(f.write(mixed_batch(3, 10)).has_value());
    f.disk.set_faults({});
    ASSERT_TRUE(f.write(mixed_batch(4, 10)).has_value());
    const Read read = f.open();
    EXPECT_TRUE(read.damages.empty());
    ASSERT_EQ(read.batches.size(), 2u);
    expect_same(read.batches[1], mixed_batch(4, 10));
}

}  // namespace
}  // namespace hw::history
