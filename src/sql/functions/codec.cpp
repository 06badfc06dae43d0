#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/base64.h"
#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"
#include "sql/functions/term.h"
#include "sql/functions/text.h"

namespace hw::sql {

namespace {

struct Base64Options {
    bool padding = true;
    bool urlsafe = false;
};

Base64Options options(Call& call) {
    Base64Options made;
    for (size_t i = 1; i < call.size(); ++i) {
        const auto word = call.text(i);
        if (word == "no_padding")
            made.padding = false;
        else if (word == "urlsafe")
            made.urlsafe = true;
        else if (!call.failed())
            call.wrong(i, "'no_padding' or 'urlsafe'");
    }
    return made;
}

Datum encode_base64(Arguments arguments, CallContext& context) {
    Call call("base64_encode", arguments, context);
    const auto bytes = call.bytes(0);
    const auto [padding, urlsafe] = options(call);
    std::string out = base64(bytes);
    if (!padding) out.resize(out.find_last_not_of('=') + 1);
    if (urlsafe) {
        std::ranges::replace(out, '+', '-');
        std::ranges::replace(out, '/', '_');
    }
    return call.text_of(out);
}

Datum decode_base64(Arguments arguments, CallContext& context) {
    Call call("base64_decode", arguments, context);
    std::string text(call.text(0));
    const auto [padding, urlsafe] = options(call);
    if (call.failed()) return {};
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    if (padding && text.size() % 4 != 0)
        return call.fail("the padding is missing; give 'no_padding' where there is none");
    if (urlsafe) {
        if (text.find_first_of("+/") != text.npos)
            return call.wrong(0, "base64 with '-' and '_' for '+' and '/'");
        std::ranges::replace(text, '-', '+');
        std::ranges::replace(text, '_', '/');
    }
    const auto bytes = from_base64(text);
    if (!bytes) return call.fail(bytes.error().text());
    return call.text_or_bytes(*bytes);
}

Datum encode(Arguments arguments, CallContext& context) {
    Call call("encode", arguments, context);
    const auto bytes = call.bytes(0);
    const auto type = to_lower(call.text(1));
    if (!call.failed() && type != "base64") return call.wrong(1, "'base64'");
    return call.text_of(base64(bytes));
}

Datum decode(Arguments arguments, CallContext& context) {
    Call call("decode", arguments, context);
    const auto text = call.text(0);
    const auto type = to_lower(call.text(1));
    if (call.failed()) return {};
    if (type != "base64") return call.wrong(1, "'base64'");
    const auto bytes = from_base64(text);
    if (!bytes) return call.fail(bytes.error().text());
    return Datum::bytes(*bytes);
}

Datum encode_term(Arguments arguments, CallContext& context) {
    Call call("term_encode", arguments, context);
    const auto bytes = erlang_term(arguments[0]);
    return bytes ? Datum::bytes(*bytes) : call.fail(bytes.error().text());
}

Datum decode_term(Arguments arguments, CallContext& context) {
    Call call("term_decode", arguments, context);
    const auto bytes = call.bytes(0);
    if (call.failed()) return {};
    auto value = from_erlang_term(bytes);
    return value ? *std::move(value) : call.fail(value.error().text());
}

constexpr Rows emqx{"codec", "EMQX"};
constexpr Rows ekuiper{"codec", "eKuiper"};

constexpr Function functions[] = {
    emqx("base64_decode(x [, option [, option]])", {1, 3}, decode_base64,
         "The bytes of base64: a string where they are UTF-8, else bytes. 'no_padding': without "
         "'=' at the end; 'urlsafe': with '-' and '_'.",
         "base64_decode('aGVsbG8=')", "\"hello\""),
    emqx("base64_encode(x [, option [, option]])", {1, 3}, encode_base64,
         "The bytes as base64. 'no_padding': without '=' at the end; 'urlsafe': with '-' and '_'.",
         "base64_encode('hello')", "\"aGVsbG8=\""),
    ekuiper("decode(x, 'base64')", {2, 2}, decode, "The bytes of base64, as bytes.",
            "str(decode('aGVsbG8=', 'base64'))", "\"hello\""),
    ekuiper("encode(x, 'base64')", {2, 2}, encode, "The bytes as base64.",
            "encode('hello', 'base64')", "\"aGVsbG8=\""),
    emqx("term_decode(bytes)", {1, 1}, decode_term,
         "The value of Erlang's external term format: binaries that are UTF-8 and atoms become "
         "strings, tuples arrays, undefined null. Functions, ports, references and process ids "
         "fail.",
         "term_decode(term_encode([1, 'a', true]))", "[1, \"a\", true]"),
    emqx.sees_nulls("term_encode(x)", {1, 1}, encode_term,
                    "The value in Erlang's external term format: strings and bytes as binaries, "
                    "null as the atom undefined. Datetimes become RFC 3339.",
                    "bin2hexstr(term_encode(1))", "\"836101\""),
};

}  // namespace

std::span<const Function> codec_functions() {
    return functions;
}

}  // namespace hw::sql
