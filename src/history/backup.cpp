#include "history/backup.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <map>

#include "io/posix_disk.h"

namespace hw::history {

namespace {

namespace fs = std::filesystem;

constexpr const char* list_name = "backup.list";
constexpr std::string_view list_head = "headworks backup 1\n";

Result<void> check_empty(const std::string& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) return {};
    if (fs::is_directory(folder, error) && fs::is_empty(folder, error)) return {};
    return fail(ErrorCode::conflict, folder + " is not an empty folder; name a new one");
}

Result<std::map<std::string, uint64_t>> list_files(const std::string& folder) {
    std::map<std::string, uint64_t> files;
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    for (const fs::recursive_directory_iterator end; !error && entries != end;
         entries.increment(error))
        if (entries->is_regular_file(error))
            files[fs::relative(entries->path(), folder, error).string()] =
                entries->file_size(error);
    if (error) return fail(ErrorCode::io_failed, "cannot list " + folder + ": " + error.message());
    return files;
}

Result<std::map<std::string, uint64_t>> read_list(io::Disk& backup, const std::string& folder) {
    const auto text = backup.read(list_name);
    if (!text || !text->starts_with(list_head))
        return fail(ErrorCode::corrupt, folder + " holds no whole backup: it lacks " + list_name);
    std::map<std::string, uint64_t> files;
    std::string_view rest = std::string_view(*text).substr(list_head.size());
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const size_t space = line.find(' ');
        uint64_t size = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), size);
        if (read.ec != std::errc() || space == std::string_view::npos)
            return fail(ErrorCode::corrupt, "the list of files in " + folder + " is damaged");
        files[std::string(line.substr(space + 1))] = size;
    }
    return files;
}

Result<void> copy_file(io::Disk& from, io::Disk& to, const std::string& path, uint64_t size) {
    const std::string content = HW_TRY(from.read(path));
    if (content.size() != size)
        return fail(ErrorCode::corrupt, fmt::format("the backup's {} has {} bytes instead of {}",
                                                    path, content.size(), size));
    const size_t slash = path.rfind('/');
    if (slash != std::string::npos) HW_TRY(to.make_folder(path.substr(0, slash)));
    const auto file = HW_TRY(to.create(path));
    HW_TRY(file->append(as_bytes(content)));
    HW_TRY(file->sync());
    return to.sync_folder(slash == std::string::npos ? "." : path.substr(0, slash));
}

Result<void> set_mode(const std::string& path, fs::perms mode) {
    std::error_code error;
    fs::permissions(path, mode, error);
    if (error)
        return fail(ErrorCode::io_failed,
                    "cannot set the mode of " + path + ": " + error.message());
    return {};
}

// What was measured is not for other accounts of the machine, in a copy neither. Files that are
// links to those of the running store keep theirs; the folder keeps others out.
Result<void> close_to_others(const std::string& folder) {
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    for (const fs::recursive_directory_iterator end; !error && entries != end;
         entries.increment(error)) {
        std::error_code ignored;
        if (entries->is_directory(ignored))
            HW_TRY(set_mode(entries->path(), fs::perms::owner_all));
        else if (entries->hard_link_count(ignored) == 1)
            HW_TRY(set_mode(entries->path(), fs::perms::owner_read | fs::perms::owner_write));
    }
    if (error) return fail(ErrorCode::io_failed, "cannot list " + folder + ": " + error.message());
    return {};
}

}  // namespace

Result<void> write_backup(Engine& engine, const std::string& folder) {
    HW_TRY(check_empty(folder));
    const auto disk = HW_TRY(io::PosixDisk::open(folder));
    // Before anything is in it.
    HW_TRY(set_mode(folder, fs::perms::owner_all));
    // First the store, then the journal: what is sealed in between is in both.
    HW_TRY(engine.store().checkpoint(folder + "/store"));
    HW_TRY(engine.copy_journal(*disk));
    std::string list(list_head);
    for (const auto& [path, size] : HW_TRY(list_files(folder)))
        list += fmt::format("{} {}\n", size, path);
    const auto file = HW_TRY(disk->create(list_name));
    HW_TRY(file->append(as_bytes(list)));
    HW_TRY(file->sync());
    HW_TRY(close_to_others(folder));
    return disk->sync_folder(".");
}

Result<void> restore_backup(const std::string& backup, const std::string& folder) {
    std::error_code error;
    if (!fs::is_directory(backup, error))
        return fail(ErrorCode::not_found, "there is no backup folder " + backup);
    HW_TRY(check_empty(folder));
    const auto from = HW_TRY(io::PosixDisk::open(backup));
    const auto files = HW_TRY(read_list(*from, backup));
    const auto to = HW_TRY(io::PosixDisk::open(folder));
    HW_TRY(set_mode(folder, fs::perms::owner_all));
    for (const auto& [path, size] : files)
        HW_TRY(copy_file(*from, *to, path, size));
    return {};
}

}  // namespace hw::history
