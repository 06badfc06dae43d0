#pragma once

#include <string>

#include "base/error.h"

namespace hw::app {

// The data folder, held by this process alone (flock on <folder>/lock) until it is destroyed.
class DataFolder {
  public:
    // Makes the folder where it is missing. Errors: conflict (another process has it), io_failed.
    static Result<DataFolder> take(const std::string& folder);
    ~DataFolder();
    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;

    const std::string& path() const { return path_; }

  private:
    DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::string path_;
    int lock_;
};

}  // namespace hw::app
