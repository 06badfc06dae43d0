#include "rules/time_zone.h"

#include "sql/functions/civil.h"

namespace hw::rules {

namespace {

int64_t whole_seconds(Time time) {
    return time.ns / 1'000'000'000 - (time.ns % 1'000'000'000 < 0);
}

WallClock wall_from(const sql::Civil& civil) {
    return {civil.year,
            static_cast<int>(civil.month),
            static_cast<int>(civil.day),
            static_cast<int>(civil.hour),
            static_cast<int>(civil.minute),
            static_cast<int>(civil.second),
            static_cast<int>(civil.weekday())};
}

sql::Civil civil_from(const WallClock& wall) {
    sql::Civil civil;
    civil.year = wall.year;
    civil.month = static_cast<uint32_t>(wall.month);
    civil.day = static_cast<uint32_t>(wall.day);
    civil.hour = static_cast<uint32_t>(wall.hour);
    civil.minute = static_cast<uint32_t>(wall.minute);
    civil.second = static_cast<uint32_t>(wall.second);
    return civil;
}

}  // namespace

WallClock wall_of(int64_t seconds) {
    return wall_from(sql::civil_at({seconds * 1'000'000'000}, 0));
}

int64_t seconds_of(const WallClock& wall) {
    const auto moment = sql::moment_of(civil_from(wall));
    return moment ? whole_seconds(*moment) : 0;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
    TimeZone zone;
    if (name.empty() || name == "UTC") return zone;
    HW_TRY(sql::zone_offset(name, {}));
    zone.name_ = name;
    return zone;
}

WallClock TimeZone::local(Time time) const {
    int32_t offset = 0;
    if (!name_.empty())
        if (const auto found = sql::zone_offset(name_, time)) offset = found->seconds;
    return wall_from(sql::civil_at(time, offset));
}

Time TimeZone::utc(const WallClock& wall) const {
    const auto civil = civil_from(wall);
    const auto moment = name_.empty() ? sql::moment_of(civil) : sql::moment_in_zone(civil, name_);
    return moment ? *moment : Time{};
}

}  // namespace hw::rules
