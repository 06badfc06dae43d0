#include "io/output_queue.h"

#include <utility>

#include "base/assert.h"

namespace hw::io {

void OutputQueue::push(std::string_view bytes) {
    if (bytes.empty()) return;
    if (pieces_ && pieces_->back().size() + bytes.size() <= join_bytes) {
        pieces_->back().append(bytes);
        size_ += bytes.size();
        return;
    }
    push(std::string(bytes), 0);
}

void OutputQueue::push(std::string&& bytes, size_t skip) {
    HW_ASSERT(skip <= bytes.size());
    if (skip == bytes.size()) return;
    // A tail of a piece is only cheap at the front; behind others it is copied out.
    if (pieces_ && (skip > 0 || bytes.size() < join_bytes / 4)) {
        const std::string_view rest = std::string_view(bytes).substr(skip);
        if (skip > 0 || pieces_->back().size() + rest.size() <= join_bytes) return push(rest);
    }
    if (!pieces_) {
        pieces_ = std::make_unique<std::deque<std::string>>();
        offset_ = skip;
    }
    size_ += bytes.size() - skip;
    pieces_->push_back(std::move(bytes));
}

BytesView OutputQueue::front() const {
    if (!pieces_) return {};
    return as_bytes(std::string_view(pieces_->front()).substr(offset_));
}

void OutputQueue::pop(size_t count) {
    if (count == 0) return;
    HW_ASSERT(pieces_ && offset_ + count <= pieces_->front().size());
    offset_ += count;
    size_ -= count;
    if (offset_ < pieces_->front().size()) return;
    offset_ = 0;
    pieces_->pop_front();
    if (pieces_->empty()) pieces_.reset();
}

void OutputQueue::clear() {
    pieces_.reset();
    offset_ = 0;
    size_ = 0;
}

}  // namespace hw::io
