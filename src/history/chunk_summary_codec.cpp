#include <array>
#include <bit>

#include "history/chunk_summary.h"
#include "history/codec_decimal.h"

namespace hw::history {

using model::ValueType;

namespace {

// The head byte: the type (0: none), and what follows.
constexpr uint8_t type_mask = 0x07;
constexpr uint8_t qualities_flag = 0x08;  // counts of uncertain and bad rows
constexpr uint8_t values_flag = 0x10;     // some row is not a value: count and times of the values
constexpr uint8_t empty_flag = 0x20;      // no row is a value
constexpr uint8_t known_bits = 0x3f;

constexpr uint8_t raw_decimals = 0xff;
constexpr unsigned double_bytes = 8;

std::array<double, 4> marks(const ChunkSummary& summary) {
    return {summary.min, summary.max, summary.first, summary.last};
}

// The least decimals that all marks have, and the integers; raw_decimals if there are none.
uint8_t shared_decimals(const std::array<double, 4>& values, std::array<int64_t, 4>& integers) {
    for (uint8_t decimals = 0; decimals <= decimals_limit; ++decimals) {
        bool all = true;
        for (size_t i = 0; i < values.size() && all; ++i)
            all = to_decimal(values[i], powers_of_ten[decimals], integers[i]);
        if (all) return decimals;
    }
    return raw_decimals;
}

void write_marks(const ChunkSummary& summary, ByteWriter& writer) {
    const std::array<double, 4> values = marks(summary);
    std::array<int64_t, 4> integers{};
    const uint8_t decimals = shared_decimals(values, integers);
    writer.u8(decimals);
    if (decimals == raw_decimals) {
        for (const double value : values)
            writer.little(std::bit_cast<uint64_t>(value));
        return;
    }
    writer.signed_varint(integers[0]);
    for (size_t i = 1; i < values.size(); ++i)
        writer.signed_varint(integers[i] - integers[0]);
}

bool read_marks(ByteReader& in, ChunkSummary& summary) {
    std::array<double, 4> values{};
    const uint8_t decimals = in.u8();
    if (decimals == raw_decimals) {
        for (double& value : values)
            value = std::bit_cast<double>(in.little<uint64_t>());
    } else if (decimals <= decimals_limit) {
        const auto base = static_cast<uint64_t>(in.signed_varint());
        for (size_t i = 0; i < values.size(); ++i) {
            const uint64_t apart = i == 0 ? 0 : static_cast<uint64_t>(in.signed_varint());
            values[i] = to_double(static_cast<int64_t>(base + apart)) / powers_of_ten[decimals];
        }
    } else {
        return false;
    }
    summary.min = values[0];
    summary.max = values[1];
    summary.first = values[2];
    summary.last = values[3];
    return true;
}

// The upper bytes of a double down to the last that is not zero: sums of whole numbers are short.
unsigned used_bytes(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    return bits == 0 ? 0 : double_bytes - static_cast<unsigned>(std::countr_zero(bits)) / 8;
}

void write_sums(const ChunkSummary& summary, ByteWriter& writer) {
    const std::array values{summary.sum, summary.m2, summary.integral};
    uint16_t lengths = 0;
    for (const double value : values)
        lengths = static_cast<uint16_t>(lengths << 4 | used_bytes(value));
    writer.little(lengths);
    for (const double value : values) {
        const auto bits = std::bit_cast<uint64_t>(value);
        for (unsigned i = 0; i < used_bytes(value); ++i)
            writer.u8(static_cast<uint8_t>(bits >> (56 - 8 * i)));
    }
}

bool read_sums(ByteReader& in, ChunkSummary& summary) {
    const auto lengths = in.little<uint16_t>();
    std::array<double, 3> values{};
    for (size_t k = 0; k < values.size(); ++k) {
        const unsigned length = lengths >> (8 - 4 * k) & 0xf;
        if (length > double_bytes) return false;
        uint64_t bits = 0;
        for (unsigned i = 0; i < length; ++i)
            bits |= static_cast<uint64_t>(in.u8()) << (56 - 8 * i);
        values[k] = std::bit_cast<double>(bits);
    }
    summary.sum = values[0];
    summary.m2 = values[1];
    summary.integral = values[2];
    return true;
}

int64_t later(int64_t time, uint64_t by) {
    return static_cast<int64_t>(static_cast<uint64_t>(time) + by);
}
uint64_t apart(int64_t from, int64_t to) {
    return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

uint8_t head_of(const ChunkSummary& summary) {
    uint8_t head = summary.type ? static_cast<uint8_t>(*summary.type) : 0;
    if (summary.count_uncertain > 0 || summary.count_bad > 0) head |= qualities_flag;
    if (summary.value_count == 0)
        head |= empty_flag;
    else if (summary.value_count != summary.count)
        head |= values_flag;
    return head;
}

bool read_values(ByteReader& in, uint8_t head, ChunkSummary& summary) {
    if ((head & empty_flag) != 0) return (head & values_flag) == 0;
    summary.value_count = summary.count;
    summary.first_value_time_ns = summary.first_time_ns;
    summary.last_value_time_ns = summary.last_time_ns;
    if ((head & values_flag) != 0) {
        summary.value_count = in.varint();
        summary.first_value_time_ns = later(summary.first_time_ns, in.varint());
        summary.last_value_time_ns = later(summary.first_value_time_ns, in.varint());
    }
    const bool in_order = summary.first_time_ns <= summary.first_value_time_ns &&
                          summary.first_value_time_ns <= summary.last_value_time_ns &&
                          summary.last_value_time_ns <= summary.last_time_ns;
    return in_order && summary.value_count > 0 && summary.value_count <= summary.count &&
           read_marks(in, summary) && read_sums(in, summary);
}

}  // namespace

void encode_summary(const ChunkSummary& summary, std::string& out) {
    ByteWriter writer(out);
    const uint8_t head = head_of(summary);
    writer.u8(head);
    writer.varint(summary.count);
    writer.little(static_cast<uint64_t>(summary.first_time_ns));
    writer.varint(apart(summary.first_time_ns, summary.last_time_ns));
    if ((head & qualities_flag) != 0) {
        writer.varint(summary.count_uncertain);
        writer.varint(summary.count_bad);
    }
    if ((head & empty_flag) != 0) return;
    if ((head & values_flag) != 0) {
        writer.varint(summary.value_count);
        writer.varint(apart(summary.first_time_ns, summary.first_value_time_ns));
        writer.varint(apart(summary.first_value_time_ns, summary.last_value_time_ns));
    }
    write_marks(summary, writer);
    write_sums(summary, writer);
}

Result<ChunkSummary> decode_summary(BytesView bytes) {
    ByteReader in(bytes);
    ChunkSummary summary;
    const uint8_t head = in.u8();
    const uint8_t type = head & type_mask;
    if (type != 0) summary.type = static_cast<ValueType>(type);
    summary.count = in.varint();
    summary.first_time_ns = static_cast<int64_t>(in.little<uint64_t>());
    summary.last_time_ns = later(summary.first_time_ns, in.varint());
    if ((head & qualities_flag) != 0) {
        summary.count_uncertain = in.varint();
        summary.count_bad = in.varint();
    }
    const bool sound =
        (head & ~known_bits) == 0 && type <= static_cast<uint8_t>(ValueType::bytes) &&
        summary.first_time_ns <= summary.last_time_ns && summary.count_uncertain <= summary.count &&
        summary.count_bad <= summary.count - summary.count_uncertain;
    if (!sound || !read_values(in, head, summary) || in.failed() || !in.at_end())
        return fail(ErrorCode::corrupt,
                    "the summary of a chunk does not decode; restore the folder from a backup");
    return summary;
}

}  // namespace hw::history
