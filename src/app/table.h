#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hw::app {

// Columns of a character width that fits, parted by two spaces. The widths are those of the first
// block of rows (and grow later where a row needs it, so a long answer can be shown as it comes).
class Table {
  public:
    struct Column {
        std::string name;
        bool to_the_right = false;  // numbers
    };

    Table(std::vector<Column> columns, bool colour);

    void add(std::vector<std::string> cells);
    // The rows added since the last call, with the header before the first of them.
    std::string render();
    size_t pending() const { return rows_.size(); }

  private:
    void append_row(const std::vector<std::string>& cells, std::string& out) const;

    std::vector<Column> columns_;
    std::vector<size_t> widths_;
    std::vector<std::vector<std::string>> rows_;
    const bool colour_;
    bool header_done_ = false;
};

// Characters, not bytes, of UTF-8; control characters of a value must not reach the terminal.
size_t text_width(std::string_view utf8);
std::string printable_cell(std::string_view text);

// "3 s", "12 min", "5 h", "40 d": how long ago, in the largest unit.
std::string age_text(int64_t ns);

}  // namespace hw::app
