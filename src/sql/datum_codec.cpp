#include "sql/datum_codec.h"

#include <bit>
#include <utility>

namespace hw::sql {

namespace {

Datum load_nested(ByteReader& in, size_t depth);

// A count of things that take at least one byte each.
size_t load_count(ByteReader& in) {
    const uint64_t count = in.varint();
    if (count <= in.remaining()) return count;
    in.fail();
    return 0;
}

Datum load_array(ByteReader& in, size_t depth) {
    Datum::Items items;
    for (size_t left = load_count(in); left > 0 && !in.failed(); --left)
        items.push_back(load_nested(in, depth + 1));
    return in.failed() ? Datum() : Datum::array(std::move(items));
}

Datum load_object(ByteReader& in, size_t depth) {
    Datum::Members members;
    for (size_t left = load_count(in); left > 0 && !in.failed(); --left) {
        Datum key = Datum::text(in.text(load_count(in)));
        members.push_back({std::move(key), load_nested(in, depth + 1)});
    }
    return in.failed() ? Datum() : Datum::object(std::move(members));
}

Datum load_nested(ByteReader& in, size_t depth) {
    const uint8_t kind = in.u8();
    if (depth > Datum::nesting_limit || kind > static_cast<uint8_t>(Kind::object)) {
        in.fail();
        return {};
    }
    switch (static_cast<Kind>(kind)) {
        case Kind::null:
            return {};
        case Kind::boolean:
            return Datum::boolean(in.u8() != 0);
        case Kind::int64:
            return Datum::integer(in.signed_varint());
        case Kind::float64:
            return Datum::real(std::bit_cast<double>(in.little<uint64_t>()));
        case Kind::time:
            return Datum::time({in.signed_varint()});
        case Kind::text:
            return Datum::text(in.text(load_count(in)));
        case Kind::bytes:
            return Datum::bytes(in.text(load_count(in)));
        case Kind::array:
            return load_array(in, depth);
        case Kind::object:
            return load_object(in, depth);
    }
    return {};
}

}  // namespace

void save(ByteWriter& out, const Datum& value) {
    out.u8(static_cast<uint8_t>(value.kind()));
    switch (value.kind()) {
        case Kind::null:
            return;
        case Kind::boolean:
            return out.u8(value.as_boolean() ? 1 : 0);
        case Kind::int64:
            return out.signed_varint(value.as_integer());
        case Kind::float64:
            return out.little(std::bit_cast<uint64_t>(value.as_real()));
        case Kind::time:
            return out.signed_varint(value.as_time().ns);
        case Kind::text:
        case Kind::bytes:
            out.varint(value.as_text().size());
            return out.text(value.as_text());
        case Kind::array:
            out.varint(value.items().size());
            for (const auto& item : value.items())
                save(out, item);
            return;
        case Kind::object:
            out.varint(value.members().size());
            for (const auto& member : value.members()) {
                out.varint(member.key.as_text().size());
                out.text(member.key.as_text());
                save(out, member.value);
            }
            return;
    }
}

Datum load_datum(ByteReader& in) {
    Datum value = load_nested(in, 0);
    return in.failed() ? Datum() : value;
}

}  // namespace hw::sql
