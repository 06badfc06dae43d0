#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "ingest/batch_columns.h"
#include "model/sample_batch.h"

namespace hw::upstream {

// Bytes of the queue's segments: docs/formats/upstream_queue.md. No I/O here.
struct SegmentHeader {
    uint64_t number = 0;
    uint64_t first_record = 0;
};
inline constexpr size_t segment_header_bytes = 32;

void write_segment_header(std::string& out, const SegmentHeader& header);
Result<SegmentHeader> read_segment_header(BytesView bytes);

// A record's samples are counted from the segment's start, so that what a lost record held is known
// from the next.
struct RecordHead {
    uint64_t number = 0;
    uint64_t samples_before = 0;
    uint64_t samples = 0;
    Time queued;
};

// Writes the records of one segment: keeps its dictionary, in which each point's path stands in
// front of its first sample. One thread; about 40 ns a sample.
class SegmentWriter {
  public:
    SegmentWriter();
    ~SegmentWriter();
    // A new segment: an empty dictionary.
    void begin(const SegmentHeader& header, std::string& out);

    // Appends rows [from, to) as one record. path_of(id) is asked once per point and segment.
    template <class PathOf>
    void write(const RecordHead& head, const model::SampleBatch& batch, size_t from, size_t to,
               PathOf&& path_of, std::string& out) {
        indices_.clear();
        new_paths_.clear();
        const uint32_t known = paths_;
        for (size_t i = from; i < to; ++i) {
            uint32_t& slot = slot_of(batch.points()[i].value());
            if (slot == 0) {
                add_path(path_of(batch.points()[i]));
                slot = paths_;
            }
            indices_.push_back(slot - 1);
        }
        finish(head, batch, from, to, known, out);
    }

  private:
    struct Compressor;
    uint32_t& slot_of(uint32_t point);
    void add_path(std::string_view path);
    void finish(const RecordHead& head, const model::SampleBatch& batch, size_t from, size_t to,
                uint32_t known_paths, std::string& out);

    const std::unique_ptr<Compressor> compressor_;
    ingest::ColumnsWriter columns_;
    uint64_t segment_ = 0;
    uint32_t paths_ = 0;
    uint32_t generation_ = 0;
    std::vector<std::pair<uint32_t, uint32_t>> slots_;  // by point: generation, index + 1
    std::vector<uint32_t> indices_;
    std::string new_paths_, body_;
};

// Walks a segment's records, over damage if need be. Owns the bytes. One thread.
class SegmentReader {
  public:
    struct Limits {
        size_t record_rows = 1 << 20;
        size_t record_bytes = 64 << 20;
    };

    // Errors: corrupt (no header of that number).
    static Result<SegmentReader> open(std::string content, uint64_t number);
    ~SegmentReader();
    SegmentReader(SegmentReader&&) noexcept;
    SegmentReader& operator=(SegmentReader&&) noexcept;

    const SegmentHeader& header() const { return header_; }
    // The next sound record; nullopt at the end. `skipped` says whether bytes before it, or before
    // the end, were no record.
    std::optional<RecordHead> next(bool& skipped);
    // Appends the samples of the record that next() gave. Points are places in paths(); rows whose
    // path was lost with an earlier record are left out. How many were read.
    Result<size_t> rows(model::SampleBatch& out);
    const std::vector<std::string>& paths() const { return paths_; }
    uint64_t number() const { return header_.number; }

  private:
    struct Decompressor;
    explicit SegmentReader(std::string content);
    std::optional<RecordHead> record_at(size_t offset, size_t& end);
    bool read_payload(BytesView payload, RecordHead& head);

    std::string content_;
    SegmentHeader header_;
    size_t at_ = segment_header_bytes;
    std::vector<std::string> paths_;
    std::vector<uint32_t> known_;  // places by themselves, or unknown
    BytesView body_;
    bool compressed_ = false;
    std::string unpacked_;
    ingest::ColumnsReader columns_;
    std::unique_ptr<Decompressor> decompressor_;
};

}  // namespace hw::upstream
