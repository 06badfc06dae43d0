#include "gateway/hj212/driver.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/secret_file.h"
#include "gateway/hj212/adapter.h"
#include "gateway/hj212/tag_address.h"

namespace hw::gateway::hj212 {
namespace {

constexpr Property settings[] = {
    {"listen_port", PropertyType::integer, "8212", "TCP port that stations connect to", 0, 65535},
    {"time_zone", PropertyType::text, "+08:00",
     "Zone of the stations' clocks: Z for UTC, or what they are ahead of it"},
    {"password_file", PropertyType::text, "",
     "File whose first line is the access password PW that packets must carry; empty: any is "
     "taken"},
    {"station_timeout", PropertyType::duration, "5m",
     "A station that is not heard for this turns its tags bad", 1, 604'800},
    {"idle_timeout", PropertyType::duration, "2h",
     "A connection on which nothing is heard for this is closed", 1, 604'800},
    {"clock_sync", PropertyType::boolean, "false",
     "Send each station the time (command 1012) when a connection first speaks for it"},
};

constexpr TagType types[] = {TagType::float64, TagType::float32, TagType::string, TagType::bit,
                             TagType::boolean, TagType::int8,    TagType::uint8,  TagType::int16,
                             TagType::uint16,  TagType::int32,   TagType::uint32};

constexpr AddressNote notes[] = {
    {"RT!FACTOR-FIELD", "RT!w01018-Rtd",
     "Real-time data (2011): Rtd, ZsRtd, Flag, SampleTime, EFlag of a factor."},
    {"MIN!FACTOR-FIELD", "MIN!w01018-Avg",
     "Data of minutes (2051): Min, Avg, Max, Cou, Flag and ZsMin, ZsAvg, ZsMax."},
    {"HOUR!FACTOR-FIELD", "HOUR!w01018-Max", "Data of hours (2061), as MIN."},
    {"DAY!FACTOR-FIELD", "DAY!w01018-Cou", "Data of days (2031), as MIN."},
    {"STATUS!EQUIPMENT-RS", "STATUS!SB1-RS", "State of treatment equipment (2021)."},
    {"RUN!EQUIPMENT-RT", "RUN!SB1-RT", "Running time of treatment equipment in a day (2041)."},
    {"MN@AREA!FACTOR-FIELD", "010000A8900016F000169DC0@RT!w01018-Rtd",
     "Of one station, where several report to the same device."},
};

Result<AddressFacts> check(std::string_view address, TagType) {
    const TagAddress parsed = HW_TRY(parse_tag_address(address));
    return AddressFacts{.unit = parsed.station, .readable = true, .writable = false};
}

Result<Duration> zone_from(const std::string& text) {
    constexpr std::string_view midnight = "2000-01-01T00:00:00";
    const auto local = parse_rfc3339(std::string(midnight) + text);
    if (text.empty() || !local)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("time_zone '{}' is neither Z nor an offset as +08:00", text));
    return *parse_rfc3339(std::string(midnight) + "Z") - *local;
}

Result<std::unique_ptr<Driver>> make(const DriverSettings& given, DriverHost& host) {
    AdapterSettings made;
    made.receiver.zone = HW_TRY(zone_from(given.find("time_zone")->second.as_text()));
    if (const auto& file = given.find("password_file")->second.as_text(); !file.empty())
        made.receiver.password = HW_TRY(read_secret_file(file, "password_file"));
    if (made.receiver.password.size() > hw::hj212::password_bytes_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the password has {} characters, at most {} can be sent",
                                made.receiver.password.size(), hw::hj212::password_bytes_limit));
    made.receiver.set_clock = given.find("clock_sync")->second.as_boolean();
    made.station_timeout = given.find("station_timeout")->second.as_duration();
    made.idle_timeout = given.find("idle_timeout")->second.as_duration();
    return std::make_unique<Adapter>(std::move(made), host);
}

}  // namespace

const DriverInfo driver = {
    .name = "hj212",
    .title = "HJ 212-2017",
    .help =
        "Environmental monitoring stations that report by HJ 212-2017 (or HJ/T 212-2005): they "
        "connect to Headworks.",
    .link = LinkKind::tcp_server,
    .settings = settings,
    .types = types,
    .addresses = notes,
    .check = check,
    .make = make,
};

}  // namespace hw::gateway::hj212
