#pragma once

#include <cstdint>
#include <memory>

namespace hw::broker {

// The packet ids of QoS 2 messages received and not yet released by their sender. A bit each, in
// pages of 1,024 made when first used: nothing for the many sessions that never publish at QoS 2,
// under 1 KiB for one with a small window.
class PacketIdSet {
  public:
    bool contains(uint16_t id) const;
    // False: it was there.
    bool insert(uint16_t id);
    // False: it was not there.
    bool erase(uint16_t id);
    void clear();
    uint32_t size() const { return size_; }

  private:
    static constexpr size_t page_bits = 1024;
    struct Page {
        uint64_t words[page_bits / 64] = {};
    };

    std::unique_ptr<std::unique_ptr<Page>[]> pages_;
    uint32_t size_ = 0;
};

}  // namespace hw::broker
