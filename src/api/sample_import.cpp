#include "api/sample_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "base/base64.h"
#include "base/json_writer.h"
#include "ingest/csv.h"
#include "model/point_path.h"
#include "model/quality.h"

namespace hw::api {

namespace {

using model::Quality;
using model::ValueType;

std::unexpected<Error> wrong(std::string text) {
    return hw::fail(ErrorCode::invalid_argument, std::move(text));
}

constexpr size_t text_bytes_limit = 64 << 10;

template <class T>
std::optional<T> number_of(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

std::optional<ValueType> type_named(std::string_view text) {
    for (const ValueType type : {ValueType::boolean, ValueType::int64, ValueType::float64,
                                 ValueType::text, ValueType::bytes})
        if (text == model::to_string(type)) return type;
    return std::nullopt;
}

class Reader {
  public:
    explicit Reader(model::PointDirectory& points) : points_(points) {}

    Result<void> header(std::span<const std::string_view> cells) {
        for (size_t i = 0; i < cells.size(); ++i)
            for (Column& column : columns_)
                if (cells[i] == column.name) column.cell = i;
        if (!has(point)) return wrong("the header has no column 'point'");
        if (!has(time)) return wrong("the header has no column 'time'");
        if (!has(value) && !has(text))
            return wrong("the header has neither a column 'value' nor 'text'");
        return {};
    }

    Result<void> row(std::span<const std::string_view> cells, model::SampleBatch& batch) {
        const std::string_view path = of(point, cells);
        HW_TRY(model::check_point_path(path));
        const Time at = HW_TRY(time_of(of(time, cells)));
        const Quality how = HW_TRY(quality_of(of(quality, cells)));
        const std::string_view number = of(value, cells);
        const std::string_view words = of(text, cells);
        if (number.empty() && words.empty() && of(type, cells) != "string")
            return wrong("the row has neither a value nor a text");
        const ValueType kind = HW_TRY(type_of(of(type, cells), number, words));
        return add(path, at, how, kind, number, words, batch);
    }

  private:
    enum Place : size_t { point, time, value, text, quality, type, places };
    struct Column {
        std::string_view name;
        std::optional<size_t> cell = {};
    };

    bool has(Place place) const { return columns_[place].cell.has_value(); }
    std::string_view of(Place place, std::span<const std::string_view> cells) const {
        const auto cell = columns_[place].cell;
        return cell ? cells[*cell] : std::string_view();
    }

    static Result<Time> time_of(std::string_view cell) {
        if (const auto ns = number_of<int64_t>(cell)) return time_from_epoch(*ns);
        return ingest::read_time_cell(cell);
    }
    static Result<Quality> quality_of(std::string_view cell) {
        if (cell.empty()) return Quality::good;
        const auto quality = model::parse_quality(cell);
        if (!quality) return wrong(fmt::format("quality '{}' is not known", cell));
        return *quality;
    }
    static Result<ValueType> type_of(std::string_view cell, std::string_view number,
                                     std::string_view words) {
        if (!cell.empty()) {
            const auto type = type_named(cell);
            if (!type)
                return wrong(
                    fmt::format("type '{}' is not one of bool, int64, double, string, "
                                "bytes",
                                cell));
            return *type;
        }
        if (number.empty()) return ValueType::text;
        if (number == "true" || number == "false") return ValueType::boolean;
        if (number_of<double>(number)) return ValueType::float64;
        return words.empty() ? ValueType::text : ValueType::float64;
    }

    Result<void> add(std::string_view path, Time at, Quality how, ValueType kind,
                     std::string_view number, std::string_view words, model::SampleBatch& batch) {
        const auto not_a = [&](std::string_view what) {
            return wrong(fmt::format("value '{}' is no {}", number, what));
        };
        switch (kind) {
            case ValueType::boolean: {
                const bool yes = number == "true" || number == "1" || number == "1.0";
                if (!yes && number != "false" && number != "0" && number != "0.0")
                    return not_a("bool");
                batch.add_bool(HW_TRY(id_of(path)), at, yes, how);
                return {};
            }
            case ValueType::int64: {
                const auto whole = integer_of(words.empty() ? number : words);
                if (!whole) return not_a("int64");
                batch.add_int(HW_TRY(id_of(path)), at, *whole, how);
                return {};
            }
            case ValueType::float64: {
                const auto real = number_of<double>(number);
                if (!real) return not_a("number");
                batch.add_double(HW_TRY(id_of(path)), at, *real, how);
                return {};
            }
            case ValueType::text:
                return add_text(path, at, how, words.empty() ? number : words, batch);
            case ValueType::bytes: {
                const std::string bytes = HW_TRY(from_base64(words.empty() ? number : words));
                if (bytes.size() > text_bytes_limit) return too_long(bytes.size());
                batch.add_bytes(HW_TRY(id_of(path)), at, bytes, how);
                return {};
            }
        }
        return {};
    }

    Result<void> add_text(std::string_view path, Time at, Quality how, std::string_view words,
                          model::SampleBatch& batch) {
        if (words.size() > text_bytes_limit) return too_long(words.size());
        if (!model::is_utf8(words)) return wrong("the text is not UTF-8");
        batch.add_text(HW_TRY(id_of(path)), at, words, how);
        return {};
    }
    static std::unexpected<Error> too_long(size_t bytes) {
        return wrong(
            fmt::format("the text has {} bytes, the limit is {}", bytes, text_bytes_limit));
    }

    // Also of a double's form, as a file with one numeric column has it.
    static std::optional<int64_t> integer_of(std::string_view cell) {
        if (const auto whole = number_of<int64_t>(cell)) return whole;
        const auto real = number_of<double>(cell);
        if (!real || !(*real >= -9.2e18 && *real <= 9.2e18)) return std::nullopt;
        const auto whole = static_cast<int64_t>(*real);
        if (static_cast<double>(whole) != *real) return std::nullopt;
        return whole;
    }

    // Files are mostly sorted by point: the last one is kept.
    Result<model::PointId> id_of(std::string_view path) {
        if (!last_ || path != last_path_) {
            last_ = HW_TRY(points_.intern(path));
            last_path_ = path;
        }
        return *last_;
    }

    model::PointDirectory& points_;
    std::array<Column, places> columns_ = {
        {{"point"}, {"time"}, {"value"}, {"text"}, {"quality"}, {"type"}}};
    std::optional<model::PointId> last_;
    std::string last_path_;
};

// "line 7 has 3 cells, ..." says it alone.
uint64_t line_of(std::string_view error) {
    constexpr std::string_view word = "line ";
    uint64_t line = 0;
    if (error.starts_with(word))
        std::from_chars(error.data() + word.size(), error.data() + error.size(), line);
    return line;
}

void refuse(uint64_t line, const std::string& text, ImportReport& report) {
    ++report.refused;
    if (report.flaws.size() < ImportReport::flaws_limit) report.flaws.push_back({line, text});
}

}  // namespace

Result<model::SampleBatch> read_samples(std::string_view csv, model::PointDirectory& points,
                                        ImportReport& report) {
    ingest::CsvReader rows;
    rows.feed(csv);
    rows.finish();
    Reader reader(points);
    model::SampleBatch batch;
    ingest::CsvRow row;
    bool headed = false;
    for (;;) {
        switch (rows.next(row)) {
            case ingest::CsvReader::Step::row:
                if (!headed) {
                    HW_TRY(reader.header(row.cells));
                    headed = true;
                } else if (const auto done = reader.row(row.cells, batch); !done) {
                    refuse(row.line, done.error().text(), report);
                }
                break;
            case ingest::CsvReader::Step::bad:
                refuse(line_of(rows.error()), rows.error(), report);
                break;
            default:
                if (!headed) return wrong("the body is empty; it begins with a header");
                report.taken = batch.size();
                return batch;
        }
    }
}

std::string import_report_json(const ImportReport& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("taken", report.taken);
    json.member("refused", report.refused);
    json.key("errors");
    json.begin_array();
    for (const auto& flaw : report.flaws) {
        json.begin_object();
        json.member("line", flaw.line);
        json.member("text", flaw.text);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    out += '\n';
    return out;
}

}  // namespace hw::api
