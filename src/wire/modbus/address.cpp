#include "wire/modbus/address.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <optional>

namespace hw::modbus {

namespace {

constexpr std::string_view area_digits = "0134";

char upper(char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Walks over the text; the first error stays.
class Scanner {
  public:
    Scanner(std::string_view text, ValueKind kind) : text_(text), kind_(kind) {}

    Result<Address> scan();

  private:
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : upper(text_[at_]); }
    std::string_view digits() {
        const size_t begin = at_;
        while (!at_end() && is_digit(text_[at_]))
            ++at_;
        return text_.substr(begin, at_ - begin);
    }
    std::unexpected<Error> wrong(size_t position, std::string_view what,
                                 std::string_view example) const {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("address '{}', position {}: {}, e.g. \"{}\"", text_, position + 1,
                                what, example));
    }
    // What a good address of this kind looks like from the dot on.
    std::string example(std::string_view rest) const {
        return fmt::format("{}!{}{:05}{}", address_.unit,
                           area_digits[static_cast<size_t>(address_.area)],
                           unsigned{address_.offset} + 1, rest);
    }
    Result<void> unit();
    Result<void> place();
    Result<void> after_dot();
    Result<void> after_hash();
    Result<void> finish() const;

    std::string_view text_;
    ValueKind kind_;
    size_t at_ = 0;
    Address address_;
    bool dotted_ = false;
};

std::optional<unsigned> number(std::string_view digits, unsigned most) {
    unsigned value = 0;
    const auto end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || at != end || value > most) return std::nullopt;
    return value;
}

Result<void> Scanner::unit() {
    const auto text = digits();
    const auto value = number(text, 255);
    if (!value)
        return wrong(0, text.empty() ? "the slave number is missing" : "the slave is 0 to 255",
                     "1!400001");
    address_.unit = static_cast<uint8_t>(*value);
    if (peek() != '!')
        return wrong(at_, "'!' must follow the slave number", fmt::format("{}!400001", *value));
    ++at_;
    return {};
}

Result<void> Scanner::place() {
    const size_t begin = at_;
    const auto text = digits();
    const auto hint = fmt::format("{}!400001", address_.unit);
    if (text.empty()) return wrong(begin, "the register's number is missing", hint);
    const size_t area = area_digits.find(text[0]);
    if (area == std::string_view::npos)
        return wrong(begin,
                     "the area is 0 (coil), 1 (discrete input), 3 (input register) or 4 (holding "
                     "register)",
                     hint);
    if (text.size() != 5 && text.size() != 6)
        return wrong(begin, "the register's number has six digits, or five in the classic form",
                     hint);
    const auto value = number(text.substr(1), text.size() == 6 ? 65'536 : 9'999);
    if (!value || *value == 0)
        return wrong(begin + 1,
                     text.size() == 6 ? "after the area's digit come 00001 to 65536"
                                      : "after the area's digit come 0001 to 9999",
                     fmt::format("{}!{}", address_.unit, text.size() == 6 ? "400001" : "40001"));
    address_.area = static_cast<Area>(area);
    address_.offset = static_cast<uint16_t>(*value - 1);
    return {};
}

Result<void> Scanner::after_dot() {
    const size_t begin = at_;
    const auto value = number(digits(), 1'000);
    dotted_ = true;
    auto& field = address_.field;
    if (kind_ == ValueKind::bit) {
        if (is_bits(address_.area))
            return wrong(begin - 1, "a coil or input is one bit and takes no bit number",
                         example(""));
        if (!value || *value > 15)
            return wrong(begin, "the bit is 0 to 15, 0 the least significant", example(".15"));
        field.bit = static_cast<int8_t>(*value);
        return {};
    }
    if (kind_ == ValueKind::text) {
        if (!value || *value == 0)
            return wrong(begin, "the length of the string in bytes is missing", example(".16H"));
        field.length = static_cast<uint16_t>(*value);
        switch (peek()) {
            case 'H':
                field.text_order = TextOrder::h;
                break;
            case 'L':
                field.text_order = TextOrder::l;
                break;
            case 'D':
                field.text_order = TextOrder::d;
                break;
            case 'E':
                field.text_order = TextOrder::e;
                break;
            default:
                return {};
        }
        ++at_;
        return {};
    }
    if (kind_ == ValueKind::bytes) {
        if (!value || *value == 0)
            return wrong(begin, "the number of bytes is missing", example(".8"));
        field.length = static_cast<uint16_t>(*value);
        return {};
    }
    return wrong(begin - 1, fmt::format("{} takes nothing after a dot", to_string(kind_)),
                 example(""));
}

Result<void> Scanner::after_hash() {
    const size_t begin = at_;
    size_t letters = 0;
    unsigned order = 0;
    while (peek() == 'L' || peek() == 'B') {
        order = order << 1 | (peek() == 'B' ? 1U : 0U);
        ++at_;
        ++letters;
    }
    if (is_bits(address_.area))
        return wrong(begin - 1, "a coil or input has no byte order", example(""));
    if (kind_ == ValueKind::text)
        return wrong(begin - 1, "a string's order is a letter after its length: H, L, D or E",
                     example(".16L"));
    const bool wide = register_count(address_.field) > 1 && kind_ != ValueKind::bytes;
    // 64 bits take one letter as well, as Neuron does: #L is #LL and #B is #BB.
    const bool one = letters == 1 && (!wide || register_count(address_.field) == 4);
    if (!one && !(letters == 2 && wide))
        return wrong(begin,
                     wide ? "the byte order of this type is LL, LB, BL or BB"
                          : "the byte order of this type is L or B",
                     example(wide ? "#LL" : "#L"));
    if (letters == 1) order = order << 1 | order;
    address_.field.order = static_cast<ByteOrder>(order);
    address_.order_given = true;
    return {};
}

Result<void> Scanner::finish() const {
    if (!at_end())
        return wrong(at_, fmt::format("'{}' is not expected here", text_[at_]), example(""));
    if (is_bits(address_.area) && kind_ != ValueKind::bit)
        return wrong(0,
                     fmt::format("a {} is one bit and cannot hold {}; use type bit or a register",
                                 to_string(address_.area), to_string(kind_)),
                     fmt::format("{}!400001", address_.unit));
    if (kind_ >= ValueKind::text && !dotted_)
        return wrong(at_, "the length is missing",
                     example(kind_ == ValueKind::text ? ".16H" : ".8"));
    const unsigned count = address_.count();
    if (count > read_registers_limit)
        return wrong(at_ - 1,
                     fmt::format("{} registers are more than the {} of one request; shorten it",
                                 count, read_registers_limit),
                     example(kind_ == ValueKind::text ? ".125D" : ".250"));
    if (address_.offset + count > 65'536)
        return wrong(0, "the value reaches beyond register 65536",
                     fmt::format("{}!{}{:05}", address_.unit,
                                 area_digits[static_cast<size_t>(address_.area)], 65'537 - count));
    return {};
}

Result<Address> Scanner::scan() {
    address_.field.kind = kind_;
    HW_TRY(unit());
    HW_TRY(place());
    bool hashed = false;
    while (peek() == '.' || peek() == '#') {
        const bool dot = peek() == '.';
        if (dot ? dotted_ : hashed)
            return wrong(at_, fmt::format("a second '{}'", text_[at_]), example(""));
        ++at_;
        if (dot) {
            HW_TRY(after_dot());
        } else {
            HW_TRY(after_hash());
            hashed = true;
        }
    }
    HW_TRY(finish());
    return address_;
}

}  // namespace

Result<Address> parse_address(std::string_view text, ValueKind kind) {
    return Scanner(text, kind).scan();
}

std::string to_string(const Address& address) {
    auto out =
        fmt::format("{}!{}{:05}", address.unit, area_digits[static_cast<size_t>(address.area)],
                    unsigned{address.offset} + 1);
    const auto& field = address.field;
    if (field.kind == ValueKind::bit && field.bit >= 0) out += fmt::format(".{}", field.bit);
    if (address.order_given) {
        const auto order = to_string(field.order);
        const bool wide = register_count(field) > 1 && field.kind != ValueKind::bytes;
        out += fmt::format("#{}", wide ? order : order.substr(1));
    }
    if (field.kind == ValueKind::text)
        out += fmt::format(".{}{}", field.length, "HLDE"[static_cast<size_t>(field.text_order)]);
    if (field.kind == ValueKind::bytes) out += fmt::format(".{}", field.length);
    return out;
}

}  // namespace hw::modbus
