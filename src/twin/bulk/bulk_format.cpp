#include "twin/bulk/bulk_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include "model/point_path.h"

namespace hw::twin {

namespace {

constexpr std::array<std::string_view, 5> names = {"ndjson", "csv", "relationships", "json",
                                                   "jsonl"};

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view left_trimmed(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const size_t at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

// A header of CSV names columns, whatever parts them.
bool has_column(std::string_view header, std::string_view name) {
    size_t at = 0;
    while ((at = header.find(name, at)) != std::string_view::npos) {
        const auto edge = [](char c) {
            return c == ',' || c == ';' || c == '\t' || c == '"' || c == ' ';
        };
        const bool left = at == 0 || edge(header[at - 1]);
        at += name.size();
        if (left && (at == header.size() || edge(header[at]))) return true;
    }
    return false;
}

BulkFormat csv_of(std::string_view text) {
    const auto header = first_line(left_trimmed(text));
    return has_column(header, "source") && has_column(header, "target") ? BulkFormat::relationships
                                                                        : BulkFormat::csv;
}

// Whether an object stands on its line whole: its brackets close there.
bool is_whole(std::string_view line) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c == '\\') ++i;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return true;
        }
    }
    return false;
}

std::optional<BulkFormat> by_content(std::string_view text) {
    text = left_trimmed(text);
    if (text.empty()) return BulkFormat::ndjson;  // nothing at all, in any format
    if (text.front() == '[') return BulkFormat::json;
    if (text.front() != '{') {
        if (has_column(first_line(text), "id") || has_column(first_line(text), "source"))
            return csv_of(text);
        return std::nullopt;
    }
    const auto line = first_line(text);
    if (!is_whole(line)) return BulkFormat::json;
    if (line.find("\"Section\"") != std::string_view::npos) return BulkFormat::jsonl;
    for (const std::string_view member : {"\"digitalTwinsGraph\"", "\"digitalTwins\""})
        if (line.find(member) != std::string_view::npos) return BulkFormat::json;
    return BulkFormat::ndjson;
}

std::string lower(std::string_view text) {
    std::string out(text.substr(0, 512));
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

// "csv" of "text/csv; charset=utf-8", of "twins.csv" and of "csv".
std::string word_of(std::string_view hint) {
    std::string word = lower(hint.substr(0, hint.find(';')));
    while (!word.empty() && word.back() == ' ')
        word.pop_back();
    word.erase(0, word.find_last_of("/.") + 1);  // npos + 1 is 0
    if (word.starts_with("x-")) word.erase(0, 2);
    return word;
}

}  // namespace

std::string_view to_string(BulkFormat format) {
    return names.at(static_cast<size_t>(format));
}

Result<BulkFormat> find_bulk_format(std::string_view hint, std::string_view text) {
    const std::string word = word_of(hint);
    if (word == "csv" || word == "tsv") return csv_of(text);
    // Both name the same kind of file; the content knows which.
    const bool lines = word == "ndjson" || word == "jsonl" || word == "jsonlines";
    const auto seen = by_content(text);
    if (lines)
        return seen == BulkFormat::jsonl || word == "jsonl" ? BulkFormat::jsonl
                                                            : BulkFormat::ndjson;
    // DTDL's own: a graph, or the import file where it is one.
    if (word == "dtdl") return seen == BulkFormat::jsonl ? BulkFormat::jsonl : BulkFormat::json;
    const auto* const found = std::ranges::find(names, word);
    if (found != names.end() && word != "json")
        return static_cast<BulkFormat>(found - names.begin());
    if (seen) return *seen;
    if (word == "json") return BulkFormat::json;
    return fail(ErrorCode::invalid_argument,
                fmt::format("the format of the twins cannot be told from '{}' nor from how they "
                            "begin; say ndjson, csv, relationships, json or jsonl",
                            model::printable(hint.substr(0, 64))));
}

}  // namespace hw::twin
