#include "upstream/queue_record.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "model/point_path.h"

namespace hw::upstream {

namespace {

constexpr std::string_view segment_magic = "HWUPQU01";
constexpr std::string_view record_magic = "HWUR";
constexpr size_t record_head_bytes = 16;
constexpr uint8_t plain = 0;
constexpr uint8_t zstd = 1;
// Below it zstd has nothing to find.
constexpr size_t compress_from_bytes = 256;
constexpr int compression_level = 1;

std::unexpected<Error> corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("upstream queue: ") + what);
}

}  // namespace

void write_segment_header(std::string& out, const SegmentHeader& header) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(segment_magic);
    writer.little(header.number);
    writer.little(header.first_record);
    writer.little(XXH3_64bits(out.data() + start, out.size() - start));
}

Result<SegmentHeader> read_segment_header(BytesView bytes) {
    if (bytes.size() < segment_header_bytes) return corrupt("a segment without a header");
    ByteReader in(bytes);
    if (in.text(segment_magic.size()) != segment_magic) return corrupt("a segment of another kind");
    SegmentHeader header;
    header.number = in.little<uint64_t>();
    header.first_record = in.little<uint64_t>();
    if (in.little<uint64_t>() != XXH3_64bits(bytes.data(), segment_header_bytes - 8))
        return corrupt("a segment's header fails its check");
    return header;
}

struct SegmentWriter::Compressor {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ~Compressor() { ZSTD_freeCCtx(context); }
};

SegmentWriter::SegmentWriter() : compressor_(std::make_unique<Compressor>()) {}
SegmentWriter::~SegmentWriter() = default;

void SegmentWriter::begin(const SegmentHeader& header, std::string& out) {
    segment_ = header.number;
    paths_ = 0;
    ++generation_;
    write_segment_header(out, header);
}

uint32_t& SegmentWriter::slot_of(uint32_t point) {
    if (point >= slots_.size()) slots_.resize(std::max<size_t>(point + 1, slots_.size() * 2));
    auto& [generation, index] = slots_[point];
    if (generation != generation_) {
        generation = generation_;
        index = 0;
    }
    return index;
}

void SegmentWriter::add_path(std::string_view path) {
    ByteWriter writer(new_paths_);
    writer.varint(path.size());
    writer.text(path);
    ++paths_;
}

void SegmentWriter::finish(const RecordHead& head, const model::SampleBatch& batch, size_t from,
                           size_t to, uint32_t known_paths, std::string& out) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(record_magic);
    writer.little(uint32_t{0});
    writer.little(uint64_t{0});
    writer.varint(head.number);
    writer.varint(head.samples_before);
    writer.varint(to - from);
    writer.little(static_cast<uint64_t>(head.queued.ns));
    writer.varint(known_paths);
    writer.varint(paths_ - known_paths);
    writer.text(new_paths_);
    body_.clear();
    columns_.write(batch, from, to, indices_, body_);
    bool packed = false;
    if (body_.size() >= compress_from_bytes) {
        const size_t mark = out.size();
        writer.u8(zstd);
        writer.varint(body_.size());
        const size_t at = out.size();
        out.resize(at + ZSTD_compressBound(body_.size()));
        const size_t size =
            ZSTD_compressCCtx(compressor_->context, out.data() + at, out.size() - at, body_.data(),
                              body_.size(), compression_level);
        packed = ZSTD_isError(size) == 0 && size < body_.size();
        out.resize(packed ? at + size : mark);
    }
    if (!packed) {
        writer.u8(plain);
        writer.text(body_);
    }
    const size_t payload = start + record_head_bytes;
    const size_t length = out.size() - payload;
    HW_ASSERT(length <= UINT32_MAX);
    const auto length32 = static_cast<uint32_t>(length);
    const uint64_t sum = XXH3_64bits_withSeed(out.data() + payload, length, segment_);
    std::memcpy(out.data() + start + 4, &length32, sizeof length32);
    std::memcpy(out.data() + start + 8, &sum, sizeof sum);
}

struct SegmentReader::Decompressor {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ~Decompressor() { ZSTD_freeDCtx(context); }
};

SegmentReader::SegmentReader(std::string content)
    : content_(std::move(content)), decompressor_(std::make_unique<Decompressor>()) {}
SegmentReader::~SegmentReader() = default;
SegmentReader::SegmentReader(SegmentReader&&) noexcept = default;
SegmentReader& SegmentReader::operator=(SegmentReader&&) noexcept = default;

Result<SegmentReader> SegmentReader::open(std::string content, uint64_t number) {
    SegmentReader reader(std::move(content));
    reader.header_ = HW_TRY(read_segment_header(as_bytes(reader.content_)));
    if (reader.header_.number != number) return corrupt("a segment of another number");
    return reader;
}

std::optional<RecordHead> SegmentReader::next(bool& skipped) {
    skipped = false;
    body_ = {};
    while (at_ < content_.size()) {
        size_t end = 0;
        if (auto head = record_at(at_, end)) {
            at_ = end;
            return head;
        }
        skipped = true;
        const size_t found = content_.find(record_magic, at_ + 1);
        at_ = found == std::string::npos ? content_.size() : found;
    }
    return std::nullopt;
}

std::optional<RecordHead> SegmentReader::record_at(size_t offset, size_t& end) {
    ByteReader in(as_bytes(std::string_view(content_).substr(offset)));
    if (in.text(record_magic.size()) != record_magic) return std::nullopt;
    const auto length = in.little<uint32_t>();
    const auto sum = in.little<uint64_t>();
    const BytesView payload = in.bytes(length);
    if (in.failed() || payload.empty()) return std::nullopt;
    if (XXH3_64bits_withSeed(payload.data(), payload.size(), header_.number) != sum)
        return std::nullopt;
    RecordHead head;
    if (!read_payload(payload, head)) return std::nullopt;
    end = offset + record_head_bytes + length;
    return head;
}

bool SegmentReader::read_payload(BytesView payload, RecordHead& head) {
    constexpr Limits limits;
    ByteReader in(payload);
    head.number = in.varint();
    head.samples_before = in.varint();
    head.samples = in.varint();
    head.queued.ns = static_cast<int64_t>(in.little<uint64_t>());
    const uint64_t known = in.varint();
    const uint64_t added = in.varint();
    // Numbers that no writer makes; also keeps sums of them in range.
    constexpr uint64_t sane = uint64_t{1} << 56;
    if (in.failed() || head.number >= sane || head.samples_before >= sane ||
        head.samples > limits.record_rows || known < paths_.size() || known > content_.size() ||
        added > in.remaining())
        return false;
    std::vector<std::string> paths;
    for (uint64_t i = 0; i < added; ++i) {
        const uint64_t size = in.varint();
        if (size > model::path_bytes_limit) return false;
        paths.emplace_back(in.text(size));
    }
    const uint8_t packing = in.u8();
    if (in.failed() || packing > zstd) return false;
    // Paths between were in a record that is lost.
    paths_.resize(known);
    known_.resize(known, ingest::ColumnsReader::unknown);
    for (auto& path : paths) {
        known_.push_back(static_cast<uint32_t>(paths_.size()));
        paths_.push_back(std::move(path));
    }
    compressed_ = packing == zstd;
    body_ = in.rest();
    return true;
}

Result<size_t> SegmentReader::rows(model::SampleBatch& out) {
    constexpr Limits limits;
    BytesView body = body_;
    if (compressed_) {
        ByteReader in(body_);
        const uint64_t size = in.varint();
        const BytesView packed = in.rest();
        if (in.failed() || size > limits.record_bytes) return corrupt("a record of no sense");
        unpacked_.resize(size);
        const size_t got = ZSTD_decompressDCtx(decompressor_->context, unpacked_.data(), size,
                                               packed.data(), packed.size());
        if (ZSTD_isError(got) != 0 || got != size) return corrupt("zstd cannot unpack a record");
        body = as_bytes(unpacked_);
    }
    ByteReader in(body);
    const ingest::ColumnsReader::Limits columns{.rows = limits.record_rows,
                                                .text_bytes = limits.record_bytes};
    const auto taken = HW_TRY(columns_.read(in, known_, columns, out));
    return taken.rows;
}

}  // namespace hw::upstream
