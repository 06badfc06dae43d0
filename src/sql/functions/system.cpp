#include <fmt/format.h>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/hex.h"
#include "sql/functions/rows.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

Datum random_number(Arguments, CallContext& context) {
    return Datum::real(context.services->random.uniform());
}

// RFC 9562, version 4.
std::string uuid(CallContext& context, std::string_view hyphen) {
    uint64_t high = context.services->random.next();
    uint64_t low = context.services->random.next();
    high = (high & ~uint64_t{0xf000}) | 0x4000;
    low = (low & ~(uint64_t{3} << 62)) | uint64_t{1} << 63;
    const std::string digits = fmt::format("{:016x}{:016x}", high, low);
    const std::string_view all = digits;
    return fmt::format("{1}{0}{2}{0}{3}{0}{4}{0}{5}", hyphen, all.substr(0, 8), all.substr(8, 4),
                       all.substr(12, 4), all.substr(16, 4), all.substr(20));
}

Datum uuid_v4(Arguments, CallContext& context) {
    return Datum::text(uuid(context, "-"));
}

Datum uuid_v4_no_hyphen(Arguments, CallContext& context) {
    return Datum::text(uuid(context, ""));
}

Datum variable(Arguments arguments, CallContext& context) {
    Call call("getenv", arguments, context);
    const auto& variables = context.services->variables;
    const auto found = variables.find(call.text(0));
    if (call.failed()) return {};
    return Datum::text(found == variables.end() ? "" : found->second);
}

Datum property(Arguments arguments, CallContext& context) {
    Call call("props", arguments, context);
    const auto& variables = context.services->variables;
    const auto found = variables.find(call.text(0));
    return call.failed() || found == variables.end() ? Datum() : Datum::text(found->second);
}

Datum rule_id(Arguments, CallContext& context) {
    return Datum::text(context.rule_id);
}

Datum rule_start(Arguments, CallContext& context) {
    if (context.rule_start.ns == 0) return {};
    return Datum::integer(context.rule_start.ns / 1'000'000);
}

constexpr Rows emqx_random{"random", "EMQX"};
constexpr Rows ekuiper_random{"random", "eKuiper"};
constexpr Rows emqx{"system", "EMQX"};
constexpr Rows ekuiper{"system", "eKuiper"};
constexpr Rows::Count none{0, 0}, one{1, 1};

constexpr Function functions[] = {
    ekuiper_random.impure("newuuid()", none, uuid_v4, "Another name of uuid_v4."),
    ekuiper_random.impure("rand()", none, random_number, "Another name of random."),
    emqx_random.impure("random()", none, random_number,
                       "A random float from 0 on and below 1. Not for secrets."),
    emqx_random.impure("uuid_v4()", none, uuid_v4, "A random UUID (RFC 9562, version 4)."),
    emqx_random.impure("uuid_v4_no_hyphen()", none, uuid_v4_no_hyphen,
                       "A random UUID without hyphens."),
    emqx.impure("getenv(name)", one, variable,
                "The environment variable EMQXVAR_<name> as it was when the program started; an "
                "empty string where there is none."),
    ekuiper.impure("props(name)", one, property,
                   "As getenv, but null where there is no such variable."),
    ekuiper.impure("rule_id()", none, rule_id, "The id of the rule."),
    ekuiper.impure("rule_start()", none, rule_start,
                   "When the rule started, in ms since 1970, UTC; null where that is not known."),
};

}  // namespace

std::span<const Function> system_functions() {
    return functions;
}

}  // namespace hw::sql
