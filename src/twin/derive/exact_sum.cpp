#include "twin/derive/exact_sum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace hw::twin {

namespace {

__extension__ using Bits = unsigned __int128;

constexpr int lowest_exponent = 1074;         // 2^-1074 is the least double
constexpr uint32_t changes_limit = 1u << 20;  // far below 2^31, and as cheap
// 2^32 of the largest doubles take 2,098 + 32 bits; and room for the sign and for carries.
constexpr size_t digits_limit = 76;

// The number's digits of 32 bits while it is read.
class Digits {
  public:
    void add(size_t at, int64_t value) {
        low_ = std::min(low_, at);
        end_ = std::max(end_, at + 3);  // a digit of 64 bits carries into two more
        digits_[at] += value;
    }
    void add(unsigned position, Bits magnitude, bool negative) {
        const unsigned shift = position % 32;
        size_t at = position / 32;
        uint64_t spill = shift ? static_cast<uint64_t>(magnitude >> (128 - shift)) : 0;
        magnitude <<= shift;
        for (int i = 0; i < 4; ++i, magnitude >>= 32)
            add(at++, signed_of(static_cast<uint32_t>(magnitude), negative));
        for (; spill; spill >>= 32)
            add(at++, signed_of(static_cast<uint32_t>(spill), negative));
    }
    double value();

  private:
    static int64_t signed_of(uint32_t digit, bool negative) {
        return negative ? -static_cast<int64_t>(digit) : static_cast<int64_t>(digit);
    }
    bool carry();  // true: it is negative, and the digits are those of its magnitude
    double rounded(size_t top) const;

    // Only digits from low_ to end_ are in use.
    size_t low_ = digits_limit, end_ = 0;
    std::array<int64_t, digits_limit> digits_{};
};

bool Digits::carry() {
    int64_t over = 0;
    for (size_t i = low_; i < end_; ++i) {
        digits_[i] += over;
        over = digits_[i] >> 32;
        digits_[i] &= 0xffffffff;
    }
    if (over >= 0) return false;
    int64_t plus = 1;
    for (size_t i = low_; i < end_; ++i) {
        digits_[i] = (~digits_[i] & 0xffffffff) + plus;
        plus = digits_[i] >> 32;
        digits_[i] &= 0xffffffff;
    }
    return true;
}

double Digits::rounded(size_t top) const {
    Bits head = 0;
    for (size_t i = 0; i < 3; ++i)
        head = (head << 32) | (top >= i ? static_cast<uint64_t>(digits_[top - i]) : 0);
    const bool more =
        top > 2 && std::any_of(digits_.begin(), digits_.begin() + static_cast<ptrdiff_t>(top - 2),
                               [](int64_t digit) { return digit != 0; });
    const int bits = 64 + std::bit_width(static_cast<uint64_t>(head >> 64));
    const int shift = bits - 53;
    auto mantissa = static_cast<uint64_t>(head >> shift);
    const Bits rest = head & ((Bits{1} << shift) - 1), half = Bits{1} << (shift - 1);
    if (rest > half || (rest == half && (more || (mantissa & 1)))) ++mantissa;
    return std::ldexp(static_cast<double>(mantissa),
                      (static_cast<int>(top) - 2) * 32 - lowest_exponent + shift);
}

double Digits::value() {
    const bool negative = carry();
    size_t top = end_;
    while (top > 0 && digits_[top - 1] == 0)
        --top;
    if (top == 0) return 0;
    const double magnitude = rounded(top - 1);
    return negative ? -magnitude : magnitude;
}

}  // namespace

void ExactSum::change(double value, int sign) {
    if (!std::isfinite(value)) [[unlikely]] {
        (std::isnan(value) ? nans_ : value > 0 ? plus_infinities_ : minus_infinities_) += sign;
        return;
    }
    const auto bits = std::bit_cast<uint64_t>(value);
    const int exponent = static_cast<int>((bits >> 52) & 0x7ff);
    uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
    if (exponent != 0) mantissa |= uint64_t{1} << 52;
    if (mantissa == 0) return;
    const int position = exponent == 0 ? 0 : exponent - 1;
    const int first = position / 32;
    if (limbs_.empty() || first < base_ || first + 2 >= base_ + static_cast<int>(limbs_.size()))
        widen(first, first + 2);
    const Bits shifted = Bits{mantissa} << (position % 32);
    const bool negative = ((bits >> 63) != 0) != (sign < 0);
    int64_t* limb = &limbs_[static_cast<size_t>(first - base_)];
    const int64_t low = static_cast<uint32_t>(shifted),
                  middle = static_cast<uint32_t>(shifted >> 32),
                  high = static_cast<uint32_t>(shifted >> 64);
    limb[0] += negative ? -low : low;
    limb[1] += negative ? -middle : middle;
    limb[2] += negative ? -high : high;
    if (++changes_ >= changes_limit) carry();
}

void ExactSum::widen(int first, int last) {
    if (limbs_.empty()) base_ = first;
    if (first < base_) {
        limbs_.insert(limbs_.begin(), static_cast<size_t>(base_ - first), 0);
        base_ = first;
    }
    const auto size = static_cast<size_t>(last - base_ + 1);
    if (size > limbs_.size()) limbs_.resize(size);
}

// All limbs but the last become less than 2^32; the last keeps the sign.
void ExactSum::carry() {
    changes_ = 0;
    if (limbs_.empty()) return;
    int64_t over = 0;
    for (size_t i = 0; i + 1 < limbs_.size(); ++i) {
        limbs_[i] += over;
        over = limbs_[i] >> 32;
        limbs_[i] &= 0xffffffff;
    }
    limbs_.back() += over;
    if (std::abs(limbs_.back()) >> 32 == 0) return;
    limbs_.push_back(limbs_.back() >> 32);
    limbs_[limbs_.size() - 2] &= 0xffffffff;
}

double ExactSum::value() const {
    if (nans_ > 0 || (plus_infinities_ > 0 && minus_infinities_ > 0))
        return std::numeric_limits<double>::quiet_NaN();
    if (plus_infinities_ > 0) return std::numeric_limits<double>::infinity();
    if (minus_infinities_ > 0) return -std::numeric_limits<double>::infinity();
    HW_ASSERT(limbs_.empty() || static_cast<size_t>(base_) + limbs_.size() <= digits_limit);
    Digits digits;
    for (size_t i = 0; i < limbs_.size(); ++i)
        digits.add(static_cast<size_t>(base_) + i, limbs_[i]);
    if (whole_ != 0) {
        const bool negative = whole_ < 0;
        digits.add(lowest_exponent,
                   negative ? -static_cast<Bits>(whole_) : static_cast<Bits>(whole_), negative);
    }
    return digits.value();
}

bool ExactSum::whole(int64_t& out) const {
    if (whole_ < std::numeric_limits<int64_t>::min() ||
        whole_ > std::numeric_limits<int64_t>::max())
        return false;
    out = static_cast<int64_t>(whole_);
    return true;
}

}  // namespace hw::twin
