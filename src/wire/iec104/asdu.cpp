#include "wire/iec104/asdu.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.h"
#include "wire/iec104/apci.h"

namespace hw::iec104 {
namespace {

constexpr size_t count_limit = 127;

Quality quality_from(uint8_t bits) {
    return {.invalid = (bits & 0x80) != 0,
            .not_topical = (bits & 0x40) != 0,
            .substituted = (bits & 0x20) != 0,
            .blocked = (bits & 0x10) != 0};
}

// Of a whole octet: with OV.
Quality full_quality_from(uint8_t bits) {
    Quality quality = quality_from(bits);
    quality.overflow = (bits & 0x01) != 0;
    return quality;
}

// QDP: with EI.
Quality protection_quality_from(uint8_t bits) {
    Quality quality = quality_from(bits);
    quality.elapsed_invalid = (bits & 0x08) != 0;
    return quality;
}

uint8_t bits_of(const Quality& q) {
    return static_cast<uint8_t>((q.invalid ? 0x80 : 0) | (q.not_topical ? 0x40 : 0) |
                                (q.substituted ? 0x20 : 0) | (q.blocked ? 0x10 : 0));
}
uint8_t full_bits_of(const Quality& q) {
    return static_cast<uint8_t>(bits_of(q) | (q.overflow ? 0x01 : 0));
}
uint8_t protection_bits_of(const Quality& q) {
    return static_cast<uint8_t>(bits_of(q) | (q.elapsed_invalid ? 0x08 : 0));
}

Normalized read_normalized(ByteReader& in) {
    return {static_cast<int16_t>(in.little<uint16_t>())};
}
Scaled read_scaled(ByteReader& in) {
    return {static_cast<int16_t>(in.little<uint16_t>())};
}
Short read_short(ByteReader& in) {
    return {std::bit_cast<float>(in.little<uint32_t>())};
}

Step read_step(ByteReader& in) {
    const uint8_t octet = in.u8();
    const int value = octet & 0x7f;
    return {.value = static_cast<int8_t>(value < 64 ? value : value - 128),
            .transient = (octet & 0x80) != 0};
}

Counter read_counter(ByteReader& in, Quality& quality) {
    Counter counter{.value = static_cast<int32_t>(in.little<uint32_t>())};
    const uint8_t octet = in.u8();
    counter.sequence = octet & 0x1f;
    counter.carry = (octet & 0x20) != 0;
    counter.adjusted = (octet & 0x40) != 0;
    quality.invalid = (octet & 0x80) != 0;
    return counter;
}

Switching read_switching(ByteReader& in, uint8_t state_mask) {
    const uint8_t octet = in.u8();
    return {.state = static_cast<uint8_t>(octet & state_mask),
            .qualifier = static_cast<uint8_t>((octet >> 2) & 0x1f),
            .select = (octet & 0x80) != 0};
}

template <class Value>
SetPoint read_set_point(Value value, ByteReader& in) {
    const uint8_t octet = in.u8();
    return {.value = value,
            .qualifier = static_cast<uint8_t>(octet & 0x7f),
            .select = (octet & 0x80) != 0};
}

PackedSingles read_packed(ByteReader& in) {
    PackedSingles packed;
    packed.states = in.little<uint16_t>();
    packed.changed = in.little<uint16_t>();
    return packed;
}

// SEP keeps its quality beside the two bits of state; SPE and OCI have a QDP octet after them.
Protection read_protection(Form form, ByteReader& in, Quality& quality) {
    Protection protection;
    const uint8_t events = in.u8();
    if (form == Form::protection_event) {
        protection.events = events & 0x03;
        quality = protection_quality_from(events);
    } else {
        protection.events = events;
        quality = protection_quality_from(in.u8());
    }
    protection.elapsed_ms = in.little<uint16_t>();
    return protection;
}

Element read_command(Form form, ByteReader& in) {
    switch (form) {
        case Form::single_command:
            return read_switching(in, 0x01);
        case Form::double_command:
        case Form::step_command:
            return read_switching(in, 0x03);
        case Form::normalized_command:
            return read_set_point(read_normalized(in), in);
        case Form::scaled_command:
            return read_set_point(read_scaled(in), in);
        case Form::short_command:
            return read_set_point(read_short(in), in);
        case Form::bits_command:
            return Bits{in.little<uint32_t>()};
        case Form::qualifier:
            return Qualifier{in.u8()};
        case Form::test_pattern:
            return TestPattern{in.little<uint16_t>()};
        case Form::end_of_initialization: {
            const uint8_t octet = in.u8();
            return EndOfInitialization{.cause = static_cast<uint8_t>(octet & 0x7f),
                                       .parameters_changed = (octet & 0x80) != 0};
        }
        default:
            return std::monostate{};
    }
}

Element read_element(Form form, ByteReader& in, Quality& quality) {
    const auto then_quality = [&](Element element) {
        quality = full_quality_from(in.u8());
        return element;
    };
    switch (form) {
        case Form::single: {
            const uint8_t octet = in.u8();
            quality = quality_from(octet);
            return Single{(octet & 0x01) != 0};
        }
        case Form::double_point: {
            const uint8_t octet = in.u8();
            quality = quality_from(octet);
            return DoublePoint{static_cast<uint8_t>(octet & 0x03)};
        }
        case Form::step:
            return then_quality(read_step(in));
        case Form::bits:
            return then_quality(Bits{in.little<uint32_t>()});
        case Form::normalized:
            return then_quality(read_normalized(in));
        case Form::normalized_bare:
            return read_normalized(in);
        case Form::scaled:
            return then_quality(read_scaled(in));
        case Form::short_float:
            return then_quality(read_short(in));
        case Form::counter:
            return read_counter(in, quality);
        case Form::packed_singles:
            return then_quality(read_packed(in));
        case Form::protection_event:
        case Form::protection_start:
        case Form::protection_output:
            return read_protection(form, in, quality);
        default:
            return read_command(form, in);
    }
}

Object read_object(const TypeFacts& facts, uint32_t address, ByteReader& in) {
    Object object{.address = address, .element = {}, .quality = {}, .time = {}};
    object.element = read_element(facts.form, in, object.quality);
    if (facts.time == TimeForm::cp24) object.time = read_cp24(in);
    if (facts.time == TimeForm::cp56) object.time = read_cp56(in);
    return object;
}

uint32_t read_address(ByteReader& in) {
    const uint32_t low = in.little<uint16_t>();
    return low | (static_cast<uint32_t>(in.u8()) << 16);
}

void write_address(uint32_t address, ByteWriter& out) {
    HW_ASSERT(address <= object_address_most);
    out.little(static_cast<uint16_t>(address));
    out.u8(static_cast<uint8_t>(address >> 16));
}

struct ElementWriter {
    const TypeFacts& facts;
    const Quality& quality;
    ByteWriter& out;

    void operator()(std::monostate) const {}
    void operator()(Single v) const {
        out.u8(static_cast<uint8_t>(bits_of(quality) | (v.on ? 1 : 0)));
    }
    void operator()(DoublePoint v) const {
        out.u8(static_cast<uint8_t>(bits_of(quality) | (v.state & 0x03)));
    }
    void operator()(Step v) const {
        out.u8(static_cast<uint8_t>((v.value & 0x7f) | (v.transient ? 0x80 : 0)));
        out.u8(full_bits_of(quality));
    }
    void operator()(Bits v) const {
        out.little(v.bits);
        if (facts.form == Form::bits) out.u8(full_bits_of(quality));
    }
    void operator()(Normalized v) const {
        out.little(static_cast<uint16_t>(v.raw));
        if (facts.form == Form::normalized) out.u8(full_bits_of(quality));
    }
    void operator()(Scaled v) const {
        out.little(static_cast<uint16_t>(v.value));
        out.u8(full_bits_of(quality));
    }
    void operator()(Short v) const {
        out.little(std::bit_cast<uint32_t>(v.value));
        out.u8(full_bits_of(quality));
    }
    void operator()(Counter v) const {
        out.little(static_cast<uint32_t>(v.value));
        out.u8(static_cast<uint8_t>((v.sequence & 0x1f) | (v.carry ? 0x20 : 0) |
                                    (v.adjusted ? 0x40 : 0) | (quality.invalid ? 0x80 : 0)));
    }
    void operator()(PackedSingles v) const {
        out.little(v.states);
        out.little(v.changed);
        out.u8(full_bits_of(quality));
    }
    void operator()(Protection v) const {
        if (facts.form == Form::protection_event) {
            out.u8(static_cast<uint8_t>(protection_bits_of(quality) | (v.events & 0x03)));
        } else {
            out.u8(v.events);
            out.u8(protection_bits_of(quality));
        }
        out.little(v.elapsed_ms);
    }
    void operator()(EndOfInitialization v) const {
        out.u8(static_cast<uint8_t>((v.cause & 0x7f) | (v.parameters_changed ? 0x80 : 0)));
    }
    void operator()(Switching v) const {
        out.u8(static_cast<uint8_t>((v.state & 0x03) | ((v.qualifier & 0x1f) << 2) |
                                    (v.select ? 0x80 : 0)));
    }
    void operator()(const SetPoint& v) const {
        if (const auto* n = std::get_if<Normalized>(&v.value))
            out.little(static_cast<uint16_t>(n->raw));
        if (const auto* s = std::get_if<Scaled>(&v.value))
            out.little(static_cast<uint16_t>(s->value));
        if (const auto* f = std::get_if<Short>(&v.value))
            out.little(std::bit_cast<uint32_t>(f->value));
        out.u8(static_cast<uint8_t>((v.qualifier & 0x7f) | (v.select ? 0x80 : 0)));
    }
    void operator()(Qualifier v) const { out.u8(v.value); }
    void operator()(TestPattern v) const { out.little(v.value); }
};

void write_object(const TypeFacts& facts, const Object& object, ByteWriter& out) {
    const size_t before = out.size();
    std::visit(ElementWriter{facts, object.quality, out}, object.element);
    if (facts.time == TimeForm::cp24) write_cp24(object.time.value_or(TimeTag{}), out);
    if (facts.time == TimeForm::cp56) write_cp56(object.time.value_or(TimeTag{}), out);
    // Else the element is of another type.
    HW_ASSERT(out.size() - before == facts.bytes);
}

}  // namespace

Result<AsduHeader> parse_header(BytesView bytes) {
    ByteReader in(bytes);
    AsduHeader header;
    header.type = static_cast<TypeId>(in.u8());
    in.u8();
    const uint8_t cause = in.u8();
    header.cause = static_cast<Cause>(cause & 0x3f);
    header.negative = (cause & 0x40) != 0;
    header.test = (cause & 0x80) != 0;
    header.originator = in.u8();
    header.common_address = in.little<uint16_t>();
    if (in.failed())
        return fail(ErrorCode::corrupt, fmt::format("ASDU of {} bytes, expected at least {}",
                                                    bytes.size(), asdu_header_bytes));
    return header;
}

Result<Asdu> parse_asdu(BytesView bytes) {
    Asdu asdu;
    asdu.header = HW_TRY(parse_header(bytes));
    const TypeFacts* facts = find_type(asdu.header.type);
    if (facts == nullptr)
        return fail(ErrorCode::unsupported, fmt::format("unknown type identification {}",
                                                        static_cast<int>(asdu.header.type)));
    const auto structure = static_cast<uint8_t>(bytes[1]);
    const bool sequence = (structure & 0x80) != 0;
    const size_t count = structure & 0x7f;
    const size_t expected = sequence ? (count > 0 ? object_address_bytes : 0) + count * facts->bytes
                                     : count * (object_address_bytes + facts->bytes);
    ByteReader in(bytes.subspan(asdu_header_bytes));
    if (in.remaining() != expected)
        return fail(ErrorCode::corrupt,
                    fmt::format("{} with {} objects has {} bytes of objects, expected {}",
                                facts->name, count, in.remaining(), expected));
    asdu.objects.reserve(count);
    uint32_t address = 0;
    for (size_t i = 0; i < count; ++i) {
        address = i == 0 || !sequence ? read_address(in) : (address + 1) & object_address_most;
        asdu.objects.push_back(read_object(*facts, address, in));
    }
    HW_ASSERT(in.at_end() && !in.failed());
    return asdu;
}

size_t objects_limit(TypeId type, bool sequence) {
    const TypeFacts* facts = find_type(type);
    HW_ASSERT(facts != nullptr);
    constexpr size_t room = asdu_bytes_limit - asdu_header_bytes;
    const size_t fit = sequence ? (room - object_address_bytes) / std::max<size_t>(facts->bytes, 1)
                                : room / (object_address_bytes + facts->bytes);
    return std::min(fit, count_limit);
}

std::string write_asdu(const AsduHeader& header, std::span<const Object> objects) {
    const TypeFacts* facts = find_type(header.type);
    HW_ASSERT(facts != nullptr && !objects.empty());
    bool sequence = objects.size() > 1;
    for (size_t i = 1; i < objects.size(); ++i)
        sequence = sequence && objects[i].address == objects[i - 1].address + 1;
    HW_ASSERT(objects.size() <= objects_limit(header.type, sequence));
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(static_cast<uint8_t>(header.type));
    out.u8(static_cast<uint8_t>(objects.size() | (sequence ? 0x80 : 0)));
    out.u8(static_cast<uint8_t>((static_cast<uint8_t>(header.cause) & 0x3f) |
                                (header.negative ? 0x40 : 0) | (header.test ? 0x80 : 0)));
    out.u8(header.originator);
    out.little(header.common_address);
    for (size_t i = 0; i < objects.size(); ++i) {
        if (i == 0 || !sequence) write_address(objects[i].address, out);
        write_object(*facts, objects[i], out);
    }
    HW_ASSERT(bytes.size() <= asdu_bytes_limit);
    return bytes;
}

}  // namespace hw::iec104
