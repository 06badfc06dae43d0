#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/random.h"
#include "io/disk.h"

namespace hw::io {

// A disk in memory that behaves as badly as a real one may: unsynced bytes are lost or torn at a
// crash, appends and syncs fail by chance, and it fills up. One thread; the same seed and calls
// give the same faults. Files made before a crash must not be used after it.
class SimDisk final : public Disk {
  public:
    struct Faults {
        double append_fails = 0;  // probability of each append to write a part and fail
        double sync_fails = 0;    // probability of each file sync to fail
    };

    explicit SimDisk(uint64_t seed, uint64_t capacity_bytes = UINT64_MAX)
        : random_(seed), capacity_bytes_(capacity_bytes) {}

    void set_faults(Faults faults) { faults_ = faults; }
    void set_capacity(uint64_t bytes) { capacity_bytes_ = bytes; }
    // Power loss: of each file what was synced stays, of the rest a random beginning, whose last
    // bytes may be garbage. Names not synced with their folder may be gone.
    void crash();
    // Flips one bit of what is kept, for tests of damage.
    void damage(const std::string& path, uint64_t offset);
    uint64_t used_bytes() const;
    uint64_t syncs() const { return syncs_; }

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
    class File;
    struct Node {
        std::string content;
        size_t synced = 0;
        bool named = false;  // its folder was synced since it was made
    };

    Random random_;
    uint64_t capacity_bytes_;
    Faults faults_;
    uint64_t syncs_ = 0;
    std::map<std::string, std::shared_ptr<Node>> files_;
    std::map<std::string, bool> folders_;
};

}  // namespace hw::io
