#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::lineprotocol {

// The unit of the times in a body.
enum class Precision : uint8_t { ns, us, ms, s, m, h };

// /write takes n, ns, u, us, ms, s, m, h; /api/v2/write takes ns, us, ms, s. Empty: ns.
std::optional<Precision> parse_precision_v1(std::string_view text);
std::optional<Precision> parse_precision_v2(std::string_view text);
int64_t nanoseconds_in(Precision precision);

struct Limits {
    size_t line_bytes = 1 << 20;
    size_t tags = 256;
    size_t fields = 10'000;
};

// Views into the body, escapes as written; unescape() and unescape_text() undo them.
struct Tag {
    std::string_view key;
    std::string_view value;
};

enum class FieldType : uint8_t { real, integer, unsigned_integer, boolean, text };

struct Field {
    std::string_view key;
    FieldType type = FieldType::real;
    bool boolean = false;
    int64_t integer = 0;
    uint64_t unsigned_integer = 0;
    double real = 0;
    std::string_view text;  // between the quotes
};

struct Line {
    std::string_view series;  // measurement and tags as written: one text per spelling of a series
    std::vector<Field> fields;
    std::optional<int64_t> time_ns;
};

struct LineError {
    uint64_t line = 0;        // from 1
    size_t column = 0;        // byte in the line, from 1
    std::string_view reason;  // static, e.g. "missing field value"
    std::string_view text;    // the line

    // As InfluxDB words it: "unable to parse 'cpu value=': missing field value". A long line is
    // shown by its first 256 bytes.
    std::string message() const;
};

// Reads a body line by line: InfluxDB line protocol, as InfluxDB 1.8 and 2.7 take it.
//   measurement[,tag=value...] field=value[,field=value...] [time]
// Blank lines and lines that begin with '#' are skipped; LF and CRLF end a line, but a text may
// hold them. In measurement, keys and tag values a backslash before ',', '=' or ' ' takes away
// their meaning; in texts before '"' and '\'; elsewhere it is itself. The body must outlive what is
// given out. One thread; allocates nothing once `line.fields` has grown. About 40 ns for a line of
// one field.
class Parser {
  public:
    enum class Step : uint8_t { line, error, end };

    Parser(std::string_view body, Precision precision, const Limits& limits);

    // The next line or bad line. `likely_series`, a series this parser gave before or empty, saves
    // the scan where the line begins with it.
    Step next(Line& line, std::string_view likely_series);
    // What was wrong with the last line; the body goes on behind it.
    const LineError& error() const { return error_; }
    uint64_t line_number() const { return begin_number_; }  // of the last line, from 1
    uint64_t lines() const { return line_; }  // begun so far, without blank ones and comments

  private:
    bool skip_to_line();
    bool scan_series(std::string_view likely, std::string_view& series);
    bool scan_fields(std::vector<Field>& fields);
    bool scan_key(Field& field);
    bool scan_value(Field& field);
    bool scan_text(Field& field);
    bool scan_number(Field& field);
    bool scan_time(std::optional<int64_t>& time_ns);
    bool at_value_end() const;
    bool at_line_end() const;
    bool refuse(std::string_view reason, const char* where);
    void skip_line();

    const char* at_;
    const char* const end_;
    const char* line_begin_;
    const char* line_limit_;  // where the line must have ended
    const int64_t unit_ns_;
    const Limits limits_;
    uint64_t number_ = 1;  // of the line at at_
    uint64_t begin_number_ = 0;
    uint64_t line_ = 0;
    uint64_t text_newlines_ = 0;  // in the texts of the line at hand
    LineError error_;
};

// Measurement and tags of a series. False: `reason` and the offset say what is wrong.
struct Series {
    std::string_view measurement;
    std::vector<Tag> tags;  // as written, not sorted
    std::string_view reason;
    size_t offset = 0;
};
bool parse_series(std::string_view text, const Limits& limits, Series& series);

// Appends the text without the escapes of measurements, keys and tag values, or of texts.
void unescape(std::string_view raw, std::string& out);
void unescape_text(std::string_view raw, std::string& out);

}  // namespace hw::lineprotocol
