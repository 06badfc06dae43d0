#include "connector/file/marks.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hw::connector::file {

namespace {

bool take_number(std::string_view& line, uint64_t& number) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return false;
    const char* const end = line.data() + space;
    const auto [at, error] = std::from_chars(line.data(), end, number);
    line.remove_prefix(space + 1);
    return error == std::errc() && at == end;
}

}  // namespace

std::string marks_text(const FileMarks& marks) {
    std::string text;
    for (const auto& [name, mark] : marks)
        text += fmt::format("{} {} {} {} {}\n", mark.inode, mark.offset, mark.rows,
                            mark.done ? 1 : 0, name);
    return text;
}

FileMarks parse_marks(std::string_view text) {
    FileMarks marks;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        FileMark mark;
        uint64_t done = 0;
        if (take_number(line, mark.inode) && take_number(line, mark.offset) &&
            take_number(line, mark.rows) && take_number(line, done) && !line.empty()) {
            mark.done = done != 0;
            marks[std::string(line)] = mark;
        }
    }
    return marks;
}

FileMarks load_marks(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return parse_marks(content.str());
}

Result<void> save_marks(const std::string& path, const FileMarks& marks) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    const std::string next = path + ".new";
    {
        std::ofstream file(next, std::ios::binary | std::ios::trunc);
        file << marks_text(marks);
        file.flush();
        if (!file)
            return fail(ErrorCode::io_failed, fmt::format("cannot write the mark file {}", next));
    }
    std::filesystem::rename(next, path, error);
    if (error)
        return fail(ErrorCode::io_failed,
                    fmt::format("cannot rename {}: {}", next, error.message()));
    return {};
}

}  // namespace hw::connector::file
