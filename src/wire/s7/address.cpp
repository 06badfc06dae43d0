#include "wire/s7/address.h"

#include <fmt/format.h>

#include <optional>

#include "base/assert.h"

namespace hw::s7 {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// The text of an address from left to right.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : upper(text_[at_]); }
    bool take(char c) {
        if (peek() != c || at_end()) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        for (size_t i = 0; i < word.size(); ++i)
            if (at_ + i >= text_.size() || upper(text_[at_ + i]) != word[i]) return false;
        at_ += word.size();
        return true;
    }
    size_t mark() const { return at_; }

    Result<uint32_t> number(std::string_view what, uint32_t least, uint32_t most,
                            std::string_view example) {
        const size_t begin = at_;
        uint64_t value = 0;
        for (; !at_end() && is_digit(text_[at_]); ++at_)
            if (value <= most) value = value * 10 + static_cast<uint64_t>(text_[at_] - '0');
        if (at_ == begin) return error(begin, fmt::format("{} is missing", what), example);
        if (value < least || value > most)
            return error(begin,
                         fmt::format("{} {} is not from {} to {}", what,
                                     text_.substr(begin, at_ - begin), least, most),
                         example);
        return static_cast<uint32_t>(value);
    }

    std::unexpected<Error> error(size_t at, std::string_view what, std::string_view example) const {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("address '{}', position {}: {}; write for example {}", text_,
                                at + 1, what, example));
    }

  private:
    std::string_view text_;
    size_t at_ = 0;
};

struct Start {
    char width = '\0';  // X, B, W, D, or none
    std::string example;
};

Result<Start> take_data_block(Scanner& scan, Address& address) {
    address.area = Area::data_block;
    address.db = static_cast<uint16_t>(
        HW_TRY(scan.number("the data block's number", 1, db_limit, "DB10.DBW2")));
    const std::string base = fmt::format("DB{}.DB", address.db);
    if (!scan.take('.') || !scan.take("DB"))
        return scan.error(scan.mark(), "'.DBX', '.DBB', '.DBW' or '.DBD' is missing", base + "W2");
    Start start;
    for (const char width : {'X', 'B', 'W', 'D'})
        if (scan.take(width)) start.width = width;
    if (start.width == '\0')
        return scan.error(scan.mark(), "the width X, B, W or D is missing", base + "W2");
    start.example = base + start.width;
    return start;
}

Result<Start> take_area(Scanner& scan, Address& address) {
    Start start;
    if (scan.take("DB")) return take_data_block(scan, address);
    const char letter = scan.peek();
    switch (letter) {
        case 'I':
        case 'E':
            address.area = Area::input;
            break;
        case 'Q':
        case 'O':
        case 'A':
            address.area = Area::output;
            break;
        case 'M':
        case 'F':
            address.area = Area::flag;
            break;
        case 'V':
            address.area = Area::data_block;
            address.db = 1;
            break;
        case 'T':
            address.area = Area::timer;
            break;
        case 'C':
        case 'Z':
            address.area = Area::counter;
            break;
        default:
            return scan.error(scan.mark(), "no area I, Q, M, T, C, V or DB begins here",
                              "DB10.DBW2, I0.0, M20 or T5");
    }
    scan.take(letter);
    start.example = letter;
    if (is_numbered(address.area)) return start;
    for (const char width : {'X', 'B', 'W', 'D'}) {
        if (start.width != '\0' || !scan.take(width)) continue;
        start.width = width;
        start.example += width;
    }
    return start;
}

DataType plain_type(Kind kind, const Start& start) {
    switch (kind) {
        case Kind::bit:
            return DataType::bit;
        case Kind::int8:
            return DataType::int8;
        case Kind::uint8:
            return DataType::uint8;
        case Kind::int16:
            return DataType::int16;
        case Kind::uint16:
        case Kind::raw16:
            return DataType::uint16;
        case Kind::int32:
            return DataType::int32;
        case Kind::uint32:
            return DataType::uint32;
        case Kind::int64:
            return DataType::int64;
        case Kind::uint64:
            return DataType::uint64;
        case Kind::real:
            return DataType::real;
        case Kind::lreal:
            return DataType::lreal;
        case Kind::text:
            return DataType::string;
        case Kind::bytes:
            return DataType::chars;
        case Kind::time:
            return start.width == 'W' ? DataType::s5time : DataType::time;
        case Kind::date_and_time:
            return DataType::date_and_time;
    }
    HW_UNREACHABLE();
}

std::optional<DataType> timer_type(Kind kind) {
    switch (kind) {
        case Kind::raw16:
        case Kind::int16:
        case Kind::uint16:
            return DataType::uint16;
        case Kind::int32:
        case Kind::uint32:
        case Kind::int64:
        case Kind::uint64:
        case Kind::time:
            return DataType::timer;
        case Kind::real:
        case Kind::lreal:
            return DataType::timer_seconds;
        default:
            return std::nullopt;
    }
}

std::optional<DataType> counter_type(Kind kind) {
    switch (kind) {
        case Kind::raw16:
            return DataType::uint16;
        case Kind::int16:
        case Kind::uint16:
        case Kind::int32:
        case Kind::uint32:
        case Kind::int64:
        case Kind::uint64:
            return DataType::counter;
        default:
            return std::nullopt;
    }
}

// What stands behind the offset: ".3" of a bit, ".20" or ".20D" of a text, nothing else.
Result<void> take_suffix(Scanner& scan, Address& address, const Start& start) {
    const std::string offset = fmt::format("{}{}", start.example, address.start);
    const size_t at = scan.mark();
    if (address.type == DataType::bit) {
        if (!scan.take('.'))
            return scan.error(at, "a bit needs its number behind a point", offset + ".0");
        address.bit =
            static_cast<uint8_t>(HW_TRY(scan.number("the bit", 0, 7, fmt::format("{}.7", offset))));
        return {};
    }
    if (address.type == DataType::string || address.type == DataType::chars) {
        const bool text = address.type == DataType::string;
        if (!scan.take('.'))
            return scan.error(at, text ? "a string needs its length" : "bytes need their number",
                              offset + ".20");
        address.length = static_cast<uint16_t>(HW_TRY(
            scan.number("the length", 1, text ? string_limit : chars_limit, offset + ".20")));
        if (text && scan.take('D')) address.type = DataType::wstring;
        return {};
    }
    if (scan.peek() == '.')
        return scan.error(
            at, "only the types bit, bool, string and bytes have a part behind a point", offset);
    return {};
}

}  // namespace

Result<Address> parse_address(std::string_view text, Kind kind) {
    Scanner scan(text);
    Address address;
    const Start start = HW_TRY(take_area(scan, address));
    address.start = HW_TRY(scan.number(is_numbered(address.area) ? "the number" : "the byte", 0,
                                       start_limit, start.example + "2"));
    if (is_numbered(address.area)) {
        const bool timer = address.area == Area::timer;
        const std::optional<DataType> type = timer ? timer_type(kind) : counter_type(kind);
        if (!type)
            return scan.error(0,
                              timer ? "a timer is read as time, a whole number or float"
                                    : "a counter is read as a whole number of 16 bits or more",
                              timer ? "T5 with the type time" : "C3 with the type uint16");
        address.type = *type;
    } else {
        address.type = plain_type(kind, start);
    }
    HW_TRY(take_suffix(scan, address, start));
    if (!scan.at_end())
        return scan.error(scan.mark(), "something stands behind the address", to_string(address));
    if (!is_numbered(address.area) && address.start + size_of(address) > start_limit + 1)
        return scan.error(0, fmt::format("it ends beyond byte {}", start_limit), "DB10.DBW2");
    return address;
}

uint32_t size_of(const Address& address) {
    switch (address.type) {
        case DataType::bit:
        case DataType::int8:
        case DataType::uint8:
            return 1;
        case DataType::int16:
        case DataType::uint16:
        case DataType::s5time:
        case DataType::timer:
        case DataType::timer_seconds:
        case DataType::counter:
            return 2;
        case DataType::int32:
        case DataType::uint32:
        case DataType::real:
        case DataType::time:
            return 4;
        case DataType::int64:
        case DataType::uint64:
        case DataType::lreal:
        case DataType::date_and_time:
            return 8;
        case DataType::string:
            return address.length + 2u;
        case DataType::wstring:
            return address.length * 2u + 4u;
        case DataType::chars:
            return address.length;
    }
    HW_UNREACHABLE();
}

std::string area_name(Area area, uint16_t db) {
    switch (area) {
        case Area::input:
            return "I";
        case Area::output:
            return "Q";
        case Area::flag:
            return "M";
        case Area::timer:
            return "T";
        case Area::counter:
            return "C";
        case Area::data_block:
            return fmt::format("DB{}", db);
    }
    return fmt::format("area 0x{:02x}", static_cast<unsigned>(area));
}

std::string to_string(const Address& address) {
    std::string text = area_name(address.area, address.db);
    if (is_numbered(address.area)) return text + fmt::format("{}", address.start);
    if (address.area == Area::data_block) text += ".DB";
    const uint32_t size = size_of(address);
    if (address.type == DataType::bit) {
        if (address.area == Area::data_block) text += 'X';
    } else if (address.type == DataType::s5time || size == 2) {
        text += 'W';
    } else {
        text += size == 4 ? 'D' : 'B';
    }
    text += fmt::format("{}", address.start);
    if (address.type == DataType::bit) text += fmt::format(".{}", address.bit);
    if (address.length > 0) text += fmt::format(".{}", address.length);
    if (address.type == DataType::wstring) text += 'D';
    return text;
}

}  // namespace hw::s7
