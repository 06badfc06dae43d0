#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "history/codec_bits.h"
#include "history/codec_ints.h"
#include "history/codec_ints_form.h"
#include "history/codec_simd.h"

namespace hw::history {

namespace form = ints_form;

namespace {

constexpr double escape_bits = 80;          // position, value and its share of the count
constexpr double coded_head_bits = 36 * 8;  // the table of the entropy code and lengths
constexpr size_t middle_samples = 63;
constexpr size_t widths = 65;

uint64_t zigzag(uint64_t x) {
    return (x << 1) ^ static_cast<uint64_t>(static_cast<int64_t>(x) >> 63);
}

struct Range {
    int64_t min;
    int64_t max;
};

HEADWORKS_CLONES Range range_of(const uint64_t* numbers, size_t count) {
    int64_t min = static_cast<int64_t>(numbers[0]);
    int64_t max = min;
    for (size_t i = 1; i < count; ++i) {
        const auto number = static_cast<int64_t>(numbers[i]);
        min = number < min ? number : min;
        max = number > max ? number : max;
    }
    return {min, max};
}

HEADWORKS_CLONES void differences(const uint64_t* numbers, size_t count, uint64_t* out) {
    for (size_t i = 0; i + 1 < count; ++i)
        out[i] = numbers[i + 1] - numbers[i];
}

// What the runs' lengths and values cost as varints, nearly.
double runs_bits(std::span<const uint64_t> numbers) {
    constexpr double length_bits = 12;
    uint64_t bytes = 0;
    uint64_t runs = 1;
    for (size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] == numbers[i - 1]) continue;
        ++runs;
        bytes += static_cast<uint64_t>(std::bit_width(zigzag(numbers[i] - numbers[i - 1]))) / 7 + 1;
    }
    return static_cast<double>(runs) * length_bits + static_cast<double>(bytes) * 8;
}

// The largest number that divides all distances from the first; 1 where there is none to gain.
uint64_t common_step(std::span<const int64_t> numbers) {
    constexpr uint64_t step_limit = uint64_t{1} << 62;
    uint64_t step = 0;
    for (size_t i = 1; i < numbers.size(); ++i) {
        const auto apart = static_cast<int64_t>(static_cast<uint64_t>(numbers[i]) -
                                                static_cast<uint64_t>(numbers[0]));
        const uint64_t size =
            apart < 0 ? 0 - static_cast<uint64_t>(apart) : static_cast<uint64_t>(apart);
        if (step != 0 && size % step == 0) continue;
        step = std::gcd(step, size);
        if (step == 1) break;
    }
    return step == 0 || step > step_limit ? 1 : step;
}

}  // namespace

struct IntsPacker::Plan {
    uint8_t packing = form::packing_bits;
    unsigned width = 64;  // bits: of a number; coded: of the whole of code and low bits
    uint64_t base = 0;
    double bits = 0;  // what it is expected to cost
};

// The cost of a width w: codes and low bits cover the distances from `middle` in
// [-2^(w-1), 2^(w-1)), the rest escapes. The distances' lengths in bits tell the entropy nearly: a
// length costs its rarity, the bits below the top one are noise.
IntsPacker::Plan IntsPacker::plan_coded(std::span<const uint64_t> numbers, uint64_t middle) {
    std::array<uint32_t, widths> counts{};
    for (const uint64_t number : numbers)
        ++counts[std::bit_width(zigzag(number - middle))];
    const auto all = static_cast<double>(numbers.size());
    std::array<double, widths + 1> cost{};  // of all distances below a length
    std::array<uint32_t, widths + 1> below{};
    for (size_t k = 0; k < widths; ++k) {
        const double count = counts[k];
        const double rarity = counts[k] == 0 ? 0 : std::log2(all / count);
        const double bits = k == 0 ? 0 : static_cast<double>(k) - 1;
        cost[k + 1] = cost[k] + count * (rarity + bits);
        below[k + 1] = below[k] + counts[k];
    }
    Plan best{form::packing_coded, 0, 0, INFINITY};
    for (unsigned width = 1; width < widths; ++width) {
        const unsigned low = width > form::code_bits ? width - form::code_bits : 0;
        const uint32_t small = below[low + 1];
        const double escapes = all - below[width + 1];
        double bits = escapes * escape_bits + cost[width + 1] + coded_head_bits;
        if (low > 0 && small > 0) bits += small * (low + std::log2(all / small)) - cost[low + 1];
        if (bits < best.bits) best = {form::packing_coded, width, 0, bits};
        if (escapes == 0 && low > 0) break;
    }
    best.base = middle - (uint64_t{1} << (best.width - 1));
    return best;
}

IntsPacker::Plan IntsPacker::plan(std::span<const uint64_t> numbers) {
    if (numbers.empty()) return {form::packing_constant, 0, 0, 0};
    const Range range = range_of(numbers.data(), numbers.size());
    const auto base = static_cast<uint64_t>(range.min);
    if (range.min == range.max) return {form::packing_constant, 0, base, 0};
    const auto width = static_cast<unsigned>(
        std::bit_width(static_cast<uint64_t>(range.max) - static_cast<uint64_t>(range.min)));
    const double count = static_cast<double>(numbers.size());
    const Plan plain{form::packing_bits, width, base, count * width + 16};
    std::array<int64_t, middle_samples> some;
    const size_t samples = std::min(numbers.size(), middle_samples);
    for (size_t i = 0; i < samples; ++i)
        some[i] = static_cast<int64_t>(numbers[i * (numbers.size() - 1) / middle_samples]);
    const auto mid = some.begin() + static_cast<ptrdiff_t>(samples / 2);
    std::nth_element(some.begin(), mid, some.begin() + static_cast<ptrdiff_t>(samples));
    const Plan coded = plan_coded(numbers, static_cast<uint64_t>(*mid));
    return coded.bits < plain.bits ? coded : plain;
}

void IntsPacker::pack(std::span<const int64_t> numbers, std::string& out) {
    if (numbers.empty()) return;
    const uint64_t step = common_step(numbers);
    for (auto& stage : stages_)
        stage.resize(numbers.size());
    auto& plain = stages_[0];
    const auto first = static_cast<uint64_t>(numbers[0]);
    for (size_t i = 0; i < numbers.size(); ++i)
        plain[i] = static_cast<uint64_t>(numbers[i]);
    if (step > 1) {
        for (uint64_t& number : plain)
            number = static_cast<uint64_t>(static_cast<int64_t>(number - first) /
                                           static_cast<int64_t>(step));
    }
    size_t size = numbers.size();
    Plan best = plan({plain.data(), size});
    unsigned best_order = 0;
    for (unsigned order = 1;
         order <= form::order_limit && size > 1 && best.packing != form::packing_constant;
         ++order) {
        differences(stages_[order - 1].data(), size, stages_[order].data());
        --size;
        const Plan candidate = plan({stages_[order].data(), size});
        if (candidate.bits + 32 < best.bits) {
            best = candidate;
            best_order = order;
        }
    }
    const double runs_cost = runs_bits(plain);
    if (best.packing != form::packing_constant && runs_cost < best.bits) {
        best = {form::packing_runs, 0, 0, runs_cost};
        best_order = 0;
    }
    ByteWriter writer(out);
    writer.u8(static_cast<uint8_t>(best.packing | best_order << form::order_shift |
                                   (step > 1 ? form::has_step : 0)));
    if (step > 1) {
        writer.varint(step);
        writer.signed_varint(numbers[0]);
    }
    for (unsigned order = 0; order < best_order; ++order)
        writer.signed_varint(static_cast<int64_t>(stages_[order][0]));
    pack_residuals({stages_[best_order].data(), numbers.size() - best_order}, best, out);
}

void IntsPacker::pack_residuals(std::span<const uint64_t> numbers, const Plan& plan,
                                std::string& out) {
    if (plan.packing == form::packing_runs) {
        pack_runs(numbers, out);
        return;
    }
    ByteWriter writer(out);
    writer.signed_varint(static_cast<int64_t>(plan.base));
    if (plan.packing == form::packing_constant) return;
    writer.u8(static_cast<uint8_t>(plan.width));
    if (plan.packing == form::packing_coded) {
        pack_coded(numbers, plan, out);
        return;
    }
    work_.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i)
        work_[i] = numbers[i] - plan.base;
    pack_bits(work_, plan.width, out);
}

void IntsPacker::pack_coded(std::span<const uint64_t> numbers, const Plan& plan, std::string& out) {
    const unsigned low = plan.width > form::code_bits ? plan.width - form::code_bits : 0;
    const uint64_t beyond = plan.width == 64 ? 0 : ~uint64_t{0} << plan.width;
    const uint64_t usual = uint64_t{1} << (plan.width - 1);
    escapes_.clear();
    work_.resize(numbers.size());
    codes_.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
        uint64_t number = numbers[i] - plan.base;
        if ((number & beyond) != 0) {
            escapes_.push_back(static_cast<uint32_t>(i));
            number = usual;
        }
        work_[i] = number;
        codes_[i] = static_cast<uint8_t>(number >> low);
    }
    ByteWriter writer(out);
    writer.varint(escapes_.size());
    uint32_t last = 0;
    for (const uint32_t at : escapes_) {
        writer.varint(at - last);
        writer.signed_varint(static_cast<int64_t>(numbers[at] - plan.base));
        last = at;
    }
    bytes_.pack(codes_, ByteKind::noise, out);
    pack_bits(work_, low, out);
}

void IntsPacker::pack_runs(std::span<const uint64_t> numbers, std::string& out) {
    ByteWriter writer(out);
    uint64_t last = 0;
    for (size_t i = 0; i < numbers.size();) {
        size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[i])
            ++end;
        writer.varint(end - i);
        writer.signed_varint(static_cast<int64_t>(numbers[i] - last));
        last = numbers[i];
        i = end;
    }
}

}  // namespace hw::history
