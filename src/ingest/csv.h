#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "ingest/scalar.h"

namespace hw::ingest {

// Bytes of a text file to UTF-8: a byte-order mark of UTF-8 is dropped, one of UTF-16 (little or
// big endian) says that the rest is converted; without one the bytes are UTF-8 already. Unpaired
// surrogates become U+FFFD. One file, one thread.
class TextDecoder {
  public:
    // Appends what the bytes hold; a character cut in two waits for the next call.
    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);

  private:
    enum class Encoding : uint8_t { unknown, utf8, utf16_le, utf16_be };

    bool settle(bool at_end);
    void convert(std::string& out);
    void unit(uint32_t unit, std::string& out);

    Encoding encoding_ = Encoding::unknown;
    std::string held_;
    uint32_t high_surrogate_ = 0;
};

struct CsvRow {
    uint64_t line = 0;  // where it begins, from 1
    std::vector<std::string_view> cells;
};

// Reads a CSV file piece by piece (RFC 4180, and what is written in practice): cells parted by the
// delimiter, in double quotes where they hold it, quotes doubled inside; LF or CRLF; blank lines
// skipped. The first row is the header and says how many cells the others have. A row that has
// another number, or a quote that does not close, is told as bad and the reading goes on. One
// thread; about 1.5 ns a byte, nothing allocated per row.
class CsvReader {
  public:
    enum class Step : uint8_t { row, bad, more, end };

    // '\0': the most frequent of ';', tab and ',' in the first line.
    explicit CsvReader(char delimiter = '\0', size_t row_bytes_limit = 1 << 20);

    // The views of the row before are void after this call.
    void feed(std::string_view bytes);
    void finish();

    // The next row; the header comes first. `more`: feed() or finish(). Views last until the next
    // call.
    Step next(CsvRow& row);
    // Of a bad row: "line 7 has 3 cells, the header has 11".
    const std::string& error() const { return error_; }
    char delimiter() const { return delimiter_; }

  private:
    enum class Scan : uint8_t { whole, cut, unclosed, garbage };

    Scan scan_row(CsvRow& row, size_t& end);
    Scan scan_quoted(size_t cell_index, size_t& at, std::string_view& cell);
    void undouble(CsvRow& row);
    bool at_cell_end(size_t at) const;
    Step refuse(uint64_t line, const std::string& why);
    void skip_line();
    void sniff();
    void consume(size_t end);

    TextDecoder decoder_;
    std::string text_;  // UTF-8 not yet consumed
    size_t at_ = 0;
    uint64_t line_ = 1;
    size_t columns_ = 0;           // 0 before the header
    std::vector<size_t> doubled_;  // cells of the row that hold doubled quotes
    char delimiter_;
    const size_t row_bytes_limit_;
    bool finished_ = false;
    bool skipping_ = false;
    std::string error_;
};

// Empty, or a word for "no value": na, n/a, nan, null, none, in any case; spaces do not count.
bool is_missing_cell(std::string_view cell);
// As a scalar payload (scalar.h); a cell too large or not text is an error.
Result<Scalar> read_cell(std::string_view cell, size_t text_bytes_limit);
// "2020-03-09 10:14:33", RFC 3339, without seconds, a date alone, '/' for '-', or an epoch number
// by magnitude. Without an offset: UTC.
Result<Time> read_time_cell(std::string_view cell);

}  // namespace hw::ingest
