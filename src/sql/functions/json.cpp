#include <fmt/format.h>

#include <algorithm>

#include "sql/functions/functions.h"
#include "sql/functions/jq.h"
#include "sql/functions/json_path.h"
#include "sql/functions/take.h"
#include "sql/functions/text_cache.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

constexpr size_t kept_paths = 256;

Datum encode(Arguments arguments, CallContext&) {
    return Datum::text(to_json(arguments[0]));
}

Datum decode(Take& take) {
    const auto text = take.bytes(0);
    if (!take.ok()) return {};
    auto read = take.context().services->json.read(text);
    return read ? *read : take.fail(read.error().text());
}

Datum json_decode(Arguments arguments, CallContext& context) {
    Take take("json_decode", arguments, context);
    return decode(take);
}

Datum parse_json(Arguments arguments, CallContext& context) {
    Take take("parse_json", arguments, context);
    return decode(take);
}

// Also of a text that is JSON.
Datum json_of(Take& take, size_t i) {
    const Datum& value = take.any(i);
    if (!value.is_text() && value.kind() != Kind::bytes) return value;
    auto read = take.context().services->json.read(value.as_text());
    if (read) return *read;
    take.fail(fmt::format("argument {} is not JSON: {}", i + 1, read.error().text()));
    return {};
}

const JsonPath* path_of(Take& take) {
    thread_local TextCache<JsonPath> cache(kept_paths);
    const auto text = take.text(1);
    if (!take.ok()) return nullptr;
    if (const JsonPath* const known = cache.find(text)) return known;
    auto made = JsonPath::parse(text);
    if (made) return &cache.put(text, std::move(*made));
    take.fail(made.error().text());
    return nullptr;
}

// What the path finds in `value`, or nullopt after a failure.
std::optional<std::vector<const Datum*>> query(Take& take, const JsonPath* path,
                                               const Datum& value) {
    if (path == nullptr || !take.ok()) return std::nullopt;
    auto found = path->find(value);
    if (found) return std::move(*found);
    take.fail(found.error().text());
    return std::nullopt;
}

Datum json_path_query(Arguments arguments, CallContext& context) {
    Take take("json_path_query", arguments, context);
    const JsonPath* const path = path_of(take);
    const Datum value = json_of(take, 0);
    const auto found = query(take, path, value);
    if (!found) return {};
    if (path->definite()) return found->empty() ? Datum() : *found->front();
    Datum::Items items;
    for (const Datum* item : *found)
        items.push_back(*item);
    return Datum::array(std::move(items));
}

Datum json_path_query_first(Arguments arguments, CallContext& context) {
    Take take("json_path_query_first", arguments, context);
    const JsonPath* const path = path_of(take);
    const Datum value = json_of(take, 0);
    const auto found = query(take, path, value);
    if (!found || found->empty()) return {};
    const Datum& first = *found->front();
    // eKuiper takes the first of an array that a path without wildcards found.
    if (path->definite() && first.is_array())
        return first.items().empty() ? Datum() : first.items().front();
    return first;
}

Datum json_path_exists(Arguments arguments, CallContext& context) {
    Take take("json_path_exists", arguments, context);
    if (!take.has(0) || !take.has(1)) return Datum::boolean(false);
    const JsonPath* const path = path_of(take);
    const Datum value = json_of(take, 0);
    const auto found = query(take, path, value);
    if (!found) return {};
    const bool there = std::ranges::any_of(*found, [](const Datum* item) {
        return !item->is_null() && !(item->is_array() && item->items().empty());
    });
    return Datum::boolean(there);
}

Datum jq(Arguments arguments, CallContext& context) {
    Take take("jq", arguments, context);
    const auto program = take.text(0);
    const Datum input = json_of(take, 1);
    JqLimits limits;
    if (take.has(2)) {
        const int64_t ms = take.integer(2);
        if (take.ok() && (ms < 1 || milliseconds(ms) > jq_longest))
            return take.fail(fmt::format("the time limit is {} ms; it must be 1 to {}", ms,
                                         jq_longest.ns / 1'000'000));
        limits.time = milliseconds(ms);
    }
    if (!take.ok()) return {};
    auto outputs = run_jq(program, input, limits);
    return outputs ? Datum::array(std::move(*outputs)) : take.fail(outputs.error().text());
}

Datum extract(Arguments arguments, CallContext& context) {
    Take take("extract", arguments, context);
    take.object(0);
    return take.ok() ? Datum::array({take.any(0)}) : Datum();
}

constexpr Function functions[] = {
    {.name = "json_encode",
     .group = "json",
     .origin = "EMQX",
     .signature = "json_encode(value)",
     .help = "The value as JSON.",
     .example = "json_encode([1, 2, 3])",
     .example_result = "\"[1,2,3]\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .scalar = encode},
    {.name = "json_decode",
     .group = "json",
     .origin = "EMQX",
     .signature = "json_decode(text)",
     .help = "The value of a JSON text. Fails on anything else.",
     .example = "map_get('a', json_decode('{\"a\": 1}'))",
     .example_result = "1",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = json_decode},
    {.name = "to_json",
     .group = "json",
     .origin = "eKuiper",
     .signature = "to_json(value)",
     .help = "The value as JSON; null for null.",
     .example = "to_json([1, 'a'])",
     .example_result = "\"[1,\\\"a\\\"]\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = encode},
    {.name = "parse_json",
     .group = "json",
     .origin = "eKuiper",
     .signature = "parse_json(text)",
     .help = "The value of a JSON text. Fails on anything else.",
     .example = "parse_json('[1,2]')",
     .example_result = "[1,2]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = parse_json},
    {.name = "json_path_query",
     .group = "json",
     .origin = "eKuiper",
     .signature = "json_path_query(value, path)",
     .help = "What the JSON path finds: an array, or the one value where the path has no wildcard, "
             "slice or filter, null where it is not there. The value may be JSON text.",
     .example = "json_path_query('{\"a\":[{\"b\":1},{\"b\":2}]}', '$.a[? @.b > 1].b')",
     .example_result = "[2]",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = json_path_query},
    {.name = "json_path_query_first",
     .group = "json",
     .origin = "eKuiper",
     .signature = "json_path_query_first(value, path)",
     .help = "The first value that the JSON path finds, or null.",
     .example = "json_path_query_first('{\"a\":[{\"b\":1},{\"b\":2}]}', '$.a[*].b')",
     .example_result = "1",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = json_path_query_first},
    {.name = "json_path_exists",
     .group = "json",
     .origin = "eKuiper",
     .signature = "json_path_exists(value, path)",
     .help = "Whether the JSON path finds something that is neither null nor an empty array.",
     .example = "json_path_exists('{\"a\":1}', '$.a')",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = json_path_exists},
    {.name = "jq",
     .group = "json",
     .origin = "EMQX",
     .signature = "jq(program, value [, timeout_ms])",
     .help = "The outputs of a jq 1.6 program as an array; the value may be JSON text. At most "
             "10,000 outputs, 256 MiB and 1 s, or the time given up to 10 s.",
     .example = "jq('.t, .t * 2', '{\"t\":10}')",
     .example_result = "[10,20]",
     .least_arguments = 2,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .scalar = jq},
    {.name = "extract",
     .type = FunctionClass::set_returning,
     .group = "set_returning",
     .origin = "eKuiper",
     .signature = "extract(object)",
     .help = "One row whose columns are the object's members.",
     .example = "extract(json_decode('{\"a\":1}'))",
     .example_result = "[{\"a\":1}]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = extract},
};

}  // namespace

std::span<const Function> json_functions() {
    return functions;
}

}  // namespace hw::sql
