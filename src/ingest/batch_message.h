#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "ingest/batch_columns.h"
#include "model/sample_batch.h"

namespace hw::ingest {

// The payload in which one Headworks sends samples to another, and the topic on which it does:
// docs/formats/upstream_batch.md. Each payload stands alone.
inline constexpr std::string_view batch_content_type = "application/vnd.headworks.batch";
inline constexpr uint8_t batch_version = 1;
inline constexpr std::string_view up_topics = "$hw/up/";
inline constexpr std::string_view batch_topic_end = "/batch";

// "$hw/up/<edge>/batch"
std::string batch_topic(std::string_view edge);
// The edge's name, or nothing where the topic is none of these.
std::optional<std::string_view> edge_of_topic(std::string_view topic);
// One level of a topic: not empty, no '/', '+', '#', at most 128 bytes of MQTT text.
Result<void> check_edge_name(std::string_view name);

// One thread; keeps its compressor and memory. About 60 ns a row.
class BatchEncoder {
  public:
    using PathOf = std::function<std::string_view(model::PointId)>;

    BatchEncoder();
    ~BatchEncoder();
    // Appends rows [from, to) as one payload. Every path gets `prefix` in front.
    void encode(const model::SampleBatch& batch, size_t from, size_t to, const PathOf& path_of,
                std::string_view prefix, std::string& out);

  private:
    struct Compressor;
    uint32_t index_of(model::PointId point, const PathOf& path_of, std::string_view prefix);

    const std::unique_ptr<Compressor> compressor_;
    ColumnsWriter columns_;
    std::vector<uint32_t> indices_;
    struct Known {
        uint32_t generation = 0;
        uint32_t index = 0;
    };
    std::vector<Known> known_;  // by point
    uint32_t generation_ = 0;
    uint32_t paths_ = 0;
    std::string path_, path_before_, dictionary_, body_;
};

// One thread; keeps its decompressor and memory.
class BatchReader {
  public:
    struct Limits {
        size_t body_bytes = 32 << 20;  // unpacked; a payload that says more is refused unread
        size_t points = 1 << 18;
        ColumnsReader::Limits columns;
    };

    BatchReader();
    ~BatchReader();
    // Reads the head and the dictionary; the paths are valid until the next call. Errors: corrupt,
    // unsupported (a newer version), limit_exceeded.
    Result<const std::vector<std::string_view>*> open(BytesView payload, const Limits& limits);
    // Behind open(): appends the rows, each path's point by its place in `points`.
    Result<ColumnsReader::Taken> rows(std::span<const uint32_t> points, const Limits& limits,
                                      model::SampleBatch& out);

  private:
    struct Decompressor;
    Result<void> unpack(BytesView payload, const Limits& limits);

    const std::unique_ptr<Decompressor> decompressor_;
    ColumnsReader columns_;
    std::string body_;
    std::string paths_text_;
    std::vector<std::string_view> paths_;
    size_t columns_at_ = 0;
};

}  // namespace hw::ingest
