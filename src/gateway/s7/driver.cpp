#include "gateway/s7/driver.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/s7/device.h"
#include "wire/s7/address.h"
#include "wire/s7/pdu.h"
#include "wire/s7/transport.h"

namespace hw::gateway::s7 {

namespace {

constexpr Property settings[] = {
    {.key = "port",
     .type = PropertyType::integer,
     .default_value = "102",
     .help = "TCP port of the CPU's ISO on TCP service.",
     .least = 1,
     .most = 65535,
     .needs_restart = false},
    {.key = "plc_type",
     .type = PropertyType::text,
     .default_value = "s7-1200",
     .help = "Family of the CPU; sets the defaults of rack, slot and TSAPs.",
     .needs_restart = false,
     .choices = "s7-200|s7-200smart|s7-300|s7-400|s7-1200|s7-1500|logo"},
    {.key = "rack",
     .type = PropertyType::integer,
     .default_value = "-1",
     .help = "Rack of the CPU; -1: 0.",
     .least = -1,
     .most = 7,
     .needs_restart = false},
    {.key = "slot",
     .type = PropertyType::integer,
     .default_value = "-1",
     .help = "Slot of the CPU; -1: 2 for S7-300, 3 for S7-400, else 1.",
     .least = -1,
     .most = 31,
     .needs_restart = false},
    {.key = "connection_type",
     .type = PropertyType::text,
     .default_value = "pg",
     .help = "Which kind of the CPU's connections is taken: that of programming devices, of "
             "operator panels, or S7 basic.",
     .needs_restart = false,
     .choices = "pg|op|basic"},
    {.key = "local_tsap",
     .type = PropertyType::text,
     .default_value = "",
     .help = "Our TSAP as two hexadecimal bytes (10.00); empty: by plc_type.",
     .needs_restart = false},
    {.key = "remote_tsap",
     .type = PropertyType::text,
     .default_value = "",
     .help = "The CPU's TSAP as two hexadecimal bytes (03.01); empty: by plc_type, or from "
             "connection_type, rack and slot.",
     .needs_restart = false},
    {.key = "pdu_size",
     .type = PropertyType::integer,
     .default_value = "960",
     .help = "Bytes of one request or answer that are asked for; the CPU may give less.",
     .least = hw::s7::pdu_size_least,
     .most = hw::s7::pdu_size_most,
     .needs_restart = false},
    {.key = "response_timeout",
     .type = PropertyType::duration,
     .default_value = "1s",
     .help = "How long an answer may take.",
     .least = 0.05,
     .most = 60,
     .needs_restart = false},
    {.key = "retries",
     .type = PropertyType::integer,
     .default_value = "1",
     .help = "How often an unanswered request is sent again before the connection is given up.",
     .least = 0,
     .most = 10,
     .needs_restart = false},
    {.key = "parallel_jobs",
     .type = PropertyType::integer,
     .default_value = "8",
     .help = "Requests under way at a time; the CPU may allow less.",
     .least = 1,
     .most = hw::s7::Client::in_flight_most,
     .needs_restart = false},
    {.key = "gap_bytes",
     .type = PropertyType::integer,
     .default_value = "16",
     .help = "Bytes between two tags that are read along to save an item of their own.",
     .least = 0,
     .most = 512,
     .needs_restart = false},
};

constexpr TagType types[] = {
    TagType::boolean, TagType::bit,     TagType::int8,   TagType::uint8,         TagType::int16,
    TagType::uint16,  TagType::int32,   TagType::uint32, TagType::int64,         TagType::uint64,
    TagType::float32, TagType::float64, TagType::string, TagType::bytes,         TagType::word,
    TagType::dword,   TagType::lword,   TagType::time,   TagType::date_and_time,
};

constexpr AddressNote addresses[] = {
    {"DBn.DBXb.BIT", "DB10.DBX0.3", "a bit of a data block, 0 to 7"},
    {"DBn.DBBb, DBn.DBWb, DBn.DBDb", "DB10.DBW2",
     "a value of a data block from byte b on; the type says how many bytes, the letter does not"},
    {"DBn.DBBb.LEN", "DB1.DBB12.20",
     "a STRING of at most LEN characters (type string), or LEN bytes (type bytes)"},
    {"DBn.DBBb.LEND", "DB1.DBB12.20D", "a WSTRING of at most LEN characters"},
    {"Ib, Ib.BIT", "I0.0", "inputs (also E, IB, IW, ID); read only"},
    {"Qb, Qb.BIT", "Q1.0", "outputs (also O, A, QB, QW, QD)"},
    {"Mb, Mb.BIT", "M20", "flags (also F, MB, MW, MD)"},
    {"Vb, Vb.BIT", "VW100", "variable memory of S7-200 and LOGO!, which is DB1"},
    {"Tn", "T5",
     "a timer: milliseconds, or seconds with the types float and double; word: as it is"},
    {"Cn", "C3", "a counter, 0 to 999 (also Z); word: as it is"},
};

struct Family {
    std::string_view name;
    uint8_t slot = 1;
    std::optional<uint16_t> local_tsap = std::nullopt;
    std::optional<uint16_t> remote_tsap = std::nullopt;
    bool has_timers = true;
};

// The S7-200 has no rack and slot: a CP 243-1 names its first connection 10.00, a SMART takes HMIs
// at 03.00, a LOGO! clients at 02.00.
constexpr Family families[] = {
    {.name = "s7-200", .local_tsap = 0x1000, .remote_tsap = 0x1000, .has_timers = false},
    {.name = "s7-200smart", .local_tsap = 0x1000, .remote_tsap = 0x0300, .has_timers = false},
    {.name = "s7-300", .slot = 2},
    {.name = "s7-400", .slot = 3},
    {.name = "s7-1200"},
    {.name = "s7-1500"},
    {.name = "logo", .local_tsap = 0x0100, .remote_tsap = 0x0200, .has_timers = false},
};

Result<const Family*> family_of(std::string_view name) {
    for (const Family& family : families)
        if (family.name == name) return &family;
    return fail(ErrorCode::invalid_argument, fmt::format("plc_type '{}' is not known", name));
}

Result<hw::s7::ConnectionType> connection_type_of(std::string_view name) {
    if (name == "pg") return hw::s7::ConnectionType::pg;
    if (name == "op") return hw::s7::ConnectionType::op;
    if (name == "basic") return hw::s7::ConnectionType::basic;
    return fail(ErrorCode::invalid_argument,
                fmt::format("connection_type '{}' is not pg, op or basic", name));
}

Result<AddressFacts> check(std::string_view address, TagType type) {
    const hw::s7::Address parsed = HW_TRY(hw::s7::parse_address(address, kind_of(type)));
    AddressFacts facts;
    facts.writable = parsed.area != hw::s7::Area::input;
    return facts;
}

// What was given, else the family's, else what rack and slot make.
Result<uint16_t> tsap_of(const std::string& text, std::string_view setting,
                         std::optional<uint16_t> family, uint16_t otherwise) {
    if (text.empty()) return family.value_or(otherwise);
    const Result<uint16_t> tsap = hw::s7::parse_tsap(text);
    if (!tsap) return fail(tsap.error().within(setting));
    return *tsap;
}

Result<std::unique_ptr<Driver>> make(const DriverSettings& given, DriverHost& host) {
    const auto at = [&](std::string_view key) -> const Config::Value& {
        return given.find(key)->second;
    };
    const Family& family = *HW_TRY(family_of(at("plc_type").as_text()));
    const auto type = HW_TRY(connection_type_of(at("connection_type").as_text()));
    const int64_t rack = at("rack").as_integer();
    const int64_t slot = at("slot").as_integer();
    const bool placed = rack >= 0 || slot >= 0;
    if (placed && family.remote_tsap)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("a {} has no rack and slot; set remote_tsap instead", family.name));
    DeviceSettings device;
    device.has_timers = family.has_timers;
    device.gap_bytes = static_cast<uint32_t>(at("gap_bytes").as_integer());
    device.client.local_tsap =
        HW_TRY(tsap_of(at("local_tsap").as_text(), "local_tsap", family.local_tsap, 0x0100));
    device.client.remote_tsap =
        HW_TRY(tsap_of(at("remote_tsap").as_text(), "remote_tsap", family.remote_tsap,
                       hw::s7::tsap_of(type, static_cast<uint8_t>(rack < 0 ? 0 : rack),
                                       static_cast<uint8_t>(slot < 0 ? family.slot : slot))));
    device.client.pdu_size = static_cast<uint16_t>(at("pdu_size").as_integer());
    device.client.response_timeout = at("response_timeout").as_duration();
    device.client.retries = static_cast<uint8_t>(at("retries").as_integer());
    device.client.parallel_jobs = static_cast<uint16_t>(at("parallel_jobs").as_integer());
    return std::make_unique<Device>(device, host);
}

}  // namespace

const DriverInfo driver = {
    .name = "s7",
    .title = "Siemens S7 (ISO on TCP)",
    .help =
        "Reads and writes S7-200, 300, 400, 1200 and 1500 CPUs and what speaks like them, "
        "without a change to the program. S7-1200 and 1500 need PUT/GET access permitted and "
        "data blocks without optimised access.",
    .link = LinkKind::tcp_client,
    .settings = settings,
    .types = types,
    .addresses = addresses,
    .check = check,
    .make = make,
};

}  // namespace hw::gateway::s7
