#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/hex.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// All parts between the separators.
Datum::Items split_all(std::string_view text, std::string_view separator) {
    Datum::Items parts;
    for (;;) {
        const size_t at = separator.empty() ? text.npos : text.find(separator);
        parts.push_back(Datum::text(text.substr(0, at)));
        if (at == text.npos) return parts;
        text.remove_prefix(at + separator.size());
    }
}

// The two parts beside one separator, or the whole.
Datum::Items split_at(std::string_view text, size_t at, size_t separator_size) {
    if (at == text.npos || separator_size == 0) return {Datum::text(text)};
    return {Datum::text(text.substr(0, at)), Datum::text(text.substr(at + separator_size))};
}

Datum split(Arguments arguments, CallContext& context) {
    Call call("split", arguments, context);
    const auto text = call.text(0);
    const auto separator = call.text(1);
    auto option = call.has(2) ? call.text(2) : "";
    if (call.failed()) return {};
    const bool keeps_empty = option.ends_with("notrim");
    if (option == "notrim") option = "";
    if (option.ends_with("_notrim")) option.remove_suffix(7);
    Datum::Items parts;
    if (option.empty())
        parts = split_all(text, separator);
    else if (option == "leading")
        parts = split_at(text, text.find(separator), separator.size());
    else if (option == "trailing")
        parts = split_at(text, text.rfind(separator), separator.size());
    else
        return call.wrong(2,
                          "'notrim', 'leading', 'leading_notrim', 'trailing' or "
                          "'trailing_notrim'");
    if (!keeps_empty)
        std::erase_if(parts, [](const Datum& part) { return part.as_text().empty(); });
    return Datum::array(std::move(parts));
}

Datum split_value(Arguments arguments, CallContext& context) {
    Call call("split_value", arguments, context);
    const auto parts = split_all(call.text(0), call.text(1));
    int64_t index = call.integer(2);
    if (call.failed()) return {};
    const auto count = static_cast<int64_t>(parts.size());
    if (index < -count || index >= count)
        return call.fail(fmt::format("there are {} parts, none has the index {}", count, index));
    return parts[static_cast<size_t>(index < 0 ? index + count : index)];
}

Datum tokens(Arguments arguments, CallContext& context) {
    Call call("tokens", arguments, context);
    auto text = call.text(0);
    std::string separators(call.text(1));
    if (call.has(2)) {
        if (call.text(2) != "nocrlf" && !call.failed()) return call.wrong(2, "'nocrlf'");
        separators += "\r\n";
    }
    if (call.failed()) return {};
    Datum::Items parts;
    while (!(text = trim_front(text, separators)).empty()) {
        size_t size = 0;
        while (size < text.size() &&
               trim_front(text.substr(size), separators).size() == text.size() - size)
            size += first_character(text.substr(size)).bytes;
        parts.push_back(Datum::text(text.substr(0, size)));
        text.remove_prefix(size);
    }
    return Datum::array(std::move(parts));
}

std::string joined(std::string_view separator, Arguments values) {
    std::string out;
    for (size_t i = 0; i < values.size() && out.size() <= text_bytes_limit; ++i) {
        if (i > 0) out += separator;
        append_str(out, values[i]);
    }
    return out;
}

Datum concat_emqx(Arguments arguments, CallContext& context) {
    Call call("concat", arguments, context);
    const bool list = arguments.size() == 1 && arguments[0].is_array();
    return call.text_of(joined("", list ? Arguments(arguments[0].items()) : arguments));
}

Datum concat_ekuiper(Arguments arguments, CallContext& context) {
    Call call("concat", arguments, context);
    if (!std::ranges::any_of(arguments, &Datum::is_array))
        return call.text_of(joined("", arguments));
    Datum::Items items;
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].is_null()) continue;
        const auto& more = call.array(i);
        items.insert(items.end(), more.begin(), more.end());
    }
    return call.failed() ? Datum() : Datum::array(std::move(items));
}

Datum join_to_string(Arguments arguments, CallContext& context) {
    Call call("join_to_string", arguments, context);
    const auto separator = call.has(1) ? call.text(0) : ", ";
    const auto& items = call.array(call.has(1) ? 1 : 0);
    return call.text_of(joined(separator, items));
}

// A literal of SQL's: quotes within are doubled.
void append_sql(std::string& out, const Datum& value) {
    if (value.is_null()) {
        out += "NULL";
    } else if (value.kind() == Kind::boolean || value.is_number()) {
        append_str(out, value);
    } else {
        std::string text;
        append_str(text, value);
        out += '\'';
        for (const char c : text)
            out.append(c == '\'' ? 2 : 1, c);
        out += '\'';
    }
}

Datum join_to_sql_values(Arguments arguments, CallContext& context) {
    Call call("join_to_sql_values_string", arguments, context);
    std::string out;
    for (const auto& item : call.array(0)) {
        if (!out.empty()) out += ", ";
        append_sql(out, item);
        if (out.size() > text_bytes_limit) break;
    }
    return call.text_of(out);
}

// Names and values in turn; values that Redis has no text for are left out with their names.
Datum redis_hset_arguments(Arguments arguments, CallContext& context) {
    Datum map = arguments[0];
    if (map.is_text() || map.kind() == Kind::bytes) {
        auto read = context.services->json.read(map.as_text());
        map = read ? *std::move(read) : Datum();
    }
    Datum::Items out;
    if (!map.is_object()) return Datum::array({});
    for (const auto& [key, value] : map.members()) {
        if (value.is_null() || value.is_array() || value.is_object()) continue;
        std::string text;
        if (value.kind() == Kind::float64)
            append_fixed(text, value.as_real(), 6);
        else
            append_str(text, value);
        out.push_back(key);
        out.push_back(Datum::text(text));
    }
    return Datum::array(std::move(out));
}

// The character of a C escape of one letter, or 0.
char32_t simple_escape(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'v':
            return '\v';
        case 'a':
            return '\a';
        case '\'':
        case '"':
        case '\\':
        case '?':
            return static_cast<char32_t>(letter);
        default:
            return 0;
    }
}

Datum unescape(Arguments arguments, CallContext& context) {
    Call call("unescape", arguments, context);
    const auto text = call.text(0);
    std::string out;
    for (size_t i = 0; i < text.size();) {
        if (text[i] != '\\') {
            out += text[i++];
            continue;
        }
        if (i + 1 == text.size()) return call.fail("a backslash at the end; write \\\\");
        const char letter = text[i + 1];
        i += 2;
        char32_t code = simple_escape(letter);
        if (letter == 'x') {
            const size_t begin = i;
            for (int digit = 0; i < text.size() && (digit = hex_digit(text[i])) >= 0; ++i)
                code = std::min<char32_t>(0x110000, code * 16 + static_cast<char32_t>(digit));
            if (i == begin) return call.fail("\\x without hexadecimal digits");
            if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return call.fail("\\x" + std::string(text.substr(begin, i - begin)) +
                                 " is no character of Unicode");
        } else if (code == 0) {
            return call.fail(fmt::format("'\\{}' is no escape sequence; write \\\\ for a backslash",
                                         first_characters(text.substr(i - 1), 1)));
        }
        append_character(out, code);
    }
    return call.text_of(out);
}

constexpr Rows emqx{"string", "EMQX"};
constexpr Rows emqx_only{"string", "EMQX", Dialect::emqx};
constexpr Rows ekuiper{"string", "eKuiper"};
constexpr Rows ekuiper_only{"string", "eKuiper", Dialect::ekuiper};

constexpr Function functions[] = {
    emqx_only.sees_nulls("concat(x, ...)", {1, Rows::any}, concat_emqx,
                         "The values as strings, one behind the other; one array may stand for "
                         "them. Null is an empty string.",
                         "concat('Name:', 'John')", "\"Name:John\""),
    ekuiper_only.sees_nulls("concat(x, ...)", {1, Rows::any}, concat_ekuiper,
                            "The values as strings, or arrays as one array, one behind the other. "
                            "Null is left out.",
                            "concat('a', 1, 'b')", "\"a1b\""),
    emqx("join_to_sql_values_string(array)", {1, 1}, join_to_sql_values,
         "The items as SQL's literals between commas: strings in quotes, arrays and objects as "
         "JSON in quotes.",
         "join_to_sql_values_string(['a', 1, null])", "\"'a', 1, NULL\""),
    emqx("join_to_string([separator,] array)", {1, 2}, join_to_string,
         "The items as strings with the separator, else ', ', between them.",
         "join_to_string('-', ['a', 1])", "\"a-1\""),
    emqx("map_to_redis_hset_args(object)", {1, 1}, redis_hset_arguments,
         "An array of names and values in turn for Redis's HSET, of an object or its JSON; floats "
         "have at most 6 decimals; null, arrays and objects are left out.",
         "map_to_redis_hset_args('{\"a\": 1, \"b\": 2.5}')", "[\"a\", \"1\", \"b\", \"2.5\"]"),
    emqx("split(x, separator [, option])", {2, 3}, split,
         "An array of the parts between the separators, without empty ones. 'leading' or "
         "'trailing': only the first or last separator; 'notrim', 'leading_notrim', "
         "'trailing_notrim': empty parts stay.",
         "split('a;;b', ';')", "[\"a\", \"b\"]"),
    ekuiper("split_value(x, separator, index)", {3, 3}, split_value,
            "The part of that index, from 0, or from the end below zero. An index without a part "
            "fails.",
            "split_value('/test/device001/message', '/', 3)", "\"message\""),
    emqx("tokens(x, separators [, 'nocrlf'])", {2, 3}, tokens,
         "An array of the parts between any of the separators' characters, never empty ones; with "
         "'nocrlf' line ends separate too.",
         "tokens('a,b;c', ',;')", "[\"a\", \"b\", \"c\"]"),
    emqx("unescape(x)", {1, 1}, unescape,
         "The string with C's escapes made characters: \\n \\t \\r \\b \\f \\v \\a \\' \\\" \\\\ "
         "\\? and \\x with hexadecimal digits. Others fail.",
         "unescape('a\\tb')", "\"a\\tb\""),
};

}  // namespace

std::span<const Function> string_part_functions() {
    return functions;
}

}  // namespace hw::sql
