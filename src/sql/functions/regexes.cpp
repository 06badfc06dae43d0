#include "sql/functions/functions.h"
#include "sql/functions/regex.h"
#include "sql/functions/take.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

// EMQX: strings only.

Datum regex_match(Arguments arguments, CallContext& context) {
    Take take("regex_match", arguments, context);
    const auto text = take.bytes(0);
    const auto pattern = take.text(1);
    if (!take.ok()) return {};
    const auto found = regex_search(text, pattern);
    return found ? Datum::boolean(*found) : take.fail(found.error().text());
}

Datum regex_replace(Arguments arguments, CallContext& context) {
    Take take("regex_replace", arguments, context);
    const auto text = take.bytes(0);
    const auto pattern = take.text(1);
    const auto with = take.text(2);
    if (!take.ok()) return {};
    const auto replaced =
        regex_replace_all(text, pattern, with, Replacement::backslash, made_bytes_limit);
    return replaced ? Datum::text(*replaced) : take.fail(replaced.error().text());
}

Datum regex_extract(Arguments arguments, CallContext& context) {
    Take take("regex_extract", arguments, context);
    const auto text = take.bytes(0);
    const auto pattern = take.text(1);
    if (!take.ok()) return {};
    const auto groups = regex_groups(text, pattern);
    if (!groups) return take.fail(groups.error().text());
    Datum::Items found;
    for (size_t i = 1; i < groups->size(); ++i)
        found.push_back(Datum::text((*groups)[i].value_or("")));
    return Datum::array(std::move(found));
}

// eKuiper: anything, as text.

std::string plain(const Datum& value) {
    std::string text;
    append_plain(text, value);
    return text;
}

Datum regexp_matches(Arguments arguments, CallContext& context) {
    Take take("regexp_matches", arguments, context);
    if (!take.has(0) || !take.has(1)) return Datum::boolean(false);
    const auto found = regex_search(plain(take.any(0)), plain(take.any(1)));
    return found ? Datum::boolean(*found) : take.fail(found.error().text());
}

Datum regexp_replace(Arguments arguments, CallContext& context) {
    Take take("regexp_replace", arguments, context);
    const auto replaced =
        regex_replace_all(plain(take.any(0)), plain(take.any(1)), plain(take.any(2)),
                          Replacement::dollar, made_bytes_limit);
    return replaced ? Datum::text(*replaced) : take.fail(replaced.error().text());
}

Datum regexp_substr(Arguments arguments, CallContext& context) {
    Take take("regexp_substr", arguments, context);
    const std::string text = plain(take.any(0));
    const auto groups = regex_groups(text, plain(take.any(1)));
    if (!groups) return take.fail(groups.error().text());
    return Datum::text(groups->empty() ? "" : groups->front().value_or(""));
}

constexpr Function functions[] = {
    {.name = "regex_match",
     .group = "regex",
     .origin = "EMQX",
     .signature = "regex_match(text, pattern)",
     .help = "Whether the pattern (RE2's syntax) matches somewhere in the text.",
     .example = "regex_match('123', '^\\d+$')",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = regex_match},
    {.name = "regex_replace",
     .group = "regex",
     .origin = "EMQX",
     .signature = "regex_replace(text, pattern, replacement)",
     .help = "The text with every match replaced; \\1 is a group, & the whole match.",
     .example = "regex_replace('a;b; c', ';\\s*', ',')",
     .example_result = "\"a,b,c\"",
     .least_arguments = 3,
     .most_arguments = 3,
     .scalar = regex_replace},
    {.name = "regex_extract",
     .group = "regex",
     .origin = "EMQX",
     .signature = "regex_extract(text, pattern)",
     .help = "The groups of the first match as an array, which is empty where there is none.",
     .example = "regex_extract('Date: 2021-05-20', '(\\d{4})-(\\d{2})-(\\d{2})')",
     .example_result = "[\"2021\",\"05\",\"20\"]",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = regex_extract},
    {.name = "regexp_matches",
     .group = "regex",
     .origin = "eKuiper",
     .signature = "regexp_matches(text, pattern)",
     .help = "Whether the pattern (RE2's syntax) matches somewhere in the text; false for null.",
     .example = "regexp_matches('foobar', 'o+b')",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = regexp_matches},
    {.name = "regexp_replace",
     .group = "regex",
     .origin = "eKuiper",
     .signature = "regexp_replace(text, pattern, replacement)",
     .help = "The text with every match replaced; $1 and ${name} are groups.",
     .example = "regexp_replace('foobar', 'o+', 'u')",
     .example_result = "\"fubar\"",
     .least_arguments = 3,
     .most_arguments = 3,
     .scalar = regexp_replace},
    {.name = "regexp_substr",
     .group = "regex",
     .origin = "eKuiper",
     .signature = "regexp_substr(text, pattern)",
     .help = "The first match; an empty string where there is none.",
     .example = "regexp_substr('flow=12.5', '[0-9.]+')",
     .example_result = "\"12.5\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = regexp_substr},
};

}  // namespace

std::span<const Function> regex_functions() {
    return functions;
}

}  // namespace hw::sql
