#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace hw::io {

// What a socket did not take yet: pieces in order. Small pieces are joined, so that a slow reader
// costs few writes; whole strings are moved in, not copied. Holds no memory while empty. One
// thread.
class OutputQueue {
  public:
    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }

    void push(std::string_view bytes);
    // The string from `skip` on.
    void push(std::string&& bytes, size_t skip);
    // The first piece; empty if none.
    BytesView front() const;
    // `count` is at most the first piece's length.
    void pop(size_t count);
    void clear();

  private:
    static constexpr size_t join_bytes = 64 << 10;

    // On the heap only while in use: an empty deque alone holds half a kilobyte.
    std::unique_ptr<std::deque<std::string>> pieces_;
    size_t offset_ = 0;  // into the first piece
    size_t size_ = 0;
};

}  // namespace hw::io
