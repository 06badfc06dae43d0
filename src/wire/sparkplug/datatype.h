#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace hw::sparkplug {

// Sparkplug 3.0, 6.4.16. The numbers are on the wire.
enum class DataType : uint32_t {
    unknown = 0,
    int8 = 1,
    int16 = 2,
    int32 = 3,
    int64 = 4,
    uint8 = 5,
    uint16 = 6,
    uint32 = 7,
    uint64 = 8,
    float32 = 9,
    float64 = 10,
    boolean = 11,
    string = 12,
    date_time = 13,  // ms since 1970, UTC
    text = 14,
    uuid = 15,
    data_set = 16,
    bytes = 17,
    file = 18,
    template_type = 19,
    property_set = 20,       // of a property only
    property_set_list = 21,  // of a property only
    int8_array = 22,
    int16_array = 23,
    int32_array = 24,
    int64_array = 25,
    uint8_array = 26,
    uint16_array = 27,
    uint32_array = 28,
    uint64_array = 29,
    float_array = 30,
    double_array = 31,
    boolean_array = 32,
    string_array = 33,
    date_time_array = 34,
};
inline constexpr uint32_t data_type_count = 35;

// The specification's names: "Int8", "DataSet", "BooleanArray".
std::string_view to_string(DataType type);
// In any case. The error lists what there is.
Result<DataType> parse_data_type(std::string_view text);
// Numbers the specification does not know become unknown.
constexpr DataType data_type_from(uint32_t number) {
    return number < data_type_count ? static_cast<DataType>(number) : DataType::unknown;
}

constexpr bool is_signed_integer(DataType type) {
    return type >= DataType::int8 && type <= DataType::int64;
}
constexpr bool is_unsigned_integer(DataType type) {
    return type >= DataType::uint8 && type <= DataType::uint64;
}
constexpr bool is_array(DataType type) {
    return type >= DataType::int8_array && type <= DataType::date_time_array;
}
// Of a whole number; 0 for the others.
constexpr unsigned bits_of(DataType type) {
    if (is_signed_integer(type)) return 8u << (static_cast<uint32_t>(type) - 1);
    if (is_unsigned_integer(type)) return 8u << (static_cast<uint32_t>(type) - 5);
    return type == DataType::date_time ? 64 : 0;
}
// The type of an array's elements; unknown for what is none.
DataType element_of(DataType array);

}  // namespace hw::sparkplug
