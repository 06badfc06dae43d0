#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/replay_rows.h"
#include "ingest/csv.h"

namespace hw::app {

struct ReplaySourceOptions {
    std::vector<std::string> files;  // "-": standard input
    char delimiter = '\0';           // '\0': found in the header
    ReplayColumns columns;
    uint64_t limit = 0;         // rows; 0: all
    std::optional<Time> start;  // of the first row; the others keep their distance
};

// The rows of some files, one after another, as messages. Bad rows are counted by reason and told
// by line, the first 20 of them.
class ReplaySource {
  public:
    explicit ReplaySource(ReplaySourceOptions options) : options_(std::move(options)) {}

    struct Message {
        Time time;
        std::string payload;
        size_t values = 0;
    };
    // False at the end. Errors: a file cannot be read or has no usable header.
    Result<bool> next(Message& message);

    // A message that could not be sent after all.
    void refuse_last(const std::string& why) { bad("cannot be published", why); }

    double part_done() const;  // of the bytes; negative where unknown
    uint64_t rows_bad() const { return rows_bad_; }
    const std::map<std::string, uint64_t>& reasons() const { return reasons_; }
    // Texts for people since the last call: remarks and bad rows.
    std::vector<std::string> take_remarks();

  private:
    Result<bool> open_next();
    Result<void> begin_rows(const ingest::CsvRow& row);
    // The next row of the open file, or none at its end.
    Result<bool> next_row(ingest::CsvRow& row);
    bool take(const ingest::CsvRow& row, Message& message);
    void bad(const std::string& reason, const std::string& detail);

    ReplaySourceOptions options_;
    size_t next_file_ = 0;
    std::string file_;
    std::ifstream stream_;
    std::string buffer_;
    std::optional<ingest::CsvReader> reader_;
    std::vector<std::string> header_;
    std::optional<ReplayPlan> plan_;
    std::optional<Duration> shift_;
    uint64_t rows_ = 0, rows_bad_ = 0;
    uint64_t line_ = 0;
    uint64_t bytes_total_ = 0, bytes_read_ = 0;
    std::map<std::string, uint64_t> reasons_;
    std::vector<std::string> remarks_;
};

}  // namespace hw::app
