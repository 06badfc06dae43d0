#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "history/chunk.h"
#include "history/chunk_form.h"
#include "history/chunk_values.h"
#include "history/codec_doubles.h"
#include "history/codec_ints.h"
#include "history/codec_simd.h"
#include "history/codec_text.h"

namespace hw::history {

using model::Quality;
using model::QualityFamily;
using model::ValueType;
namespace form = chunk_form;

struct DecodeScratch::State {
    IntsUnpacker ints;
    DoublesUnpacker doubles;
    TextUnpacker texts;
    std::vector<int64_t> integers;
    std::vector<uint64_t> values;
    Columns columns;
};

DecodeScratch::DecodeScratch() : state_(std::make_unique<State>()) {}
DecodeScratch::DecodeScratch(DecodeScratch&&) noexcept = default;
DecodeScratch& DecodeScratch::operator=(DecodeScratch&&) noexcept = default;
DecodeScratch::~DecodeScratch() = default;

uint32_t chunk_form::checksum(BytesView chunk) {
    HW_ASSERT(chunk.size() >= body_at);
    uint16_t head;
    std::memcpy(&head, chunk.data(), sizeof head);
    const BytesView body = chunk.subspan(body_at);
    return static_cast<uint32_t>(XXH3_64bits_withSeed(body.data(), body.size(), head));
}

namespace {

using State = DecodeScratch::State;

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(ErrorCode::corrupt,
                fmt::format("a chunk's {}; restore the folder from a backup", what));
}

// Reads up to the sections; the header is known to be sound then.
Result<ChunkHeader> read_header(ByteReader& in) {
    const uint8_t version = in.u8();
    const uint8_t flags = in.u8();
    in.little<uint32_t>();
    const uint64_t count = in.varint();
    const auto first = in.little<uint64_t>();
    const uint64_t extent = in.varint();
    if (in.failed()) return corrupt("head is cut short");
    if (version != form::version)
        return fail(
            ErrorCode::unsupported,
            fmt::format("a chunk has format {}, this program reads {}; use the program that "
                        "wrote it",
                        version, form::version));
    const uint8_t type = flags & form::type_mask;
    if ((flags & ~form::known_bits) != 0 || type > static_cast<uint8_t>(ValueType::bytes))
        return corrupt("flags are unknown");
    if (count == 0 || count > chunk_samples_limit) return corrupt("count is out of range");
    ChunkHeader header;
    header.count = static_cast<uint32_t>(count);
    header.all_good = (flags & form::qualities_flag) == 0;
    if (type != 0) header.type = static_cast<ValueType>(type);
    header.first_time_ns = static_cast<int64_t>(first);
    // The most that fits between the first time and the last there is.
    const uint64_t room = static_cast<uint64_t>(INT64_MAX) - first;
    uint64_t span = extent;
    if ((flags & form::regular_flag) != 0) {
        if (extent == 0 || extent > static_cast<uint64_t>(INT64_MAX) / count)
            return corrupt("step is out of range");
        header.step_ns = static_cast<int64_t>(extent);
        span = extent * (count - 1);
    }
    if (span > room) return corrupt("last time is out of range");
    header.last_time_ns = static_cast<int64_t>(first + span);
    return header;
}

// Checks the checksum first, so that what is read on is damaged only on purpose.
Result<ChunkHeader> open(BytesView chunk, ByteReader& in) {
    if (chunk.size() < form::body_at) return corrupt("head is cut short");
    uint32_t stored;
    std::memcpy(&stored, chunk.data() + form::checksum_at, sizeof stored);
    if (stored != form::checksum(chunk)) return corrupt("checksum does not match");
    return read_header(in);
}

// The next section, to be read to its end.
ByteReader section(ByteReader& in) {
    const uint64_t size = in.varint();
    return ByteReader(in.bytes(size));
}

bool done(const ByteReader& in) {
    return !in.failed() && in.at_end();
}

Result<void> read_times(const ChunkHeader& header, State& state, ByteReader& in,
                        std::span<int64_t> out) {
    if (header.regular()) {
        for (size_t i = 0; i < out.size(); ++i)
            out[i] = header.first_time_ns + static_cast<int64_t>(i) * header.step_ns;
        return {};
    }
    ByteReader times = section(in);
    if (in.failed()) return corrupt("times are cut short");
    state.ints.unpack(times, out);
    if (!done(times)) return corrupt("times do not decode");
    bool rising = out.front() == header.first_time_ns && out.back() == header.last_time_ns;
    for (size_t i = 1; i < out.size(); ++i)
        rising &= out[i - 1] < out[i];
    if (!rising) return corrupt("times do not rise");
    return {};
}

Result<void> read_qualities(const ChunkHeader& header, State& state, ByteReader& in,
                            std::vector<Quality>& out) {
    out.clear();
    if (header.all_good) return {};
    ByteReader qualities = section(in);
    if (in.failed()) return corrupt("qualities are cut short");
    state.integers.resize(header.count);
    state.ints.unpack(qualities, state.integers);
    if (!done(qualities)) return corrupt("qualities do not decode");
    out.resize(header.count);
    for (size_t i = 0; i < out.size(); ++i) {
        if (state.integers[i] < 0 || state.integers[i] > UINT16_MAX)
            return corrupt("quality is out of range");
        out[i] = static_cast<Quality>(state.integers[i]);
    }
    return {};
}

void read_values(ValueType type, State& state, ByteReader& in, std::string& arena,
                 std::span<uint64_t> out) {
    const std::span integers{reinterpret_cast<int64_t*>(out.data()), out.size()};
    switch (type) {
        case ValueType::boolean:
            state.ints.unpack(in, integers);
            if (!in.failed() && std::any_of(out.begin(), out.end(), [](auto v) { return v > 1; }))
                in.fail();
            return;
        case ValueType::int64:
            state.ints.unpack(in, integers);
            return;
        case ValueType::float64:
            state.doubles.unpack(in, state.ints, out);
            return;
        case ValueType::text:
        case ValueType::bytes:
            state.texts.unpack(in, state.ints, chunk_text_bytes_limit, arena, out);
            return;
    }
    in.fail();
}

Result<void> read_types(const ChunkHeader& header, State& state, ByteReader& in,
                        std::vector<ValueType>& out) {
    ByteReader types = section(in);
    if (in.failed()) return corrupt("types are cut short");
    state.integers.resize(header.count);
    state.ints.unpack(types, state.integers);
    if (!done(types)) return corrupt("types do not decode");
    out.resize(header.count);
    for (size_t i = 0; i < out.size(); ++i) {
        if (state.integers[i] < static_cast<int64_t>(ValueType::boolean) ||
            state.integers[i] > static_cast<int64_t>(ValueType::bytes))
            return corrupt("type is out of range");
        out[i] = static_cast<ValueType>(state.integers[i]);
    }
    return {};
}

Result<void> read_mixed(const ChunkHeader& header, State& state, ByteReader& in, Columns& out) {
    HW_TRY(read_types(header, state, in, out.types));
    out.type = out.types[0];
    for (const ValueType type : form::value_types) {
        const auto rows = static_cast<size_t>(std::count(out.types.begin(), out.types.end(), type));
        if (rows == 0) continue;
        ByteReader column = section(in);
        state.values.resize(rows);
        read_values(type, state, column, out.arena, state.values);
        if (in.failed() || !done(column)) return corrupt("values do not decode");
        size_t next = 0;
        for (size_t i = 0; i < out.types.size(); ++i)
            if (out.types[i] == type) out.values[i] = state.values[next++];
    }
    return {};
}

HEADWORKS_CLONES void integers_to_doubles(const uint64_t* in, size_t count, double* out) {
    for (size_t i = 0; i < count; ++i)
        out[i] = static_cast<double>(static_cast<int64_t>(in[i]));
}

bool has_nan(std::span<const double> values) {
    size_t found = 0;
    for (const double value : values)
        found += value != value ? 1 : 0;
    return found > 0;
}

// The rows that are values, when some may not be: through all columns, one by one.
Result<void> decode_numeric_rows(BytesView chunk, bool good_only, DecodeScratch& scratch,
                                 NumericRows& out) {
    Columns& rows = scratch.state().columns;
    HW_TRY(decode_chunk(chunk, scratch, rows));
    keep_values(rows, good_only, out.times_ns, out.values);
    return {};
}

}  // namespace

size_t ChunkHeader::row_at(int64_t time_ns) const {
    HW_ASSERT(regular());
    if (time_ns <= first_time_ns) return 0;
    const auto step = static_cast<uint64_t>(step_ns);
    const uint64_t apart = static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(first_time_ns);
    return std::min<uint64_t>(count, apart / step + (apart % step != 0 ? 1 : 0));
}

size_t NumericRows::row_at(int64_t time_ns) const {
    if (!regular()) {
        const auto at = std::lower_bound(times_ns.begin(), times_ns.end(), time_ns);
        return static_cast<size_t>(at - times_ns.begin());
    }
    if (values.empty()) return 0;
    ChunkHeader header;
    header.count = static_cast<uint32_t>(values.size());
    header.first_time_ns = first_time_ns;
    header.step_ns = step_ns;
    return header.row_at(time_ns);
}

Result<ChunkHeader> read_chunk_header(BytesView chunk) {
    ByteReader in(chunk);
    return read_header(in);
}

Result<void> decode_chunk(BytesView chunk, DecodeScratch& scratch, Columns& out) {
    HW_TRY(decode_columns(chunk, {}, scratch, out));
    return {};
}

Result<ChunkHeader> decode_columns(BytesView chunk, WantedColumns wanted, DecodeScratch& scratch,
                                   Columns& out) {
    State& state = scratch.state();
    out.clear();
    ByteReader in(chunk);
    const ChunkHeader header = HW_TRY(open(chunk, in));
    if (wanted.times) {
        out.times_ns.resize(header.count);
        HW_TRY(read_times(header, state, in, out.times_ns));
    } else if (!header.regular()) {
        section(in);
    }
    HW_TRY(read_qualities(header, state, in, out.qualities));
    if (header.type) out.type = *header.type;
    if (!wanted.values) return header;
    out.values.resize(header.count);
    if (header.type) {
        read_values(out.type, state, in, out.arena, out.values);
    } else {
        HW_TRY(read_mixed(header, state, in, out));
    }
    if (!done(in)) return corrupt("values do not decode");
    return header;
}

Result<void> decode_times(BytesView chunk, DecodeScratch& scratch, std::vector<int64_t>& out) {
    ByteReader in(chunk);
    const ChunkHeader header = HW_TRY(open(chunk, in));
    out.resize(header.count);
    return read_times(header, scratch.state(), in, out);
}

Result<void> decode_numeric(BytesView chunk, bool good_only, DecodeScratch& scratch,
                            NumericRows& out) {
    State& state = scratch.state();
    out.times_ns.clear();
    ByteReader in(chunk);
    const ChunkHeader header = HW_TRY(open(chunk, in));
    const bool plain = header.all_good && header.type && *header.type < ValueType::text;
    if (!plain) return decode_numeric_rows(chunk, good_only, scratch, out);
    out.first_time_ns = header.first_time_ns;
    out.step_ns = header.step_ns;
    if (!header.regular()) {
        out.times_ns.resize(header.count);
        HW_TRY(read_times(header, state, in, out.times_ns));
    }
    out.values.resize(header.count);
    state.values.resize(header.count);
    read_values(*header.type, state, in, state.columns.arena, state.values);
    if (!done(in)) return corrupt("values do not decode");
    if (*header.type == ValueType::float64)
        std::memcpy(out.values.data(), state.values.data(), header.count * sizeof(double));
    else
        integers_to_doubles(state.values.data(), header.count, out.values.data());
    if (has_nan(out.values)) return decode_numeric_rows(chunk, good_only, scratch, out);
    return {};
}

}  // namespace hw::history
