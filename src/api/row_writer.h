#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "model/sample_batch.h"

namespace hw::api {

// Writes rows of samples or of figures as JSON, NDJSON or CSV into a string that the caller empties
// at will. JSON: {"items":[row,...],"next":"..."|null}; a row has point, time, value, quality, or
// point, time and one member per figure. CSV has the same columns with a header line. Times are RFC
// 3339 in UTC; a double that is no number is null (JSON) or empty (CSV); bytes are base64.
// About 60 ns a row.
class RowWriter {
  public:
    RowWriter(Format format, std::span<const std::string> columns, std::string& out);

    void begin();
    // All following rows are of this point.
    void point(std::string_view path);
    void sample(const model::SampleBatch& rows, size_t i);
    // A figure that is a row's value, as the last text of a bucket.
    struct RowFigure {
        size_t column;
        const model::SampleBatch* rows;
        size_t row;
    };
    // One value per column after point and time, NaN is "nothing"; `others`, in the order of their
    // columns, stand in the place of theirs.
    void figures(int64_t time_ns, std::span<const double> values,
                 std::span<const RowFigure> others = {});
    void end(std::string_view next_cursor);

  private:
    // Figures of many points share their bucket times: the text of each is made once.
    struct TimeText {
        int64_t time_ns = INT64_MIN;
        uint8_t size = 0;
        std::array<char, 31> text;
    };
    static constexpr size_t time_texts = 1024;

    void begin_row();
    void append_known_time(int64_t time_ns);
    void append_figure(size_t column, double value);

    const Format format_;
    const std::vector<std::string> columns_;
    std::string& out_;
    std::vector<bool> whole_;      // columns of whole numbers: count
    std::vector<TimeText> times_;  // by hash; made with the first figures
    std::string head_;             // a row up to its time
    bool first_ = true;
};

// {"point":...,"time":...,"value":...,"quality":...}
void append_sample_json(std::string& out, std::string_view path, const model::SampleBatch& rows,
                        size_t i);
void append_value_json(std::string& out, const model::SampleBatch& rows, size_t i);
// As in RFC 4180: quoted only where it must be.
void append_csv_text(std::string& out, std::string_view text);
void append_value_csv(std::string& out, const model::SampleBatch& rows, size_t i);

}  // namespace hw::api
