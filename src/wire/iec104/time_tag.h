#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace hw::iec104 {

// CP56Time2a, or CP24Time2a with only the first two (IEC 60870-5-101, 7.2.6.18 and 7.2.6.20): the
// station's wall clock as it was sent, which need not be a date that there is.
struct TimeTag {
    uint16_t milliseconds = 0;  // within the minute, 0 to 59999
    uint8_t minute = 0;
    bool invalid = false;      // IV
    bool substituted = false;  // RES1: not of the station's own clock
    bool short_form = false;   // CP24Time2a: nothing below was sent
    uint8_t hour = 0;
    bool summer = false;  // SU: one hour ahead of the zone
    uint8_t day = 0;
    uint8_t day_of_week = 0;  // 1 Monday to 7 Sunday, 0 not used
    uint8_t month = 0;
    uint8_t year = 0;  // 0 to 99

    friend bool operator==(const TimeTag&, const TimeTag&) = default;
};

// `zone`: what the station's wall clock is ahead of UTC. Sub-milliseconds are cut; never SU.
TimeTag tag_from_time(Time time, Duration zone);

// nullopt where the tag is invalid or no date. Years 70 to 99 are of the last century. The short
// form is completed to the moment nearest to `now`.
std::optional<Time> time_from_tag(const TimeTag& tag, Duration zone, Time now);

TimeTag read_cp56(ByteReader& in);
TimeTag read_cp24(ByteReader& in);
void write_cp56(const TimeTag& tag, ByteWriter& out);
void write_cp24(const TimeTag& tag, ByteWriter& out);

}  // namespace hw::iec104
