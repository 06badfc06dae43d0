#include "base/error.h"

#include "base/assert.h"

namespace hw {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::limit_exceeded:
            return "limit_exceeded";
        case ErrorCode::permission_denied:
            return "permission_denied";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::io_failed:
            return "io_failed";
        case ErrorCode::no_space:
            return "no_space";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::timed_out:
            return "timed_out";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::cancelled:
            return "cancelled";
    }
    HW_UNREACHABLE();
}

Error Error::within(std::string_view context) const {
    std::string text;
    text.reserve(context.size() + 2 + text_.size());
    text.append(context).append(": ").append(text_);
    return Error(code_, std::move(text));
}

}  // namespace hw
