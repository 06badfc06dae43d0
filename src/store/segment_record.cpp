#include "store/segment_record.h"

#include <xxhash.h>

#include <cstring>

#include "base/assert.h"

namespace hw::store {

namespace {

constexpr std::string_view segment_magic = "HWSLOG01";
constexpr std::string_view frame_magic = "HWSR";

}  // namespace

void write_log_segment_header(std::string& out, const LogSegmentHeader& header) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(segment_magic);
    writer.little(header.number);
    writer.little(header.first);
    writer.little(header.previous_end);
    writer.little(header.trimmed);
    writer.little(XXH3_64bits(out.data() + start, out.size() - start));
}

std::optional<LogSegmentHeader> read_log_segment_header(BytesView bytes, uint64_t number) {
    if (bytes.size() < log_segment_header_bytes) return std::nullopt;
    ByteReader in(bytes);
    if (in.text(segment_magic.size()) != segment_magic) return std::nullopt;
    LogSegmentHeader header;
    header.number = in.little<uint64_t>();
    header.first = in.little<uint64_t>();
    header.previous_end = in.little<uint64_t>();
    header.trimmed = in.little<uint64_t>();
    if (in.little<uint64_t>() != XXH3_64bits(bytes.data(), log_segment_header_bytes - 8))
        return std::nullopt;
    if (header.number != number || header.previous_end > header.first ||
        header.trimmed > header.first)
        return std::nullopt;
    return header;
}

void write_log_frame(std::string& out, uint64_t segment, const LogFrame& frame) {
    const size_t start = out.size();
    ByteWriter writer(out);
    writer.text(frame_magic);
    writer.little(uint32_t{0});
    writer.little(uint64_t{0});
    writer.u8(static_cast<uint8_t>(frame.kind));
    writer.varint(frame.position);
    writer.text(frame.body);
    const size_t payload = start + log_record_head_bytes;
    const size_t length = out.size() - payload;
    HW_ASSERT(length <= UINT32_MAX);
    const auto length32 = static_cast<uint32_t>(length);
    const uint64_t sum = XXH3_64bits_withSeed(out.data() + payload, length, segment);
    std::memcpy(out.data() + start + 4, &length32, sizeof length32);
    std::memcpy(out.data() + start + 8, &sum, sizeof sum);
}

std::optional<LogFrame> LogFrameReader::frame_at(size_t at, size_t& end) const {
    ByteReader in(as_bytes(bytes_.substr(at)));
    if (in.text(frame_magic.size()) != frame_magic) return std::nullopt;
    const auto length = in.little<uint32_t>();
    const auto sum = in.little<uint64_t>();
    const BytesView payload = in.bytes(length);
    if (in.failed() || XXH3_64bits_withSeed(payload.data(), payload.size(), segment_) != sum)
        return std::nullopt;
    ByteReader body(payload);
    const uint8_t kind = body.u8();
    LogFrame frame;
    frame.position = body.varint();
    frame.body = as_text(body.rest());
    if (body.failed() || kind < 1 || kind > 2 || frame.position >= UINT64_MAX / 2)
        return std::nullopt;
    frame.kind = static_cast<LogFrameKind>(kind);
    end = at + log_record_head_bytes + length;
    return frame;
}

std::optional<LogFrame> LogFrameReader::next() {
    if (!whole_ &&
        (bytes_.size() - sound_ < log_record_head_bytes || wanted() > bytes_.size() - sound_))
        return std::nullopt;
    for (size_t at = sound_; at < bytes_.size();) {
        size_t end = 0;
        if (auto frame = frame_at(at, end)) {
            skipped_ += at - sound_;
            sound_ = end;
            return frame;
        }
        at = bytes_.find(frame_magic, at + 1);
    }
    return std::nullopt;
}

size_t LogFrameReader::wanted() const {
    ByteReader in(as_bytes(bytes_.substr(sound_)));
    if (in.text(frame_magic.size()) != frame_magic) return 0;
    const auto length = in.little<uint32_t>();
    return in.failed() ? 0 : log_record_head_bytes + length;
}

}  // namespace hw::store
