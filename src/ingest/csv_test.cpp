#include "ingest/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

namespace hw::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Rows = std::vector<std::vector<std::string>>;

struct Outcome {
    Rows rows;
    std::vector<uint64_t> lines;
    std::vector<std::string> errors;
    char delimiter = '\0';
};

Outcome read_in_pieces(std::string_view text, size_t piece, char delimiter = '\0',
                       size_t limit = 1 << 20) {
    CsvReader reader(delimiter, limit);
    Outcome outcome;
    CsvRow row;
    for (;;) {
        switch (reader.next(row)) {
            case CsvReader::Step::row:
                outcome.rows.emplace_back(row.cells.begin(), row.cells.end());
                outcome.lines.push_back(row.line);
                break;
            case CsvReader::Step::bad:
                outcome.errors.push_back(reader.error());
                break;
            case CsvReader::Step::more:
                if (text.empty()) {
                    reader.finish();
                } else {
                    reader.feed(text.substr(0, piece));
                    text.remove_prefix(std::min(piece, text.size()));
                }
                break;
            case CsvReader::Step::end:
                outcome.delimiter = reader.delimiter();
                return outcome;
        }
    }
}

// The same at once and byte by byte.
Outcome read(std::string_view text, char delimiter = '\0') {
    const auto whole = read_in_pieces(text, text.size() + 1, delimiter);
    for (const size_t piece : {size_t{1}, size_t{3}}) {
        const auto pieces = read_in_pieces(text, piece, delimiter);
        EXPECT_EQ(pieces.rows, whole.rows) << text;
        EXPECT_EQ(pieces.errors, whole.errors) << text;
        EXPECT_EQ(pieces.lines, whole.lines) << text;
    }
    return whole;
}

std::string utf16(std::u16string_view text, bool big) {
    std::string out = big ? "\xfe\xff" : "\xff\xfe";
    for (const char16_t unit : text) {
        const char low = static_cast<char>(unit & 0xff);
        const char high = static_cast<char>(unit >> 8);
        out += big ? high : low;
        out += big ? low : high;
    }
    return out;
}

TEST(Csv, ReadsRowsWithEveryEndOfLine) {
    EXPECT_EQ(read("a,b\n1,2\r\n\r\n\n3,4").rows, (Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}}));
    EXPECT_EQ(read("a,b\n1,\n,\n").rows, (Rows{{"a", "b"}, {"1", ""}, {"", ""}}));
    EXPECT_THAT(read("a,b\n1,2\r\n\r\n\n3,4").lines, ElementsAre(1, 2, 5));
    EXPECT_THAT(read("").rows, IsEmpty());
    EXPECT_THAT(read("\r\n\n").rows, IsEmpty());
}

TEST(Csv, SniffsTheDelimiter) {
    EXPECT_EQ(read("a;b;c\n1,5;2;3\n").delimiter, ';');
    EXPECT_EQ(read("a\tb\n1\t2\n").delimiter, '\t');
    EXPECT_EQ(read("a,b\n").delimiter, ',');
    EXPECT_EQ(read("alone\n1\n").delimiter, ',');
    EXPECT_EQ(read("\"a;b;c\",d\n").delimiter, ',');
    EXPECT_EQ(read("a;b,c;d,e\n", ',').rows, (Rows{{"a;b", "c;d", "e"}}));
}

TEST(Csv, QuotedCellsHoldAnything) {
    const auto outcome = read("a,b\n\"x,\"\"y\"\"\r\nz\",\"\"\n\"\"\"\",un\"quoted\n1,2\n");
    EXPECT_EQ(outcome.rows,
              (Rows{{"a", "b"}, {"x,\"y\"\r\nz", ""}, {"\"", "un\"quoted"}, {"1", "2"}}));
    EXPECT_THAT(outcome.lines, ElementsAre(1, 2, 4, 5));
}

TEST(Csv, TellsBadRowsByLineAndGoesOn) {
    const auto outcome = read("a,b\n1\n2,3,4\n\"x\"y,1\n5,6\n\"7,8\n9,10");
    EXPECT_EQ(outcome.rows, (Rows{{"a", "b"}, {"5", "6"}, {"9", "10"}}));
    EXPECT_THAT(outcome.errors, ElementsAre("line 2 has 1 cells, the header has 2",
                                            "line 3 has 3 cells, the header has 2",
                                            "line 4 has text behind a closing quote",
                                            "line 6 has a quote that is not closed"));
}

TEST(Csv, LongRowsAreBad) {
    const auto outcome =
        read_in_pieces("a,b\n" + std::string(200, 'x') + ",1\n1,2\n", 1000, ',', 100);
    EXPECT_EQ(outcome.rows, (Rows{{"a", "b"}, {"1", "2"}}));
    EXPECT_THAT(outcome.errors, ElementsAre("line 2 is longer than 100 bytes"));
}

TEST(Csv, DropsByteOrderMarks) {
    const Rows rows = {{"a", "\xc3\xa4"}, {"\xf0\x9f\x9a\xb0", "1"}};
    EXPECT_EQ(read("\xef\xbb\xbf"
                   "a,\xc3\xa4\n\xf0\x9f\x9a\xb0,1\n")
                  .rows,
              rows);
    EXPECT_EQ(read(utf16(u"a,\u00e4\n\U0001f6b0,1\n", false)).rows, rows);
    EXPECT_EQ(read(utf16(u"a,\u00e4\r\n\U0001f6b0,1", true)).rows, rows);
    EXPECT_EQ(read("\xef\xbb").rows, (Rows{{"\xef\xbb"}}));
}

TEST(Csv, BrokenUtf16IsReplaced) {
    EXPECT_EQ(read(utf16(u"a\xd83d"
                         u"b,\xdeb0",
                         false))
                  .rows,
              (Rows{{"a\xef\xbf\xbd"
                     "b",
                     "\xef\xbf\xbd"}}));
    EXPECT_EQ(read(utf16(u"a,b", false) + "c").rows, (Rows{{"a", "b\xef\xbf\xbd"}}));
}

TEST(CsvCell, KnowsWhatIsMissing) {
    for (const auto* cell : {"", "  ", "NA", "n/a", "NaN", "NULL", "None", "\t"})
        EXPECT_TRUE(is_missing_cell(cell)) << cell;
    for (const auto* cell : {"0", "no", "nano", "-", "nulls"})
        EXPECT_FALSE(is_missing_cell(cell)) << cell;
}

TEST(CsvCell, ReadsTypedValues) {
    EXPECT_EQ(read_cell("32.0", 100)->type, model::ValueType::float64);
    EXPECT_EQ(read_cell("32", 100)->type, model::ValueType::int64);
    EXPECT_EQ(read_cell("true", 100)->type, model::ValueType::boolean);
    EXPECT_EQ(read_cell("open", 100)->type, model::ValueType::text);
    EXPECT_FALSE(read_cell("1e400", 100).has_value());
    EXPECT_FALSE(read_cell("\xff", 100).has_value());
}

TEST(CsvCell, ReadsTimes) {
    constexpr int64_t second = 1'000'000'000;
    const auto time = [](std::string_view cell) {
        const auto read = read_time_cell(cell);
        EXPECT_TRUE(read.has_value()) << cell;
        return read ? read->ns : 0;
    };
    for (const auto* cell : {"2026-03-01 12:00:00", "2026-03-01T12:00:00Z", " 2026/03/01 12:00 ",
                             "2026-03-01T13:00:00+01:00", "1772366400", "1772366400000"})
        EXPECT_EQ(time(cell), 1'772'366'400 * second) << cell;
    EXPECT_EQ(time("2026-03-01"), 1'772'323'200 * second);
    EXPECT_EQ(time("2026-03-01 12:00:00.125"), 1'772'366'400 * second + second / 8);
    for (const auto* cell : {"", "now", "soon", "2026-13-01", "12:00"})
        EXPECT_FALSE(read_time_cell(cell).has_value()) << cell;
}

// The recordings that lie beside the repository, or where HEADWORKS_SHARED_DATA says.
std::filesystem::path shared_data() {
    if (const char* folder = std::getenv("HEADWORKS_SHARED_DATA")) return folder;
    auto at = std::filesystem::path(__FILE__).parent_path();
    for (; at.has_relative_path(); at = at.parent_path())
        if (std::filesystem::exists(at / "shared" / "data")) return at / "shared" / "data";
    return {};
}

void expect_whole(const std::filesystem::path& file, size_t time_column, size_t& cells) {
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto outcome = read_in_pieces(text, 64 << 10);
    EXPECT_THAT(outcome.errors, IsEmpty()) << file;
    EXPECT_EQ(outcome.rows.size(), static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) +
                                       (text.ends_with('\n') ? 0 : 1))
        << file;
    for (size_t i = 1; i < outcome.rows.size(); ++i) {
        const auto& row = outcome.rows[i];
        ASSERT_TRUE(read_time_cell(row.at(time_column)).has_value()) << file << row[time_column];
        for (size_t c = 0; c < row.size(); ++c) {
            if (c == time_column || is_missing_cell(row[c])) continue;
            const auto cell = read_cell(row[c], 100);
            ASSERT_TRUE(cell && cell->type != model::ValueType::text) << file << ' ' << row[c];
            ++cells;
        }
    }
}

TEST(CsvRecordings, ParseWhole) {
    const auto folder = shared_data();
    if (folder.empty() || !std::filesystem::exists(folder))
        GTEST_SKIP() << "no recordings: set HEADWORKS_SHARED_DATA to the folder that holds skab/";
    size_t files = 0;
    size_t cells = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".csv") continue;
        const bool meters = entry.path().string().find("smart-meter") != std::string::npos;
        expect_whole(entry.path(), meters ? 1 : 0, cells);
        ++files;
    }
    std::cout << files << " files, " << cells << " values\n";
    EXPECT_GT(files, 0U);
}

}  // namespace
}  // namespace hw::ingest
