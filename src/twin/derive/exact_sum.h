#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hw::twin {

// A sum of doubles and integers in which nothing is ever rounded before it is asked for: adding and
// taking away in any order, any number of times, gives what a fresh sum of what is left gives.
// Doubles lie in a fixed-point number of limbs of 32 bits, as wide as the numbers seen need
// (Kulisch, "Computer Arithmetic and Validity", 2008): 16 to 48 bytes for values of everyday sizes,
// 550 at most. About 10 ns to add, 20 ns to read.
class ExactSum {
  public:
    void add(double value) { change(value, 1); }
    void subtract(double value) { change(value, -1); }
    void add(int64_t value) { whole_ += value; }
    void subtract(int64_t value) { whole_ -= value; }

    // Rounded once, to the nearest double, ties to even; infinite beyond the range. Infinities that
    // were added: infinite; of both signs, or a NaN: NaN.
    double value() const;
    // Of the integers alone; false: it does not fit.
    bool whole(int64_t& out) const;
    size_t bytes() const { return limbs_.capacity() * sizeof(int64_t); }

  private:
    __extension__ using Wide = __int128;

    void change(double value, int sign);
    void widen(int first, int last);
    void carry();

    std::vector<int64_t> limbs_;  // limb i is worth 2^(32 * (base_ + i) - 1074)
    int base_ = 0;
    uint32_t changes_ = 0;  // since carry(): a limb overflows after 2^31
    Wide whole_ = 0;
    int64_t nans_ = 0, plus_infinities_ = 0, minus_infinities_ = 0;
};

}  // namespace hw::twin
