#include "sql/batch/result_writer.h"

#include <fmt/format.h>

#include "base/json_writer.h"

namespace hw::sql::batch {

namespace {

// As in RFC 4180: quoted only where it must be; an empty text is told from NULL by its quotes.
void append_csv(std::string& out, std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace

ResultWriter::ResultWriter(Format format, const std::vector<ResultType>& columns, std::string& out)
    : format_(format), columns_(columns), out_(out) {
    for (const ResultType& column : columns_) {
        keys_.emplace_back();
        append_json_string(keys_.back(), column.name);
        keys_.back() += ':';
    }
}

void ResultWriter::begin() {
    if (format_ == Format::csv) {
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0) out_ += ',';
            append_csv(out_, columns_[i].name);
        }
        out_ += '\n';
    }
    if (format_ != Format::json) return;
    out_ += "{\"columns\":[";
    for (size_t i = 0; i < columns_.size(); ++i) {
        out_ += i > 0 ? ",{\"name\":" : "{\"name\":";
        append_json_string(out_, columns_[i].name);
        out_ += ",\"type\":";
        append_json_string(out_, type_text(columns_[i]));
        out_ += '}';
    }
    out_ += "],\"rows\":[";
}

void ResultWriter::rows(const std::vector<Cells>& cells, size_t count) {
    for (size_t row = 0; row < count; ++row) {
        if (format_ == Format::json)
            json_row(cells, row);
        else if (format_ == Format::csv)
            csv_row(cells, row);
        else
            ndjson_row(cells, row);
    }
}

void ResultWriter::json_row(const std::vector<Cells>& cells, size_t row) {
    out_ += first_ ? "[" : ",\n[";
    first_ = false;
    for (size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out_ += ',';
        cells[i].append_json(row, out_);
    }
    out_ += ']';
}

void ResultWriter::ndjson_row(const std::vector<Cells>& cells, size_t row) {
    for (size_t i = 0; i < cells.size(); ++i) {
        out_ += i == 0 ? '{' : ',';
        out_ += keys_[i];
        cells[i].append_json(row, out_);
    }
    out_ += "}\n";
}

void ResultWriter::csv_row(const std::vector<Cells>& cells, size_t row) {
    for (size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out_ += ',';
        if (cells[i].is_null(row)) continue;
        cell_.clear();
        cells[i].append_text(row, cell_);
        append_csv(out_, cell_);
    }
    out_ += '\n';
}

void ResultWriter::end(const Outcome& outcome) {
    if (format_ != Format::json) return;
    out_ += fmt::format("],\"count\":{},\"cut\":{},\"elapsed_ms\":{:.3f}}}\n", outcome.rows,
                        outcome.cut, static_cast<double>(outcome.elapsed.ns) * 1e-6);
}

}  // namespace hw::sql::batch
