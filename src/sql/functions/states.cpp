#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/decimal.h"
#include "sql/functions/functions.h"
#include "sql/functions/take.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

using Dictionary = std::map<std::string, Datum, std::less<>>;

std::string key_argument(Take& take) {
    std::string key;
    append_plain(key, take.any(0));
    if (key.size() > 1024)
        take.fail(fmt::format("the key has {} bytes; at most 1024 are allowed", key.size()));
    return key;
}

// Values are kept from row to row, so that a rule could nest one in itself for ever.
bool nests_deeper(const Datum& value, size_t levels) {
    if (levels == 0) return value.is_array() || value.is_object();
    if (value.is_array())
        return std::ranges::any_of(
            value.items(), [&](const Datum& item) { return nests_deeper(item, levels - 1); });
    return value.is_object() && std::ranges::any_of(value.members(), [&](const Member& member) {
               return nests_deeper(member.value, levels - 1);
           });
}

size_t bytes_of(std::string_view key, const Datum& value) {
    constexpr size_t entry_bytes = 100;
    return entry_bytes + key.size() + value.heap_bytes();
}

void forget(Services& services, std::string_view key, const Datum& value) {
    services.state_bytes -= std::min(services.state_bytes, bytes_of(key, value));
}

Datum get(const Dictionary& entries, std::string_view key) {
    const auto at = entries.find(key);
    return at == entries.end() ? Datum() : at->second;
}

// What was there before.
Datum put(Take& take, Dictionary& entries, const std::string& key, const Datum& value) {
    Services& services = *take.context().services;
    const size_t added = bytes_of(key, value);
    if (nests_deeper(value, Datum::nesting_limit))
        return take.fail(
            fmt::format("the value nests deeper than {} levels", Datum::nesting_limit));
    const auto at = entries.find(key);
    if (at == entries.end() && entries.size() >= services.entries_limit)
        return take.fail(
            fmt::format("there are {} keys already; delete some", services.entries_limit));
    const size_t freed = at == entries.end() ? 0 : bytes_of(key, at->second);
    if (services.state_bytes - std::min(freed, services.state_bytes) + added >
        services.state_bytes_limit)
        return take.fail(
            fmt::format("more than {} bytes of state would be kept", services.state_bytes_limit));
    Datum before;
    if (at != entries.end()) {
        before = std::move(at->second);
        forget(services, key, before);
    }
    entries.insert_or_assign(key, value);
    services.state_bytes += added;
    return before;
}

Datum remove(Services& services, Dictionary& entries, std::string_view key) {
    const auto at = entries.find(key);
    if (at == entries.end()) return {};
    Datum before = std::move(at->second);
    entries.erase(at);
    forget(services, key, before);
    return before;
}

Datum kv_store_put(Arguments arguments, CallContext& context) {
    Take take("kv_store_put", arguments, context);
    const std::string key = key_argument(take);
    if (take.ok()) put(take, context.services->store, key, take.any(1));
    return take.ok() ? Datum::boolean(true) : Datum();
}

Datum kv_store_get(Arguments arguments, CallContext& context) {
    Take take("kv_store_get", arguments, context);
    const std::string key = key_argument(take);
    const auto at = context.services->store.find(key);
    if (at != context.services->store.end()) return at->second;
    return take.count() == 2 && take.ok() ? take.any(1) : Datum();
}

Datum kv_store_del(Arguments arguments, CallContext& context) {
    Take take("kv_store_del", arguments, context);
    remove(*context.services, context.services->store, key_argument(take));
    return take.ok() ? Datum::boolean(true) : Datum();
}

Dictionary& dictionary(CallContext& context) {
    auto& all = context.services->dictionaries;
    const auto at = all.find(context.rule_id);
    return at != all.end() ? at->second : all[std::string(context.rule_id)];
}

Datum proc_dict_put(Arguments arguments, CallContext& context) {
    Take take("proc_dict_put", arguments, context);
    const std::string key = key_argument(take);
    return take.ok() ? put(take, dictionary(context), key, take.any(1)) : Datum();
}

Datum proc_dict_get(Arguments arguments, CallContext& context) {
    Take take("proc_dict_get", arguments, context);
    const std::string key = key_argument(take);
    return take.ok() ? get(dictionary(context), key) : Datum();
}

Datum proc_dict_del(Arguments arguments, CallContext& context) {
    Take take("proc_dict_del", arguments, context);
    const std::string key = key_argument(take);
    return take.ok() ? remove(*context.services, dictionary(context), key) : Datum();
}

Datum number_as(Take& take, std::string_view type, const Datum& value) {
    double number = 0;
    if (value.is_number()) {
        if (type == "bigint" && value.kind() == Kind::int64) return value;
        number = value.as_number();
    } else if (value.kind() == Kind::boolean) {
        number = value.as_boolean() ? 1 : 0;
    } else {
        const auto text = value.is_text() ? value.as_text() : std::string_view();
        const Decimal read = scan_decimal(text);
        const bool whole = read.length == text.size() && (read.kind == Decimal::Kind::integer ||
                                                          read.kind == Decimal::Kind::real);
        if (!whole) return take.fail(fmt::format("the value is no {}", type));
        if (type == "bigint" && read.kind == Decimal::Kind::integer)
            return Datum::integer(read.integer);
        number = read.real;
    }
    if (type == "float") return Datum::real(number);
    constexpr double most = 9'223'372'036'854'775'808.0;
    if (!(std::abs(number) < most)) return take.fail("the value is beyond bigint");
    return Datum::integer(static_cast<int64_t>(number));
}

Datum boolean_as(Take& take, const Datum& value) {
    if (value.kind() == Kind::boolean) return value;
    if (value.is_number()) return Datum::boolean(value.as_number() != 0);
    if (value.is_text() && (value.as_text() == "true" || value.as_text() == "false"))
        return Datum::boolean(value.as_text() == "true");
    return take.fail("the value is no boolean");
}

Datum time_as(Take& take, const Datum& value) {
    if (value.kind() == Kind::time) return value;
    if (value.kind() == Kind::int64) {
        int64_t ns = 0;
        if (!__builtin_mul_overflow(value.as_integer(), int64_t{1'000'000}, &ns))
            return Datum::time(Time{ns});
    }
    if (value.is_text())
        if (const auto time = parse_rfc3339(value.as_text())) return Datum::time(*time);
    return take.fail("the value is no datetime");
}

Datum get_keyed_state(Arguments arguments, CallContext& context) {
    Take take("get_keyed_state", arguments, context);
    const std::string key(take.text(0));
    const auto type = take.text(1);
    if (!take.ok()) return {};
    const auto at = context.services->store.find(key);
    if (at == context.services->store.end()) return take.any(2);
    const Datum& value = at->second;
    if (type == "bigint" || type == "float") return number_as(take, type, value);
    if (type == "boolean") return boolean_as(take, value);
    if (type == "datetime") return time_as(take, value);
    if (type != "string")
        return take.fail(
            fmt::format("the type '{}' is none of bigint, float, string, boolean, datetime",
                        type.substr(0, 32)));
    std::string text;
    append_plain(text, value);
    return Datum::text(text);
}

constexpr Function functions[] = {
    {.name = "kv_store_put",
     .group = "state",
     .origin = "EMQX",
     .signature = "kv_store_put(key, value)",
     .help = "Keeps the value under the key for all rules; true. At most 100,000 keys and 64 MiB.",
     .example = "kv_store_put('a', 1)",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = kv_store_put},
    {.name = "kv_store_get",
     .group = "state",
     .origin = "EMQX",
     .signature = "kv_store_get(key [, default])",
     .help = "The value kept under the key, or the default (null where none is given).",
     .example = "kv_store_get('nothing', 5)",
     .example_result = "5",
     .least_arguments = 1,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = kv_store_get},
    {.name = "kv_store_del",
     .group = "state",
     .origin = "EMQX",
     .signature = "kv_store_del(key)",
     .help = "Forgets what is kept under the key; true.",
     .example = "kv_store_del('a')",
     .example_result = "true",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = kv_store_del},
    {.name = "proc_dict_put",
     .group = "state",
     .origin = "EMQX",
     .signature = "proc_dict_put(key, value)",
     .help = "Keeps the value under the key for this rule; what was there before.",
     .example = "proc_dict_put('a', 1)",
     .example_result = "null",
     .least_arguments = 2,
     .most_arguments = 2,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = proc_dict_put},
    {.name = "proc_dict_get",
     .group = "state",
     .origin = "EMQX",
     .signature = "proc_dict_get(key)",
     .help = "What this rule keeps under the key, or null.",
     .example = "proc_dict_get('nothing')",
     .example_result = "null",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = proc_dict_get},
    {.name = "proc_dict_del",
     .group = "state",
     .origin = "EMQX",
     .signature = "proc_dict_del(key)",
     .help = "Forgets what this rule keeps under the key; what was there.",
     .example = "proc_dict_del('a')",
     .example_result = "null",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = proc_dict_del},
    {.name = "get_keyed_state",
     .group = "state",
     .origin = "eKuiper",
     .signature = "get_keyed_state(key, type, default)",
     .help = "What kv_store_put keeps under the key as bigint, float, string, boolean or datetime, "
             "or the default where there is nothing.",
     .example = "get_keyed_state('nothing', 'bigint', 7)",
     .example_result = "7",
     .least_arguments = 3,
     .most_arguments = 3,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = get_keyed_state},
};

}  // namespace

std::span<const Function> state_functions() {
    return functions;
}

}  // namespace hw::sql
