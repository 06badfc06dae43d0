#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace hw::io {

// A file that grows at its end. One thread at a time.
class AppendFile {
  public:
    virtual ~AppendFile() = default;
    // Everything or an error; after an error the file's tail is undefined up to the last sync.
    // Errors: no_space, io_failed.
    virtual Result<void> append(BytesView bytes) = 0;
    // On disk when it returns (fdatasync). After a failed sync nothing written since the last good
    // one may be trusted, and the file must not be written again.
    virtual Result<void> sync() = 0;
    virtual uint64_t size() const = 0;
};

// What rooms know of a disk. PosixDisk is the real one; SimDisk (one thread, from a seed) keeps
// unsynced bytes apart, loses or tears them at a crash and fails on purpose.
// Paths are relative to the disk's root and use '/'. Any thread, but one file on one thread.
class Disk {
  public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path) = 0;
    virtual Result<std::string> read(const std::string& path) = 0;
    // What there is of the `size` bytes from `offset` on: less, or nothing, at the file's end.
    virtual Result<std::string> read_part(const std::string& path, uint64_t offset,
                                          size_t size) = 0;
    virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
    virtual Result<void> make_folder(const std::string& path) = 0;
    // The removal or new name is on disk when it returns (the folder is synced).
    virtual Result<void> remove(const std::string& path) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> sync_folder(const std::string& path) = 0;
    virtual Result<uint64_t> free_bytes() = 0;
};

}  // namespace hw::io
