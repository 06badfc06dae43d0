#include "sql/functions/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "sql/functions/take.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

struct HashDatum {
    size_t operator()(const Datum& value) const { return hash(value); }
};
using Set = std::unordered_set<Datum, HashDatum>;

Set set_of(const Datum::Items& items) {
    return {items.begin(), items.end()};
}

int64_t position(const Datum::Items& items, const Datum& value) {
    const auto found = std::ranges::find(items, value);
    return found == items.end() ? -1 : found - items.begin();
}

// EMQX.

Datum nth(Arguments arguments, CallContext& context) {
    Take take("nth", arguments, context);
    const int64_t n = take.integer(0);
    const auto& items = take.array(1);
    if (!take.ok()) return {};
    if (n < 1 || n > static_cast<int64_t>(items.size()))
        return take.fail(
            fmt::format("there is no item {} in {} items; the first is 1", n, items.size()));
    return items[static_cast<size_t>(n - 1)];
}

Datum length(Arguments arguments, CallContext& context) {
    Take take("length", arguments, context);
    const auto& items = take.array(0);
    return take.ok() ? Datum::integer(static_cast<int64_t>(items.size())) : Datum();
}

Datum sublist(Arguments arguments, CallContext& context) {
    Take take("sublist", arguments, context);
    const bool from = take.count() == 3;
    const int64_t start = from ? take.integer(0) : 1;
    const int64_t count = take.integer(from ? 1 : 0);
    const auto& items = take.array(from ? 2 : 1);
    if (!take.ok()) return {};
    if (start < 1) return take.fail(fmt::format("the start {} is below 1", start));
    if (count < 0) return take.fail(fmt::format("the length {} is negative", count));
    const size_t begin = std::min(items.size(), static_cast<size_t>(start - 1));
    const size_t taken = std::min(items.size() - begin, static_cast<size_t>(count));
    const auto at = items.begin() + static_cast<ptrdiff_t>(begin);
    return Datum::array({at, at + static_cast<ptrdiff_t>(taken)});
}

Datum first(Arguments arguments, CallContext& context) {
    Take take("first", arguments, context);
    const auto& items = take.array(0);
    if (!take.ok()) return {};
    return items.empty() ? take.fail("the array is empty") : items.front();
}

Datum last(Arguments arguments, CallContext& context) {
    Take take("last", arguments, context);
    const auto& items = take.array(0);
    if (!take.ok()) return {};
    return items.empty() ? take.fail("the array is empty") : items.back();
}

Datum contains(Arguments arguments, CallContext& context) {
    Take take("contains", arguments, context);
    const auto& items = take.array(1);
    return take.ok() ? Datum::boolean(position(items, take.any(0)) >= 0) : Datum();
}

// eKuiper.

Datum cardinality(Arguments arguments, CallContext&) {
    const Datum& value = arguments[0];
    return Datum::integer(value.is_array() ? static_cast<int64_t>(value.items().size()) : 0);
}

Datum array_cardinality(Arguments arguments, CallContext& context) {
    Take take("array_cardinality", arguments, context);
    if (!take.has(0)) return Datum::integer(0);
    const auto& items = take.array(0);
    const auto count = std::ranges::count_if(items, [](const Datum& v) { return !v.is_null(); });
    return take.ok() ? Datum::integer(count) : Datum();
}

Datum array_create(Arguments arguments, CallContext&) {
    Datum::Items items;
    for (const auto& argument : arguments)
        if (!argument.is_null()) items.push_back(argument);
    return items.empty() ? Datum() : Datum::array(std::move(items));
}

Datum array_position(Arguments arguments, CallContext& context) {
    Take take("array_position", arguments, context);
    if (!take.has(0)) return Datum::integer(-1);
    const auto& items = take.array(0);
    return take.ok() ? Datum::integer(position(items, take.any(1))) : Datum();
}

Datum array_last_position(Arguments arguments, CallContext& context) {
    Take take("array_last_position", arguments, context);
    if (!take.has(0)) return Datum::integer(-1);
    const auto& items = take.array(0);
    if (!take.ok()) return {};
    const auto found = std::find(items.rbegin(), items.rend(), take.any(1));
    return Datum::integer(items.rend() - found - 1);
}

Datum element_at(Arguments arguments, CallContext& context) {
    Take take("element_at", arguments, context);
    if (take.any(0).is_object()) {
        const std::string_view key = take.text(1);
        const Datum* const found = take.any(0).find(key);
        return found != nullptr && take.ok() ? *found : Datum();
    }
    const auto& items = take.array(0);
    const int64_t index = take.integer(1);
    if (!take.ok()) return {};
    const auto size = static_cast<int64_t>(items.size());
    if (index >= size || index < -size)
        return take.fail(
            fmt::format("there is no index {} in {} items; the first is 0", index, size));
    return items[static_cast<size_t>(index < 0 ? size + index : index)];
}

Datum array_contains(Arguments arguments, CallContext& context) {
    Take take("array_contains", arguments, context);
    if (!take.has(0)) return {};
    const auto& items = take.array(0);
    return take.ok() ? Datum::boolean(position(items, take.any(1)) >= 0) : Datum();
}

Datum array_contains_any(Arguments arguments, CallContext& context) {
    Take take("array_contains_any", arguments, context);
    if (!take.has(0)) return Datum::boolean(false);
    const auto& left = take.array(0);
    const auto& right = take.array(1);
    if (!take.ok()) return {};
    const Set known = set_of(left);
    return Datum::boolean(
        std::ranges::any_of(right, [&](const Datum& value) { return known.contains(value); }));
}

Datum array_remove(Arguments arguments, CallContext& context) {
    Take take("array_remove", arguments, context);
    if (!take.has(0)) return {};
    const auto& items = take.array(0);
    if (!take.ok()) return {};
    Datum::Items kept;
    std::ranges::copy_if(items, std::back_inserter(kept),
                         [&](const Datum& value) { return !(value == take.any(1)); });
    return Datum::array(std::move(kept));
}

Datum array_intersect(Arguments arguments, CallContext& context) {
    Take take("array_intersect", arguments, context);
    const auto& left = take.array(0);
    const auto& right = take.array(1);
    if (!take.ok()) return {};
    Set known = set_of(left);
    Datum::Items common;
    for (const auto& value : right)
        if (known.erase(value) != 0) common.push_back(value);
    return Datum::array(std::move(common));
}

// Appends those items that `seen` does not have, and remembers them.
void append_new(const Datum::Items& items, Set& seen, Datum::Items& out) {
    for (const auto& value : items)
        if (seen.insert(value).second) out.push_back(value);
}

Datum array_union(Arguments arguments, CallContext& context) {
    Take take("array_union", arguments, context);
    Set seen;
    Datum::Items all;
    for (size_t i = 0; i < 2; ++i)
        if (take.has(i)) append_new(take.array(i), seen, all);
    return take.ok() ? Datum::array(std::move(all)) : Datum();
}

Datum array_except(Arguments arguments, CallContext& context) {
    Take take("array_except", arguments, context);
    if (!take.has(0)) return {};
    const auto& items = take.array(0);
    Set seen;
    if (take.has(1)) seen = set_of(take.array(1));
    if (!take.ok()) return {};
    Datum::Items kept;
    append_new(items, seen, kept);
    return Datum::array(std::move(kept));
}

Datum array_distinct(Arguments arguments, CallContext& context) {
    Take take("array_distinct", arguments, context);
    const auto& items = take.array(0);
    Set seen;
    Datum::Items kept;
    append_new(items, seen, kept);
    return take.ok() ? Datum::array(std::move(kept)) : Datum();
}

// The greatest (`wanted` greater) or least item that is not null.
Datum extreme(Take& take, std::strong_ordering wanted) {
    const auto& items = take.array(0);
    const Datum* best = nullptr;
    for (const auto& value : items)
        if (!value.is_null() && (best == nullptr || order(value, *best) == wanted)) best = &value;
    return best == nullptr ? Datum() : *best;
}

Datum array_max(Arguments arguments, CallContext& context) {
    Take take("array_max", arguments, context);
    return extreme(take, std::strong_ordering::greater);
}

Datum array_min(Arguments arguments, CallContext& context) {
    Take take("array_min", arguments, context);
    return extreme(take, std::strong_ordering::less);
}

Datum too_many(const Take& take) {
    return take.fail(fmt::format("more than {} items; ask for fewer", made_items_limit));
}

Datum repeat(Arguments arguments, CallContext& context) {
    Take take("repeat", arguments, context);
    const int64_t count = take.integer(1);
    if (!take.ok()) return {};
    if (count < 0) return take.fail(fmt::format("the count {} is negative", count));
    if (static_cast<uint64_t>(count) > made_items_limit) return too_many(take);
    return Datum::array(Datum::Items(static_cast<size_t>(count), take.any(0)));
}

Datum sequence(Arguments arguments, CallContext& context) {
    Take take("sequence", arguments, context);
    const int64_t start = take.integer(0);
    const int64_t stop = take.integer(1);
    const int64_t step = take.count() == 3 ? take.integer(2) : start < stop ? 1 : -1;
    if (!take.ok()) return {};
    if (step == 0) return take.fail("the step is 0");
    Datum::Items items;
    int64_t value = start;
    while (step > 0 ? value <= stop : value >= stop) {
        if (items.size() == made_items_limit) return too_many(take);
        items.push_back(Datum::integer(value));
        if (__builtin_add_overflow(value, step, &value)) break;
    }
    return Datum::array(std::move(items));
}

Datum array_flatten(Arguments arguments, CallContext& context) {
    Take take("array_flatten", arguments, context);
    Datum::Items flat;
    for (const auto& value : take.array(0)) {
        if (value.is_array()) {
            flat.insert(flat.end(), value.items().begin(), value.items().end());
        } else {
            flat.push_back(value);
        }
    }
    return take.ok() ? Datum::array(std::move(flat)) : Datum();
}

const FunctionTable& builtin_table() {
    static const FunctionTable* const table = [] {
        auto* const made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

Datum array_map(Arguments arguments, CallContext& context) {
    Take take("array_map", arguments, context);
    const auto name = take.text(0);
    const auto& items = take.array(1);
    if (!take.ok()) return {};
    const Function* const function = builtin_table().find(name, context.dialect);
    if (function == nullptr || function->type != FunctionClass::scalar)
        return take.fail(
            fmt::format("there is no function '{}' that comes with the program and is "
                        "neither an aggregate nor an analytic one",
                        name.substr(0, 64)));
    if (function->scalar == array_map) return take.fail("array_map of array_map is not possible");
    if (function->least_arguments > 1 || function->most_arguments < 1)
        return take.fail(fmt::format("{} does not take one argument", function->name));
    Datum::Items mapped;
    for (const auto& item : items) {
        const bool called = !item.is_null() || function->nulls == Nulls::seen;
        mapped.push_back(called ? function->scalar({&item, 1}, context) : Datum());
        if (!take.ok()) return {};
    }
    return Datum::array(std::move(mapped));
}

Datum array_join(Arguments arguments, CallContext& context) {
    Take take("array_join", arguments, context);
    const auto& items = take.array(0);
    const std::string_view delimiter = take.text(1);
    const std::string_view replacement = take.has(2) ? take.text(2) : std::string_view();
    if (!take.ok()) return {};
    std::string joined;
    bool begun = false;
    for (const auto& value : items) {
        if (value.is_null() && replacement.empty()) continue;
        if (begun) joined += delimiter;
        begun = true;
        if (value.is_null()) {
            joined += replacement;
        } else {
            append_plain(joined, value);
        }
        if (joined.size() > made_bytes_limit) return take.fail("the text is longer than 16 MiB");
    }
    return Datum::text(joined);
}

Datum array_shuffle(Arguments arguments, CallContext& context) {
    Take take("array_shuffle", arguments, context);
    Datum::Items items = take.array(0);
    if (!take.ok()) return {};
    for (size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[context.services->random.below(i)]);
    return Datum::array(std::move(items));
}

Datum array_sort(Arguments arguments, CallContext& context) {
    Take take("array_sort", arguments, context);
    Datum::Items items = take.array(0);
    if (!take.ok()) return {};
    std::ranges::stable_sort(items, [](const Datum& a, const Datum& b) { return order(a, b) < 0; });
    return Datum::array(std::move(items));
}

Datum array_concat(Arguments arguments, CallContext& context) {
    Take take("array_concat", arguments, context);
    Datum::Items all;
    for (size_t i = 0; i < take.count(); ++i) {
        if (!take.has(i)) continue;
        const auto& items = take.array(i);
        all.insert(all.end(), items.begin(), items.end());
    }
    return take.ok() ? Datum::array(std::move(all)) : Datum();
}

Datum kvpair_array_to_obj(Arguments arguments, CallContext& context) {
    Take take("kvpair_array_to_obj", arguments, context);
    Datum object = Datum::object({});
    for (const auto& pair : take.array(0)) {
        const Datum* const key = pair.find("key");
        const Datum* const value = pair.find("value");
        if (key == nullptr || !key->is_text() || value == nullptr || pair.members().size() != 2)
            return take.fail("each item must be an object of a string `key` and a `value`");
        take.put(object, *key, *value);
    }
    return take.ok() ? object : Datum();
}

constexpr Function functions[] = {
    {.name = "nth",
     .group = "array",
     .origin = "EMQX",
     .signature = "nth(n, array)",
     .help = "The n-th item, the first is 1. Fails where there is none.",
     .example = "nth(1, [1, 2, 3])",
     .example_result = "1",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = nth},
    {.name = "length",
     .dialect = Dialect::emqx,
     .group = "array",
     .origin = "EMQX",
     .signature = "length(array)",
     .help = "How many items the array has.",
     .example = "length([1, 2, 3, 4])",
     .example_result = "4",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = length},
    {.name = "sublist",
     .group = "array",
     .origin = "EMQX",
     .signature = "sublist([start,] length, array)",
     .help = "At most `length` items from `start` on; the first item is 1.",
     .example = "sublist(2, 10, [1, 2, 3, 4])",
     .example_result = "[2,3,4]",
     .least_arguments = 2,
     .most_arguments = 3,
     .scalar = sublist},
    {.name = "first",
     .group = "array",
     .origin = "EMQX",
     .signature = "first(array)",
     .help = "The first item. Fails where there is none.",
     .example = "first(['John', 'David'])",
     .example_result = "\"John\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = first},
    {.name = "last",
     .group = "array",
     .origin = "EMQX",
     .signature = "last(array)",
     .help = "The last item. Fails where there is none.",
     .example = "last(['John', 'David'])",
     .example_result = "\"David\"",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = last},
    {.name = "contains",
     .group = "array",
     .origin = "EMQX",
     .signature = "contains(item, array)",
     .help = "Whether the array has the item.",
     .example = "contains(2, [1, 2, 3])",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = contains},
    {.name = "cardinality",
     .group = "array",
     .origin = "eKuiper",
     .signature = "cardinality(array)",
     .help = "How many items the array has; 0 for null and what is no array.",
     .example = "cardinality([1, 2, 3])",
     .example_result = "3",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .scalar = cardinality},
    {.name = "array_cardinality",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_cardinality(array)",
     .help = "How many items of the array are not null; 0 for null.",
     .example = "array_cardinality([1, null, 3])",
     .example_result = "2",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .scalar = array_cardinality},
    {.name = "array_create",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_create(value, ...)",
     .help = "An array of those values that are not null; null where none is.",
     .example = "array_create(1, null, 'a')",
     .example_result = "[1,\"a\"]",
     .least_arguments = 0,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = array_create},
    {.name = "array_position",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_position(array, value)",
     .help = "The index of the value's first place, from 0; -1 where it is not there.",
     .example = "array_position([5, 7, 5], 7)",
     .example_result = "1",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_position},
    {.name = "array_last_position",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_last_position(array, value)",
     .help = "The index of the value's last place, from 0; -1 where it is not there.",
     .example = "array_last_position([5, 7, 5], 5)",
     .example_result = "2",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_last_position},
    {.name = "element_at",
     .group = "array",
     .origin = "eKuiper",
     .signature = "element_at(array, index)",
     .help = "The item at the index from 0, negative from the end, failing where there is "
             "none; of an object, the member of that name or null.",
     .example = "element_at([1, 2, 3], -1)",
     .example_result = "3",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = element_at},
    {.name = "array_contains",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_contains(array, value)",
     .help = "Whether the array has the value; null where the array is.",
     .example = "array_contains([1, 2], 2)",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_contains},
    {.name = "array_contains_any",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_contains_any(array1, array2)",
     .help = "Whether the arrays share a value; false where the first is null.",
     .example = "array_contains_any([1, 2], [2, 3])",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_contains_any},
    {.name = "array_remove",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_remove(array, value)",
     .help = "The array without the value, wherever it was.",
     .example = "array_remove([1, 2, 1], 1)",
     .example_result = "[2]",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_remove},
    {.name = "array_intersect",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_intersect(array1, array2)",
     .help = "What both have, each value once, in the second's order.",
     .example = "array_intersect([1, 2, 3], [3, 2, 2])",
     .example_result = "[3,2]",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = array_intersect},
    {.name = "array_union",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_union(array1, array2)",
     .help = "What either has, each value once; null is as an empty array.",
     .example = "array_union([1, 2, 2], [2, 3])",
     .example_result = "[1,2,3]",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_union},
    {.name = "array_except",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_except(array1, array2)",
     .help = "What the first has and the second has not, each value once.",
     .example = "array_except([1, 2, 3], [2])",
     .example_result = "[1,3]",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .scalar = array_except},
    {.name = "array_distinct",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_distinct(array)",
     .help = "The array with each value once, in the order of their first places.",
     .example = "array_distinct([1, 2, 1])",
     .example_result = "[1,2]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = array_distinct},
    {.name = "array_max",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_max(array)",
     .help = "The greatest item that is not null; null where there is none.",
     .example = "array_max([1, 3, 2])",
     .example_result = "3",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = array_max},
    {.name = "array_min",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_min(array)",
     .help = "The least item that is not null; null where there is none.",
     .example = "array_min([2, 1, 3])",
     .example_result = "1",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = array_min},
    {.name = "repeat",
     .group = "array",
     .origin = "eKuiper",
     .signature = "repeat(value, count)",
     .help = "An array of the value `count` times, at most 100,000.",
     .example = "repeat('a', 3)",
     .example_result = "[\"a\",\"a\",\"a\"]",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = repeat},
    {.name = "sequence",
     .group = "array",
     .origin = "eKuiper",
     .signature = "sequence(start, stop [, step])",
     .help = "The integers from start to stop, both included, by step (1, or -1 where stop "
             "is not above start); at most 100,000.",
     .example = "sequence(1, 7, 2)",
     .example_result = "[1,3,5,7]",
     .least_arguments = 2,
     .most_arguments = 3,
     .scalar = sequence},
    {.name = "array_flatten",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_flatten(array)",
     .help = "The array with the items of its arrays in their places, one level deep.",
     .example = "array_flatten([[1, 4], [2, 3]])",
     .example_result = "[1,4,2,3]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = array_flatten},
    {.name = "array_map",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_map(function_name, array)",
     .help = "What the named function of one argument gives for each item. Users' own functions "
             "cannot be named.",
     .example = "array_map('array_max', [[1, 2], [4, 3]])",
     .example_result = "[2,4]",
     .least_arguments = 2,
     .most_arguments = 2,
     .pure = false,
     .scalar = array_map},
    {.name = "array_join",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_join(array, delimiter [, null_replacement])",
     .help = "One string of all items; nulls are left out, or replaced.",
     .example = "array_join([1, 2, 3], ',')",
     .example_result = "\"1,2,3\"",
     .least_arguments = 2,
     .most_arguments = 3,
     .scalar = array_join},
    {.name = "array_shuffle",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_shuffle(array)",
     .help = "The items in a random order, of the run's own random numbers.",
     .example = "array_shuffle([1, 1])",
     .example_result = "[1,1]",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = array_shuffle},
    {.name = "array_sort",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_sort(array)",
     .help = "The items from least to greatest: null, booleans, numbers, times, strings.",
     .example = "array_sort([3, 2, 'b', 'a'])",
     .example_result = "[2,3,\"a\",\"b\"]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = array_sort},
    {.name = "array_concat",
     .group = "array",
     .origin = "eKuiper",
     .signature = "array_concat(array1, array2, ...)",
     .help = "All items one after another; null is as an empty array.",
     .example = "array_concat([1, 2], null, [3])",
     .example_result = "[1,2,3]",
     .least_arguments = 1,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = array_concat},
    {.name = "kvpair_array_to_obj",
     .group = "array",
     .origin = "eKuiper",
     .signature = "kvpair_array_to_obj(array)",
     .help = "An object of an array of {key, value}; of equal keys the last wins.",
     .example = "kvpair_array_to_obj(json_decode('[{\"key\":\"a\",\"value\":1}]'))",
     .example_result = "{\"a\":1}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = kvpair_array_to_obj},
};

}  // namespace

std::span<const Function> array_functions() {
    return functions;
}

}  // namespace hw::sql
