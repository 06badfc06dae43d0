#include "wire/sparkplug/value.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/json_writer.h"
#include "base/time.h"

namespace hw::sparkplug {

namespace {

std::unexpected<Error> wrong_field(DataType type) {
    return fail(ErrorCode::corrupt,
                fmt::format("the value is in a field that does not go with {}", to_string(type)));
}

template <class Number>
std::unexpected<Error> out_of_range(Number number, DataType type) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is outside of {}", number, to_string(type)));
}

double shortest(float number) {
    if (!std::isfinite(number)) return static_cast<double>(number);
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    double wide = 0;
    std::from_chars(text, end, wide);
    return wide;
}

Result<Value> read_integer(DataType type, const WireValue& wire) {
    uint64_t raw = 0;
    int64_t widened = 0;  // as a signed number of the field's width
    if (const auto* narrow = std::get_if<uint32_t>(&wire)) {
        raw = *narrow;
        widened = static_cast<int32_t>(*narrow);
    } else if (const auto* wide = std::get_if<uint64_t>(&wire)) {
        raw = *wide;
        widened = static_cast<int64_t>(*wide);
    } else {
        return wrong_field(type);
    }
    const unsigned bits = bits_of(type);
    const bool fits = bits == 64 || raw >> bits == 0;
    if (!is_signed_integer(type)) {
        if (!fits) return out_of_range(raw, type);
        return raw;
    }
    if (fits && !(bits == 64 && std::holds_alternative<uint32_t>(wire))) {
        const unsigned unused = 64 - bits;
        return static_cast<int64_t>(raw << unused) >> unused;
    }
    const int64_t most = bits == 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
    if (widened > most || widened < -most - 1) return out_of_range(widened, type);
    return widened;
}

std::unexpected<Error> uneven(DataType type, size_t bytes) {
    return fail(ErrorCode::corrupt, fmt::format("{} bytes are no {}", bytes, to_string(type)));
}

uint64_t read_little(ByteReader& reader, unsigned bytes) {
    switch (bytes) {
        case 1:
            return reader.u8();
        case 2:
            return reader.little<uint16_t>();
        case 4:
            return reader.little<uint32_t>();
        default:
            return reader.little<uint64_t>();
    }
}

void write_little(ByteWriter& writer, uint64_t number, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
        writer.u8(static_cast<uint8_t>(number >> (8 * i)));
}

Result<Value> read_booleans(const std::string& data) {
    ByteReader reader(as_bytes(data));
    const uint32_t count = reader.little<uint32_t>();
    const BytesView bits = reader.rest();
    if (reader.failed() || bits.size() != (size_t{count} + 7) / 8)
        return uneven(DataType::boolean_array, data.size());
    std::vector<bool> values(count);
    for (uint32_t i = 0; i < count; ++i)
        values[i] = (static_cast<uint8_t>(bits[i / 8]) >> (7 - i % 8) & 1) != 0;
    return values;
}

Result<Value> read_strings(const std::string& data) {
    std::vector<std::string> values;
    if (!data.empty() && data.back() != '\0') return uneven(DataType::string_array, data.size());
    for (size_t at = 0; at < data.size();) {
        const size_t end = data.find('\0', at);
        values.push_back(data.substr(at, end - at));
        at = end + 1;
    }
    return values;
}

Result<Value> read_array(DataType type, const WireValue& wire) {
    const auto* bytes = std::get_if<Bytes>(&wire);
    if (bytes == nullptr) return wrong_field(type);
    if (type == DataType::boolean_array) return read_booleans(bytes->data);
    if (type == DataType::string_array) return read_strings(bytes->data);
    const DataType element = element_of(type);
    const bool single = element == DataType::float32;
    const bool real = single || element == DataType::float64;
    const unsigned width = real ? (single ? 4 : 8) : bits_of(element) / 8;
    if (bytes->data.size() % width != 0) return uneven(type, bytes->data.size());
    ByteReader reader(as_bytes(bytes->data));
    std::vector<int64_t> whole;
    std::vector<uint64_t> natural;
    std::vector<double> reals;
    while (!reader.at_end()) {
        const uint64_t raw = read_little(reader, width);
        if (single) {
            reals.push_back(shortest(std::bit_cast<float>(static_cast<uint32_t>(raw))));
        } else if (real) {
            reals.push_back(std::bit_cast<double>(raw));
        } else if (is_signed_integer(element)) {
            const unsigned unused = 64 - 8 * width;
            whole.push_back(static_cast<int64_t>(raw << unused) >> unused);
        } else {
            natural.push_back(raw);
        }
    }
    if (real) return reals;
    if (is_signed_integer(element)) return whole;
    return natural;
}

template <class T>
Result<Value> read_plain(DataType type, const WireValue& wire) {
    const T* value = std::get_if<T>(&wire);
    if (value == nullptr) return wrong_field(type);
    return *value;
}

bool fits_single(double number) {
    return !std::isfinite(number) || std::fabs(number) <= std::numeric_limits<float>::max();
}

Result<Value> read_real(DataType type, const WireValue& wire) {
    if (const auto* single = std::get_if<float>(&wire)) return shortest(*single);
    const auto* wide = std::get_if<double>(&wire);
    if (wide == nullptr) return wrong_field(type);
    if (type == DataType::float64) return *wide;
    if (!fits_single(*wide)) return out_of_range(*wide, type);
    return shortest(static_cast<float>(*wide));
}

std::unexpected<Error> wrong_kind(DataType type) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the value is of another kind than {}", to_string(type)));
}

template <class T>
Result<WireValue> write_plain(DataType type, const Value& value) {
    const T* plain = std::get_if<T>(&value);
    if (plain == nullptr) return wrong_kind(type);
    return *plain;
}

Result<uint64_t> integer_bits(DataType type, int64_t number) {
    const unsigned bits = bits_of(type);
    if (bits < 64) {
        const int64_t most = (int64_t{1} << (bits - 1)) - 1;
        if (number > most || number < -most - 1) return out_of_range(number, type);
    }
    return static_cast<uint64_t>(number);
}

Result<uint64_t> integer_bits(DataType type, uint64_t number) {
    const unsigned bits = bits_of(type);
    if (bits < 64 && number >> bits != 0) return out_of_range(number, type);
    return number;
}

Result<WireValue> write_integer(DataType type, const Value& value) {
    uint64_t bits = 0;
    if (const auto* whole = std::get_if<int64_t>(&value); whole && is_signed_integer(type)) {
        bits = HW_TRY(integer_bits(type, *whole));
    } else if (const auto* natural = std::get_if<uint64_t>(&value);
               natural && !is_signed_integer(type)) {
        bits = HW_TRY(integer_bits(type, *natural));
    } else {
        return wrong_kind(type);
    }
    const bool wide = bits_of(type) == 64 || type == DataType::uint32;
    if (wide) return bits;
    return static_cast<uint32_t>(bits);
}

template <class T>
Result<WireValue> write_integers(DataType type, const std::vector<T>& values) {
    const DataType element = element_of(type);
    Bytes bytes;
    ByteWriter writer(bytes.data);
    for (const T one : values)
        write_little(writer, HW_TRY(integer_bits(element, one)), bits_of(element) / 8);
    return bytes;
}

Result<WireValue> write_reals(DataType type, const std::vector<double>& values) {
    Bytes bytes;
    ByteWriter writer(bytes.data);
    for (const double one : values) {
        if (type == DataType::float_array) {
            writer.little(std::bit_cast<uint32_t>(static_cast<float>(one)));
        } else {
            writer.little(std::bit_cast<uint64_t>(one));
        }
    }
    return bytes;
}

WireValue write_booleans(const std::vector<bool>& values) {
    Bytes bytes;
    ByteWriter writer(bytes.data);
    writer.little(static_cast<uint32_t>(values.size()));
    bytes.data.resize(4 + (values.size() + 7) / 8);
    for (size_t i = 0; i < values.size(); ++i)
        if (values[i])
            bytes.data[4 + i / 8] =
                static_cast<char>(static_cast<uint8_t>(bytes.data[4 + i / 8]) | 0x80 >> i % 8);
    return bytes;
}

Result<WireValue> write_strings(const std::vector<std::string>& values) {
    Bytes bytes;
    for (const auto& one : values) {
        if (one.find('\0') != std::string::npos)
            return fail(ErrorCode::invalid_argument, "a text of a StringArray holds a NUL");
        bytes.data.append(one).push_back('\0');
    }
    return bytes;
}

Result<WireValue> write_array(DataType type, const Value& value) {
    const DataType element = element_of(type);
    if (const auto* flags = std::get_if<std::vector<bool>>(&value);
        flags && element == DataType::boolean)
        return write_booleans(*flags);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value);
        texts && element == DataType::string)
        return write_strings(*texts);
    if (const auto* reals = std::get_if<std::vector<double>>(&value);
        reals && (element == DataType::float32 || element == DataType::float64))
        return write_reals(type, *reals);
    if (const auto* whole = std::get_if<std::vector<int64_t>>(&value);
        whole && is_signed_integer(element))
        return write_integers(type, *whole);
    if (const auto* natural = std::get_if<std::vector<uint64_t>>(&value);
        natural && (is_unsigned_integer(element) || element == DataType::date_time))
        return write_integers(type, *natural);
    return wrong_kind(type);
}

// JSON of what has no number or text of its own.
struct JsonOf {
    JsonWriter& json;

    void operator()(std::monostate) { json.null(); }
    void operator()(float value) { json.value(shortest(value)); }
    void operator()(const Bytes&) { json.null(); }
    void operator()(const Template&) { json.null(); }
    void operator()(const DataSet& set) {
        json.begin_object();
        json.key("columns");
        (*this)(set.columns);
        json.key("rows");
        json.begin_array();
        for (const auto& row : set.rows) {
            json.begin_array();
            for (size_t i = 0; i < row.size(); ++i)
                element(set.types[i], row[i]);
            json.end_array();
        }
        json.end_array();
        json.end_object();
    }
    template <class T>
    void operator()(const std::vector<T>& values) {
        json.begin_array();
        for (const T& one : values)
            json.value(one);
        json.end_array();
    }
    template <class T>
    void operator()(const T& value) {
        json.value(value);
    }

  private:
    void element(DataType type, const WireScalar& scalar) {
        const auto wire = std::visit([](const auto& one) { return WireValue(one); }, scalar);
        const auto value = read_value(type, wire);
        if (value)
            std::visit(*this, *value);
        else
            json.null();
    }
};

std::string text_of(const PointValue& value) {
    struct Text {
        std::string operator()(bool flag) { return flag ? "true" : "false"; }
        std::string operator()(int64_t number) { return std::to_string(number); }
        std::string operator()(double number) { return fmt::format("{}", number); }
        std::string operator()(const std::string& text) {
            return fmt::format("\"{}\"", text.substr(0, 100));
        }
        std::string operator()(const Bytes& bytes) {
            return fmt::format("{} bytes", bytes.data.size());
        }
    };
    return std::visit(Text{}, value);
}

std::unexpected<Error> cannot_become(const PointValue& value, DataType type) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} cannot be written as {}", text_of(value), to_string(type)));
}

Result<Value> integer_for(DataType type, const PointValue& value) {
    int64_t number = 0;
    if (const auto* whole = std::get_if<int64_t>(&value)) {
        number = *whole;
    } else if (const auto* real = std::get_if<double>(&value);
               real && std::trunc(*real) == *real && std::fabs(*real) < 0x1p63) {
        number = static_cast<int64_t>(*real);
    } else if (real && is_unsigned_integer(type) && std::trunc(*real) == *real && *real > 0 &&
               *real < 0x1p64) {
        return HW_TRY(integer_bits(type, static_cast<uint64_t>(*real)));
    } else if (const auto* text = std::get_if<std::string>(&value);
               text && type == DataType::date_time) {
        number = HW_TRY(parse_rfc3339(*text)).ns / 1'000'000;
    } else {
        return cannot_become(value, type);
    }
    if (is_signed_integer(type)) {
        HW_TRY(integer_bits(type, number));
        return number;
    }
    if (number < 0) return cannot_become(value, type);
    return HW_TRY(integer_bits(type, static_cast<uint64_t>(number)));
}

}  // namespace

Result<Value> read_value(DataType type, const WireValue& wire) {
    if (bits_of(type) > 0) return read_integer(type, wire);
    if (is_array(type)) return read_array(type, wire);
    switch (type) {
        case DataType::float32:
        case DataType::float64:
            return read_real(type, wire);
        case DataType::boolean:
            return read_plain<bool>(type, wire);
        case DataType::string:
        case DataType::text:
        case DataType::uuid:
            return read_plain<std::string>(type, wire);
        case DataType::bytes:
        case DataType::file:
            return read_plain<Bytes>(type, wire);
        case DataType::data_set:
            return read_plain<DataSet>(type, wire);
        case DataType::template_type:
            return read_plain<Template>(type, wire);
        default:
            return fail(ErrorCode::corrupt, "the metric has no data type that is known");
    }
}

Result<WireValue> write_value(DataType type, const Value& value) {
    if (bits_of(type) > 0) return write_integer(type, value);
    if (is_array(type)) return write_array(type, value);
    switch (type) {
        case DataType::float32: {
            const auto* number = std::get_if<double>(&value);
            if (number == nullptr) return wrong_kind(type);
            if (!fits_single(*number)) return out_of_range(*number, type);
            return static_cast<float>(*number);
        }
        case DataType::float64:
            return write_plain<double>(type, value);
        case DataType::boolean:
            return write_plain<bool>(type, value);
        case DataType::string:
        case DataType::text:
        case DataType::uuid:
            return write_plain<std::string>(type, value);
        case DataType::bytes:
        case DataType::file:
            return write_plain<Bytes>(type, value);
        case DataType::data_set:
            return write_plain<DataSet>(type, value);
        case DataType::template_type:
            return write_plain<Template>(type, value);
        default:
            return wrong_kind(type);
    }
}

std::optional<PointValue> point_value(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* whole = std::get_if<int64_t>(&value)) return *whole;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* bytes = std::get_if<Bytes>(&value)) return *bytes;
    if (const auto* natural = std::get_if<uint64_t>(&value)) {
        if (*natural <= static_cast<uint64_t>(INT64_MAX)) return static_cast<int64_t>(*natural);
        return static_cast<double>(*natural);
    }
    if (std::holds_alternative<Template>(value)) return std::nullopt;
    std::string text;
    JsonWriter json(text);
    std::visit(JsonOf{json}, value);
    return text;
}

Result<Value> value_for(DataType type, const PointValue& value) {
    if (bits_of(type) > 0) return integer_for(type, value);
    switch (type) {
        case DataType::float32:
        case DataType::float64:
            if (const auto* whole = std::get_if<int64_t>(&value))
                return static_cast<double>(*whole);
            if (const auto* real = std::get_if<double>(&value)) return *real;
            break;
        case DataType::boolean:
            if (const auto* flag = std::get_if<bool>(&value)) return *flag;
            if (const auto* number = std::get_if<int64_t>(&value);
                number && (*number == 0 || *number == 1))
                return *number == 1;
            break;
        case DataType::string:
        case DataType::text:
        case DataType::uuid:
            if (const auto* text = std::get_if<std::string>(&value)) return *text;
            break;
        case DataType::bytes:
        case DataType::file:
            if (const auto* bytes = std::get_if<Bytes>(&value)) return *bytes;
            break;
        default:
            return fail(ErrorCode::unsupported,
                        fmt::format("metrics of type {} cannot be written", to_string(type)));
    }
    return cannot_become(value, type);
}

}  // namespace hw::sparkplug
