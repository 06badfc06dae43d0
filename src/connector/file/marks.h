#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::connector::file {

// How far a file was read.
struct FileMark {
    uint64_t inode = 0;
    uint64_t offset = 0;  // bytes
    uint64_t rows = 0;    // CSV records behind the header
    bool done = false;    // will not be read again

    friend bool operator==(const FileMark&, const FileMark&) = default;
};
using FileMarks = std::map<std::string, FileMark, std::less<>>;  // by the file's name

// As text: a line a file, "inode offset rows done name". Lines that cannot be read are passed over.
std::string marks_text(const FileMarks& marks);
FileMarks parse_marks(std::string_view text);

// Missing: empty. Writing is atomic (a new file, renamed). Errors: io_failed.
FileMarks load_marks(const std::string& path);
Result<void> save_marks(const std::string& path, const FileMarks& marks);

}  // namespace hw::connector::file
