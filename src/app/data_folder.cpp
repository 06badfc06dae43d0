#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace hw::app {

Result<DataFolder> DataFolder::take(const std::string& folder) {
    std::error_code error;
    const bool fresh = !std::filesystem::exists(folder, error);
    std::filesystem::create_directories(folder, error);
    // What was measured is not for other accounts of the machine. A folder that was there keeps the
    // mode that somebody gave it.
    if (fresh && !error)
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error)
        return fail(ErrorCode::io_failed,
                    fmt::format("cannot make the data folder '{}': {}; say another with --data",
                                folder, error.message()));
    const std::string name = folder + "/lock";
    const int lock = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock < 0)
        return fail(ErrorCode::io_failed,
                    fmt::format("cannot open '{}': {}", name, std::strerror(errno)));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock);
        return fail(ErrorCode::conflict,
                    fmt::format("the data folder '{}' is in use by another headworks process; stop "
                                "it or say another with --data",
                                folder));
    }
    return DataFolder(folder, lock);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace hw::app
