#include <fmt/format.h>

#include <algorithm>

#include "sql/functions/functions.h"
#include "sql/functions/path.h"
#include "sql/functions/take.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// EMQX.

Datum map_new(Arguments, CallContext&) {
    return Datum::object({});
}

// EMQX reads a string as JSON where a map is wanted.
Datum map_of(Take& take, size_t i) {
    const Datum& value = take.any(i);
    if (value.is_text()) {
        auto read = take.context().services->json.read(value.as_text());
        if (!read || !read->is_object()) {
            take.fail(fmt::format("argument {} is no JSON object", i + 1));
            return Datum::object({});
        }
        return *read;
    }
    take.object(i);
    return value;
}

// "a.b[1]" or ["a", "b"].
Path path_of(Take& take, size_t i) {
    if (take.any(i).is_array()) {
        Path path;
        for (const auto& step : take.any(i).items())
            path.push_back(step);
        return path;
    }
    auto path = parse_path(take.text(i));
    if (path) return *path;
    take.fail(path.error().text());
    return {};
}

Datum map_get(Arguments arguments, CallContext& context) {
    Take take("map_get", arguments, context);
    const Path path = path_of(take, 0);
    if (!take.has(1)) return take.count() == 3 ? take.any(2) : Datum();
    const Datum map = map_of(take, 1);
    if (!take.ok()) return {};
    const Datum* const found = follow(map, path);
    if (found != nullptr) return *found;
    return take.count() == 3 ? take.any(2) : Datum();
}

Datum put_at(Take& take, const Path& path) {
    Datum map = take.has(2) ? map_of(take, 2) : Datum::object({});
    if (!take.ok()) return {};
    auto put = put_along(map, path, take.any(1));
    return put ? map : take.fail(put.error().text());
}

Datum map_put(Arguments arguments, CallContext& context) {
    Take take("map_put", arguments, context);
    return put_at(take, path_of(take, 0));
}

// As map_get, but a string is one key, dots and all.
Path keys_of(Take& take, size_t i) {
    if (take.any(i).is_array()) return path_of(take, i);
    return {Datum::text(take.text(i))};
}

Datum mget(Arguments arguments, CallContext& context) {
    Take take("mget", arguments, context);
    const Path path = keys_of(take, 0);
    if (!take.has(1)) return take.count() == 3 ? take.any(2) : Datum();
    const Datum map = map_of(take, 1);
    if (!take.ok()) return {};
    const Datum* const found = follow(map, path);
    if (found != nullptr) return *found;
    return take.count() == 3 ? take.any(2) : Datum();
}

Datum mput(Arguments arguments, CallContext& context) {
    Take take("mput", arguments, context);
    return put_at(take, keys_of(take, 0));
}

Datum keys_of_members(const Datum::Members& members) {
    Datum::Items keys;
    for (const auto& member : members)
        keys.push_back(member.key);
    return Datum::array(std::move(keys));
}

Datum values_of_members(const Datum::Members& members) {
    Datum::Items values;
    for (const auto& member : members)
        values.push_back(member.value);
    return Datum::array(std::move(values));
}

Datum entries_of_members(const Datum::Members& members) {
    static const Datum key_name = Datum::text("key");
    static const Datum value_name = Datum::text("value");
    Datum::Items entries;
    for (const auto& member : members)
        entries.push_back(Datum::object({{key_name, member.key}, {value_name, member.value}}));
    return Datum::array(std::move(entries));
}

Datum map_keys(Arguments arguments, CallContext& context) {
    Take take("map_keys", arguments, context);
    const Datum map = map_of(take, 0);
    return take.ok() ? keys_of_members(map.members()) : Datum();
}

Datum map_values(Arguments arguments, CallContext& context) {
    Take take("map_values", arguments, context);
    const Datum map = map_of(take, 0);
    return take.ok() ? values_of_members(map.members()) : Datum();
}

Datum map_to_entries(Arguments arguments, CallContext& context) {
    Take take("map_to_entries", arguments, context);
    const Datum map = map_of(take, 0);
    return take.ok() ? entries_of_members(map.members()) : Datum();
}

Datum map_size(Arguments arguments, CallContext& context) {
    Take take("map_size", arguments, context);
    const Datum map = map_of(take, 0);
    return take.ok() ? Datum::integer(static_cast<int64_t>(map.members().size())) : Datum();
}

// eKuiper.

Datum keys(Arguments arguments, CallContext& context) {
    Take take("keys", arguments, context);
    const auto& members = take.object(0);
    return take.ok() ? keys_of_members(members) : Datum();
}

Datum values(Arguments arguments, CallContext& context) {
    Take take("values", arguments, context);
    const auto& members = take.object(0);
    return take.ok() ? values_of_members(members) : Datum();
}

Datum obj_to_kvpair_array(Arguments arguments, CallContext& context) {
    Take take("obj_to_kvpair_array", arguments, context);
    const auto& members = take.object(0);
    return take.ok() ? entries_of_members(members) : Datum();
}

Datum items(Arguments arguments, CallContext& context) {
    Take take("items", arguments, context);
    const auto& members = take.object(0);
    if (!take.ok() || members.empty()) return {};
    Datum::Items pairs;
    for (const auto& member : members)
        pairs.push_back(Datum::array({member.key, member.value}));
    return Datum::array(std::move(pairs));
}

Datum object(Arguments arguments, CallContext& context) {
    Take take("object", arguments, context);
    const auto& names = take.array(0);
    const auto& contents = take.array(1);
    if (!take.ok()) return {};
    if (names.size() != contents.size())
        return take.fail(
            fmt::format("{} keys do not fit {} values", names.size(), contents.size()));
    if (names.empty()) return {};
    Datum made = Datum::object({});
    for (size_t i = 0; i < names.size(); ++i) {
        if (!names[i].is_text()) return take.fail("every key must be a string");
        take.put(made, names[i], contents[i]);
    }
    return take.ok() ? made : Datum();
}

Datum zip(Arguments arguments, CallContext& context) {
    Take take("zip", arguments, context);
    const auto& entries = take.array(0);
    if (!take.ok() || entries.empty()) return {};
    Datum made = Datum::object({});
    for (const auto& entry : entries) {
        if (entry.is_null()) continue;
        if (!entry.is_array() || entry.items().size() != 2 || !entry.items()[0].is_text())
            return take.fail("each entry must be an array of a string and a value");
        take.put(made, entry.items()[0], entry.items()[1]);
    }
    return take.ok() ? made : Datum();
}

Datum object_construct(Arguments arguments, CallContext& context) {
    Take take("object_construct", arguments, context);
    if (take.count() % 2 != 0) return take.fail("the arguments must be pairs of a key and a value");
    Datum made = Datum::object({});
    for (size_t i = 0; i < take.count(); i += 2) {
        if (!take.has(i)) continue;
        take.text(i);
        if (!take.ok()) return {};
        if (take.has(i + 1)) made.put(take.any(i), take.any(i + 1));
    }
    return made;
}

Datum object_concat(Arguments arguments, CallContext& context) {
    Take take("object_concat", arguments, context);
    Datum made = Datum::object({});
    for (size_t i = 0; i < take.count(); ++i) {
        if (!take.has(i)) continue;
        for (const auto& member : take.object(i))
            take.put(made, member.key, member.value);
    }
    return take.ok() ? made : Datum();
}

// The keys that erase and object_pick name: a string, more strings, or arrays of them.
Datum::Items named_keys(Take& take) {
    Datum::Items named;
    for (size_t i = 1; i < take.count(); ++i) {
        if (!take.any(i).is_array()) {
            take.text(i);
            named.push_back(take.any(i));
            continue;
        }
        for (const auto& key : take.any(i).items()) {
            if (!key.is_text()) take.fail("every key must be a string");
            named.push_back(key);
        }
    }
    return named;
}

Datum erase(Arguments arguments, CallContext& context) {
    Take take("erase", arguments, context);
    const auto& members = take.object(0);
    const Datum::Items erased = named_keys(take);
    if (!take.ok()) return {};
    Datum::Members kept;
    for (const auto& member : members)
        if (std::ranges::find(erased, member.key) == erased.end()) kept.push_back(member);
    return Datum::object(std::move(kept));
}

Datum object_pick(Arguments arguments, CallContext& context) {
    Take take("object_pick", arguments, context);
    take.object(0);
    const Datum::Items picked = named_keys(take);
    if (!take.ok()) return {};
    Datum made = Datum::object({});
    for (const auto& key : picked) {
        const Path path = dotted_keys(key.as_text());
        const Datum* const found = follow(take.any(0), path);
        if (found == nullptr) continue;
        if (auto put = put_along(made, path, *found); !put) return take.fail(put.error().text());
    }
    return made;
}

Datum object_size(Arguments arguments, CallContext& context) {
    Take take("object_size", arguments, context);
    if (!take.has(0)) return Datum::integer(0);
    const auto& members = take.object(0);
    return take.ok() ? Datum::integer(static_cast<int64_t>(members.size())) : Datum();
}

constexpr Function functions[] = {
    {.name = "map_new",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_new()",
     .help = "An empty object.",
     .example = "map_new()",
     .example_result = "{}",
     .scalar = map_new},
    {.name = "map_get",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_get(path, map [, default])",
     .help = "The member at the path, or the default (null where none is given). A path is "
             "'a.b[1]' or an array of keys; items count from 1.",
     .example = "map_get('a.b', json_decode('{\"a\":{\"b\":1}}'))",
     .example_result = "1",
     .least_arguments = 2,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .scalar = map_get},
    {.name = "map_put",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_put(path, value, map)",
     .help = "The map with the value at the path; objects on the way are made.",
     .example = "map_put('b', 1, json_decode('{\"a\":1}'))",
     .example_result = "{\"a\":1,\"b\":1}",
     .least_arguments = 3,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .scalar = map_put},
    {.name = "mget",
     .group = "object",
     .origin = "EMQX",
     .signature = "mget(key, map [, default])",
     .help = "As map_get, but a string is one key, dots included; an array goes deeper.",
     .example = "mget(['a', 'b'], json_decode('{\"a\":{\"b\":1}}'))",
     .example_result = "1",
     .least_arguments = 2,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .scalar = mget},
    {.name = "mput",
     .group = "object",
     .origin = "EMQX",
     .signature = "mput(key, value, map)",
     .help = "As map_put, but a string is one key, dots included; an array goes deeper.",
     .example = "mput(['a', 'b'], 2, json_decode('{\"c\":1}'))",
     .example_result = "{\"c\":1,\"a\":{\"b\":2}}",
     .least_arguments = 3,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .scalar = mput},
    {.name = "map_keys",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_keys(map)",
     .help = "The keys as an array.",
     .example = "map_keys(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "[\"a\",\"b\"]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = map_keys},
    {.name = "map_values",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_values(map)",
     .help = "The values as an array.",
     .example = "map_values(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "[1,2]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = map_values},
    {.name = "map_to_entries",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_to_entries(map)",
     .help = "An array of {key, value}.",
     .example = "map_to_entries(json_decode('{\"a\":1}'))",
     .example_result = "[{\"key\":\"a\",\"value\":1}]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = map_to_entries},
    {.name = "map_size",
     .group = "object",
     .origin = "EMQX",
     .signature = "map_size(map)",
     .help = "How many members it has.",
     .example = "map_size(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "2",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = map_size},
    {.name = "keys",
     .group = "object",
     .origin = "eKuiper",
     .signature = "keys(object)",
     .help = "The keys as an array.",
     .example = "keys(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "[\"a\",\"b\"]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = keys},
    {.name = "values",
     .group = "object",
     .origin = "eKuiper",
     .signature = "values(object)",
     .help = "The values as an array.",
     .example = "values(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "[1,2]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = values},
    {.name = "object",
     .group = "object",
     .origin = "eKuiper",
     .signature = "object(keys, values)",
     .help = "An object of an array of keys and one of as many values; null where both are empty.",
     .example = "object(['a', 'b'], [1, 2])",
     .example_result = "{\"a\":1,\"b\":2}",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = object},
    {.name = "zip",
     .dialect = Dialect::ekuiper,
     .group = "object",
     .origin = "eKuiper",
     .signature = "zip(entries)",
     .help = "An object of an array of [key, value]; null where it is empty.",
     .example = "zip([['a', 1], ['b', 2]])",
     .example_result = "{\"a\":1,\"b\":2}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = zip},
    {.name = "items",
     .group = "object",
     .origin = "eKuiper",
     .signature = "items(object)",
     .help = "An array of [key, value]; null where the object is empty.",
     .example = "items(json_decode('{\"a\":1,\"b\":2}'))",
     .example_result = "[[\"a\",1],[\"b\",2]]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = items},
    {.name = "object_construct",
     .group = "object",
     .origin = "eKuiper",
     .signature = "object_construct(key, value, ...)",
     .help = "An object of pairs; those whose key or value is null are left out.",
     .example = "object_construct('a', 1, 'b', 2)",
     .example_result = "{\"a\":1,\"b\":2}",
     .least_arguments = 0,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = object_construct},
    {.name = "object_concat",
     .group = "object",
     .origin = "eKuiper",
     .signature = "object_concat(object1, object2, ...)",
     .help = "All members in one object; of equal keys the last wins, null is as empty.",
     .example = "object_concat(json_decode('{\"a\":1}'), json_decode('{\"b\":2}'))",
     .example_result = "{\"a\":1,\"b\":2}",
     .least_arguments = 2,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = object_concat},
    {.name = "erase",
     .group = "object",
     .origin = "eKuiper",
     .signature = "erase(object, keys)",
     .help = "The object without that key, or without those of an array.",
     .example = "erase(json_decode('{\"a\":1,\"b\":2}'), 'a')",
     .example_result = "{\"b\":2}",
     .least_arguments = 2,
     .most_arguments = 255,
     .scalar = erase},
    {.name = "object_pick",
     .group = "object",
     .origin = "eKuiper",
     .signature = "object_pick(object, keys)",
     .help = "The object with only that key, or those of an array; 'a.b' picks within a.",
     .example = "object_pick(json_decode('{\"a\":1,\"b\":2}'), 'a')",
     .example_result = "{\"a\":1}",
     .least_arguments = 2,
     .most_arguments = 255,
     .scalar = object_pick},
    {.name = "object_size",
     .group = "object",
     .origin = "eKuiper",
     .signature = "object_size(object)",
     .help = "How many members it has; 0 for null.",
     .example = "object_size(json_decode('{\"a\":1}'))",
     .example_result = "1",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .scalar = object_size},
    {.name = "obj_to_kvpair_array",
     .group = "object",
     .origin = "eKuiper",
     .signature = "obj_to_kvpair_array(object)",
     .help = "An array of {key, value}.",
     .example = "obj_to_kvpair_array(json_decode('{\"a\":1}'))",
     .example_result = "[{\"key\":\"a\",\"value\":1}]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = obj_to_kvpair_array},
};

}  // namespace

std::span<const Function> object_functions() {
    return functions;
}

}  // namespace hw::sql
