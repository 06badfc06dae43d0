#include "history/codec_doubles.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "history/codec_decimal.h"
#include "history/codec_simd.h"

namespace hw::history {

namespace {

// The head byte: the decimals, or bits_form; with or without the flags.
constexpr uint8_t form_mask = 0x1f;
constexpr uint8_t bits_form = 0x1f;
constexpr uint8_t single_flag = 0x20;
constexpr uint8_t exceptions_flag = 0x40;

constexpr size_t samples_limit = 32;
constexpr unsigned single_decimals_limit = 9;
constexpr double single_limit = 0x1p22;  // above it the bits of a single are as short

constexpr uint64_t sign_bit = uint64_t{1} << 63;

// Integers in the order of the doubles they come from.
constexpr int64_t ordered(uint64_t bits) {
    const uint64_t negative = static_cast<uint64_t>(static_cast<int64_t>(bits) >> 63);
    return static_cast<int64_t>(bits ^ (negative & ~sign_bit));
}
constexpr uint64_t unordered(int64_t number) {
    const auto negative = static_cast<uint64_t>(number >> 63);
    return static_cast<uint64_t>(number) ^ (negative & ~sign_bit);
}

bool to_single_decimal(double value, double power, int64_t& integer) {
    const double scaled = value * power;
    if (!(std::abs(scaled) < single_limit)) return false;
    integer = std::llround(scaled);
    const auto back = static_cast<double>(static_cast<float>(static_cast<double>(integer) / power));
    return std::bit_cast<uint64_t>(back) == std::bit_cast<uint64_t>(value);
}

struct Form {
    unsigned decimals;
    bool single;
};

bool fits(uint64_t bits, Form form) {
    int64_t integer = 0;
    const auto value = std::bit_cast<double>(bits);
    const double power = powers_of_ten[form.decimals];
    return form.single ? to_single_decimal(value, power, integer)
                       : to_decimal(value, power, integer);
}

// How many of some values the form misses; the search ends above a quarter.
size_t misses(std::span<const uint64_t> values, size_t samples, Form form) {
    size_t found = 0;
    for (size_t i = 0; i < samples && found * 4 <= samples; ++i)
        found += fits(values[i * (values.size() - 1) / samples_limit], form) ? 0 : 1;
    return found;
}

// The decimals that cost least on some values: a miss costs an exception, a decimal more its bits
// in every row. Nothing if a quarter of the values are missed with any.
std::optional<Form> guess(std::span<const uint64_t> values) {
    constexpr double miss_bits = 70;
    constexpr double decimal_bits = 3.32;
    const size_t samples = std::min(values.size(), samples_limit);
    std::optional<Form> best;
    double best_bits = INFINITY;
    const auto try_form = [&](Form form) {
        const size_t missed = misses(values, samples, form);
        const double share = static_cast<double>(missed) / static_cast<double>(samples);
        const double bits = share * miss_bits + form.decimals * decimal_bits;
        if (missed * 4 <= samples && bits < best_bits) {
            best = form;
            best_bits = bits;
        }
        return missed == 0;
    };
    for (unsigned decimals = 0; decimals <= decimals_limit; ++decimals)
        if (try_form({decimals, false})) return best;
    for (unsigned decimals = 1; decimals <= single_decimals_limit && !best; ++decimals)
        try_form({decimals, true});
    return best;
}

HEADWORKS_CLONES size_t find_decimals(const uint64_t* values, size_t count, double power,
                                      int64_t* integers, uint8_t* fits) {
    size_t misses = 0;
    for (size_t i = 0; i < count; ++i) {
        const auto value = std::bit_cast<double>(values[i]);
        const double scaled = value * power;
        const double summed = scaled + integer_magic;
        const double back = (summed - integer_magic) / power;
        integers[i] = from_sum(summed);
        const uint64_t same = std::bit_cast<uint64_t>(back) == values[i] ? 1 : 0;
        const uint64_t small = std::abs(scaled) < decimal_limit ? 1 : 0;
        fits[i] = static_cast<uint8_t>(same & small);
        misses += 1 - (same & small);
    }
    return misses;
}

HEADWORKS_CLONES void from_decimals(uint64_t* values, size_t count, double power) {
    for (size_t i = 0; i < count; ++i)
        values[i] = std::bit_cast<uint64_t>(to_double(static_cast<int64_t>(values[i])) / power);
}

HEADWORKS_CLONES void from_integers(uint64_t* values, size_t count) {
    for (size_t i = 0; i < count; ++i)
        values[i] = std::bit_cast<uint64_t>(to_double(static_cast<int64_t>(values[i])));
}

HEADWORKS_CLONES void from_single_decimals(uint64_t* values, size_t count, double power) {
    for (size_t i = 0; i < count; ++i) {
        const double quotient = to_double(static_cast<int64_t>(values[i])) / power;
        values[i] = std::bit_cast<uint64_t>(static_cast<double>(static_cast<float>(quotient)));
    }
}

HEADWORKS_CLONES void from_ordered(uint64_t* values, size_t count) {
    for (size_t i = 0; i < count; ++i)
        values[i] = unordered(static_cast<int64_t>(values[i]));
}

}  // namespace

bool DoublesPacker::try_decimals(std::span<const uint64_t> values, unsigned decimals, bool single) {
    const double power = powers_of_ten[decimals];
    size_t misses = 0;
    if (single) {
        for (size_t i = 0; i < values.size(); ++i) {
            const auto value = std::bit_cast<double>(values[i]);
            fits_[i] = to_single_decimal(value, power, integers_[i]) ? 1 : 0;
            misses += 1 - fits_[i];
        }
    } else {
        misses = find_decimals(values.data(), values.size(), power, integers_.data(), fits_.data());
    }
    return misses * 2 <= values.size();
}

void DoublesPacker::take_bits(std::span<const uint64_t> values) {
    for (size_t i = 0; i < values.size(); ++i) {
        const auto value = std::bit_cast<double>(values[i]);
        integers_[i] = ordered(values[i]);
        fits_[i] = std::isfinite(value) && value != 0 ? 1 : 0;
    }
}

// What does not fit repeats its neighbour, so that it costs little there.
void DoublesPacker::fill_exceptions() {
    int64_t neighbour = 0;
    for (size_t i = 0; i < fits_.size(); ++i) {
        if (fits_[i] == 0) continue;
        neighbour = integers_[i];
        break;
    }
    for (size_t i = 0; i < fits_.size(); ++i) {
        if (fits_[i] == 0)
            integers_[i] = neighbour;
        else
            neighbour = integers_[i];
    }
}

void DoublesPacker::pack(std::span<const uint64_t> values, IntsPacker& ints, std::string& out) {
    if (values.empty()) return;
    integers_.resize(values.size());
    fits_.resize(values.size());
    const std::optional<Form> form = guess(values);
    uint8_t head = bits_form;
    if (form && try_decimals(values, form->decimals, form->single))
        head = static_cast<uint8_t>(form->decimals | (form->single ? single_flag : 0));
    else
        take_bits(values);
    exception_at_.clear();
    exception_bits_.clear();
    for (size_t i = 0; i < values.size(); ++i) {
        if (fits_[i] != 0) continue;
        exception_at_.push_back(static_cast<int64_t>(i));
        exception_bits_.push_back(static_cast<int64_t>(values[i]));
    }
    ByteWriter writer(out);
    if (exception_at_.empty()) {
        writer.u8(head);
    } else {
        fill_exceptions();
        writer.u8(head | exceptions_flag);
        writer.varint(exception_at_.size());
        ints.pack(exception_at_, out);
        ints.pack(exception_bits_, out);
    }
    ints.pack(integers_, out);
}

void DoublesUnpacker::unpack(ByteReader& in, IntsUnpacker& ints, std::span<uint64_t> out) {
    if (out.empty()) return;
    const uint8_t head = in.u8();
    const unsigned form = head & form_mask;
    const bool single = (head & single_flag) != 0;
    const uint64_t exceptions = (head & exceptions_flag) != 0 ? in.varint() : 0;
    if ((form != bits_form && form > decimals_limit) || exceptions > out.size() ||
        (head & ~(form_mask | single_flag | exceptions_flag)) != 0) {
        in.fail();
        return;
    }
    exception_at_.resize(exceptions);
    exception_bits_.resize(exceptions);
    ints.unpack(in, exception_at_);
    ints.unpack(in, exception_bits_);
    ints.unpack(in, {reinterpret_cast<int64_t*>(out.data()), out.size()});
    if (in.failed()) return;
    if (form == bits_form)
        from_ordered(out.data(), out.size());
    else if (single)
        from_single_decimals(out.data(), out.size(), powers_of_ten[form]);
    else if (form == 0)
        from_integers(out.data(), out.size());
    else
        from_decimals(out.data(), out.size(), powers_of_ten[form]);
    for (size_t i = 0; i < exceptions; ++i) {
        const auto at = static_cast<uint64_t>(exception_at_[i]);
        if (at >= out.size()) {
            in.fail();
            return;
        }
        out[at] = static_cast<uint64_t>(exception_bits_[i]);
    }
}

}  // namespace hw::history
