#include "rules/schedule.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::rules {

namespace {

// RFC 3339, or without an offset the zone's own time.
Result<Time> read_moment(std::string_view text, const TimeZone& zone) {
    auto time = parse_rfc3339(text);
    if (!time) time = parse_rfc3339(fmt::format("{} 00:00:00", text));
    if (!time) return time;
    const bool has_offset = text.ends_with('Z') || text.ends_with('z') ||
                            text.find_first_of("+-", 11) != std::string_view::npos;
    if (has_offset) return time;
    return zone.utc(wall_of(time->ns / 1'000'000'000));
}

}  // namespace

Result<Calendar> Calendar::make(const Schedule& schedule, std::string_view default_zone) {
    Calendar calendar;
    const std::string_view zone =
        schedule.time_zone.empty() ? default_zone : std::string_view(schedule.time_zone);
    calendar.zone_ = HW_TRY(TimeZone::find(zone));
    for (size_t i = 0; i < schedule.ranges.size(); ++i) {
        const auto& range = schedule.ranges[i];
        const auto begin = read_moment(range.begin, calendar.zone_);
        const auto end = read_moment(range.end, calendar.zone_);
        if (!begin || !end || *end <= *begin)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("schedule.ranges[{}]: '{}' to '{}' is no range of times, e.g. "
                                    "2026-03-01T06:00:00Z, or 2026-03-01 06:00:00 in the time zone",
                                    i, range.begin, range.end));
        calendar.ranges_.push_back({*begin, *end});
    }
    if (schedule.cron.empty()) return calendar;
    auto cron = Cron::parse(schedule.cron);
    if (!cron) return fail(cron.error().within("schedule.cron"));
    calendar.cron_ = std::move(*cron);
    if (schedule.duration <= Duration{} || schedule.duration > seconds(366 * 86'400))
        return fail(ErrorCode::invalid_argument,
                    "schedule.duration must say how long the rule runs from each of cron's "
                    "moments, e.g. \"8h\"");
    calendar.duration_ = schedule.duration;
    return calendar;
}

bool Calendar::in_ranges(Time time) const {
    return ranges_.empty() || std::any_of(ranges_.begin(), ranges_.end(), [&](const Span& span) {
               return time >= span.begin && time < span.end;
           });
}

// A run that began within a range goes on to its end; the latest beginning within the duration is
// looked for, from the earliest on.
bool Calendar::runs_at(Time time) const {
    if (!cron_) return in_ranges(time);
    Time from = time - duration_ + nanoseconds(1);
    for (int tries = 0; tries < 1'000; ++tries) {
        const auto begin = cron_->next(from, zone_);
        if (!begin || *begin > time) return false;
        if (in_ranges(*begin)) return true;
        from = *begin + seconds(1);
    }
    return false;
}

std::optional<Time> Calendar::next_change(Time time) const {
    const bool now = runs_at(time);
    std::optional<Time> next;
    const auto consider = [&](Time candidate) {
        if (candidate > time && runs_at(candidate) != now && (!next || candidate < *next))
            next = candidate;
    };
    for (const auto& span : ranges_) {
        consider(span.begin);
        consider(span.end);
    }
    if (!cron_) return next;
    Time from = time - duration_ + nanoseconds(1);
    const Time last = time + seconds(2 * 366 * 86'400);
    for (int tries = 0; tries < 1'000; ++tries) {
        const auto begin = cron_->next(from, zone_);
        if (!begin || *begin > last || (next && *begin > *next)) return next;
        consider(*begin);
        consider(*begin + duration_);
        from = *begin + seconds(1);
    }
    return next;
}

}  // namespace hw::rules
