#include "sql/functions/term.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sql/codecs/values.h"
#include "sql/functions/arguments.h"
#include "sql/functions/deflate.h"
#include "sql/functions/text.h"

namespace hw::sql {

namespace {

constexpr uint8_t version = 131;

// The tags of the format.
enum Tag : uint8_t {
    new_float = 70,
    compressed = 80,
    small_integer = 97,
    integer = 98,
    old_float = 99,
    atom = 100,
    small_tuple = 104,
    large_tuple = 105,
    nil = 106,
    string = 107,
    list = 108,
    binary = 109,
    small_big = 110,
    large_big = 111,
    small_atom = 115,
    map = 116,
    atom_utf8 = 118,
    small_atom_utf8 = 119,
};

class Writer {
  public:
    explicit Writer(std::string& out) : out_(out), bytes_(out) {}

    void value(const Datum& value) {
        if (out_.size() > text_bytes_limit) return;
        switch (value.kind()) {
            case Kind::null:
                return word("undefined");
            case Kind::boolean:
                return word(value.as_boolean() ? "true" : "false");
            case Kind::int64:
                return whole(value.as_integer());
            case Kind::float64:
                bytes_.u8(new_float);
                bytes_.big(std::bit_cast<uint64_t>(value.as_real()));
                return;
            case Kind::time: {
                std::string text;
                append_str(text, value);
                return text_value(text);
            }
            case Kind::text:
            case Kind::bytes:
                return text_value(value.as_text());
            case Kind::array:
                return items(value.items());
            case Kind::object:
                return members(value.members());
        }
    }

  private:
    void word(std::string_view name) {
        bytes_.u8(small_atom_utf8);
        bytes_.u8(static_cast<uint8_t>(name.size()));
        bytes_.text(name);
    }
    void text_value(std::string_view text) {
        bytes_.u8(binary);
        bytes_.big(static_cast<uint32_t>(text.size()));
        bytes_.text(text);
    }
    void whole(int64_t value) {
        if (value >= 0 && value <= 255) {
            bytes_.u8(small_integer);
            bytes_.u8(static_cast<uint8_t>(value));
        } else if (value >= std::numeric_limits<int32_t>::min() &&
                   value <= std::numeric_limits<int32_t>::max()) {
            bytes_.u8(integer);
            bytes_.big(static_cast<uint32_t>(value));
        } else {
            auto size = static_cast<uint64_t>(value);
            if (value < 0) size = 0 - size;
            const auto count = static_cast<uint8_t>((std::bit_width(size) + 7) / 8);
            bytes_.u8(small_big);
            bytes_.u8(count);
            bytes_.u8(value < 0);
            for (int i = 0; i < count; ++i)
                bytes_.u8(static_cast<uint8_t>(size >> (8 * i)));
        }
    }
    static bool is_byte(const Datum& value) {
        return value.kind() == Kind::int64 && value.as_integer() >= 0 && value.as_integer() <= 255;
    }
    void items(const Datum::Items& items) {
        if (items.empty()) return bytes_.u8(nil);
        if (items.size() <= 0xffff && std::ranges::all_of(items, is_byte)) {
            bytes_.u8(string);
            bytes_.big(static_cast<uint16_t>(items.size()));
            for (const auto& item : items)
                bytes_.u8(static_cast<uint8_t>(item.as_integer()));
            return;
        }
        bytes_.u8(list);
        bytes_.big(static_cast<uint32_t>(items.size()));
        for (const auto& item : items)
            value(item);
        bytes_.u8(nil);
    }
    void members(const Datum::Members& members) {
        std::vector<const Member*> sorted;
        for (const auto& member : members)
            sorted.push_back(&member);
        std::ranges::sort(sorted, {}, [](const Member* member) { return member->key.as_text(); });
        bytes_.u8(map);
        bytes_.big(static_cast<uint32_t>(sorted.size()));
        for (const Member* member : sorted) {
            text_value(member->key.as_text());
            value(member->value);
        }
    }

    std::string& out_;
    ByteWriter bytes_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : in_(as_bytes(bytes)) {}

    Result<Datum> message() {
        if (in_.u8() != version)
            return fail(ErrorCode::corrupt, "no Erlang term: the first byte is not 131");
        HW_TRY(unpack());
        Datum read = value(0);
        if (error_) return fail(*error_);
        if (in_.failed()) return fail(ErrorCode::corrupt, "the Erlang term ends too early");
        if (!in_.at_end())
            return fail(ErrorCode::corrupt,
                        fmt::format("{} bytes behind the Erlang term", in_.remaining()));
        return read;
    }

  private:
    // A compressed message is unpacked once; its content is no compressed one.
    Result<void> unpack() {
        ByteReader probe = in_;
        if (probe.u8() != compressed) return {};
        const auto size = probe.big<uint32_t>();
        unpacked_ = HW_TRY(inflate_all(as_text(probe.rest()), Wrapping::zlib));
        if (unpacked_.size() != size)
            return fail(ErrorCode::corrupt,
                        fmt::format("the compressed Erlang term has {} bytes and says {}",
                                    unpacked_.size(), size));
        in_ = ByteReader(as_bytes(unpacked_));
        return {};
    }

    Datum stop(ErrorCode code, std::string text) {
        if (!error_) error_.emplace(code, std::move(text));
        return {};
    }

    Datum value(size_t level) {
        if (error_ || in_.failed()) return {};
        if (level > Datum::nesting_limit)
            return stop(
                ErrorCode::limit_exceeded,
                fmt::format("the Erlang term has more than {} levels", Datum::nesting_limit));
        const uint8_t tag = in_.u8();
        switch (tag) {
            case small_integer:
                return Datum::integer(in_.u8());
            case integer:
                return Datum::integer(static_cast<int32_t>(in_.big<uint32_t>()));
            case new_float:
                return real(std::bit_cast<double>(in_.big<uint64_t>()));
            case old_float:
                return float_text(in_.text(31));
            case small_big:
                return big(in_.u8());
            case large_big:
                return big(in_.big<uint32_t>());
            case binary:
                return binary_value(in_.text(in_.big<uint32_t>()));
            case atom:
            case atom_utf8:
                return word(in_.text(in_.big<uint16_t>()));
            case small_atom:
            case small_atom_utf8:
                return word(in_.text(in_.u8()));
            case string:
                return byte_list(in_.text(in_.big<uint16_t>()));
            case nil:
                return Datum::array({});
            case list:
                return list_value(in_.big<uint32_t>(), level);
            case small_tuple:
                return items(in_.u8(), level);
            case large_tuple:
                return items(in_.big<uint32_t>(), level);
            case map:
                return map_value(in_.big<uint32_t>(), level);
            default:
                if (in_.failed()) return {};
                return stop(ErrorCode::unsupported,
                            fmt::format("an Erlang term of the tag {} has no value here", tag));
        }
    }

    Datum real(double value) {
        if (!std::isfinite(value)) return stop(ErrorCode::corrupt, "a float that is not finite");
        return Datum::real(value);
    }
    Datum float_text(std::string_view text) {
        if (in_.failed()) return {};
        text = text.substr(0, text.find('\0'));
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size())
            return stop(ErrorCode::corrupt, "a float that is no number");
        return real(value);
    }
    // Digits of 256, the least first, behind the sign.
    Datum big(size_t count) {
        const bool negative = in_.u8() != 0;
        const auto digits = in_.bytes(count);
        uint64_t whole = 0;
        double value = 0;
        for (size_t i = digits.size(); i-- > 0;) {
            const auto digit = static_cast<uint8_t>(digits[i]);
            value = value * 256 + digit;
            whole = whole << 8 | digit;
        }
        const auto most = uint64_t{1} << 63;
        if (value >= 0x1p64 || whole > (negative ? most : most - 1))
            return real(negative ? -value : value);
        return Datum::integer(static_cast<int64_t>(negative ? 0 - whole : whole));
    }
    static Datum binary_value(std::string_view bytes) {
        return is_utf8(bytes) ? Datum::text(bytes) : Datum::bytes(bytes);
    }
    static Datum word(std::string_view name) {
        if (name == "true" || name == "false") return Datum::boolean(name == "true");
        if (name == "undefined" || name == "null" || name == "nil") return {};
        return binary_value(name);
    }
    static Datum byte_list(std::string_view bytes) {
        Datum::Items items;
        items.reserve(bytes.size());
        for (const char c : bytes)
            items.push_back(Datum::integer(static_cast<uint8_t>(c)));
        return Datum::array(std::move(items));
    }
    // Every item has a byte at least.
    bool has_room(size_t count, size_t bytes_each) {
        if (count <= in_.remaining() / bytes_each) return true;
        in_.fail();
        return false;
    }
    Datum items(size_t count, size_t level) {
        if (!has_room(count, 1)) return {};
        Datum::Items made;
        for (size_t i = 0; i < count && !error_ && !in_.failed(); ++i)
            made.push_back(value(level + 1));
        return Datum::array(std::move(made));
    }
    Datum list_value(size_t count, size_t level) {
        Datum made = items(count, level);
        if (!error_ && !in_.failed() && in_.u8() != nil && !in_.failed())
            return stop(ErrorCode::unsupported, "an improper Erlang list has no value here");
        return made;
    }
    Datum map_value(size_t count, size_t level) {
        if (!has_room(count, 2)) return {};
        Datum::Members members;
        for (size_t i = 0; i < count && !error_ && !in_.failed(); ++i) {
            Datum key = map_key(level);
            members.push_back({std::move(key), value(level + 1)});
        }
        // An atom and a binary of one name are two keys for Erlang; the last one wins here.
        return error_ || in_.failed() ? Datum() : object_of(std::move(members));
    }
    Datum map_key(size_t level) {
        const Datum key = value(level + 1);
        if (key.is_text()) return key;
        if (key.is_array() || key.is_object() || key.kind() == Kind::bytes)
            return stop(ErrorCode::unsupported,
                        "a key of an Erlang map is no string, atom or number");
        std::string text;
        append_str(text, key);
        return Datum::text(key.is_null() ? "undefined" : text);
    }

    std::string unpacked_;
    ByteReader in_;
    std::optional<Error> error_;
};

}  // namespace

Result<std::string> erlang_term(const Datum& value) {
    std::string out(1, static_cast<char>(version));
    Writer(out).value(value);
    if (out.size() > text_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the Erlang term has more than {} bytes", text_bytes_limit));
    return out;
}

Result<Datum> from_erlang_term(std::string_view bytes) {
    return Reader(bytes).message();
}

}  // namespace hw::sql
