#pragma once

#include <memory>
#include <string>

#include "io/disk.h"

namespace hw::io {

// A folder of the real file system. Appends go to the page cache; sync is fdatasync. Keeps no state
// but the root's name, so any number may exist for one folder.
class PosixDisk final : public Disk {
  public:
    // Makes the root where it is missing.
    static Result<std::unique_ptr<PosixDisk>> open(const std::string& root);

    Result<std::unique_ptr<AppendFile>> create(const std::string& path) override;
    Result<std::string> read(const std::string& path) override;
    Result<std::string> read_part(const std::string& path, uint64_t offset, size_t size) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Result<void> make_folder(const std::string& path) override;
    Result<void> remove(const std::string& path) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> sync_folder(const std::string& path) override;
    Result<uint64_t> free_bytes() override;

  private:
    explicit PosixDisk(std::string root) : root_(std::move(root)) {}
    std::string full(const std::string& path) const { return root_ + "/" + path; }
    Result<void> sync_parent(const std::string& path);

    const std::string root_;
};

}  // namespace hw::io
