#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::app {

struct ReplayColumns {
    std::string time_column;        // empty: found by name or by what is in it
    std::vector<std::string> skip;  // left out
    std::vector<std::string> only;  // empty: all
    Duration offset;                // east of UTC, of times that say none
};

// How the rows of one file become messages: {"ts":"2020-03-09T10:14:33Z","Pressure":0.054711}.
// Numbers stand as in the file, missing cells are left out. A name that cannot be a topic level is
// made one (and told in remarks()); a column named as a member that ingest reads otherwise (value,
// time, quality...) is nested, so that it still becomes the point <prefix>/<column>.
class ReplayPlan {
  public:
    // The header and the first row behind it. Errors: no time column, an unknown name in skip,
    // only or time_column.
    static Result<ReplayPlan> make(std::span<const std::string_view> header,
                                   std::span<const std::string_view> first_row,
                                   const ReplayColumns& options);

    struct Row {
        Time time;
        size_t values = 0;     // 0: nothing to publish
        std::string bad_cell;  // why the first cell was left out, empty for none
    };
    // Appends the payload. Errors: the time cannot be read. `shift` is added to the time.
    Result<Row> render(std::span<const std::string_view> cells, Duration shift,
                       std::string& payload) const;
    Result<Time> time_of(std::span<const std::string_view> cells) const;

    const std::vector<std::string>& remarks() const { return remarks_; }
    const std::string& time_column() const { return time_name_; }

  private:
    struct Column {
        size_t cell;
        std::string name;
        std::string key;  // "\"name\":" or "\"name\":{\"value\":"
        bool nested;
    };

    size_t time_cell_ = 0;
    std::string time_name_;
    Duration offset_;
    std::vector<Column> columns_;
    std::vector<std::string> remarks_;
};

// "+02:00", "-0530", "Z".
Result<Duration> parse_offset(std::string_view text);
// RFC 8259's number, which JSON takes as it stands.
bool is_json_number(std::string_view text);

}  // namespace hw::app
