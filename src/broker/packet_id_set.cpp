#include "broker/packet_id_set.h"

namespace hw::broker {

namespace {

constexpr size_t pages = 64;

}  // namespace

bool PacketIdSet::contains(uint16_t id) const {
    if (!pages_) return false;
    const Page* page = pages_[id / page_bits].get();
    return page != nullptr && (page->words[id % page_bits / 64] >> (id % 64) & 1) != 0;
}

bool PacketIdSet::insert(uint16_t id) {
    if (contains(id)) return false;
    if (!pages_) pages_ = std::make_unique<std::unique_ptr<Page>[]>(pages);
    auto& page = pages_[id / page_bits];
    if (!page) page = std::make_unique<Page>();
    page->words[id % page_bits / 64] |= uint64_t{1} << (id % 64);
    ++size_;
    return true;
}

bool PacketIdSet::erase(uint16_t id) {
    if (!contains(id)) return false;
    pages_[id / page_bits]->words[id % page_bits / 64] &= ~(uint64_t{1} << (id % 64));
    --size_;
    return true;
}

void PacketIdSet::clear() {
    pages_.reset();
    size_ = 0;
}

}  // namespace hw::broker
