#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hw::s7 {

// What the CPU answers for one item of a read or write.
enum class ReturnCode : uint8_t {
    reserved = 0x00,
    hardware_error = 0x01,
    access_denied = 0x03,
    address_out_of_range = 0x05,
    type_not_supported = 0x06,
    type_inconsistent = 0x07,
    object_does_not_exist = 0x0a,
    success = 0xff,
};

// "address out of range (0x05): the area or data block ends before it". With what to look at.
std::string return_code_text(uint8_t code);
// The pair of an answer's header: "no resources available (0x8304)" and so on; pairs without a
// name get their class's.
std::string header_error_text(uint8_t error_class, uint8_t error_code);
std::string_view error_class_text(uint8_t error_class);

}  // namespace hw::s7
