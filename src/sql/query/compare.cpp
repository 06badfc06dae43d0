#include "sql/query/compare.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>

#include "base/time.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

constexpr int64_t ns_per_ms = 1'000'000;
constexpr size_t text_bytes_limit = 16 << 20;  // of a text that '+' and '||' make

Comparison of(std::strong_ordering order) {
    if (order < 0) return Comparison::less;
    return order > 0 ? Comparison::greater : Comparison::equal;
}

Comparison reversed(Comparison comparison) {
    if (comparison == Comparison::less) return Comparison::greater;
    return comparison == Comparison::greater ? Comparison::less : comparison;
}

bool is_textual(Kind kind) {
    return kind == Kind::text || kind == Kind::bytes;
}

Comparison compare_with_text(const Datum& a, std::string_view text, Dialect dialect) {
    if (a.kind() == Kind::time) {
        const auto time = parse_rfc3339(text);
        return time ? of(a.as_time() <=> *time) : Comparison::unordered;
    }
    if (dialect != Dialect::emqx) return Comparison::unordered;
    if (a.is_number()) {
        const auto number = number_of_text(text);
        return number ? of(order(a, *number)) : Comparison::unordered;
    }
    if (a.kind() == Kind::boolean)
        return text == (a.as_boolean() ? "true" : "false") ? Comparison::equal
                                                           : Comparison::unordered;
    return Comparison::unordered;
}

// Whether the operator holds for two values that stand so.
bool holds(Operator op, Comparison comparison) {
    switch (op) {
        case Operator::equal:
            return comparison == Comparison::equal;
        case Operator::not_equal:
            return comparison != Comparison::equal;
        case Operator::less:
            return comparison == Comparison::less;
        case Operator::less_equal:
            return comparison == Comparison::less || comparison == Comparison::equal;
        case Operator::greater:
            return comparison == Comparison::greater;
        case Operator::greater_equal:
            return comparison == Comparison::greater || comparison == Comparison::equal;
        default:
            return false;
    }
}

Datum unfit(Operator op, const Datum& a, const Datum& b, CallContext& call) {
    return call.fail(fmt::format("'{}' cannot take {} and {}", to_string(op), to_string(a.kind()),
                                 to_string(b.kind())));
}

Datum by_zero(CallContext& call) {
    return call.fail("division by zero");
}

Datum calculate_reals(Operator op, double a, double b, CallContext& call) {
    switch (op) {
        case Operator::plus:
            return Datum::real(a + b);
        case Operator::minus:
            return Datum::real(a - b);
        case Operator::times:
            return Datum::real(a * b);
        case Operator::divide:
            return b == 0 ? by_zero(call) : Datum::real(a / b);
        case Operator::mod:
            return b == 0 ? by_zero(call) : Datum::real(std::fmod(a, b));
        case Operator::div: {
            if (b == 0) return by_zero(call);
            const double whole = std::trunc(a / b);
            if (std::abs(whole) < 9.2e18) return Datum::integer(static_cast<int64_t>(whole));
            return Datum::real(whole);
        }
        default:
            return unfit(op, Datum::real(a), Datum::real(b), call);
    }
}

// The quotient cut towards zero; the one that overflows becomes a float.
Datum divide_whole(int64_t a, int64_t b, CallContext& call) {
    if (b == 0) return by_zero(call);
    if (b == -1 && a == INT64_MIN) return Datum::real(9223372036854775808.0);
    return Datum::integer(a / b);
}

Datum calculate_integers(Operator op, int64_t a, int64_t b, CallContext& call) {
    int64_t result = 0;
    switch (op) {
        case Operator::plus:
            if (!__builtin_add_overflow(a, b, &result)) return Datum::integer(result);
            break;
        case Operator::minus:
            if (!__builtin_sub_overflow(a, b, &result)) return Datum::integer(result);
            break;
        case Operator::times:
            if (!__builtin_mul_overflow(a, b, &result)) return Datum::integer(result);
            break;
        case Operator::divide:
            if (call.dialect == Dialect::ekuiper) return divide_whole(a, b, call);
            break;
        case Operator::div:
            return divide_whole(a, b, call);
        case Operator::mod:
            if (b == 0) return by_zero(call);
            return Datum::integer(b == -1 ? 0 : a % b);
        case Operator::bit_and:
            return Datum::integer(a & b);
        case Operator::bit_or:
            return Datum::integer(a | b);
        case Operator::bit_xor:
            return Datum::integer(a ^ b);
        default:
            break;
    }
    return calculate_reals(op, static_cast<double>(a), static_cast<double>(b), call);
}

Datum calculate_booleans(Operator op, const Datum& a, const Datum& b, CallContext& call) {
    switch (op) {
        case Operator::bit_and:
            return Datum::boolean(a.as_boolean() && b.as_boolean());
        case Operator::bit_or:
            return Datum::boolean(a.as_boolean() || b.as_boolean());
        case Operator::bit_xor:
            return Datum::boolean(a.as_boolean() != b.as_boolean());
        default:
            return unfit(op, a, b, call);
    }
}

// A time and ms; the difference of two times in ms.
Datum calculate_times(Operator op, const Datum& a, const Datum& b, CallContext& call) {
    if (a.kind() == Kind::time && b.kind() == Kind::time && op == Operator::minus) {
        const int64_t ns = (a.as_time() - b.as_time()).ns;
        if (ns % ns_per_ms == 0) return Datum::integer(ns / ns_per_ms);
        return Datum::real(static_cast<double>(ns) / ns_per_ms);
    }
    const bool sum = op == Operator::plus;
    if (!sum && (op != Operator::minus || b.kind() == Kind::time)) return unfit(op, a, b, call);
    const Datum& time = a.kind() == Kind::time ? a : b;
    const Datum& number = a.kind() == Kind::time ? b : a;
    const double ns = number.as_number() * ns_per_ms * (sum ? 1 : -1);
    const double at = static_cast<double>(time.as_time().ns) + ns;
    if (!(std::abs(at) < 9.2e18)) return call.fail("a time beyond the year 2261");
    return Datum::time({time.as_time().ns + static_cast<int64_t>(std::llround(ns))});
}

Datum concatenate(const Datum& a, const Datum& b, CallContext& call) {
    std::string text;
    append_plain(text, a);
    append_plain(text, b);
    if (text.size() > text_bytes_limit)
        return call.fail(
            fmt::format("a joined text is longer than the limit of {} bytes", text_bytes_limit));
    return Datum::text(text);
}

// The length of the UTF-8 character that begins with this byte; 1 for what is none.
size_t character_bytes(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte >= 0xf0) return 4;
    if (byte >= 0xe0) return 3;
    return byte >= 0xc0 ? 2 : 1;
}

}  // namespace

std::optional<Datum> number_of_text(std::string_view text) {
    const char* const end = text.data() + text.size();
    int64_t whole = 0;
    const auto integer = std::from_chars(text.data(), end, whole);
    if (integer.ec == std::errc() && integer.ptr == end) return Datum::integer(whole);
    double value = 0;
    const auto real = std::from_chars(text.data(), end, value);
    if (real.ec != std::errc() || real.ptr != end || !std::isfinite(value)) return {};
    return Datum::real(value);
}

Datum milliseconds_of(Time time) {
    if (time.ns % ns_per_ms == 0) return Datum::integer(time.ns / ns_per_ms);
    return Datum::real(static_cast<double>(time.ns) / ns_per_ms);
}

Comparison compare(const Datum& a, const Datum& b, Dialect dialect) {
    if (a.is_number() && b.is_number()) return of(order(a, b));
    if (is_textual(a.kind()) && is_textual(b.kind())) return of(a.as_text() <=> b.as_text());
    if (is_textual(b.kind())) return compare_with_text(a, b.as_text(), dialect);
    if (is_textual(a.kind())) return reversed(compare_with_text(b, a.as_text(), dialect));
    if (a.kind() == Kind::time && b.is_number()) return of(order(milliseconds_of(a.as_time()), b));
    if (b.kind() == Kind::time && a.is_number()) return of(order(a, milliseconds_of(b.as_time())));
    if (a.kind() != b.kind()) return Comparison::unordered;
    if (a.is_array() || a.is_object()) return a == b ? Comparison::equal : Comparison::unordered;
    return of(order(a, b));
}

bool compare_holds(Operator op, const Datum& a, const Datum& b, Dialect dialect) {
    if (a.is_null() || b.is_null())
        return dialect == Dialect::emqx && a.is_null() && b.is_null() &&
               holds(op, Comparison::equal);
    return holds(op, compare(a, b, dialect));
}

Datum equality_key(const Datum& value, Dialect dialect) {
    if (value.kind() == Kind::time) return milliseconds_of(value.as_time());
    if (!is_textual(value.kind())) return value;
    const std::string_view text = value.as_text();
    if (const auto time = parse_rfc3339(text)) return milliseconds_of(*time);
    if (dialect == Dialect::emqx) {
        if (const auto number = number_of_text(text)) return *number;
        if (text == "true" || text == "false") return Datum::boolean(text == "true");
    }
    return value.is_text() ? value : Datum::text(text);
}

Datum calculate(Operator op, const Datum& a, const Datum& b, CallContext& call) {
    if (a.is_null() || b.is_null()) return {};
    if (op == Operator::concat) return concatenate(a, b, call);
    if (a.kind() == Kind::int64 && b.kind() == Kind::int64)
        return calculate_integers(op, a.as_integer(), b.as_integer(), call);
    if (a.is_number() && b.is_number())
        return calculate_reals(op, a.as_number(), b.as_number(), call);
    if (op == Operator::plus && (is_textual(a.kind()) || is_textual(b.kind())) &&
        (call.dialect == Dialect::emqx || a.kind() == b.kind()))
        return concatenate(a, b, call);
    if (a.kind() == Kind::boolean && b.kind() == Kind::boolean)
        return calculate_booleans(op, a, b, call);
    const auto timely = [](const Datum& value) {
        return value.kind() == Kind::time || value.is_number();
    };
    if (timely(a) && timely(b)) return calculate_times(op, a, b, call);
    return unfit(op, a, b, call);
}

Datum negate(const Datum& value, CallContext& call) {
    switch (value.kind()) {
        case Kind::null:
            return {};
        case Kind::int64:
            if (value.as_integer() == INT64_MIN) return Datum::real(9223372036854775808.0);
            return Datum::integer(-value.as_integer());
        case Kind::float64:
            return Datum::real(-value.as_real());
        default:
            return call.fail(fmt::format("'-' cannot take {}", to_string(value.kind())));
    }
}

bool like(std::string_view text, std::string_view pattern) {
    size_t t = 0, p = 0;
    size_t star = std::string_view::npos, star_text = 0;  // where the last '%' may take more
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = ++p;
            star_text = t;
            continue;
        }
        const size_t escape = p + 1 < pattern.size() && pattern[p] == '\\' ? 1 : 0;
        if (p < pattern.size() && escape == 0 && pattern[p] == '_') {
            t += std::min(character_bytes(text[t]), text.size() - t);
            ++p;
        } else if (p < pattern.size() && pattern[p + escape] == text[t]) {
            ++t;
            p += escape + 1;
        } else if (star != std::string_view::npos) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%')
        ++p;
    return p == pattern.size();
}

}  // namespace hw::sql
