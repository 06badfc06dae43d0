#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "io/sim_disk.h"
#include "store/segment_log.h"

// Any bytes as segments: bare, behind a sound header, and as the payload of frames whose checks
// hold. A log over them opens, reads to its end, takes records and reads them back.
namespace hw {
namespace {

std::string frame_of(const std::string& payload, uint64_t segment) {
    std::string out;
    ByteWriter writer(out);
    writer.text("HWSR");
    writer.little(static_cast<uint32_t>(payload.size()));
    writer.little(XXH3_64bits_withSeed(payload.data(), payload.size(), segment));
    writer.text(payload);
    return out;
}

uint64_t read_all(store::SegmentLog& log) {
    uint64_t records = 0;
    for (uint64_t from = log.begin(); from < log.end();) {
        const auto read = log.read(from, 3, 1000);
        HW_ASSERT(read && read->next > from && read->next <= log.end());
        for (const auto& record : read->records)
            HW_ASSERT(record.position >= from && record.position < read->next);
        records += read->records.size();
        from = read->next;
    }
    return records;
}

void put(io::SimDisk& disk, const std::string& name, const std::string& content) {
    auto file = disk.create("log/" + name);
    HW_ASSERT(file && (*file)->append(as_bytes(content)));
}

void check(const std::string& bytes) {
    io::SimDisk disk(1);
    HW_ASSERT(disk.make_folder("log"));
    put(disk, "0000000000000001-0000000000000001.log", bytes);
    std::string second;
    store::write_log_segment_header(second, {2, 9, 8, 3});
    put(disk, "0000000000000002-0000000000000009.log", second + bytes);
    std::string third;
    store::write_log_segment_header(third, {3, 20, 20, 3});
    for (size_t cut = 0; cut <= 2; ++cut)
        third += frame_of(bytes.substr(bytes.size() * cut / 3), 3) + bytes.substr(0, 7);
    put(disk, "0000000000000003-0000000000000014.log", third);
    for (int life = 0; life < 2; ++life) {
        store::SegmentLog log(disk, {.folder = "log", .bytes_limit = 1 << 20});
        HW_ASSERT(log.open());
        const uint64_t before = read_all(log);
        HW_ASSERT(before <= log.records());
        const std::string_view record = "one more";
        HW_ASSERT(log.append({&record, 1}));
        HW_ASSERT(read_all(log) == before + 1);
        log.trim(log.begin() + log.records() / 2);
        HW_ASSERT(log.sync());
    }
}

}  // namespace
}  // namespace hw

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    hw::check(std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
