#include "wire/s7/codes.h"

#include <fmt/format.h>

namespace hw::s7 {

std::string return_code_text(uint8_t code) {
    const std::string_view text = [code] -> std::string_view {
        switch (static_cast<ReturnCode>(code)) {
            case ReturnCode::reserved:
                return "no answer for this item";
            case ReturnCode::hardware_error:
                return "hardware error";
            case ReturnCode::access_denied:
                return "access denied: permit PUT/GET access and full access in the CPU's "
                       "protection";
            case ReturnCode::address_out_of_range:
                return "address out of range: the area or data block ends before it, or the data "
                       "block has optimised access";
            case ReturnCode::type_not_supported:
                return "data type not supported";
            case ReturnCode::type_inconsistent:
                return "data type or its length inconsistent";
            case ReturnCode::object_does_not_exist:
                return "object does not exist: no such data block or area in the CPU";
            case ReturnCode::success:
                return "success";
        }
        return "unknown return code";
    }();
    return fmt::format("{} (0x{:02x})", text, code);
}

std::string_view error_class_text(uint8_t error_class) {
    switch (error_class) {
        case 0x00:
            return "no error";
        case 0x81:
            return "application relationship error";
        case 0x82:
            return "object definition error";
        case 0x83:
            return "no resources available";
        case 0x84:
            return "error on service processing";
        case 0x85:
            return "error on supplies";
        case 0x87:
            return "access error";
        case 0xd2:
            return "block error";
        case 0xd4:
            return "system status list error";
        case 0xd6:
            return "password error";
        case 0xdc:
            return "clock error";
        default:
            return "unknown error class";
    }
}

std::string header_error_text(uint8_t error_class, uint8_t error_code) {
    const unsigned pair = static_cast<unsigned>(error_class) << 8 | error_code;
    const std::string_view text = [error_class, pair] -> std::string_view {
        switch (pair) {
            case 0x0110:
                return "invalid block type number";
            case 0x0112:
                return "invalid parameter";
            case 0x011a:
                return "PG resource error";
            case 0x011b:
                return "PLC resource error";
            case 0x011c:
                return "protocol error";
            case 0x011f:
                return "user buffer too short";
            case 0x0141:
                return "request error";
            case 0x01c0:
                return "version mismatch";
            case 0x01f0:
                return "not implemented";
            case 0x8001:
                return "not possible in the CPU's present state";
            case 0x8104:
                return "the function is not available, or PUT/GET access is not permitted";
            case 0x8301:
                return "no more resources: too many jobs in parallel";
            case 0x8302:
                return "configuration error";
            case 0x8304:
                return "busy or no resources available";
            case 0x8305:
                return "no resources: the CPU cannot take the job now";
            case 0x8401:
                return "the service is not permitted in the CPU's present state";
            case 0x8402:
                return "the object or service is not accessible";
            case 0x8404:
                return "the service is under way or not possible";
            case 0x8500:
                return "the request is longer than the negotiated PDU";
            case 0x8702:
                return "address error: the address is invalid or does not exist";
            case 0xd241:
                return "the block is protected";
            case 0xd402:
                return "the requested information is not available";
            case 0xd602:
                return "the password is wrong";
            default:
                return error_class_text(error_class);
        }
    }();
    return fmt::format("{} (0x{:04x})", text, pair);
}

}  // namespace hw::s7
