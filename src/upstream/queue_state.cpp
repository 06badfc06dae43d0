#include "upstream/queue_state.h"

#include <xxhash.h>

namespace hw::upstream {

namespace {

constexpr std::string_view magic = "HWUPST01";
constexpr std::string_view name = "/state";
constexpr std::string_view new_name = "/state.new";
constexpr uint64_t sane = uint64_t{1} << 56;  // record numbers below it never wrap
constexpr size_t detail_bytes_most = 1000;

std::unexpected<Error> corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("upstream state: ") + what);
}

void write_segment(ByteWriter& out, const SegmentInfo& segment) {
    for (const uint64_t number : {segment.number, segment.first, segment.next, segment.samples,
                                  segment.acknowledged, segment.bytes})
        out.varint(number);
    out.u8(segment.sealed ? 1 : 0);
    out.signed_varint(segment.from.ns);
    out.signed_varint(segment.to.ns);
}

SegmentInfo read_segment(ByteReader& in) {
    SegmentInfo segment;
    for (uint64_t* number : {&segment.number, &segment.first, &segment.next, &segment.samples,
                             &segment.acknowledged, &segment.bytes}) {
        *number = in.varint();
        if (*number >= sane) in.fail();
    }
    segment.sealed = in.u8() != 0;
    segment.from.ns = in.signed_varint();
    segment.to.ns = in.signed_varint();
    if (segment.next < segment.first || segment.acknowledged > segment.samples) in.fail();
    return segment;
}

void write_gap(ByteWriter& out, const Gap& gap) {
    out.varint(gap.id);
    out.u8(static_cast<uint8_t>(gap.reason));
    out.u8(static_cast<uint8_t>(gap.state));
    out.signed_varint(gap.from.ns);
    out.signed_varint(gap.to.ns);
    out.varint(gap.samples);
    out.varint(gap.records.first);
    out.varint(gap.records.last);
    out.varint(gap.detail.size());
    out.text(gap.detail);
}

Gap read_gap(ByteReader& in) {
    Gap gap;
    gap.id = in.varint();
    const uint8_t reason = in.u8();
    const uint8_t state = in.u8();
    if (reason < 1 || reason > 9 || state < 1 || state > 4 || gap.id >= sane) in.fail();
    gap.reason = static_cast<GapReason>(reason);
    gap.state = static_cast<GapState>(state);
    gap.from.ns = in.signed_varint();
    gap.to.ns = in.signed_varint();
    gap.samples = in.varint();
    gap.records.first = in.varint();
    gap.records.last = in.varint();
    const uint64_t size = in.varint();
    if (size > detail_bytes_most || gap.records.last >= sane) in.fail();
    gap.detail = in.text(size);
    return gap;
}

}  // namespace

std::string encode_state(const QueueState& state) {
    std::string bytes;
    ByteWriter out(bytes);
    out.text(magic);
    out.signed_varint(state.saved.ns);
    out.u8(state.clean ? 1 : 0);
    out.varint(state.next_record);
    out.varint(state.acknowledged.size());
    for (const Interval& interval : state.acknowledged) {
        out.varint(interval.first);
        out.varint(interval.last);
    }
    out.varint(state.segments.size());
    for (const SegmentInfo& segment : state.segments)
        write_segment(out, segment);
    out.varint(state.gaps.size());
    for (const Gap& gap : state.gaps)
        write_gap(out, gap);
    out.little(XXH3_64bits(bytes.data(), bytes.size()));
    return bytes;
}

Result<QueueState> decode_state(BytesView bytes) {
    if (bytes.size() < magic.size() + 8 || !as_text(bytes).starts_with(magic))
        return corrupt("another kind of file");
    const BytesView summed = bytes.first(bytes.size() - 8);
    ByteReader sum(bytes.last(8));
    if (sum.little<uint64_t>() != XXH3_64bits(summed.data(), summed.size()))
        return corrupt("it fails its check");
    ByteReader in(summed.subspan(magic.size()));
    QueueState state;
    state.saved.ns = in.signed_varint();
    state.clean = in.u8() != 0;
    state.next_record = in.varint();
    if (state.next_record >= sane) return corrupt("a record number of no sense");
    for (uint64_t i = in.varint(); i > 0 && !in.failed(); --i) {
        const uint64_t first = in.varint();
        const uint64_t last = in.varint();
        if (last < first || last >= sane) return corrupt("an interval of no sense");
        state.acknowledged.push_back({first, last});
    }
    for (uint64_t i = in.varint(); i > 0 && !in.failed(); --i)
        state.segments.push_back(read_segment(in));
    uint64_t id = 0;
    for (uint64_t i = in.varint(); i > 0 && !in.failed(); --i) {
        state.gaps.push_back(read_gap(in));
        if (state.gaps.back().id <= id) return corrupt("gaps out of order");
        id = state.gaps.back().id;
    }
    if (in.failed() || !in.at_end()) return corrupt("it is cut short");
    return state;
}

Result<void> save_state(io::Disk& disk, const std::string& folder, const std::string& bytes) {
    const std::string fresh = folder + std::string(new_name);
    // Left behind by a crash.
    const auto removed = disk.remove(fresh);
    if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
    const auto file = HW_TRY(disk.create(fresh));
    HW_TRY(file->append(as_bytes(bytes)));
    HW_TRY(file->sync());
    return disk.rename(fresh, folder + std::string(name));
}

Result<QueueState> load_state(io::Disk& disk, const std::string& folder) {
    const std::string content = HW_TRY(disk.read(folder + std::string(name)));
    return decode_state(as_bytes(content));
}

}  // namespace hw::upstream
