#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"

namespace hw::sql::batch {

// Reads the samples of a Parquet file by DuckDB, for the command line: its columns point, time,
// value, text, quality and type, as many as it has of them. One thread.
class FileReader {
  public:
    // Errors: no library; the file cannot be read; it has no columns point, time, and value or
    // text.
    static Result<std::unique_ptr<FileReader>> open(const std::string& library,
                                                    const std::string& path);
    virtual ~FileReader() = default;

    virtual uint64_t rows() const = 0;  // of the file
    // Appends at least `rows` more rows, if there are so many, as CSV with a header; how many.
    virtual Result<uint64_t> next(uint64_t rows, std::string& csv) = 0;
};

}  // namespace hw::sql::batch
