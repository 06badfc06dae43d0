#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

Datum upper(Arguments arguments, CallContext& context) {
    Call call("upper", arguments, context);
    return call.text_of(to_upper(call.text(0)));
}

Datum lower(Arguments arguments, CallContext& context) {
    Call call("lower", arguments, context);
    return call.text_of(to_lower(call.text(0)));
}

Datum trim(Arguments arguments, CallContext& context) {
    Call call("trim", arguments, context);
    const auto text = call.text(0);
    if (!call.has(1)) return call.text_of(trim_back(trim_front(text)));
    const auto characters = call.text(1);
    return call.text_of(trim_back(trim_front(text, characters), characters));
}

Datum trim_left(Arguments arguments, CallContext& context) {
    Call call("ltrim", arguments, context);
    const auto text = call.text(0);
    return call.text_of(call.has(1) ? trim_front(text, call.text(1)) : trim_front(text));
}

Datum trim_right(Arguments arguments, CallContext& context) {
    Call call("rtrim", arguments, context);
    const auto text = call.text(0);
    return call.text_of(call.has(1) ? trim_back(text, call.text(1)) : trim_back(text));
}

Datum remove_prefix(Arguments arguments, CallContext& context) {
    Call call("rm_prefix", arguments, context);
    auto text = call.text(0);
    const auto prefix = call.text(1);
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    return call.text_of(text);
}

Datum reverse(Arguments arguments, CallContext& context) {
    Call call("reverse", arguments, context);
    const auto text = call.text(0);
    std::string out(text.size(), ' ');
    size_t end = text.size();
    for (auto rest = text; !rest.empty();) {
        const size_t bytes = first_character(rest).bytes;
        end -= bytes;
        std::ranges::copy(rest.substr(0, bytes), out.begin() + static_cast<ptrdiff_t>(end));
        rest.remove_prefix(bytes);
    }
    return call.text_of(out);
}

Datum characters(Call& call) {
    const auto count = count_characters(call.text(0));
    return call.failed() ? Datum() : Datum::integer(static_cast<int64_t>(count));
}

Datum text_length(Arguments arguments, CallContext& context) {
    Call call("strlen", arguments, context);
    return characters(call);
}

Datum length(Arguments arguments, CallContext& context) {
    Call call("length", arguments, context);
    const Datum& value = arguments[0];
    if (value.is_null()) return Datum::integer(0);
    if (value.is_array()) return Datum::integer(static_cast<int64_t>(value.items().size()));
    if (value.is_object()) return Datum::integer(static_cast<int64_t>(value.members().size()));
    return characters(call);
}

Datum bytes_length(Arguments arguments, CallContext& context) {
    Call call("numbytes", arguments, context);
    if (arguments[0].is_null()) return Datum::integer(0);
    const auto size = call.bytes(0).size();
    return call.failed() ? Datum() : Datum::integer(static_cast<int64_t>(size));
}

// A place or count that is not below zero, as large as any text.
size_t count_at(Call& call, size_t i) {
    return static_cast<size_t>(call.integer(i, 0, std::numeric_limits<int64_t>::max()));
}

Datum part(Call& call) {
    const auto rest = without_first(call.text(0), count_at(call, 1));
    return call.text_of(call.has(2) ? first_characters(rest, count_at(call, 2)) : rest);
}

Datum substr(Arguments arguments, CallContext& context) {
    Call call("substr", arguments, context);
    return part(call);
}

Datum substring(Arguments arguments, CallContext& context) {
    Call call("substring", arguments, context);
    return part(call);
}

// eKuiper's: an argument that is null starts, ends and holds nothing.
bool has_null(Arguments arguments) {
    return std::ranges::any_of(arguments, &Datum::is_null);
}

Datum starts_with(Arguments arguments, CallContext& context) {
    if (has_null(arguments)) return Datum::boolean(false);
    Call call("startswith", arguments, context);
    const bool starts = call.text(0).starts_with(call.text(1));
    return call.failed() ? Datum() : Datum::boolean(starts);
}

Datum ends_with(Arguments arguments, CallContext& context) {
    if (has_null(arguments)) return Datum::boolean(false);
    Call call("endswith", arguments, context);
    const bool ends = call.text(0).ends_with(call.text(1));
    return call.failed() ? Datum() : Datum::boolean(ends);
}

Datum index_of(Arguments arguments, CallContext& context) {
    if (has_null(arguments)) return Datum::integer(-1);
    Call call("indexof", arguments, context);
    const auto text = call.text(0);
    const size_t at = text.find(call.text(1));
    if (call.failed()) return {};
    if (at == text.npos) return Datum::integer(-1);
    return Datum::integer(static_cast<int64_t>(count_characters(text.substr(0, at))));
}

Datum find(Arguments arguments, CallContext& context) {
    Call call("find", arguments, context);
    const auto text = call.text(0);
    const auto pattern = call.text(1);
    const auto direction = call.has(2) ? call.text(2) : "leading";
    if (call.failed()) return {};
    if (direction != "leading" && direction != "trailing")
        return call.wrong(2, "'leading' or 'trailing'");
    if (pattern.empty()) return call.text_of(text);
    const size_t at = direction == "leading" ? text.find(pattern) : text.rfind(pattern);
    return Datum::text(at == text.npos ? "" : text.substr(at));
}

Datum first_byte(Arguments arguments, CallContext& context) {
    Call call("ascii", arguments, context);
    const auto text = call.text(0);
    if (call.failed()) return {};
    if (text.empty()) return call.wrong(0, "at least one character");
    return Datum::integer(static_cast<uint8_t>(text[0]));
}

// `count` times `unit`, unless that is too long.
bool append_times(Call& call, std::string& out, size_t count, std::string_view unit) {
    if (!unit.empty() && count > (text_bytes_limit - out.size()) / unit.size()) {
        call.fail(fmt::format("the result would have more than {} bytes", text_bytes_limit));
        return false;
    }
    for (; count > 0; --count)
        out += unit;
    return true;
}

Datum pad(Arguments arguments, CallContext& context) {
    Call call("pad", arguments, context);
    const auto text = call.text(0);
    const size_t wanted = count_at(call, 1);
    const auto direction = call.has(2) ? call.text(2) : "trailing";
    const auto unit = call.has(3) ? call.text(3) : " ";
    if (call.failed()) return {};
    const size_t length = count_characters(text);
    const size_t missing = wanted > length ? wanted - length : 0;
    size_t before = 0;
    if (direction == "leading")
        before = missing;
    else if (direction == "both")
        before = missing / 2;
    else if (direction != "trailing")
        return call.wrong(2, "'leading', 'trailing' or 'both'");
    std::string out;
    if (!append_times(call, out, before, unit)) return {};
    out += text;
    if (!append_times(call, out, missing - before, unit)) return {};
    return call.text_of(out);
}

Datum pad_left(Arguments arguments, CallContext& context) {
    Call call("lpad", arguments, context);
    const auto text = call.text(0);
    std::string out;
    if (!append_times(call, out, count_at(call, 1), " ")) return {};
    return call.text_of(out += text);
}

Datum pad_right(Arguments arguments, CallContext& context) {
    Call call("rpad", arguments, context);
    std::string out(call.text(0));
    if (!append_times(call, out, count_at(call, 1), " ")) return {};
    return call.text_of(out);
}

std::string replace_all(std::string_view text, std::string_view pattern, std::string_view by) {
    std::string out;
    for (;;) {
        const size_t at = text.find(pattern);
        out += text.substr(0, at);
        if (at == text.npos || out.size() > text_bytes_limit) return out;
        out += by;
        text.remove_prefix(at + pattern.size());
    }
}

Datum replace(Arguments arguments, CallContext& context) {
    Call call("replace", arguments, context);
    const auto text = call.text(0);
    const auto pattern = call.text(1);
    const auto by = call.text(2);
    const auto where = call.has(3) ? call.text(3) : "all";
    if (call.failed()) return {};
    if (where != "all" && where != "leading" && where != "trailing")
        return call.wrong(3, "'all', 'leading' or 'trailing'");
    if (pattern.empty()) return call.text_of(text);
    if (where == "all") return call.text_of(replace_all(text, pattern, by));
    const size_t at = where == "leading" ? text.find(pattern) : text.rfind(pattern);
    if (at == text.npos) return call.text_of(text);
    std::string out(text.substr(0, at));
    out += by;
    out += text.substr(at + pattern.size());
    return call.text_of(out);
}

constexpr Rows both{"string", "EMQX, eKuiper"};
constexpr Rows emqx{"string", "EMQX"};
constexpr Rows ekuiper{"string", "eKuiper"};
constexpr Rows ekuiper_only{"string", "eKuiper", Dialect::ekuiper};
constexpr Rows::Count one{1, 1}, two{2, 2}, one_or_two{1, 2};

constexpr Function functions[] = {
    emqx("ascii(x)", one, first_byte,
         "The number of the first byte, of plain letters their ASCII code. An empty string fails.",
         "ascii('abc')", "97"),
    ekuiper.sees_nulls("endswith(x, end)", two, ends_with,
                       "Whether x ends so; false where either is null.",
                       "endswith('flow.csv', '.csv')", "true"),
    emqx("find(x, pattern [, direction])", {2, 3}, find,
         "What follows the first ('leading') or last ('trailing') place of the pattern, with it; "
         "an empty string where there is none.",
         "find('Front, Middle, End', ', ', 'trailing')", "\", End\""),
    ekuiper.sees_nulls("indexof(x, part)", two, index_of,
                       "The character, from 0, at which the part first begins; -1 where it does "
                       "not or either is null.",
                       "indexof('filter 3', '3')", "7"),
    ekuiper_only.sees_nulls("length(x)", one, length,
                            "The number of characters of a string, items of an array or members "
                            "of an object; 0 of null.",
                            "length('流量')", "2"),
    both("lower(x)", one, lower, "The string in lower case.", "lower('Hello')", "\"hello\""),
    ekuiper("lpad(x, count)", two, pad_left, "So many spaces, then the string.", "lpad('a', 2)",
            "\"  a\""),
    both("ltrim(x [, characters])", one_or_two, trim_left,
         "The string without white space, or those characters, at its start.", "ltrim('  a ')",
         "\"a \""),
    ekuiper.sees_nulls("numbytes(x)", one, bytes_length, "The number of bytes in UTF-8; 0 of null.",
                       "numbytes('流量')", "6"),
    emqx("pad(x, length [, direction [, character]])", {2, 4}, pad,
         "The string with spaces or the given characters added up to so many characters: "
         "'trailing', 'leading' or 'both'.",
         "pad('hello', 8, 'both')", "\" hello  \""),
    emqx("replace(x, pattern, by [, where])", {3, 4}, replace,
         "The string with 'all', the 'leading' or the 'trailing' place of the pattern replaced.",
         "replace('ab..cd..ef', '..', '**', 'trailing')", "\"ab..cd**ef\""),
    both("reverse(x)", one, reverse, "The characters in reverse order.", "reverse('hello')",
         "\"olleh\""),
    emqx("rm_prefix(x, prefix)", two, remove_prefix,
         "The string without the prefix, or as it is where it does not start so.",
         "rm_prefix('foo/bar', 'foo/')", "\"bar\""),
    ekuiper("rpad(x, count)", two, pad_right, "The string, then so many spaces.", "rpad('a', 2)",
            "\"a  \""),
    both("rtrim(x [, characters])", one_or_two, trim_right,
         "The string without white space, or those characters, at its end.", "rtrim(' a  ')",
         "\" a\""),
    ekuiper.sees_nulls("startswith(x, start)", two, starts_with,
                       "Whether x starts so; false where either is null.",
                       "startswith('plant1/flow', 'plant1/')", "true"),
    emqx("strlen(x)", one, text_length, "The number of characters (Unicode's code points).",
         "strlen('hello')", "5"),
    emqx("substr(x, start [, length])", {2, 3}, substr,
         "The characters from `start` (from 0) on, at most `length`.",
         "substr('hello world!', 6, 5)", "\"world\""),
    ekuiper("substring(x, start [, length])", {2, 3}, substring,
            "The characters from `start` (from 0) on, at most `length`.",
            "substring('hello world', 6, 3)", "\"wor\""),
    both("trim(x [, characters])", one_or_two, trim,
         "The string without white space, or those characters, at both ends.", "trim('  a  ')",
         "\"a\""),
    both("upper(x)", one, upper, "The string in upper case.", "upper('hello')", "\"HELLO\""),
};

}  // namespace

std::span<const Function> string_functions() {
    return functions;
}

}  // namespace hw::sql
