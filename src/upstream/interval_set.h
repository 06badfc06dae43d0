#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace hw::upstream {

// A run of numbers, both ends in it.
struct Interval {
    uint64_t first = 0;
    uint64_t last = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
};

// A set of numbers as the fewest intervals. One thread; logarithmic in their count.
class IntervalSet {
  public:
    void add(Interval interval);
    void remove(Interval interval);
    void clear() { by_first_.clear(); }

    bool contains(uint64_t number) const;
    bool contains_all(Interval interval) const;
    // The least number of at least `from` that is not in the set.
    uint64_t first_missing(uint64_t from) const;
    // The end of the run of missing numbers that begins at `from`, which must be missing; nullopt
    // where it never ends.
    std::optional<uint64_t> last_missing(uint64_t from) const;
    // How many numbers of the interval are in the set.
    uint64_t count_in(Interval interval) const;

    size_t size() const { return by_first_.size(); }
    const std::map<uint64_t, uint64_t>& intervals() const { return by_first_; }

  private:
    std::map<uint64_t, uint64_t> by_first_;  // first to last; neither touch nor overlap
};

}  // namespace hw::upstream
