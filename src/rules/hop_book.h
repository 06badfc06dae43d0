#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "model/value.h"

namespace hw::rules {

// How often a thing that rules made has been through rules: what goes out is noted, and what comes
// in and was noted has as many hops as were noted, once. So loops are seen whatever way they take,
// through retained messages, history or another broker. Bounded: the oldest notes go first, and
// what they were for counts as new. One thread; 48 bytes a note.
class HopBook {
  public:
    explicit HopBook(size_t limit = 65'536) : limit_(limit) {}

    static uint64_t key_of_message(std::string_view topic, std::string_view payload);
    static uint64_t key_of_sample(model::PointId point, Time time);
    void note(uint64_t key, uint8_t hops);
    uint8_t take(uint64_t key);  // 0: nothing is known
    bool empty() const { return notes_.empty(); }

  private:
    const size_t limit_;
    std::unordered_map<uint64_t, uint8_t> notes_;
    std::deque<uint64_t> order_;
};

}  // namespace hw::rules
