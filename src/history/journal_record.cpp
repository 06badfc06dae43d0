#include "history/journal_record.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace hw::history {

namespace {

using model::PointId;
using model::Quality;
using model::SampleBatch;
using model::ValueType;

constexpr std::string_view segment_magic = "HWJRNL01";
constexpr std::string_view record_magic = "HWRC";
constexpr size_t record_head_bytes = 16;
constexpr size_t payload_head_bytes = 17;
constexpr size_t varint_bytes_most = 10;

std::unexpected<Error> corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("journal record: ") + what);
}

// Writes straight to memory that is known to be large enough.
char* put_varint(char* out, uint64_t value) {
    while (value >= 0x80) {
        *out++ = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    *out++ = static_cast<char>(value);
    return out;
}

uint64_t zigzag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

// Difference without signed overflow; wraps, and the reader wraps back.
int64_t difference(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// A section of signed varint deltas behind its own length.
template <class Column, class Number>
void put_deltas(std::string& out, const Column& column, Number number, std::string& scratch) {
    scratch.resize(column.size() * varint_bytes_most);
    char* end = scratch.data();
    int64_t before = 0;
    for (const auto& item : column) {
        const int64_t now = number(item);
        const uint64_t z = zigzag(difference(now, before));
        before = now;
        if (z < 0x80) [[likely]] {
            *end++ = static_cast<char>(z);
        } else {
            end = put_varint(end, z);
        }
    }
    const auto bytes = static_cast<size_t>(end - scratch.data());
    ByteWriter(out).varint(bytes);
    out.append(scratch.data(), bytes);
}

void put_runs(std::string& out, const SampleBatch& batch) {
    struct Run {
        size_t length;
        ValueType type;
        Quality quality;
    };
    thread_local std::vector<Run> runs;
    runs.clear();
    const auto& types = batch.types();
    const auto& qualities = batch.qualities();
    size_t begin = 0;
    for (size_t i = 1; i <= batch.size(); ++i) {
        if (i < batch.size() && types[i] == types[begin] && qualities[i] == qualities[begin])
            continue;
        runs.push_back({i - begin, types[begin], qualities[begin]});
        begin = i;
    }
    ByteWriter writer(out);
    writer.varint(runs.size());
    for (const Run& run : runs) {
        writer.varint(run.length);
        writer.u8(static_cast<uint8_t>(run.type));
        writer.little(static_cast<uint16_t>(run.quality));
    }
}

size_t begin_record(std::string& out, RecordKind kind, const RecordHeader& header) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(record_magic);
    writer.little(uint32_t{0});
    writer.little(uint64_t{0});
    writer.u8(static_cast<uint8_t>(kind));
    writer.little(header.lsn);
    writer.little(header.synced_lsn);
    return start;
}

void end_record(std::string& out, size_t start, uint64_t segment) {
    const size_t payload = start + record_head_bytes;
    const auto length = static_cast<uint32_t>(out.size() - payload);
    HW_ASSERT(out.size() - payload <= UINT32_MAX);
    const uint64_t sum = XXH3_64bits_withSeed(out.data() + payload, length, segment);
    std::memcpy(out.data() + start + record_magic.size(), &length, sizeof length);
    std::memcpy(out.data() + start + record_magic.size() + sizeof length, &sum, sizeof sum);
}

struct Runs {
    struct Run {
        size_t end;
        ValueType type;
        Quality quality;
    };
    std::vector<Run> runs;
    bool texts = false;
};

Result<Runs> get_runs(ByteReader& reader, uint64_t rows) {
    const uint64_t count = reader.varint();
    if (count > rows) return corrupt("more runs than rows");
    Runs runs;
    uint64_t at = 0;
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t length = reader.varint();
        const uint8_t type = reader.u8();
        const auto quality = static_cast<Quality>(reader.little<uint16_t>());
        if (reader.failed() || type < 1 || type > 5) return corrupt("a run is damaged");
        if (length == 0 || length > rows - at) return corrupt("runs do not add up");
        at += length;
        runs.runs.push_back({at, static_cast<ValueType>(type), quality});
        runs.texts = runs.texts || type >= static_cast<uint8_t>(ValueType::text);
    }
    if (at != rows) return corrupt("runs do not add up");
    return runs;
}

void add_row(SampleBatch& out, PointId point, Time time, const Runs::Run& run, uint64_t value,
             ByteReader& texts) {
    switch (run.type) {
        case ValueType::boolean:
            return out.add_bool(point, time, value != 0, run.quality);
        case ValueType::int64:
            return out.add_int(point, time, static_cast<int64_t>(value), run.quality);
        case ValueType::float64:
            return out.add_double(point, time, std::bit_cast<double>(value), run.quality);
        case ValueType::text:
            return out.add_text(point, time, texts.text(value), run.quality);
        case ValueType::bytes:
            return out.add_bytes(point, time, texts.text(value), run.quality);
    }
    HW_UNREACHABLE();
}

}  // namespace

void write_segment_header(std::string& out, const SegmentHeader& header) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(segment_magic);
    writer.little(header.number);
    writer.little(header.void_from);
    writer.little(header.first_lsn);
    writer.little(static_cast<uint64_t>(XXH3_64bits(out.data() + start, out.size() - start)));
}

Result<SegmentHeader> read_segment_header(BytesView bytes) {
    ByteReader reader(bytes);
    const std::string_view magic = reader.text(segment_magic.size());
    SegmentHeader header;
    header.number = reader.little<uint64_t>();
    header.void_from = reader.little<uint64_t>();
    header.first_lsn = reader.little<uint64_t>();
    const uint64_t sum = reader.little<uint64_t>();
    if (reader.failed() || magic != segment_magic) return corrupt("no segment header");
    if (sum != XXH3_64bits(bytes.data(), segment_header_bytes - sizeof sum))
        return corrupt("the segment header fails its checksum");
    return header;
}

void write_points_record(std::string& out, const RecordHeader& header, uint32_t first_id,
                         const std::vector<std::string_view>& paths) {
    const size_t start = begin_record(out, RecordKind::points, header);
    ByteWriter writer(out);
    writer.varint(first_id);
    writer.varint(paths.size());
    for (const std::string_view path : paths) {
        writer.varint(path.size());
        writer.text(path);
    }
    end_record(out, start, header.segment);
}

void write_samples_record(std::string& out, const RecordHeader& header, const SampleBatch& batch) {
    thread_local std::string scratch;
    const size_t start = begin_record(out, RecordKind::samples, header);
    const size_t rows = batch.size();
    ByteWriter(out).varint(rows);
    put_deltas(out, batch.points(), [](PointId id) { return int64_t{id.value()}; }, scratch);
    put_deltas(out, batch.times_ns(), [](int64_t time) { return time; }, scratch);
    put_runs(out, batch);
    const size_t values = out.size();
    out.append(reinterpret_cast<const char*>(batch.values().data()), rows * sizeof(uint64_t));
    const auto& types = batch.types();
    for (size_t i = 0; i < rows; ++i) {
        if (types[i] < ValueType::text) [[likely]]
            continue;
        const uint64_t length = static_cast<uint32_t>(batch.values()[i]);
        std::memcpy(out.data() + values + i * sizeof length, &length, sizeof length);
        out.append(batch.text(i));
    }
    end_record(out, start, header.segment);
}

std::optional<Record> RecordReader::record_at(size_t offset, size_t& end) const {
    ByteReader reader(segment_.subspan(offset));
    if (reader.text(record_magic.size()) != record_magic) return std::nullopt;
    const uint32_t length = reader.little<uint32_t>();
    const uint64_t sum = reader.little<uint64_t>();
    const BytesView payload = reader.bytes(length);
    if (reader.failed() || length < payload_head_bytes) return std::nullopt;
    if (XXH3_64bits_withSeed(payload.data(), length, number_) != sum) return std::nullopt;
    ByteReader head(payload);
    Record record;
    const uint8_t kind = head.u8();
    if (kind != 1 && kind != 2) return std::nullopt;
    record.kind = static_cast<RecordKind>(kind);
    record.lsn = head.little<uint64_t>();
    record.synced_lsn = head.little<uint64_t>();
    record.body = head.rest();
    end = offset + record_head_bytes + length;
    return record;
}

std::optional<Record> RecordReader::next(bool& skipped) {
    skipped = false;
    const std::string_view text = as_text(segment_);
    while (at_ < text.size()) {
        size_t end = 0;
        if (auto record = record_at(at_, end)) {
            at_ = end;
            return record;
        }
        skipped = true;
        at_ = std::min(text.find(record_magic, at_ + 1), text.size());
    }
    return std::nullopt;
}

Result<PointsRecord> read_points(BytesView body) {
    ByteReader reader(body);
    PointsRecord record;
    const uint64_t first = reader.varint();
    const uint64_t count = reader.varint();
    if (first > UINT32_MAX || count > reader.remaining())
        return corrupt("a point range is damaged");
    record.first_id = static_cast<uint32_t>(first);
    record.paths.reserve(count);
    for (uint64_t i = 0; i < count; ++i)
        record.paths.emplace_back(reader.text(std::min<uint64_t>(reader.varint(), UINT32_MAX)));
    if (reader.failed() || !reader.at_end()) return corrupt("a point range is damaged");
    return record;
}

Result<void> read_samples(BytesView body, SampleBatch& out) {
    out.clear();
    ByteReader reader(body);
    const uint64_t rows = reader.varint();
    ByteReader ids(reader.bytes(reader.varint()));
    ByteReader times(reader.bytes(reader.varint()));
    if (rows > ids.remaining() || rows > times.remaining()) return corrupt("rows are missing");
    const Runs runs = HW_TRY(get_runs(reader, rows));
    const BytesView values = reader.bytes(rows * sizeof(uint64_t));
    ByteReader texts(reader.rest());
    if (reader.failed()) return corrupt("values are missing");
    out.reserve(rows);
    uint64_t id = 0;
    uint64_t time = 0;
    size_t i = 0;
    for (const Runs::Run& run : runs.runs) {
        for (; i < run.end; ++i) {
            id += static_cast<uint64_t>(ids.signed_varint());
            time += static_cast<uint64_t>(times.signed_varint());
            if (id > UINT32_MAX) return corrupt("a point number is damaged");
            uint64_t value;
            std::memcpy(&value, values.data() + i * sizeof value, sizeof value);
            add_row(out, PointId{static_cast<uint32_t>(id)}, Time{static_cast<int64_t>(time)}, run,
                    value, texts);
        }
    }
    if (ids.failed() || times.failed() || texts.failed() || !ids.at_end() || !times.at_end() ||
        !texts.at_end())
        return corrupt("columns do not fit each other");
    return {};
}

}  // namespace hw::history
