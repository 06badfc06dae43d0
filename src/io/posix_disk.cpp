#include "io/posix_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace hw::io {

namespace {

std::unexpected<Error> failure(const std::string& what, const std::string& path, int error) {
    ErrorCode code = ErrorCode::io_failed;
    if (error == ENOSPC || error == EDQUOT) code = ErrorCode::no_space;
    if (error == ENOENT || error == ENOTDIR) code = ErrorCode::not_found;
    if (error == EEXIST) code = ErrorCode::conflict;
    if (error == EACCES || error == EPERM) code = ErrorCode::permission_denied;
    return fail(code,
                "cannot " + what + " " + path + ": " + std::generic_category().message(error));
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    const int fd_;
};

class PosixAppendFile final : public AppendFile {
  public:
    PosixAppendFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    Result<void> append(BytesView bytes) override {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
            if (written < 0) {
                if (errno == EINTR) continue;
                return failure("write", path_, errno);
            }
            size_ += static_cast<uint64_t>(written);
            bytes = bytes.subspan(static_cast<size_t>(written));
        }
        return {};
    }

    Result<void> sync() override {
        if (::fdatasync(fd_.get()) != 0) return failure("sync", path_, errno);
        return {};
    }

    uint64_t size() const override { return size_; }

  private:
    const Descriptor fd_;
    const std::string path_;
    uint64_t size_ = 0;
};

Result<void> sync_folder_at(const std::string& path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return failure("open", path, errno);
    if (::fsync(fd.get()) != 0) return failure("sync", path, errno);
    return {};
}

}  // namespace

Result<std::unique_ptr<PosixDisk>> PosixDisk::open(const std::string& root) {
    std::error_code error;
    std::filesystem::create_directories(root, error);
    if (error) return failure("make the folder", root, error.value());
    return std::unique_ptr<PosixDisk>(new PosixDisk(root));
}

Result<std::unique_ptr<AppendFile>> PosixDisk::create(const std::string& path) {
    const std::string name = full(path);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) return failure("create", name, errno);
    return std::make_unique<PosixAppendFile>(fd, name);
}

Result<std::string> PosixDisk::read(const std::string& path) {
    return read_part(path, 0, SIZE_MAX);
}

Result<std::string> PosixDisk::read_part(const std::string& path, uint64_t offset, size_t size) {
    const std::string name = full(path);
    const Descriptor fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return failure("open", name, errno);
    struct stat about{};
    if (::fstat(fd.get(), &about) != 0) return failure("read", name, errno);
    const auto end = static_cast<uint64_t>(about.st_size);
    if (offset >= end) return std::string();
    std::string content(std::min<uint64_t>(size, end - offset), '\0');
    size_t at = 0;
    while (at < content.size()) {
        const ssize_t count = ::pread(fd.get(), content.data() + at, content.size() - at,
                                      static_cast<off_t>(offset + at));
        if (count < 0) {
            if (errno == EINTR) continue;
            return failure("read", name, errno);
        }
        if (count == 0) break;
        at += static_cast<size_t>(count);
    }
    content.resize(at);
    return content;
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& folder) {
    std::error_code error;
    std::filesystem::directory_iterator entries(full(folder), error);
    if (error) return failure("list", full(folder), error.value());
    std::vector<std::string> names;
    for (const std::filesystem::directory_iterator end; entries != end; entries.increment(error)) {
        if (error) return failure("list", full(folder), error.value());
        names.push_back(entries->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> PosixDisk::make_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(full(path), error);
    if (error) return failure("make the folder", full(path), error.value());
    return sync_parent(path);
}

Result<void> PosixDisk::remove(const std::string& path) {
    const std::string name = full(path);
    if (::unlink(name.c_str()) != 0) return failure("remove", name, errno);
    return sync_parent(path);
}

Result<void> PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(full(from).c_str(), full(to).c_str()) != 0)
        return failure("rename to " + full(to) + " from", full(from), errno);
    return sync_parent(to);
}

Result<void> PosixDisk::sync_folder(const std::string& path) {
    return sync_folder_at(full(path));
}

Result<uint64_t> PosixDisk::free_bytes() {
    struct statvfs about{};
    if (::statvfs(root_.c_str(), &about) != 0) return failure("ask for the space of", root_, errno);
    return static_cast<uint64_t>(about.f_bavail) * about.f_frsize;
}

Result<void> PosixDisk::sync_parent(const std::string& path) {
    const size_t slash = path.rfind('/');
    return sync_folder_at(slash == std::string::npos ? root_ : full(path.substr(0, slash)));
}

}  // namespace hw::io
