#include "app/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::app {

Table::Table(std::vector<Column> columns, bool colour)
    : columns_(std::move(columns)), colour_(colour) {
    for (const auto& column : columns_)
        widths_.push_back(text_width(column.name));
}

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (size_t i = 0; i < cells.size(); ++i)
        widths_[i] = std::max(widths_[i], text_width(cells[i]));
    rows_.push_back(std::move(cells));
}

void Table::append_row(const std::vector<std::string>& cells, std::string& out) const {
    for (size_t i = 0; i < cells.size(); ++i) {
        const size_t padding = widths_[i] - text_width(cells[i]);
        if (columns_[i].to_the_right) out.append(padding, ' ');
        out.append(cells[i]);
        if (i + 1 == cells.size()) break;
        if (!columns_[i].to_the_right) out.append(padding, ' ');
        out.append("  ");
    }
    while (out.ends_with(' '))
        out.pop_back();
}

std::string Table::render() {
    std::string out;
    if (!header_done_) {
        std::vector<std::string> names;
        for (const auto& column : columns_)
            names.push_back(column.name);
        if (colour_) out += "\x1b[1m";
        append_row(names, out);
        out += colour_ ? "\x1b[0m\n" : "\n";
        header_done_ = true;
    }
    for (const auto& row : rows_) {
        append_row(row, out);
        out += '\n';
    }
    rows_.clear();
    return out;
}

size_t text_width(std::string_view utf8) {
    return static_cast<size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

std::string printable_cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
        } else {
            out += c;
        }
    }
    return out;
}

std::string age_text(int64_t ns) {
    const int64_t s = ns / 1'000'000'000;
    if (s < 0) return "in the future";
    if (s < 120) return fmt::format("{} s", s);
    if (s < 120 * 60) return fmt::format("{} min", s / 60);
    if (s < 48 * 3600) return fmt::format("{} h", s / 3600);
    return fmt::format("{} d", s / 86'400);
}

}  // namespace hw::app
