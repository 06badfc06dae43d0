#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"

namespace hw::sql {

namespace {

// A name as a template argument, so that one adapter serves many functions and names them.
template <size_t Size>
struct Name {
    char text[Size];
    constexpr Name(const char (&name)[Size]) { std::copy_n(name, Size, text); }
    constexpr std::string_view view() const { return {text, Size - 1}; }
};

// What a function of the library gives. Beyond its domain eKuiper gives null, EMQX fails.
Datum finite(Call& call, double value) {
    if (std::isnan(value) && call.context().dialect == Dialect::ekuiper && !call.failed())
        return {};
    return call.real(value);
}

template <Name name, double (*function)(double)>
Datum of_one(Arguments arguments, CallContext& context) {
    Call call(name.view(), arguments, context);
    return finite(call, function(call.number(0)));
}

// Fails beyond its domain in either dialect.
template <Name name, double (*function)(double)>
Datum strict(Arguments arguments, CallContext& context) {
    Call call(name.view(), arguments, context);
    return call.real(function(call.number(0)));
}

template <Name name, double (*function)(double, double)>
Datum of_two(Arguments arguments, CallContext& context) {
    Call call(name.view(), arguments, context);
    const double x = call.number(0);
    const double y = call.number(1);
    return finite(call, function(x, y));
}

// Whole where int64 holds it, else as it is: beyond 2^53 every float is whole.
Datum whole(Call& call, double value) {
    if (call.failed()) return {};
    if (value >= -0x1p63 && value < 0x1p63) return Datum::integer(static_cast<int64_t>(value));
    return call.real(value);
}

template <Name name, double (*function)(double)>
Datum to_whole(Arguments arguments, CallContext& context) {
    Call call(name.view(), arguments, context);
    if (arguments[0].kind() == Kind::int64) return arguments[0];
    return whole(call, function(call.number(0)));
}

double cotangent(double x) {
    return 1 / std::tan(x);
}
double to_radians(double degrees) {
    return degrees * (std::numbers::pi / 180);
}
double to_degrees(double radians) {
    return radians * (180 / std::numbers::pi);
}

Datum absolute(Arguments arguments, CallContext& context) {
    Call call("abs", arguments, context);
    if (arguments[0].kind() != Kind::int64) return call.real(std::abs(call.number(0)));
    const int64_t value = arguments[0].as_integer();
    if (value == std::numeric_limits<int64_t>::min())
        return call.fail("the result is beyond the range of an int");
    return Datum::integer(value < 0 ? -value : value);
}

// The decimals of the shortest text that reads back to the number, so that 1.005 is what it looks
// like and not the 1.00499999999999989 that it is.
Datum with_decimals(Call& call, double value, int64_t decimals, bool rounding) {
    char buffer[400];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
    std::string_view text(buffer, static_cast<size_t>(end - buffer));
    const size_t point = text.find('.');
    if (point == text.npos || text.size() - point - 1 <= static_cast<size_t>(decimals))
        return call.real(value);
    const size_t kept = point + 1 + static_cast<size_t>(decimals);
    double cut = 0;
    std::from_chars(buffer, buffer + kept, cut);
    if (rounding && buffer[kept] >= '5') {
        // The next number of so many decimals, away from zero.
        std::string next = fmt::format("{}1e-{}", value < 0 ? "-" : "", decimals);
        double step = 0;
        std::from_chars(next.data(), next.data() + next.size(), step);
        next = fmt::format("{:.{}f}", cut + step, decimals);
        std::from_chars(next.data(), next.data() + next.size(), cut);
    }
    return call.real(cut);
}

Datum round(Arguments arguments, CallContext& context) {
    Call call("round", arguments, context);
    const int64_t decimals = call.has(1) ? call.integer(1, -308, 308) : 0;
    const double value = call.number(0);
    if (call.failed() || !std::isfinite(value)) return call.real(value);
    const bool is_int = arguments[0].kind() == Kind::int64;
    if (decimals >= 0 && is_int) return arguments[0];
    if (decimals > 0) return with_decimals(call, value, decimals, true);
    if (decimals == 0) return whole(call, std::round(value));
    const double unit = std::pow(10, static_cast<double>(-decimals));
    const double rounded = std::round(value / unit) * unit;
    return is_int ? whole(call, rounded) : call.real(rounded);
}

Datum truncate(Arguments arguments, CallContext& context) {
    Call call("trunc", arguments, context);
    const double value = call.number(0);
    const int64_t decimals = std::clamp<int64_t>(call.integer(1), 0, 34);
    if (call.failed() || !std::isfinite(value)) return call.real(value);
    if (arguments[0].kind() == Kind::int64) return arguments[0];
    return with_decimals(call, value, decimals, false);
}

Datum sign(Arguments arguments, CallContext& context) {
    Call call("sign", arguments, context);
    const double value = call.number(0);
    if (call.failed() || std::isnan(value)) return call.real(value);
    return Datum::integer(value > 0 ? 1 : value < 0 ? -1 : 0);
}

Datum logarithm_ekuiper(Arguments arguments, CallContext& context) {
    Call call("log", arguments, context);
    const double first = call.number(0);
    if (!call.has(1)) return first <= 0 ? Datum() : call.real(std::log10(first));
    const double x = call.number(1);
    if (call.failed() || x <= 0 || first <= 1) return {};
    return call.real(std::log(x) / std::log(first));
}

Datum whole_division(Arguments arguments, CallContext& context) {
    Call call("div", arguments, context);
    const int64_t x = call.integer(0);
    const int64_t y = call.integer(1);
    if (call.failed()) return {};
    if (y == 0) return call.fail("division by zero");
    if (x == std::numeric_limits<int64_t>::min() && y == -1)
        return call.fail("the result is beyond the range of an int");
    return Datum::integer(x / y);
}

Datum modulo(Arguments arguments, CallContext& context) {
    Call call("mod", arguments, context);
    const double x = call.number(0);
    const double y = call.number(1);
    if (call.failed()) return {};
    if (y == 0) return call.fail("division by zero");
    if (arguments[0].kind() != Kind::int64 || arguments[1].kind() != Kind::int64)
        return call.real(std::fmod(x, y));
    const int64_t divisor = arguments[1].as_integer();
    return Datum::integer(divisor == -1 ? 0 : arguments[0].as_integer() % divisor);
}

Datum equal(Arguments arguments, CallContext&) {
    return Datum::boolean(arguments[0] == arguments[1]);
}

Datum pi(Arguments, CallContext&) {
    return Datum::real(std::numbers::pi);
}

constexpr Rows both{"mathematical", "EMQX, eKuiper"};
constexpr Rows emqx{"mathematical", "EMQX"};
constexpr Rows ekuiper{"mathematical", "eKuiper"};
constexpr Rows emqx_only{"mathematical", "EMQX", Dialect::emqx};
constexpr Rows ekuiper_only{"mathematical", "eKuiper", Dialect::ekuiper};
constexpr Rows::Count one{1, 1}, two{2, 2};

constexpr Function functions[] = {
    both("abs(x)", one, absolute, "The absolute value, of the argument's type.", "abs(-12)", "12"),
    both("acos(x)", one, of_one<"acos", std::acos>,
         "The arc cosine in radians of x from -1 to 1; beyond them the row fails, in eKuiper's "
         "dialect the answer is null.",
         "acos(0.5)", "1.0471975511965976"),
    emqx("acosh(x)", one, of_one<"acosh", std::acosh>, "The hyperbolic arc cosine of x from 1 on.",
         "acosh(1.5)", "0.9624236501192069"),
    both("asin(x)", one, of_one<"asin", std::asin>,
         "The arc sine in radians of x from -1 to 1; beyond them the row fails, in eKuiper's "
         "dialect the answer is null.",
         "asin(0.5)", "0.5235987755982989"),
    emqx("asinh(x)", one, of_one<"asinh", std::asinh>, "The hyperbolic arc sine.", "asinh(0.5)",
         "0.48121182505960347"),
    both("atan(x)", one, of_one<"atan", std::atan>, "The arc tangent in radians.", "atan(0.5)",
         "0.4636476090008061"),
    ekuiper("atan2(y, x)", two, of_two<"atan2", std::atan2>,
            "The angle in radians between the positive x axis and the point (x, y).", "atan2(1, 1)",
            "0.7853981633974483"),
    emqx("atanh(x)", one, of_one<"atanh", std::atanh>,
         "The hyperbolic arc tangent of x between -1 and 1.", "atanh(0.5)", "0.5493061443340548"),
    both("ceil(x)", one, to_whole<"ceil", std::ceil>,
         "The least whole number that is not below x; a float where an int cannot hold it.",
         "ceil(0.8)", "1"),
    ekuiper("ceiling(x)", one, to_whole<"ceiling", std::ceil>, "Another name of ceil.",
            "ceiling(-1.5)", "-1"),
    both("cos(x)", one, of_one<"cos", std::cos>, "The cosine of x radians.", "cos(0.5)",
         "0.8775825618903728"),
    both("cosh(x)", one, of_one<"cosh", std::cosh>, "The hyperbolic cosine.", "cosh(0.5)",
         "1.1276259652063807"),
    ekuiper("cot(x)", one, of_one<"cot", cotangent>, "The cotangent of x radians.", "cot(1)",
            "0.6420926159343306"),
    ekuiper("degrees(x)", one, of_one<"degrees", to_degrees>, "Radians as degrees.", "degrees(0)",
            "0.0"),
    emqx("div(x, y)", two, whole_division,
         "The quotient of two ints, cut towards zero. Division by zero fails.", "div(-7, 2)", "-3"),
    emqx.sees_nulls("eq(x, y)", two, equal,
                    "Whether both are the same; ints and floats compare by value, null is the "
                    "same as null.",
                    "eq(1, 1.0)", "true"),
    both("exp(x)", one, of_one<"exp", std::exp>, "e to the power of x.", "exp(1)",
         "2.718281828459045"),
    both("floor(x)", one, to_whole<"floor", std::floor>,
         "The greatest whole number that is not above x; a float where an int cannot hold it.",
         "floor(3.6)", "3"),
    emqx("fmod(x, y)", two, of_two<"fmod", std::fmod>,
         "The remainder of x / y as a float, with the sign of x.", "fmod(6.5, 2.5)", "1.5"),
    ekuiper("ln(x)", one, strict<"ln", std::log>, "The natural logarithm of x above 0.", "ln(1)",
            "0.0"),
    emqx_only("log(x)", one, of_one<"log", std::log>, "The natural logarithm of x above 0.",
              "log(7.38905609893065)", "2.0"),
    ekuiper_only("log([base,] x)", {1, 2}, logarithm_ekuiper,
                 "The logarithm to the base 10 or the given one. Null where x is not above 0 or "
                 "the base not above 1.",
                 "log(2, 8)", "3.0"),
    emqx("log10(x)", one, of_one<"log10", std::log10>, "The logarithm to the base 10 of x above 0.",
         "log10(100)", "2.0"),
    emqx("log2(x)", one, of_one<"log2", std::log2>, "The logarithm to the base 2 of x above 0.",
         "log2(8)", "3.0"),
    both("mod(x, y)", two, modulo,
         "The remainder of x / y with the sign of x: an int of two ints, else a float. Division "
         "by zero fails.",
         "mod(7, 3)", "1"),
    ekuiper("pi()", {0, 0}, pi, "The ratio of a circle's circumference to its diameter.", "pi()",
            "3.141592653589793"),
    ekuiper("pow(x, y)", two, of_two<"pow", std::pow>, "Another name of power.", "pow(2, 0.5)",
            "1.4142135623730951"),
    both("power(x, y)", two, of_two<"power", std::pow>, "x to the power of y, as a float.",
         "power(2, 3)", "8.0"),
    ekuiper("radians(x)", one, of_one<"radians", to_radians>, "Degrees as radians.", "radians(180)",
            "3.141592653589793"),
    both("round(x [, decimals])", {1, 2}, round,
         "The nearest whole number, halves away from zero (a float where an int cannot hold it); "
         "with decimals the nearest float of so many digits after the point. Decimals below zero "
         "round to tens, hundreds and so on.",
         "round(2.345, 2)", "2.35"),
    ekuiper("sign(x)", one, sign, "1, 0 or -1 as x is above, at or below zero.", "sign(-2.5)",
            "-1"),
    both("sin(x)", one, of_one<"sin", std::sin>, "The sine of x radians.", "sin(0.5)",
         "0.479425538604203"),
    both("sinh(x)", one, of_one<"sinh", std::sinh>, "The hyperbolic sine.", "sinh(0.5)",
         "0.5210953054937474"),
    both("sqrt(x)", one, strict<"sqrt", std::sqrt>, "The square root of x from 0 on.", "sqrt(9)",
         "3.0"),
    both("tan(x)", one, of_one<"tan", std::tan>, "The tangent of x radians.", "tan(0.5)",
         "0.5463024898437905"),
    both("tanh(x)", one, of_one<"tanh", std::tanh>, "The hyperbolic tangent.", "tanh(0.5)",
         "0.46211715726000973"),
    ekuiper("trunc(x, decimals)", two, truncate, "x cut after so many decimals, from 0 to 34.",
            "trunc(2.789, 1)", "2.7"),
};

}  // namespace

std::span<const Function> mathematical_functions() {
    return functions;
}

}  // namespace hw::sql
