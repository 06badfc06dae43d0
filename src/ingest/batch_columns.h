#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/sample_batch.h"

namespace hw::ingest {

// Samples as columns for the way to another Headworks, without loss and in their order
// (docs/formats/upstream_batch.md). Points are numbers of a dictionary that travels elsewhere;
// times are differences, values differences from the same point's value before, measurements as
// decimals. Made to be compressed behind it: plant data has 3 to 5 bytes a row before, 1 to 3
// after. No state between calls but memory to use again. One thread; about 25 ns a row.
class ColumnsWriter {
  public:
    // Appends rows [from, to). indices[i - from] is row i's point in the dictionary.
    void write(const model::SampleBatch& batch, size_t from, size_t to,
               std::span<const uint32_t> indices, std::string& out);

  private:
    struct Last {
        uint32_t generation = 0;
        uint8_t form = 0;
        int64_t number = 0;  // int64, or of a double by its form
    };
    struct Streams {
        std::string points, times, runs, forms, numbers, raws, texts;
    };

    Last& last(uint32_t index);
    void write_runs(const model::SampleBatch& batch, size_t from, size_t to);
    void write_value(const model::SampleBatch& batch, size_t i, Last& last);
    void write_double(uint64_t bits, Last& last);

    std::vector<Last> last_;
    uint32_t generation_ = 0;
    Streams streams_;
};

class ColumnsReader {
  public:
    // A dictionary entry that nobody knows: its rows are left out.
    static constexpr uint32_t unknown = UINT32_MAX;

    struct Limits {
        size_t rows = 1 << 20;
        size_t text_bytes = 16 << 20;
    };
    struct Taken {
        size_t rows = 0;     // appended to `out`
        size_t unknown = 0;  // rows of unknown points
        size_t long_texts = 0;
    };

    // Appends the rows to `out`, the points by points[index]. All of `in` up to the columns' end is
    // read. Errors: corrupt, with `out` as it was.
    Result<Taken> read(ByteReader& in, std::span<const uint32_t> points, const Limits& limits,
                       model::SampleBatch& out);

  private:
    struct Last {
        uint32_t generation = 0;
        uint8_t form = 0;
        int64_t number = 0;
    };
    struct Row;
    struct Streams;

    Last& last(uint32_t index);
    Result<void> read_row(Streams& streams, Row& row, Last& last);
    Result<uint64_t> read_double(Streams& streams, Last& last);

    std::vector<Last> last_;
    uint32_t generation_ = 0;
};

}  // namespace hw::ingest
