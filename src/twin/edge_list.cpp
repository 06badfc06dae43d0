#include "twin/edge_list.h"

#include "base/assert.h"

namespace hw::twin {

size_t EdgeList::bytes() const {
    size_t bytes = few_.capacity() * sizeof(uint32_t);
    if (big_)
        for (const auto& block : *big_)
            bytes += sizeof(Block) + block.capacity() * sizeof(uint32_t);
    return bytes;
}

void EdgeList::take(Block& block, size_t item, uint32_t edge) {
    HW_ASSERT(item < block.size() && block[item] == edge);
    block.erase(block.begin() + static_cast<ptrdiff_t>(item));
}

void EdgeList::grow() {
    big_ = std::make_unique<std::vector<Block>>();
    size_ = few_.size();
    big_->push_back(std::move(few_));
    few_ = {};
}

void EdgeList::split(size_t block) {
    auto& blocks = *big_;
    const auto half = static_cast<ptrdiff_t>(blocks[block].size() / 2);
    Block upper(blocks[block].begin() + half, blocks[block].end());
    upper.reserve(block_limit + 1);
    blocks[block].resize(static_cast<size_t>(half));
    blocks.insert(blocks.begin() + static_cast<ptrdiff_t>(block) + 1, std::move(upper));
}

void EdgeList::drop(size_t block) {
    big_->erase(big_->begin() + static_cast<ptrdiff_t>(block));
    if (!big_->empty()) return;
    big_.reset();
    size_ = 0;
}

}  // namespace hw::twin
