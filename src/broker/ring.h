#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/assert.h"

namespace hw::broker {

// A first-in first-out queue in one block of a power of two, which grows by doubling. Empty it owns
// nothing (std::deque would own 600 bytes, and there are several per session).
template <class T>
class Ring {
  public:
    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }

    T& operator[](size_t i) { return items_[(head_ + i) & (capacity_ - 1)]; }
    const T& operator[](size_t i) const { return items_[(head_ + i) & (capacity_ - 1)]; }
    T& front() { return items_[head_]; }
    const T& front() const { return items_[head_]; }
    T& back() { return (*this)[size_ - 1]; }

    T& push_back(T item) {
        if (size_ == capacity_) grow();
        T& slot = items_[(head_ + size_) & (capacity_ - 1)];
        slot = std::move(item);
        ++size_;
        return slot;
    }
    void pop_front() {
        HW_ASSERT(size_ > 0);
        items_[head_] = T();
        head_ = (head_ + 1) & (capacity_ - 1);
        --size_;
    }
    // Gives the block back.
    void clear() {
        items_.reset();
        capacity_ = head_ = size_ = 0;
    }

  private:
    void grow() {
        const uint32_t capacity = capacity_ == 0 ? 4 : capacity_ * 2;
        auto items = std::make_unique<T[]>(capacity);
        for (uint32_t i = 0; i < size_; ++i)
            items[i] = std::move((*this)[i]);
        items_ = std::move(items);
        capacity_ = capacity;
        head_ = 0;
    }

    std::unique_ptr<T[]> items_;
    uint32_t capacity_ = 0;
    uint32_t head_ = 0;
    uint32_t size_ = 0;
};

}  // namespace hw::broker
