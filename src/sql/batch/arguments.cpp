#include "sql/batch/arguments.h"

#include <fmt/format.h>

#include <cmath>

namespace hw::sql::batch {

using duck::TypeId;

namespace {

TypeId type_of(const duck::Api& api, duck::ValueHandle value) {
    // The type belongs to the value.
    return api.get_type_id(api.get_value_type(value));
}

bool is_integer(TypeId type) {
    return (type >= TypeId::tinyint && type <= TypeId::ubigint) || type == TypeId::hugeint ||
           type == TypeId::uhugeint || type == TypeId::integer_literal;
}

bool is_fraction(TypeId type) {
    return type == TypeId::real || type == TypeId::double_precision || type == TypeId::decimal;
}

bool is_text(TypeId type) {
    return type == TypeId::varchar || type == TypeId::string_literal;
}

// Ticks of `unit_ns` as a time; beyond Time's range its first or last moment.
Time scaled(int64_t ticks, int64_t unit_ns) {
    int64_t ns = 0;
    if (__builtin_mul_overflow(ticks, unit_ns, &ns)) ns = ticks < 0 ? INT64_MIN : INT64_MAX;
    return Time{ns};
}

bool is_infinite(int64_t ticks) {
    return ticks == INT64_MAX || ticks == -INT64_MAX || ticks == INT64_MIN;
}

}  // namespace

Result<std::string> text_argument(const duck::Api& api, duck::ValueHandle value,
                                  std::string_view name) {
    if (api.is_null_value(value))
        return fail(ErrorCode::invalid_argument, fmt::format("{} must not be NULL", name));
    if (!is_text(type_of(api, value)))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} must be a text, e.g. 'plant1/#'", name));
    return duck::taken_text(api, api.get_varchar(value));
}

Result<Time> time_argument(const duck::Api& api, duck::ValueHandle value, std::string_view name,
                           Time now, Time otherwise) {
    if (api.is_null_value(value)) return otherwise;
    const TypeId type = type_of(api, value);
    if (is_text(type)) {
        std::string text = duck::taken_text(api, api.get_varchar(value));
        // People leave the seconds away.
        constexpr std::string_view to_the_minute = "2026-03-01 12:00";
        if (text.size() == to_the_minute.size() && text[4] == '-' && text[13] == ':') text += ":00";
        auto time = parse_time(text, now);
        if (!time) return fail(time.error().within(name));
        return *time;
    }
    if (is_integer(type)) return time_from_epoch(api.get_int64(value));
    if (is_fraction(type)) return time_from_epoch(api.get_double(value));
    int64_t ticks = 0;
    int64_t unit_ns = 1'000;
    switch (type) {
        case TypeId::timestamp:
        case TypeId::timestamp_tz:
            ticks = api.get_timestamp(value).ticks;
            break;
        case TypeId::timestamp_s:
            ticks = api.get_timestamp_s(value).ticks;
            unit_ns = 1'000'000'000;
            break;
        case TypeId::timestamp_ms:
            ticks = api.get_timestamp_ms(value).ticks;
            unit_ns = 1'000'000;
            break;
        case TypeId::timestamp_ns:
            ticks = api.get_timestamp_ns(value).ticks;
            unit_ns = 1;
            break;
        case TypeId::date:
            ticks = api.get_date(value).days;
            unit_ns = int64_t{86'400} * 1'000'000'000;
            break;
        default:
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} must be a timestamp, a date, a text such as "
                                    "'2026-03-01 12:00' or 'now-6h', or an epoch number",
                                    name));
    }
    return is_infinite(ticks) ? otherwise : scaled(ticks, unit_ns);
}

Result<Duration> width_argument(const duck::Api& api, duck::ValueHandle value,
                                std::string_view name) {
    if (api.is_null_value(value)) return Duration{};
    const TypeId type = type_of(api, value);
    Duration width;
    if (is_text(type)) {
        auto parsed = parse_duration(duck::taken_text(api, api.get_varchar(value)));
        if (!parsed) return fail(parsed.error().within(name));
        width = *parsed;
    } else if (type == TypeId::interval) {
        const duck::IntervalValue interval = api.get_interval(value);
        if (interval.months != 0)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{}: months have no fixed length; use days, or GROUP BY "
                                    "date_trunc('month', time)",
                                    name));
        width = scaled(interval.days, int64_t{86'400} * 1'000'000'000) - Time{} +
                (scaled(interval.micros, 1'000) - Time{});
    } else if (is_integer(type) || is_fraction(type)) {
        const double s = api.get_double(value);
        if (!(s > 0 && s < 9e9))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} is {} seconds, which is out of range", name, s));
        width = {std::llround(s * 1e9)};
    } else {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} must be an INTERVAL, a text such as '1h', or seconds", name));
    }
    if (width.ns <= 0)
        return fail(ErrorCode::invalid_argument, fmt::format("{} must be above 0", name));
    return width;
}

}  // namespace hw::sql::batch
