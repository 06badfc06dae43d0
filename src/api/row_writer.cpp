#include "api/row_writer.h"

#include <charconv>
#include <cmath>

#include "base/json_writer.h"

namespace hw::api {

namespace {

void append_time(std::string& out, int64_t time_ns) {
    char buffer[40];
    out.append(buffer, format_rfc3339(Time{time_ns}, buffer));
}

template <class T>
void append_number(std::string& out, T value) {
    char buffer[40];
    const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
    out.append(buffer, result.ptr);
}

void append_base64(std::string& out, std::string_view data) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < data.size(); i += 3) {
        const size_t have = std::min<size_t>(3, data.size() - i);
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < have ? static_cast<unsigned char>(data[i + k]) : 0u);
        for (size_t k = 0; k < 4; ++k)
            out += k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
}

}  // namespace

void append_csv_text(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
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

void append_value_csv(std::string& out, const model::SampleBatch& rows, size_t i) {
    const uint64_t value = rows.values()[i];
    switch (rows.types()[i]) {
        case model::ValueType::boolean:
            out += value != 0 ? "true" : "false";
            return;
        case model::ValueType::int64:
            return append_number(out, static_cast<int64_t>(value));
        case model::ValueType::float64:
            if (const double number = std::bit_cast<double>(value); std::isfinite(number))
                append_json_double(out, number);
            return;
        case model::ValueType::text:
            return append_csv_text(out, rows.text(i));
        case model::ValueType::bytes:
            return append_base64(out, rows.text(i));
    }
}

void append_value_json(std::string& out, const model::SampleBatch& rows, size_t i) {
    const uint64_t value = rows.values()[i];
    switch (rows.types()[i]) {
        case model::ValueType::boolean:
            out += value != 0 ? "true" : "false";
            return;
        case model::ValueType::int64:
            return append_number(out, static_cast<int64_t>(value));
        case model::ValueType::float64:
            return append_json_double(out, std::bit_cast<double>(value));
        case model::ValueType::text:
            return append_json_string(out, rows.text(i));
        case model::ValueType::bytes:
            out += '"';
            append_base64(out, rows.text(i));
            out += '"';
            return;
    }
}

void append_sample_json(std::string& out, std::string_view path, const model::SampleBatch& rows,
                        size_t i) {
    out += "{\"point\":";
    append_json_string(out, path);
    out += ",\"time\":\"";
    append_time(out, rows.times_ns()[i]);
    out += "\",\"value\":";
    append_value_json(out, rows, i);
    out += ",\"quality\":\"";
    out += model::to_string(rows.qualities()[i]);
    out += "\"}";
}

RowWriter::RowWriter(Format format, std::span<const std::string> columns, std::string& out)
    : format_(format), columns_(columns.begin(), columns.end()), out_(out) {
    for (const auto& column : columns_)
        whole_.push_back(column == "count");
}

void RowWriter::begin() {
    if (format_ == Format::json) out_ += "{\"items\":[";
    if (format_ != Format::csv) return;
    out_ += "point,time";
    for (const auto& column : columns_)
        out_.append(",").append(column);
    out_ += '\n';
}

void RowWriter::point(std::string_view path) {
    head_.clear();
    if (format_ == Format::csv) {
        append_csv_text(head_, path);
        head_ += ',';
        return;
    }
    head_ += "{\"point\":";
    append_json_string(head_, path);
    head_ += ",\"time\":\"";
}

void RowWriter::begin_row() {
    if (format_ == Format::json && !first_) out_ += ",\n";
    first_ = false;
    out_ += head_;
}

void RowWriter::append_known_time(int64_t time_ns) {
    if (times_.empty()) times_.resize(time_texts);
    // The high bits of a product by an odd constant are well mixed.
    const auto slot =
        static_cast<size_t>(static_cast<uint64_t>(time_ns) * 0x9e3779b97f4a7c15 >> 54);
    TimeText& known = times_[slot];
    if (known.time_ns != time_ns) {
        const char* end = format_rfc3339(Time{time_ns}, known.text.data());
        known = {time_ns, static_cast<uint8_t>(end - known.text.data()), known.text};
    }
    out_.append(known.text.data(), known.size);
}

void RowWriter::sample(const model::SampleBatch& rows, size_t i) {
    begin_row();
    append_time(out_, rows.times_ns()[i]);
    const auto quality = model::to_string(rows.qualities()[i]);
    if (format_ == Format::csv) {
        out_ += ',';
        append_value_csv(out_, rows, i);
        out_.append(",").append(quality).append("\n");
        return;
    }
    out_ += "\",\"value\":";
    append_value_json(out_, rows, i);
    out_.append(",\"quality\":\"").append(quality).append("\"}");
    if (format_ == Format::ndjson) out_ += '\n';
}

void RowWriter::append_figure(size_t column, double value) {
    if (whole_[column] && std::isfinite(value)) {
        append_number(out_, static_cast<uint64_t>(value));
    } else if (format_ != Format::csv || std::isfinite(value)) {
        append_json_double(out_, value);
    }
}

void RowWriter::figures(int64_t time_ns, std::span<const double> values,
                        std::span<const RowFigure> others) {
    begin_row();
    append_known_time(time_ns);
    if (format_ != Format::csv) out_ += '"';
    for (size_t i = 0; i < values.size(); ++i) {
        out_ += ',';
        if (format_ != Format::csv) out_.append("\"").append(columns_[i]).append("\":");
        if (others.empty() || others.front().column != i) {
            append_figure(i, values[i]);
            continue;
        }
        const RowFigure& other = others.front();
        if (format_ == Format::csv)
            append_value_csv(out_, *other.rows, other.row);
        else
            append_value_json(out_, *other.rows, other.row);
        others = others.subspan(1);
    }
    if (format_ == Format::csv) {
        out_ += '\n';
        return;
    }
    out_ += '}';
    if (format_ == Format::ndjson) out_ += '\n';
}

void RowWriter::end(std::string_view next_cursor) {
    if (format_ != Format::json) return;
    out_ += "],\"next\":";
    if (next_cursor.empty()) {
        out_ += "null";
    } else {
        append_json_string(out_, next_cursor);
    }
    out_ += "}\n";
}

}  // namespace hw::api
