#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hw::model {

// How far a value can be trusted: the upper 16 bits of an OPC UA StatusCode (OPC 10000-4, 7.39 and
// 10000-8, A.4.3): two bits of severity (00 good, 01 uncertain, 10 bad) and the reason.
enum class Quality : uint16_t {
    good = 0x0000,
    good_local_override = 0x0096,
    uncertain = 0x4000,
    uncertain_last_usable = 0x4090,
    uncertain_substitute = 0x4091,
    uncertain_sensor_not_accurate = 0x4093,
    uncertain_engineering_units_exceeded = 0x4094,
    uncertain_sub_normal = 0x4095,
    bad = 0x8000,
    bad_communication = 0x8005,
    bad_timeout = 0x800a,
    bad_waiting_for_initial_data = 0x8032,
    bad_not_connected = 0x808a,
    bad_device_failure = 0x808b,
    bad_sensor_failure = 0x808c,
    bad_out_of_service = 0x808d,
    bad_configuration = 0x8089,
    bad_out_of_range = 0x803c,
};

enum class QualityFamily : uint8_t { good, uncertain, bad };

constexpr QualityFamily family(Quality quality) {
    const auto severity = static_cast<uint16_t>(quality) >> 14;
    return severity == 0   ? QualityFamily::good
           : severity == 1 ? QualityFamily::uncertain
                           : QualityFamily::bad;
}

// "good", "uncertain.sensor_not_accurate", "bad.communication"; a reason we have no name for reads
// "bad.0x8123". Static text for the named ones, never empty.
std::string_view to_string(Quality quality);
// Reads the texts above in any case, "uncertain"/"bad" alone, 0/192-style OPC DA numbers (192..
// good, 64.. uncertain, below bad) and whole OPC UA status codes (32 bits). Nothing else.
std::optional<Quality> parse_quality(std::string_view text);
Quality quality_from_opc_da(uint8_t code);
Quality quality_from_status_code(uint32_t code);

}  // namespace hw::model
