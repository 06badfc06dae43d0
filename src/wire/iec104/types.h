#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hw::iec104 {

// Type identifications (IEC 60870-5-101, 7.2.1.1; those with CP56Time2a of 8.2.3 and 8.3 in -104).
enum class TypeId : uint8_t {
    m_sp_na = 1,
    m_sp_ta = 2,
    m_dp_na = 3,
    m_dp_ta = 4,
    m_st_na = 5,
    m_st_ta = 6,
    m_bo_na = 7,
    m_bo_ta = 8,
    m_me_na = 9,
    m_me_ta = 10,
    m_me_nb = 11,
    m_me_tb = 12,
    m_me_nc = 13,
    m_me_tc = 14,
    m_it_na = 15,
    m_it_ta = 16,
    m_ep_ta = 17,
    m_ep_tb = 18,
    m_ep_tc = 19,
    m_ps_na = 20,
    m_me_nd = 21,
    m_sp_tb = 30,
    m_dp_tb = 31,
    m_st_tb = 32,
    m_bo_tb = 33,
    m_me_td = 34,
    m_me_te = 35,
    m_me_tf = 36,
    m_it_tb = 37,
    m_ep_td = 38,
    m_ep_te = 39,
    m_ep_tf = 40,
    c_sc_na = 45,
    c_dc_na = 46,
    c_rc_na = 47,
    c_se_na = 48,
    c_se_nb = 49,
    c_se_nc = 50,
    c_bo_na = 51,
    c_sc_ta = 58,
    c_dc_ta = 59,
    c_rc_ta = 60,
    c_se_ta = 61,
    c_se_tb = 62,
    c_se_tc = 63,
    c_bo_ta = 64,
    m_ei_na = 70,
    c_ic_na = 100,
    c_ci_na = 101,
    c_rd_na = 102,
    c_cs_na = 103,
    c_ts_na = 104,
    c_rp_na = 105,
    c_ts_ta = 107,
};

// Causes of transmission (IEC 60870-5-101, 7.2.3). 21 to 36 answer an interrogation of group 1 to
// 16, 38 to 41 one of the counters' group 1 to 4; they have no names here.
enum class Cause : uint8_t {
    periodic = 1,
    background = 2,
    spontaneous = 3,
    initialized = 4,
    request = 5,
    activation = 6,
    activation_confirmation = 7,
    deactivation = 8,
    deactivation_confirmation = 9,
    activation_termination = 10,
    return_remote = 11,
    return_local = 12,
    file_transfer = 13,
    interrogated_by_station = 20,
    counters_requested = 37,
    unknown_type = 44,
    unknown_cause = 45,
    unknown_common_address = 46,
    unknown_object_address = 47,
};

// What an information object is made of.
enum class Form : uint8_t {
    single,
    double_point,
    step,
    bits,
    normalized,
    normalized_bare,  // without a quality descriptor
    scaled,
    short_float,
    counter,
    packed_singles,
    protection_event,
    protection_start,
    protection_output,
    end_of_initialization,
    single_command,
    double_command,
    step_command,
    normalized_command,
    scaled_command,
    short_command,
    bits_command,
    qualifier,     // interrogation, counter interrogation, reset of process
    nothing,       // read
    clock,         // a CP56Time2a alone
    test_pattern,  // the fixed test bit pattern, or the counter of C_TS_TA_1
};

enum class TimeForm : uint8_t { none, cp24, cp56 };

struct TypeFacts {
    TypeId type;
    std::string_view name;  // "M_SP_NA_1"
    Form form;
    TimeForm time;
    uint8_t bytes;  // of one element with its time tag, without the object address
};

// Null: a type we do not know.
const TypeFacts* find_type(TypeId type);
// "M_SP_NA_1"; "type 200" for those we do not know.
std::string name_of(TypeId type);
// 1 to 44: process and system information of the monitored side.
constexpr bool is_monitored(TypeId type) {
    return static_cast<uint8_t>(type) < 45 || type == TypeId::m_ei_na;
}
// The same information with CP56Time2a (58 for 45, 30 for 1); the type itself where there is none.
TypeId with_time(TypeId type);

// "spontaneous", "interrogated by group 3", "unknown information object address", "cause 50"
std::string name_of(Cause cause);

// The quality descriptor, QDS and QDP (IEC 60870-5-101, 7.2.6.3 and 7.2.6.4).
struct Quality {
    bool invalid = false;          // IV
    bool not_topical = false;      // NT
    bool substituted = false;      // SB
    bool blocked = false;          // BL
    bool overflow = false;         // OV
    bool elapsed_invalid = false;  // EI, of protection equipment

    friend bool operator==(const Quality&, const Quality&) = default;
};

struct Single {
    bool on = false;
    friend bool operator==(const Single&, const Single&) = default;
};
// 0 intermediate, 1 off, 2 on, 3 indeterminate
struct DoublePoint {
    uint8_t state = 0;
    friend bool operator==(const DoublePoint&, const DoublePoint&) = default;
};
struct Step {
    int8_t value = 0;        // -64 to 63
    bool transient = false;  // the equipment is moving
    friend bool operator==(const Step&, const Step&) = default;
};
struct Bits {
    uint32_t bits = 0;
    friend bool operator==(const Bits&, const Bits&) = default;
};
// raw / 32768: -1 to 1 - 2^-15
struct Normalized {
    int16_t raw = 0;
    friend bool operator==(const Normalized&, const Normalized&) = default;
};
struct Scaled {
    int16_t value = 0;
    friend bool operator==(const Scaled&, const Scaled&) = default;
};
struct Short {
    float value = 0;
    friend bool operator==(const Short&, const Short&) = default;
};
struct Counter {
    int32_t value = 0;
    uint8_t sequence = 0;   // 0 to 31
    bool carry = false;     // CY: overflowed since the last reading
    bool adjusted = false;  // CA: set since the last reading
    friend bool operator==(const Counter&, const Counter&) = default;
};
// 16 states, and which of them changed since they were last reported
struct PackedSingles {
    uint16_t states = 0;
    uint16_t changed = 0;
    friend bool operator==(const PackedSingles&, const PackedSingles&) = default;
};
// SEP, SPE or OCI by the form; the second is the elapsed, relay or operating time.
struct Protection {
    uint8_t events = 0;
    uint16_t elapsed_ms = 0;
    friend bool operator==(const Protection&, const Protection&) = default;
};
struct EndOfInitialization {
    uint8_t cause = 0;  // 0 power on, 1 manual reset, 2 remote reset
    bool parameters_changed = false;
    friend bool operator==(const EndOfInitialization&, const EndOfInitialization&) = default;
};
// Single, double and step commands: the state is 0/1, 1/2 (off, on) or 1/2 (lower, higher).
struct Switching {
    uint8_t state = 0;
    uint8_t qualifier = 0;  // QU: 0 none, 1 short pulse, 2 long pulse, 3 persistent; up to 31
    bool select = false;    // S/E
    friend bool operator==(const Switching&, const Switching&) = default;
};
// The value of a set point lies in the alternative; the qualifier QL is 0 to 127.
struct SetPoint {
    std::variant<Normalized, Scaled, Short> value;
    uint8_t qualifier = 0;
    bool select = false;
    friend bool operator==(const SetPoint&, const SetPoint&) = default;
};
struct Qualifier {
    uint8_t value = 0;  // QOI: 20 station, 21 to 36 groups; QCC: 5 all counters; QRP: 1 reset
    friend bool operator==(const Qualifier&, const Qualifier&) = default;
};
struct TestPattern {
    uint16_t value = 0x55aa;
    friend bool operator==(const TestPattern&, const TestPattern&) = default;
};

// monostate: read and clock synchronisation, which carry nothing but an address or a time.
using Element = std::variant<std::monostate, Single, DoublePoint, Step, Bits, Normalized, Scaled,
                             Short, Counter, PackedSingles, Protection, EndOfInitialization,
                             Switching, SetPoint, Qualifier, TestPattern>;

inline constexpr uint8_t station_interrogation = 20;
inline constexpr uint8_t all_counters = 5;
inline constexpr uint32_t object_address_most = 0xffffff;
inline constexpr uint16_t global_address = 0xffff;  // every station on the link

}  // namespace hw::iec104
