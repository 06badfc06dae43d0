#include "gateway/modbus/driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/assert.h"
#include "gateway/modbus/adapter.h"

namespace hw::gateway::modbus {

namespace {

using enum PropertyType;

constexpr std::array common_settings = {
    Property{"response_timeout", duration, "1s",
             "Time within which a unit must answer a request; on a serial line above the slowest "
             "unit's.",
             0.01, 60, false},
    Property{"retries", integer, "1",
             "Repetitions of a request that was not answered, beside the first try.", 0, 10, false},
    Property{"down_after", integer, "2",
             "Time-outs in a row after which a unit is down: its reads fail at once and it is only "
             "probed.",
             1, 100, false},
    Property{"max_registers", integer, "125", "Registers in one read, at most.", 1, 125, false},
    Property{"max_bits", integer, "2000", "Coils or inputs in one read, at most.", 1, 2000, false},
    Property{"gap_registers", integer, "16",
             "Registers nobody asked for that are read along where it saves a request; of coils "
             "and inputs 16 times as many.",
             0, 124, false},
    Property{"request_delay", duration, "0s",
             "Silence before each request, at least; on a serial RTU line never below 3.5 "
             "characters.",
             0, 10, false},
    Property{"write_multiple", text, "auto",
             "auto: functions 5 and 6 for one coil or register; always: functions 15 and 16 for "
             "devices that know no others.",
             0, 0, false, "auto|always"},
    Property{"mask_write", boolean, "true",
             "Write a bit of a register by function 22; a device without it is told by its answer "
             "and the register is read and written back.",
             0, 0, false},
    Property{"byte_order_16", text, "L",
             "Byte order of 16-bit values whose address names none: L is AB, B is BA.", 0, 0, false,
             "L|B"},
    Property{"byte_order_32", text, "LL",
             "Byte order of 32-bit values whose address names none: LL is ABCD, LB BADC, BL CDAB, "
             "BB DCBA.",
             0, 0, false, "LL|LB|BL|BB"},
    Property{"byte_order_64", text, "LL",
             "Byte order of 64-bit values whose address names none: LL is ABCDEFGH, LB BADCFEHG, "
             "BL GHEFCDAB, BB HGFEDCBA.",
             0, 0, false, "LL|LB|BL|BB"},
    Property{"bad_address_retry", duration, "60s",
             "Time after which an address that the device refused is asked again.", 1, 86'400,
             false},
};

template <size_t A, size_t B>
constexpr auto joined(const std::array<Property, A>& a, const std::array<Property, B>& b) {
    std::array<Property, A + B> out = {};
    std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), out.begin()));
    return out;
}

constexpr Property reconnect_after_silence = {
    "reconnect_after_silence",
    duration,
    "10s",
    "A connection on which no unit has answered for so long is made anew, 0 for never; at least 4 "
    "response time-outs.",
    0,
    3'600,
    false};

constexpr std::array tcp_settings = joined(
    std::array{reconnect_after_silence,
               Property{"port", integer, "502", "TCP port of the device.", 1, 65'535},
               Property{"pipeline", integer, "1",
                        "Requests under way at once; above 1 only for a device that is known "
                        "to take them.",
                        1, 16, false}},
    common_settings);
constexpr std::array rtu_over_tcp_settings =
    joined(std::array{reconnect_after_silence,
                      Property{"port", integer, "502", "TCP port of the converter.", 1, 65'535}},
           common_settings);
constexpr std::array ascii_settings = joined(
    std::array{
        Property{"data_bits", integer, "7", "Data bits of a character.", 7, 8},
        Property{"parity", text, "even", "Parity of a character.", 0, 0, true, "none|even|odd"}},
    common_settings);

constexpr std::array types = {TagType::boolean, TagType::bit,    TagType::int8,    TagType::uint8,
                              TagType::int16,   TagType::uint16, TagType::int32,   TagType::uint32,
                              TagType::int64,   TagType::uint64, TagType::float32, TagType::float64,
                              TagType::string,  TagType::bytes,  TagType::word,    TagType::dword,
                              TagType::lword};

constexpr std::array address_notes = {
    AddressNote{"SLAVE!ADDRESS", "1!400001",
                "Unit 0 to 255 and the register or bit: 000001 coils, 100001 discrete inputs, "
                "300001 input registers, 400001 holding registers, to x65536; five digits (40001) "
                "are taken as well."},
    AddressNote{"SLAVE!ADDRESS.BIT", "1!400001.15",
                "One bit of a register, 0 the least significant, for types bool and bit."},
    AddressNote{
        "SLAVE!ADDRESS#ENDIAN", "2!400001#BB",
        "Byte order: #L or #B for 16 bits, #LL (ABCD), #LB (BADC), #BL (CDAB) or #BB (DCBA) "
        "for more."},
    AddressNote{"SLAVE!ADDRESS.LEN[H|L|D|E]", "1!400010.16H",
                "A string of LEN bytes: two in a register, high byte first (H, also without a "
                "letter) or low byte first (L), or one in its low (D) or high (E) byte."},
    AddressNote{"SLAVE!ADDRESS.BYTES", "1!400010.8", "So many bytes, for type bytes."},
};

Result<AddressFacts> facts(std::string_view text, TagType type, bool broadcasts) {
    const auto address = HW_TRY(parse_tag_address(text, type));
    const bool broadcast = broadcasts && address.unit == 0;
    const bool writable =
        wire::is_writable(address.area) && address.count() <= wire::write_registers_limit;
    if (broadcast && !writable)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("address '{}', position 1: unit 0 is the broadcast, which can only "
                                "be written; name a unit, e.g. \"1{}\"",
                                text, text.substr(text.find('!'))));
    return AddressFacts{
        .unit = fmt::format("{}", address.unit), .readable = !broadcast, .writable = writable};
}

Result<AddressFacts> check_tcp(std::string_view address, TagType type) {
    return facts(address, type, false);
}
Result<AddressFacts> check_line(std::string_view address, TagType type) {
    return facts(address, type, true);
}

const Config::Value& at(const DriverSettings& settings, std::string_view key) {
    const auto found = settings.find(key);
    if (found == settings.end()) bug("a setting is not in the table");
    return found->second;
}

// Serial Line V1.02, 2.5.1.1: 3.5 characters of 11 bits; above 19200 baud 1.75 ms.
Duration rtu_silence(const DriverSettings& settings) {
    const auto found = settings.find("baud_rate");
    if (found == settings.end()) return {};
    const auto& digits = found->second.text;
    int64_t baud = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), baud);
    if (baud <= 0) return {};
    if (baud > 19'200) return microseconds(1'750);
    return nanoseconds(38'500'000'000 / baud);
}

Result<std::unique_ptr<Driver>> make(wire::Framing framing, const DriverSettings& settings,
                                     DriverHost& host) {
    AdapterOptions options;
    auto& client = options.client;
    client.framing = framing;
    if (framing == wire::Framing::tcp)
        client.pipeline = static_cast<unsigned>(at(settings, "pipeline").as_integer());
    client.response_timeout = at(settings, "response_timeout").as_duration();
    client.retries = static_cast<unsigned>(at(settings, "retries").as_integer());
    client.down_after = static_cast<unsigned>(at(settings, "down_after").as_integer());
    client.request_delay = at(settings, "request_delay").as_duration();
    if (framing == wire::Framing::rtu)
        client.request_delay = std::max(client.request_delay, rtu_silence(settings));
    const auto small = [&](std::string_view key) {
        return static_cast<uint16_t>(at(settings, key).as_integer());
    };
    options.limits = {.registers = small("max_registers"),
                      .bits = small("max_bits"),
                      .gap_registers = small("gap_registers")};
    options.orders = {.order_16 = order_of(at(settings, "byte_order_16").as_text()),
                      .order_32 = order_of(at(settings, "byte_order_32").as_text()),
                      .order_64 = order_of(at(settings, "byte_order_64").as_text())};
    options.always_multiple = at(settings, "write_multiple").as_text() == "always";
    options.mask_write = at(settings, "mask_write").as_boolean();
    options.bad_address_retry = at(settings, "bad_address_retry").as_duration();
    if (const auto silence = settings.find("reconnect_after_silence"); silence != settings.end()) {
        options.silence_limit = silence->second.as_duration();
        if (options.silence_limit.ns > 0)
            options.silence_limit =
                std::max(options.silence_limit, Duration{client.response_timeout.ns * 4});
    }
    return std::make_unique<Adapter>(options, host);
}

template <wire::Framing framing>
Result<std::unique_ptr<Driver>> make_with(const DriverSettings& settings, DriverHost& host) {
    return make(framing, settings, host);
}

}  // namespace

const DriverInfo tcp_driver = {
    .name = "modbus-tcp",
    .title = "Modbus TCP",
    .help = "PLCs, meters and gateways that speak Modbus over TCP. One link may serve many units.",
    .link = LinkKind::tcp_client,
    .settings = tcp_settings,
    .types = types,
    .addresses = address_notes,
    .check = check_tcp,
    .make = make_with<wire::Framing::tcp>,
};

const DriverInfo rtu_driver = {
    .name = "modbus-rtu",
    .title = "Modbus RTU",
    .help = "Devices on a serial line (RS-485, RS-232) in RTU mode.",
    .link = LinkKind::serial,
    .settings = common_settings,
    .types = types,
    .addresses = address_notes,
    .check = check_line,
    .make = make_with<wire::Framing::rtu>,
};

const DriverInfo rtu_over_tcp_driver = {
    .name = "modbus-rtu-over-tcp",
    .title = "Modbus RTU over TCP",
    .help = "A serial line in RTU mode behind a converter that passes the bytes on as they are.",
    .link = LinkKind::tcp_client,
    .settings = rtu_over_tcp_settings,
    .types = types,
    .addresses = address_notes,
    .check = check_line,
    .make = make_with<wire::Framing::rtu>,
};

const DriverInfo ascii_driver = {
    .name = "modbus-ascii",
    .title = "Modbus ASCII",
    .help = "Devices on a serial line in ASCII mode.",
    .link = LinkKind::serial,
    .settings = ascii_settings,
    .types = types,
    .addresses = address_notes,
    .check = check_line,
    .make = make_with<wire::Framing::ascii>,
};

}  // namespace hw::gateway::modbus
