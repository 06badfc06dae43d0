#include "gateway/tag_book.h"

#include <bit>

#include "base/assert.h"
#include "base/bytes.h"

namespace hw::gateway {

namespace {

// Which numbers are not the usual ones and follow, 8 bytes each, in this order.
enum Present : uint8_t {
    has_scale = 1,
    has_offset = 2,
    has_bias = 4,
    has_deadband = 8,
    has_percent = 16,
    has_min = 32,
    has_max = 64,
};

void put_text(ByteWriter& out, std::string_view text) {
    out.varint(text.size());
    out.text(text);
}

void put_number(ByteWriter& out, double value) {
    out.little(std::bit_cast<uint64_t>(value));
}

std::string get_text(ByteReader& in) {
    const uint64_t size = in.varint();
    return std::string(in.text(size));
}

double get_number(ByteReader& in) {
    return std::bit_cast<double>(in.little<uint64_t>());
}

}  // namespace

void TagBook::add(const TagSpec& tag) {
    ByteWriter out(bytes_);
    put_text(out, tag.name);
    put_text(out, tag.address);
    put_text(out, tag.unit);
    put_text(out, tag.description);
    put_text(out, tag.point);
    out.u8(static_cast<uint8_t>(tag.type));
    out.u8(static_cast<uint8_t>((tag.access.read ? 1 : 0) | (tag.access.write ? 2 : 0) |
                                (tag.access.on_change ? 4 : 0)));
    out.u8(static_cast<uint8_t>(tag.precision + 1));
    out.u8(static_cast<uint8_t>(
        (tag.scale != 1 ? has_scale : 0) | (tag.offset != 0 ? has_offset : 0) |
        (tag.bias != 0 ? has_bias : 0) | (tag.deadband != 0 ? has_deadband : 0) |
        (tag.deadband_percent != 0 ? has_percent : 0) | (tag.min ? has_min : 0) |
        (tag.max ? has_max : 0)));
    if (tag.scale != 1) put_number(out, tag.scale);
    if (tag.offset != 0) put_number(out, tag.offset);
    if (tag.bias != 0) put_number(out, tag.bias);
    if (tag.deadband != 0) put_number(out, tag.deadband);
    if (tag.deadband_percent != 0) put_number(out, tag.deadband_percent);
    if (tag.min) put_number(out, *tag.min);
    if (tag.max) put_number(out, *tag.max);
    HW_ASSERT(bytes_.size() <= UINT32_MAX);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
}

TagSpec TagBook::get(size_t i) const {
    ByteReader in(as_bytes(bytes(i)));
    TagSpec tag;
    tag.name = get_text(in);
    tag.address = get_text(in);
    tag.unit = get_text(in);
    tag.description = get_text(in);
    tag.point = get_text(in);
    tag.type = static_cast<TagType>(in.u8());
    const uint8_t access = in.u8();
    tag.access = {(access & 1) != 0, (access & 2) != 0, (access & 4) != 0};
    tag.precision = in.u8() - 1;
    const uint8_t present = in.u8();
    if (present & has_scale) tag.scale = get_number(in);
    if (present & has_offset) tag.offset = get_number(in);
    if (present & has_bias) tag.bias = get_number(in);
    if (present & has_deadband) tag.deadband = get_number(in);
    if (present & has_percent) tag.deadband_percent = get_number(in);
    if (present & has_min) tag.min = get_number(in);
    if (present & has_max) tag.max = get_number(in);
    HW_ASSERT(!in.failed() && in.at_end());
    return tag;
}

std::string_view TagBook::name(size_t i) const {
    ByteReader in(as_bytes(bytes(i)));
    const uint64_t size = in.varint();
    return in.text(size);
}

}  // namespace hw::gateway
