#include "ingest/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/point_path.h"

namespace hw::ingest {

namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
// Consumed text is dropped once it is this much, so that a row is moved seldom.
constexpr size_t compact_bytes = 64 << 10;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

void append_utf8(std::string& out, uint32_t point) {
    const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | point >> 6);
        put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    }
}

constexpr uint32_t replacement = 0xfffd;

}  // namespace

void TextDecoder::feed(std::string_view bytes, std::string& out) {
    if (encoding_ == Encoding::utf8) {
        out += bytes;
        return;
    }
    held_ += bytes;
    if (encoding_ == Encoding::unknown && !settle(false)) return;
    convert(out);
}

void TextDecoder::finish(std::string& out) {
    settle(true);
    convert(out);
    if (high_surrogate_ != 0 || !held_.empty()) append_utf8(out, replacement);
    high_surrogate_ = 0;
    held_.clear();
}

// False: too few bytes to know.
bool TextDecoder::settle(bool at_end) {
    if (encoding_ != Encoding::unknown) return true;
    if (held_.starts_with(utf8_mark)) {
        encoding_ = Encoding::utf8;
        held_.erase(0, 3);
    } else if (held_.starts_with("\xff\xfe") || held_.starts_with("\xfe\xff")) {
        encoding_ = held_.starts_with("\xff") ? Encoding::utf16_le : Encoding::utf16_be;
        held_.erase(0, 2);
    } else if (at_end || held_.size() >= 3 || !utf8_mark.starts_with(held_)) {
        if (!at_end && held_.size() == 1 && (held_ == "\xff" || held_ == "\xfe")) return false;
        encoding_ = Encoding::utf8;
    } else {
        return false;
    }
    return true;
}

void TextDecoder::convert(std::string& out) {
    if (encoding_ == Encoding::utf8) {
        out += held_;
        held_.clear();
        return;
    }
    const size_t whole = held_.size() & ~size_t{1};
    for (size_t i = 0; i < whole; i += 2) {
        const auto first = static_cast<unsigned char>(held_[i]);
        const auto second = static_cast<unsigned char>(held_[i + 1]);
        unit(encoding_ == Encoding::utf16_le ? second << 8 | first : first << 8 | second, out);
    }
    held_.erase(0, whole);
}

void TextDecoder::unit(uint32_t unit, std::string& out) {
    const bool high = unit >= 0xd800 && unit < 0xdc00;
    const bool low = unit >= 0xdc00 && unit < 0xe000;
    if (low && high_surrogate_ != 0) {
        append_utf8(out, 0x10000 + ((high_surrogate_ - 0xd800) << 10) + (unit - 0xdc00));
        high_surrogate_ = 0;
        return;
    }
    if (high_surrogate_ != 0) append_utf8(out, replacement);
    high_surrogate_ = high ? unit : 0;
    if (!high) append_utf8(out, low ? replacement : unit);
}

CsvReader::CsvReader(char delimiter, size_t row_bytes_limit)
    : delimiter_(delimiter), row_bytes_limit_(row_bytes_limit) {}

void CsvReader::feed(std::string_view bytes) {
    if (at_ >= compact_bytes || at_ == text_.size()) {
        text_.erase(0, at_);
        at_ = 0;
    }
    decoder_.feed(bytes, text_);
}

void CsvReader::finish() {
    if (finished_) return;
    decoder_.finish(text_);
    finished_ = true;
}

CsvReader::Step CsvReader::next(CsvRow& row) {
    if (skipping_) skip_line();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
        line_ += text_[at_] == '\n';
        ++at_;
    }
    if (at_ == text_.size()) return finished_ ? Step::end : Step::more;
    if (delimiter_ == '\0') {
        if (!finished_ && text_.find('\n', at_) == std::string::npos &&
            text_.size() - at_ <= row_bytes_limit_)
            return Step::more;
        sniff();
    }
    size_t end = at_;
    const Scan scan = scan_row(row, end);
    const bool too_long = end - at_ > row_bytes_limit_;
    if (scan == Scan::cut && !finished_ && !too_long) return Step::more;
    row.line = line_;
    if (too_long) {
        skip_line();
        return refuse(row.line, fmt::format("is longer than {} bytes", row_bytes_limit_));
    }
    if (scan == Scan::unclosed || scan == Scan::garbage) {
        skip_line();
        return refuse(row.line, scan == Scan::unclosed ? "has a quote that is not closed"
                                                       : "has text behind a closing quote");
    }
    consume(end);
    undouble(row);
    if (columns_ == 0) columns_ = row.cells.size();
    if (row.cells.size() != columns_)
        return refuse(row.line,
                      fmt::format("has {} cells, the header has {}", row.cells.size(), columns_));
    return Step::row;
}

bool CsvReader::at_cell_end(size_t at) const {
    return at == text_.size() || text_[at] == delimiter_ || text_[at] == '\n' ||
           (text_[at] == '\r' && (at + 1 == text_.size() || text_[at + 1] == '\n'));
}

// `end` is behind the row's last byte, before the end of its line. Cut: the text ends within it, so
// it may go on.
CsvReader::Scan CsvReader::scan_row(CsvRow& row, size_t& end) {
    row.cells.clear();
    doubled_.clear();
    size_t at = at_;
    for (;;) {
        std::string_view cell;
        if (at < text_.size() && text_[at] == '"') {
            const Scan scan = scan_quoted(row.cells.size(), at, cell);
            end = at;
            if (scan != Scan::whole) return scan;
        } else {
            const size_t begin = at;
            while (!at_cell_end(at))
                ++at;
            cell = std::string_view(text_).substr(begin, at - begin);
        }
        row.cells.push_back(cell);
        end = at;
        if (at == text_.size()) return Scan::cut;
        if (text_[at] != delimiter_)
            return text_[at] == '\r' && at + 1 == text_.size() ? Scan::cut : Scan::whole;
        ++at;
    }
}

// Doubled quotes stay until the cell is known to be whole, since a cut row is read again.
CsvReader::Scan CsvReader::scan_quoted(size_t cell_index, size_t& at, std::string_view& cell) {
    const size_t begin = ++at;
    bool doubled = false;
    for (;;) {
        at = text_.find('"', at);
        if (at == std::string::npos) {
            at = text_.size();
            return finished_ || at - at_ > row_bytes_limit_ ? Scan::unclosed : Scan::cut;
        }
        if (at + 1 == text_.size() && !finished_) {
            at = text_.size();
            return Scan::cut;
        }
        if (at + 1 == text_.size() || text_[at + 1] != '"') break;
        doubled = true;
        at += 2;
    }
    cell = std::string_view(text_).substr(begin, at - begin);
    ++at;
    if (!at_cell_end(at)) return Scan::garbage;
    if (doubled) doubled_.push_back(cell_index);
    return Scan::whole;
}

CsvReader::Step CsvReader::refuse(uint64_t line, const std::string& why) {
    error_ = fmt::format("line {} {}", line, why);
    return Step::bad;
}

// To the end of a bad line, which may be yet to come.
void CsvReader::skip_line() {
    const size_t newline = text_.find('\n', at_);
    skipping_ = newline == std::string::npos;
    at_ = skipping_ ? text_.size() : newline;
}

void CsvReader::sniff() {
    const std::string_view line = std::string_view(text_).substr(at_, text_.find('\n', at_) - at_);
    std::ptrdiff_t most = 0;
    delimiter_ = ',';
    for (const char candidate : {',', ';', '\t'}) {
        bool quoted = false;
        std::ptrdiff_t count = 0;
        for (const char c : line) {
            quoted ^= c == '"';
            count += !quoted && c == candidate;
        }
        if (count > most) {
            most = count;
            delimiter_ = candidate;
        }
    }
}

void CsvReader::consume(size_t end) {
    line_ +=
        static_cast<uint64_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    at_ = end;
}

// In place: the row is behind us.
void CsvReader::undouble(CsvRow& row) {
    for (const size_t index : doubled_) {
        auto& cell = row.cells[index];
        char* const begin = text_.data() + (cell.data() - text_.data());
        char* to = begin;
        for (size_t i = 0; i < cell.size(); ++i) {
            *to++ = cell[i];
            if (cell[i] == '"') ++i;
        }
        cell = {begin, static_cast<size_t>(to - begin)};
    }
}

bool is_missing_cell(std::string_view cell) {
    cell = trimmed(cell);
    if (cell.empty()) return true;
    if (cell.size() > 4) return false;
    std::array<char, 4> buffer{};
    std::transform(cell.begin(), cell.end(), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::string_view lower(buffer.data(), cell.size());
    return lower == "na" || lower == "n/a" || lower == "nan" || lower == "null" || lower == "none";
}

Result<Scalar> read_cell(std::string_view cell, size_t text_bytes_limit) {
    Scalar scalar;
    const Reason reason = read_scalar(cell, text_bytes_limit, scalar);
    if (reason == Reason::none) return scalar;
    return fail(ErrorCode::invalid_argument,
                fmt::format("cell '{}' is no value ({})", model::printable(cell.substr(0, 64)),
                            to_string(reason)));
}

Result<Time> read_time_cell(std::string_view cell) {
    std::string text(trimmed(cell));
    if (text.size() >= 10 && text[4] == '/' && text[7] == '/') text[4] = text[7] = '-';
    // Hours and minutes alone.
    if (text.size() == 16 && text[13] == ':') text += ":00";
    if (text.starts_with("now"))
        return fail(ErrorCode::invalid_argument, fmt::format("time '{}' is not one of a file",
                                                             model::printable(text.substr(0, 64))));
    return parse_time(text, Time{});
}

}  // namespace hw::ingest
