#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "model/point_path.h"
#include "sql/codecs/avro_type.h"
#include "sql/codecs/schema.h"
#include "sql/codecs/values.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

using avro::Field;
using avro::Type;
using AvroKind = avro::Kind;

std::unexpected<Error> corrupt(std::string text) {
    return fail(ErrorCode::corrupt, std::move(text));
}

// Reads one message (Avro 1.11.1, "Binary Encoding"). Every length is held against what is left.
class Decoder {
  public:
    Decoder(std::string_view bytes, const SchemaLimits& limits)
        : in_(as_bytes(bytes)), values_left_(limits.values) {}

    Result<Datum> run(const Type& type) {
        Datum made = HW_TRY(value(type, 0));
        if (in_.failed()) return corrupt("the Avro message ends too early");
        if (!in_.at_end())
            return corrupt(fmt::format("{} bytes behind the Avro message", in_.remaining()));
        return made;
    }

  private:
    Result<void> count(size_t level) {
        if (values_left_-- == 0)
            return fail(ErrorCode::limit_exceeded, "the Avro message has too many values");
        if (level > Datum::nesting_limit)
            return fail(
                ErrorCode::limit_exceeded,
                fmt::format("the Avro message has more than {} levels", Datum::nesting_limit));
        return in_.failed() ? corrupt("the Avro message ends too early") : Result<void>();
    }

    Result<Datum> value(const Type& type, size_t level) {
        HW_TRY(count(level));
        switch (type.kind) {
            case AvroKind::null:
                return Datum();
            case AvroKind::boolean:
                return boolean();
            case AvroKind::int_:
                return whole(std::numeric_limits<int32_t>::min(),
                             std::numeric_limits<int32_t>::max());
            case AvroKind::long_:
                return whole(std::numeric_limits<int64_t>::min(),
                             std::numeric_limits<int64_t>::max());
            case AvroKind::float_:
                return real(shortest(std::bit_cast<float>(in_.little<uint32_t>())));
            case AvroKind::double_:
                return real(std::bit_cast<double>(in_.little<uint64_t>()));
            case AvroKind::bytes:
                return Datum::bytes(sized());
            case AvroKind::string:
                return text(sized());
            case AvroKind::fixed:
                return Datum::bytes(in_.text(type.size));
            case AvroKind::enum_:
                return symbol(type);
            case AvroKind::union_:
                return branch(type, level);
            case AvroKind::record:
                return record(type, level);
            case AvroKind::array:
                return array(*type.items, level);
            case AvroKind::map:
                return map(*type.items, level);
        }
        HW_ASSERT(false);
    }

    Result<Datum> boolean() {
        const uint8_t byte = in_.u8();
        if (byte > 1) return corrupt(fmt::format("a boolean of {}", byte));
        return Datum::boolean(byte == 1);
    }
    Result<Datum> whole(int64_t least, int64_t most) {
        const int64_t number = in_.signed_varint();
        if (number < least || number > most)
            return corrupt(fmt::format("an int of {}, beyond 32 bits", number));
        return Datum::integer(number);
    }
    static Datum real(double number) {
        return std::isfinite(number) ? Datum::real(number) : Datum();
    }
    std::string_view sized() {
        const int64_t size = in_.signed_varint();
        return size < 0 ? in_.fail(), std::string_view() : in_.text(static_cast<size_t>(size));
    }
    static Result<Datum> text(std::string_view bytes) {
        if (!model::is_utf8(bytes)) return corrupt("a string that is not UTF-8");
        return Datum::text(bytes);
    }
    Result<Datum> symbol(const Type& type) {
        const int64_t index = in_.signed_varint();
        if (index < 0 || static_cast<size_t>(index) >= type.symbols.size())
            return corrupt(fmt::format("'{}' has no symbol {}", type.name, index));
        return Datum::text(type.symbols[static_cast<size_t>(index)]);
    }
    Result<Datum> branch(const Type& type, size_t level) {
        const int64_t index = in_.signed_varint();
        if (index < 0 || static_cast<size_t>(index) >= type.branches.size())
            return corrupt(fmt::format("a union has no branch {}", index));
        return value(*type.branches[static_cast<size_t>(index)], level + 1);
    }
    // The value is read before the member is made: GCC leaks the half of a braced list that is
    // there when HW_TRY returns from within it.
    Result<void> add(Datum::Members& members, Datum key, const Type& type, size_t level) {
        Datum made = HW_TRY(value(type, level + 1));
        members.push_back({std::move(key), std::move(made)});
        return {};
    }
    Result<Datum> record(const Type& type, size_t level) {
        Datum::Members members;
        for (const Field& field : type.fields)
            HW_TRY(add(members, field.key, *field.type, level));
        return Datum::object(std::move(members));
    }
    // The items of the next block, 0 at the end; below zero the block's size follows.
    Result<uint64_t> block() {
        const int64_t items = in_.signed_varint();
        if (items >= 0) return static_cast<uint64_t>(items);
        in_.signed_varint();
        return 0 - static_cast<uint64_t>(items);
    }
    Result<Datum> array(const Type& type, size_t level) {
        Datum::Items items;
        while (const uint64_t size = HW_TRY(block()))
            for (uint64_t i = 0; i < size; ++i)
                items.push_back(HW_TRY(value(type, level + 1)));
        return Datum::array(std::move(items));
    }
    Result<Datum> map(const Type& type, size_t level) {
        Datum::Members members;
        while (const uint64_t size = HW_TRY(block()))
            for (uint64_t i = 0; i < size; ++i) {
                HW_TRY(count(level));
                Datum key = HW_TRY(text(sized()));
                HW_TRY(add(members, std::move(key), type, level));
            }
        return object_of(std::move(members));
    }

    ByteReader in_;
    size_t values_left_;
};

// Writes one message. A union takes the first branch of the value's own kind that it fits, else
// the first that it fits at all.
class Encoder {
  public:
    explicit Encoder(const SchemaLimits& limits)
        : bytes_limit_(limits.message_bytes), steps_left_(limits.values) {}

    Result<std::string> run(const Type& type, const Datum& value) {
        HW_TRY(write(type, value, "the value", 0));
        return std::move(text_);
    }

  private:
    static std::unexpected<Error> mismatch(const Type& type, const Datum& value,
                                           const std::string& where) {
        const auto name = type.name.empty() ? std::string(to_string(type.kind)) : type.name;
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} is {}, which is no '{}' of the schema", where,
                                value_for_message(value), name));
    }

    Result<void> write(const Type& type, const Datum& value, const std::string& where,
                       size_t level) {
        if (steps_left_ == 0 || level > Datum::nesting_limit || text_.size() > bytes_limit_) {
            stopped_ = true;
            return fail(ErrorCode::limit_exceeded, "the value is too large for an Avro message");
        }
        --steps_left_;
        switch (type.kind) {
            case AvroKind::null:
                if (value.is_null()) return {};
                break;
            case AvroKind::boolean:
                if (value.kind() != Kind::boolean) break;
                out_.u8(value.as_boolean());
                return {};
            case AvroKind::int_:
            case AvroKind::long_:
                return whole(type, value, where);
            case AvroKind::float_:
            case AvroKind::double_:
                return real(type, value, where);
            case AvroKind::bytes:
            case AvroKind::string:
            case AvroKind::fixed:
                return text(type, value, where);
            case AvroKind::enum_:
                return symbol(type, value, where);
            case AvroKind::union_:
                return branch(type, value, where, level);
            case AvroKind::record:
                return record(type, value, where, level);
            case AvroKind::array:
                return array(type, value, where, level);
            case AvroKind::map:
                return map(type, value, where, level);
        }
        return mismatch(type, value, where);
    }

    Result<void> whole(const Type& type, const Datum& value, const std::string& where) {
        const auto number = whole_number(value);
        const bool fits =
            number && (type.kind == AvroKind::long_ || *number == static_cast<int32_t>(*number));
        if (!fits) return mismatch(type, value, where);
        out_.signed_varint(*number);
        return {};
    }
    Result<void> real(const Type& type, const Datum& value, const std::string& where) {
        if (!value.is_number()) return mismatch(type, value, where);
        if (type.kind == AvroKind::double_) {
            out_.little(std::bit_cast<uint64_t>(value.as_number()));
        } else {
            const auto number = static_cast<float>(value.as_number());
            if (!std::isfinite(number)) return mismatch(type, value, where);
            out_.little(std::bit_cast<uint32_t>(number));
        }
        return {};
    }
    Result<void> text(const Type& type, const Datum& value, const std::string& where) {
        const bool is_bytes = value.kind() == Kind::bytes;
        if (!value.is_text() && !is_bytes) return mismatch(type, value, where);
        const auto bytes = value.as_text();
        if (type.kind == AvroKind::fixed
                ? bytes.size() != type.size
                : type.kind == AvroKind::string && is_bytes && !model::is_utf8(bytes))
            return mismatch(type, value, where);
        if (type.kind != AvroKind::fixed) out_.signed_varint(static_cast<int64_t>(bytes.size()));
        out_.text(bytes);
        return {};
    }
    Result<void> symbol(const Type& type, const Datum& value, const std::string& where) {
        const auto found =
            value.is_text() ? std::ranges::find(type.symbols, value.as_text()) : type.symbols.end();
        if (found == type.symbols.end()) return mismatch(type, value, where);
        out_.signed_varint(found - type.symbols.begin());
        return {};
    }

    static bool is_own_kind(const Type& type, const Datum& value) {
        switch (value.kind()) {
            case Kind::null:
                return type.kind == AvroKind::null;
            case Kind::boolean:
                return type.kind == AvroKind::boolean;
            case Kind::int64:
                return type.kind == AvroKind::int_ || type.kind == AvroKind::long_;
            case Kind::float64:
                return type.kind == AvroKind::float_ || type.kind == AvroKind::double_;
            case Kind::text:
                return type.kind == AvroKind::string || type.kind == AvroKind::enum_;
            case Kind::bytes:
                return type.kind == AvroKind::bytes || type.kind == AvroKind::fixed;
            case Kind::array:
                return type.kind == AvroKind::array;
            case Kind::object:
                return type.kind == AvroKind::record || type.kind == AvroKind::map;
            case Kind::time:
                return false;
        }
        HW_ASSERT(false);
    }
    Result<void> branch(const Type& type, const Datum& value, const std::string& where,
                        size_t level) {
        const size_t begin = text_.size();
        for (const bool own : {true, false})
            for (size_t i = 0; i < type.branches.size(); ++i) {
                const Type& one = *type.branches[i];
                if (is_own_kind(one, value) != own) continue;
                out_.signed_varint(static_cast<int64_t>(i));
                auto written = write(one, value, where, level + 1);
                if (written || stopped_) return written;
                text_.resize(begin);
            }
        return mismatch(type, value, where);
    }

    Result<void> record(const Type& type, const Datum& value, const std::string& where,
                        size_t level) {
        if (!value.is_object()) return mismatch(type, value, where);
        for (const Field& field : type.fields) {
            const std::string inside = "the field '" + field.name + "'";
            if (const Datum* member = value.find(field.key)) {
                HW_TRY(write(*field.type, *member, inside, level + 1));
            } else if (field.default_value) {
                HW_TRY(write(*field.type, default_of(*field.type, *field.default_value), inside,
                             level + 1));
            } else {
                return fail(ErrorCode::invalid_argument,
                            fmt::format("{} of '{}' is missing", inside, type.name));
            }
        }
        return {};
    }
    // In a schema bytes are strings of the characters up to U+00FF.
    static Datum default_of(const Type& type, const Datum& value) {
        const Type& first = type.kind == AvroKind::union_ ? *type.branches[0] : type;
        if ((first.kind == AvroKind::bytes || first.kind == AvroKind::fixed) && value.is_text())
            return Datum::bytes(latin1(value.as_text()));
        return value;
    }
    Result<void> array(const Type& type, const Datum& value, const std::string& where,
                       size_t level) {
        if (!value.is_array()) return mismatch(type, value, where);
        if (!value.items().empty()) out_.signed_varint(static_cast<int64_t>(value.items().size()));
        for (const Datum& item : value.items())
            HW_TRY(write(*type.items, item, "an item of " + where, level + 1));
        out_.u8(0);
        return {};
    }
    Result<void> map(const Type& type, const Datum& value, const std::string& where, size_t level) {
        if (!value.is_object()) return mismatch(type, value, where);
        if (!value.members().empty())
            out_.signed_varint(static_cast<int64_t>(value.members().size()));
        for (const auto& [key, member] : value.members()) {
            out_.signed_varint(static_cast<int64_t>(key.as_text().size()));
            out_.text(key.as_text());
            HW_TRY(write(*type.items, member, fmt::format("the member '{}'", key.as_text()),
                         level + 1));
        }
        out_.u8(0);
        return {};
    }

    const size_t bytes_limit_;
    size_t steps_left_;
    bool stopped_ = false;
    std::string text_;
    ByteWriter out_{text_};
};

class AvroSchema : public Schema {
  public:
    AvroSchema(avro::Types types, const SchemaLimits& limits)
        : types_(std::move(types)), limits_(limits) {}

    Result<Datum> decode(std::string_view bytes, std::string_view) const override {
        HW_TRY(check_message_size(bytes.size(), limits_));
        return Decoder(bytes, limits_).run(*types_.root);
    }
    Result<std::string> encode(const Datum& value, std::string_view) const override {
        std::string bytes = HW_TRY(Encoder(limits_).run(*types_.root, value));
        HW_TRY(check_message_size(bytes.size(), limits_));
        return bytes;
    }

  private:
    const avro::Types types_;
    const SchemaLimits limits_;
};

}  // namespace

Result<std::shared_ptr<const Schema>> compile_avro(std::string_view json,
                                                   const SchemaLimits& limits) {
    return std::make_shared<AvroSchema>(HW_TRY(avro::read_types(json)), limits);
}

}  // namespace hw::sql
