#include "connector/file/file_kind.h"

#include <fmt/format.h>

#include <filesystem>

#include "connector/file/parts.h"
#include "connector/settings_text.h"

namespace hw::connector::file {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"absolute_paths", boolean, "false",
     "Whether paths may be absolute; others lie in the folder files of the data folder", 0, 0,
     false},
};

constexpr Property sink[] = {
    {"path", text, "", "The file to write, e.g. flows.csv", 0, 0, false},
    {"format", text, "ndjson", "A row as a JSON object, as CSV, or as the line of a template", 0, 0,
     false, "ndjson|csv|line"},
    {"line", text, "${.}", "Template of a line, with format line", 0, 0, false},
    {"columns", text_list, "",
     "Columns of CSV as name or name=template; empty: the members of a file's first row", 0, 0,
     false},
    {"header", boolean, "true", "Whether a CSV file begins with the columns' names", 0, 0, false},
    {"delimiter", text, ",", "Between CSV fields: a character, or tab", 0, 0, false},
    {"rotate_bytes", bytes, "100MB", "A file that has grown so far is closed and a new one begun",
     1000, 1e12, false},
    {"rotate_interval", duration, "0s",
     "A file of this age is closed and a new one begun; 0: never", 0, 31e6, false},
    {"keep_files", integer, "10", "Closed files that are kept; the oldest go. 0: all", 0, 100'000,
     false},
    {"sync", boolean, "false", "Whether a batch counts as sent only once it is on disk", 0, 0,
     false},
};

constexpr Property source[] = {
    {"path", text, "", "The file to read, or the folder of files", 0, 0, false},
    {"format", text, "lines",
     "What is in it: a message a line, CSV with a header, or one JSON text", 0, 0, false,
     "lines|csv|json"},
    {"delimiter", text, ",", "Between CSV fields: a character, or tab", 0, 0, false},
    {"columns", text_list, "", "Names of CSV columns, where the files have no header", 0, 0, false},
    {"follow", boolean, "false",
     "Whether a file is read on as it grows; else it is read once it is there", 0, 0, false},
    {"after", text, "keep", "What becomes of a file of a folder that was read", 0, 0, false,
     "keep|delete|move"},
    {"move_to", text, "done", "Folder to move read files to, with after move", 0, 0, false},
    {"interval", duration, "1s", "How often is looked for more", 0.01, 86'400, false},
    {"batch_size", integer, "1000", "Messages handed over in one go, at most", 1, 100'000, false},
};

constexpr Property lookup[] = {
    {"path", text, "", "CSV file with a header; it is read again when it changes", 0, 0, false},
    {"delimiter", text, ",", "Between CSV fields: a character, or tab", 0, 0, false},
    {"check_interval", duration, "1s", "How often is looked whether it changed", 0, 86'400, false},
    {"rows_limit", integer, "1000000", "Rows it may have", 1, 100'000'000, false},
};

constexpr Kind the_kind = {
    "file",
    "Files",
    "Writes rows to files, reads messages from files, and looks rows up in a CSV file.",
    connection,
    sink,
    source,
    lookup,
    make_sink,
    make_source,
    make_lookup,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

Result<std::string> place_of(const Config::Table& settings, std::string_view key,
                             const Rooms& rooms) {
    const std::string text = HW_TRY(needed(settings, key));
    const std::filesystem::path path(text);
    if (path.is_absolute()) {
        if (setting(settings, "absolute_paths").as_boolean()) {
            HW_TRY(check_place(text, key, rooms));
            return text;
        }
        return fail(ErrorCode::permission_denied,
                    fmt::format("{}: '{}' is absolute; set absolute_paths, or write a path below "
                                "the data folder",
                                key, text));
    }
    for (const auto& step : path)
        if (step == "..")
            return fail(ErrorCode::permission_denied,
                        fmt::format("{}: '{}' leads out of the data folder", key, text));
    return (std::filesystem::path(rooms.data_folder) / "files" / path).string();
}

Result<char> delimiter_of(const Config::Table& settings) {
    const std::string& text = setting(settings, "delimiter").as_text();
    if (text == "tab" || text == "\\t") return '\t';
    if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r") return text.front();
    return fail(ErrorCode::invalid_argument,
                fmt::format("delimiter: '{}' is not one character; write e.g. ; or tab", text));
}

}  // namespace hw::connector::file
