#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "history/chunk.h"
#include "history/chunk_form.h"
#include "history/codec_doubles.h"
#include "history/codec_ints.h"
#include "history/codec_text.h"

namespace hw::history {

using model::Quality;
using model::ValueType;
namespace form = chunk_form;

struct EncodeScratch::State {
    IntsPacker ints;
    DoublesPacker doubles;
    TextPacker texts;
    std::vector<int64_t> integers;
    std::vector<uint64_t> values;
    std::vector<std::string_view> views;
    std::vector<double> numbers;
    std::string column;
    size_t text_bytes = 0;
};

EncodeScratch::EncodeScratch() : state_(std::make_unique<State>()) {}
EncodeScratch::EncodeScratch(EncodeScratch&&) noexcept = default;
EncodeScratch& EncodeScratch::operator=(EncodeScratch&&) noexcept = default;
EncodeScratch::~EncodeScratch() = default;

namespace {

// The step of regular times, 0 if they are not.
int64_t regular_step(std::span<const int64_t> times) {
    if (times.size() == 1) return 1;
    const uint64_t step = static_cast<uint64_t>(times[1]) - static_cast<uint64_t>(times[0]);
    if (step > static_cast<uint64_t>(INT64_MAX) / times.size()) return 0;
    uint64_t other = 0;
    for (size_t i = 1; i < times.size(); ++i)
        other |= (static_cast<uint64_t>(times[i]) - static_cast<uint64_t>(times[i - 1])) ^ step;
    return other == 0 ? static_cast<int64_t>(step) : 0;
}

bool has_qualities(const ColumnsView& rows) {
    return std::any_of(rows.qualities.begin(), rows.qualities.end(),
                       [](Quality quality) { return quality != Quality::good; });
}

bool has_one_type(const ColumnsView& rows) {
    return std::all_of(rows.types.begin(), rows.types.end(),
                       [&](ValueType type) { return type == rows.types[0]; });
}

void check(const ColumnsView& rows) {
    HW_ASSERT(rows.size() > 0 && rows.size() <= chunk_samples_limit);
    HW_ASSERT(rows.values.size() == rows.size());
    HW_ASSERT(rows.types.empty() || rows.types.size() == rows.size());
    HW_ASSERT(rows.qualities.empty() || rows.qualities.size() == rows.size());
    for (size_t i = 1; i < rows.size(); ++i)
        HW_ASSERT(rows.times_ns[i - 1] < rows.times_ns[i]);
}

void encode_texts(const ColumnsView& rows, std::span<const uint64_t> values,
                  EncodeScratch::State& state, std::string& out) {
    state.views.clear();
    for (const uint64_t value : values)
        state.views.push_back(rows.arena.substr(value >> 32, static_cast<uint32_t>(value)));
    state.text_bytes += state.texts.pack(state.views, state.ints, out);
    HW_ASSERT(state.text_bytes <= chunk_text_bytes_limit);
}

void encode_values(const ColumnsView& rows, std::span<const uint64_t> values, ValueType type,
                   EncodeScratch::State& state, std::string& out) {
    const auto* integers = reinterpret_cast<const int64_t*>(values.data());
    switch (type) {
        case ValueType::boolean:
        case ValueType::int64:
            state.ints.pack({integers, values.size()}, out);
            return;
        case ValueType::float64:
            state.doubles.pack(values, state.ints, out);
            return;
        case ValueType::text:
        case ValueType::bytes:
            encode_texts(rows, values, state, out);
            return;
    }
    HW_UNREACHABLE();
}

void append_section(const std::string& section, std::string& out) {
    ByteWriter writer(out);
    writer.varint(section.size());
    writer.text(section);
}

void encode_mixed(const ColumnsView& rows, EncodeScratch::State& state, std::string& out) {
    state.integers.clear();
    for (const ValueType type : rows.types)
        state.integers.push_back(static_cast<int64_t>(type));
    state.column.clear();
    state.ints.pack(state.integers, state.column);
    append_section(state.column, out);
    for (const ValueType type : form::value_types) {
        state.values.clear();
        for (size_t i = 0; i < rows.size(); ++i)
            if (rows.types[i] == type) state.values.push_back(rows.values[i]);
        if (state.values.empty()) continue;
        state.column.clear();
        encode_values(rows, state.values, type, state, state.column);
        append_section(state.column, out);
    }
}

ChunkSummary summarise_rows(const ColumnsView& rows, int64_t step, EncodeScratch::State& state) {
    const bool plain = rows.types.empty() && rows.qualities.empty();
    if (!plain || rows.type >= ValueType::text) return summarise(rows);
    state.numbers.resize(rows.size());
    if (rows.type == ValueType::float64) {
        std::memcpy(state.numbers.data(), rows.values.data(), rows.size() * sizeof(double));
    } else {
        for (size_t i = 0; i < rows.size(); ++i)
            state.numbers[i] = static_cast<double>(static_cast<int64_t>(rows.values[i]));
    }
    ChunkSummary summary = step > 0 ? summarise(rows.times_ns[0], step, state.numbers)
                                    : summarise(rows.times_ns, state.numbers);
    summary.type = rows.type;
    return summary;
}

}  // namespace

ChunkSummary encode_chunk(const ColumnsView& given, EncodeScratch& scratch, std::string& out) {
    check(given);
    EncodeScratch::State& state = scratch.state();
    ColumnsView rows = given;
    if (!rows.types.empty() && has_one_type(rows)) {
        rows.type = rows.types[0];
        rows.types = {};
    }
    if (!has_qualities(rows)) rows.qualities = {};
    const int64_t step = regular_step(rows.times_ns);
    const auto first = static_cast<uint64_t>(rows.times_ns.front());
    const size_t begin = out.size();
    state.text_bytes = 0;
    ByteWriter writer(out);
    writer.u8(form::version);
    writer.u8(static_cast<uint8_t>((rows.types.empty() ? static_cast<uint8_t>(rows.type) : 0) |
                                   (step > 0 ? form::regular_flag : 0) |
                                   (rows.qualities.empty() ? 0 : form::qualities_flag)));
    writer.little<uint32_t>(0);
    writer.varint(rows.size());
    writer.little<uint64_t>(first);
    if (step > 0) {
        writer.varint(static_cast<uint64_t>(step));
    } else {
        writer.varint(static_cast<uint64_t>(rows.times_ns.back()) - first);
        state.column.clear();
        state.ints.pack(rows.times_ns, state.column);
        append_section(state.column, out);
    }
    if (!rows.qualities.empty()) {
        state.integers.clear();
        for (const Quality quality : rows.qualities)
            state.integers.push_back(static_cast<int64_t>(quality));
        state.column.clear();
        state.ints.pack(state.integers, state.column);
        append_section(state.column, out);
    }
    if (rows.types.empty())
        encode_values(rows, rows.values, rows.type, state, out);
    else
        encode_mixed(rows, state, out);
    const uint32_t sum = form::checksum(as_bytes(out).subspan(begin));
    std::memcpy(out.data() + begin + form::checksum_at, &sum, form::checksum_bytes);
    return summarise_rows(rows, step, state);
}

}  // namespace hw::history
