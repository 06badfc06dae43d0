#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hw {

// What kind of failure it is. Callers decide by the code; people read the text.
// The HTTP status and the command line's exit code follow from the code (api, app).
enum class ErrorCode {
    invalid_argument,  // the input is wrong and will stay wrong
    not_found,
    conflict,           // exists already, or changed meanwhile
    limit_exceeded,     // a configured limit; the text names it
    permission_denied,  // known caller, not allowed
    corrupt,            // stored or received bytes fail their checks
    io_failed,          // disk or network said no
    no_space,           // the disk is full
    unavailable,        // not ready now; trying again may help
    timed_out,
    unsupported,
    cancelled,
};

std::string_view to_string(ErrorCode code);

// A failure of the world, as a value. The text names the value, the limit and the remedy, in one
// sentence without a trailing full stop. Cheap to move; 40 bytes.
class [[nodiscard]] Error {
  public:
    Error(ErrorCode code, std::string text) : code_(code), text_(std::move(text)) {}

    ErrorCode code() const { return code_; }
    const std::string& text() const { return text_; }

    // The same failure seen from one level higher: "<context>: <text>".
    Error within(std::string_view context) const;

    friend bool operator==(const Error&, const Error&) = default;

  private:
    ErrorCode code_;
    std::string text_;
};

// The value or the error: std::expected, made impossible to ignore.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using std::expected<T, Error>::expected;
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
  public:
    using std::expected<void, Error>::expected;
};

// `return fail(ErrorCode::not_found, "...")` from a function that returns any Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string text) {
    return std::unexpected<Error>(Error(code, std::move(text)));
}
inline std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace hw

// The value of a Result, or return its error from the enclosing function. Not for coroutines.
#define HW_TRY(expression)                                                           \
    __extension__({                                                                  \
        auto&& hw_try_result = (expression);                                         \
        if (!hw_try_result.has_value()) [[unlikely]]                                 \
            return ::std::unexpected<::hw::Error>(std::move(hw_try_result).error()); \
        std::move(hw_try_result).value();                                            \
    })
