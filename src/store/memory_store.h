#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "store/store.h"

namespace hw::store {

// The store in memory, for tests and simulation. One thread. Writes since the last sync are lost
// from a random one on at a crash, and fail by chance.
class MemoryStore final : public Store {
  public:
    explicit MemoryStore(uint64_t seed) : random_(seed) {
        for (auto& family : families_)
            family = std::make_shared<Rows>();
        durable_ = families_;
        for (auto& family : durable_)
            family = std::make_shared<Rows>();
    }

    // Probabilities of write and of sync to fail (a failed write changes nothing).
    void set_faults(double write_fails, double sync_fails) {
        write_fails_ = write_fails;
        sync_fails_ = sync_fails;
    }
    void crash();

    std::unique_ptr<WriteBatch> make_batch() override;
    Result<void> write(WriteBatch& batch) override;
    Result<void> sync() override;
    Result<std::optional<std::string>> get(Family family, std::string_view key) override;
    std::vector<std::unique_ptr<Cursor>> cursors(std::span<const Family> families) override;
    Result<void> compact() override { return {}; }
    // Not for simulations: always unsupported.
    Result<void> checkpoint(const std::string& folder) override;
    uint64_t disk_bytes(Family family) override;
    size_t memory_bytes() override { return 0; }

    using Rows = std::map<std::string, std::string, std::less<>>;

  private:
    struct Change {
        enum class Kind : uint8_t { put, remove, remove_range } kind;
        Family family;
        std::string key;
        std::string value;  // or the end of the range
    };
    class Batch;
    static void apply(Rows& rows, const Change& change);

    Random random_;
    double write_fails_ = 0;
    double sync_fails_ = 0;
    // Cursors hold the rows they walk; a write copies rows that a cursor holds.
    std::array<std::shared_ptr<Rows>, family_count> families_;
    std::array<std::shared_ptr<Rows>, family_count> durable_;
    std::vector<std::vector<Change>> unsynced_;
};

}  // namespace hw::store
