#include <algorithm>

#include "history/codec_bits.h"
#include "history/codec_ints.h"
#include "history/codec_ints_form.h"
#include "history/codec_simd.h"

namespace hw::history {

namespace form = ints_form;

namespace {

HEADWORKS_CLONES void add_base(uint64_t* numbers, size_t count, uint64_t base) {
    for (size_t i = 0; i < count; ++i)
        numbers[i] += base;
}

HEADWORKS_CLONES void widen(const uint8_t* codes, size_t count, uint64_t base, uint64_t* out) {
    for (size_t i = 0; i < count; ++i)
        out[i] = base + codes[i];
}

HEADWORKS_CLONES void join(const uint8_t* codes, size_t count, unsigned low, uint64_t base,
                           uint64_t* out) {
    for (size_t i = 0; i < count; ++i)
        out[i] += base + (static_cast<uint64_t>(codes[i]) << low);
}

// numbers[0] is given, the rest are differences.
void add_up(std::span<uint64_t> numbers) {
    uint64_t sum = 0;
    for (uint64_t& number : numbers)
        number = sum += number;
}

HEADWORKS_CLONES void apply_step(uint64_t* numbers, size_t count, uint64_t step, uint64_t first) {
    for (size_t i = 0; i < count; ++i)
        numbers[i] = first + numbers[i] * step;
}

}  // namespace

void IntsUnpacker::unpack(ByteReader& in, std::span<int64_t> out) {
    if (out.empty()) return;
    const std::span<uint64_t> numbers{reinterpret_cast<uint64_t*>(out.data()), out.size()};
    const uint8_t head = in.u8();
    const unsigned order = head >> form::order_shift & form::order_mask;
    if ((head & ~form::known_bits) != 0 || order > form::order_limit || order > out.size()) {
        in.fail();
        return;
    }
    uint64_t step = 1;
    uint64_t first = 0;
    if ((head & form::has_step) != 0) {
        step = in.varint();
        first = static_cast<uint64_t>(in.signed_varint());
    }
    for (unsigned i = 0; i < order; ++i)
        numbers[i] = static_cast<uint64_t>(in.signed_varint());
    unpack_residuals(in, head & form::packing_mask, numbers.subspan(order));
    if (in.failed()) return;
    for (unsigned i = order; i > 0; --i)
        add_up(numbers.subspan(i - 1));
    if (step != 1) apply_step(numbers.data(), numbers.size(), step, first);
}

void IntsUnpacker::unpack_residuals(ByteReader& in, uint8_t packing, std::span<uint64_t> out) {
    if (packing == form::packing_runs) {
        unpack_runs(in, out);
        return;
    }
    if (packing == form::packing_coded) {
        unpack_coded(in, out);
        return;
    }
    const auto base = static_cast<uint64_t>(in.signed_varint());
    if (packing == form::packing_constant) {
        std::fill(out.begin(), out.end(), base);
        return;
    }
    const uint8_t width = in.u8();
    if (in.failed() || width > 64) {
        in.fail();
        return;
    }
    unpack_bits(in, width, out);
    if (!in.failed()) add_base(out.data(), out.size(), base);
}

void IntsUnpacker::unpack_coded(ByteReader& in, std::span<uint64_t> out) {
    const auto base = static_cast<uint64_t>(in.signed_varint());
    const uint8_t width = in.u8();
    const uint64_t escapes = in.varint();
    if (in.failed() || width > 64 || escapes > out.size()) {
        in.fail();
        return;
    }
    // The escapes are read twice: over them now, into place when the rest is there.
    ByteReader escape_reader = in;
    for (uint64_t i = 0; i < escapes; ++i) {
        in.varint();
        in.varint();
    }
    const unsigned low = width > form::code_bits ? width - form::code_bits : 0;
    if (codes_.size() < out.size()) codes_.resize(out.size());
    bytes_.unpack(in, {codes_.data(), out.size()});
    if (low > 0) unpack_bits(in, low, out);
    if (in.failed()) return;
    if (low > 0)
        join(codes_.data(), out.size(), low, base, out.data());
    else
        widen(codes_.data(), out.size(), base, out.data());
    uint64_t at = 0;
    for (uint64_t i = 0; i < escapes; ++i) {
        at += escape_reader.varint();
        const auto number = static_cast<uint64_t>(escape_reader.signed_varint());
        if (at >= out.size()) {
            in.fail();
            return;
        }
        out[at] = base + number;
    }
}

void IntsUnpacker::unpack_runs(ByteReader& in, std::span<uint64_t> out) {
    uint64_t number = 0;
    for (size_t at = 0; at < out.size();) {
        const uint64_t length = in.varint();
        number += static_cast<uint64_t>(in.signed_varint());
        if (in.failed() || length == 0 || length > out.size() - at) {
            in.fail();
            return;
        }
        std::fill_n(out.begin() + static_cast<ptrdiff_t>(at), length, number);
        at += length;
    }
}

}  // namespace hw::history
