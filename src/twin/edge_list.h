#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hw::twin {

// Numbers of edges in an order that the caller says. A few lie in one vector; beyond a block's size
// in sorted blocks, so that a twin with a million relationships still takes O(log n) comparisons
// and a move of at most 4 KB for an addition. 32 bytes and 4 to 8 a number.
class EdgeList {
  public:
    static constexpr size_t block_limit = 1024;

    size_t size() const { return big_ ? size_ : few_.size(); }
    bool empty() const { return size() == 0; }
    size_t bytes() const;

    // `before(n)`: the number lies before the place. As with std::partition_point.
    template <class Before>
    void insert(uint32_t edge, const Before& before) {
        if (!big_) {
            if (few_.size() < block_limit) {
                few_.insert(few_.begin() + static_cast<ptrdiff_t>(place(few_, before)), edge);
                return;
            }
            grow();
        }
        auto& blocks = *big_;
        const size_t b = block_for(before);
        auto& block = blocks[b];
        block.insert(block.begin() + static_cast<ptrdiff_t>(place(block, before)), edge);
        ++size_;
        if (block.size() > block_limit) split(b);
    }
    // The first number that does not lie before the place must be `edge`.
    template <class Before>
    void remove(uint32_t edge, const Before& before) {
        if (!big_) {
            take(few_, place(few_, before), edge);
            return;
        }
        const Position at = find(before);
        auto& block = (*big_)[at.block];
        take(block, at.item, edge);
        --size_;
        if (block.empty()) drop(at.block);
    }

    struct Position {
        size_t block = 0, item = 0;
    };
    // The first that does not lie before the place, or end.
    template <class Before>
    Position find(const Before& before) const {
        if (!big_) return {0, place(few_, before)};
        const size_t b = block_for(before);
        const size_t item = place((*big_)[b], before);
        if (item < (*big_)[b].size()) return {b, item};
        return {b + 1, 0};
    }
    bool at_end(const Position& at) const {
        return big_ ? at.block >= big_->size() : at.item >= few_.size();
    }
    uint32_t operator[](const Position& at) const {
        return big_ ? (*big_)[at.block][at.item] : few_[at.item];
    }
    void next(Position& at) const {
        ++at.item;
        if (big_ && at.item >= (*big_)[at.block].size()) at = {at.block + 1, 0};
    }

  private:
    using Block = std::vector<uint32_t>;

    template <class Before>
    static size_t place(const Block& block, const Before& before) {
        size_t low = 0;
        size_t high = block.size();
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (before(block[middle]))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
    // The block that holds the place: the last whose first number lies before it, or the first.
    template <class Before>
    size_t block_for(const Before& before) const {
        size_t low = 1;
        size_t high = big_->size();
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (before((*big_)[middle].front()))
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }
    static void take(Block& block, size_t item, uint32_t edge);
    void grow();
    void split(size_t block);
    void drop(size_t block);

    Block few_;
    std::unique_ptr<std::vector<Block>> big_;  // no block is empty; at least one
    size_t size_ = 0;                          // where big
};

}  // namespace hw::twin
