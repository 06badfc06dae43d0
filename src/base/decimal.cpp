#include "base/decimal.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace hw::decimal {

void finish_slowly(std::string_view text, bool any_nonzero, int64_t exponent, Decimal& number) {
    if (text.front() == '+') text.remove_prefix(1);
    const bool negative = text.front() == '-';
    if (!any_nonzero) {
        number.real = negative ? -0.0 : 0.0;
        return;
    }
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc() && std::isfinite(value)) {
        number.real = value;
        return;
    }
    // Too large or too small: the library says only "out of range".
    if (exponent < 0) {
        number.real = negative ? -0.0 : 0.0;
    } else {
        number.kind = Decimal::Kind::out_of_range;
    }
}

}  // namespace hw::decimal
