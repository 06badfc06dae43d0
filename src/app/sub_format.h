#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "wire/mqtt/packets.h"

namespace hw::app {

// The output format of mosquitto_sub's -F: %t %p %q %r %l %m %x %X %I %U %j %J and the properties
// %A %C %D %E %F %P %R %S, with flags 0 and -, width and .maximum; @ and a letter of strftime (@N:
// nanoseconds); \0 \a \e \n \r \t \v and \\. Times are UTC.
class SubFormat {
  public:
    // Errors name the place that is no format.
    static Result<SubFormat> parse(std::string_view text);

    // False where %J met a payload that is not JSON; nothing is appended for that item then.
    bool append(const mqtt::Publish& message, Time received, std::string& out) const;

  private:
    enum class Kind : uint8_t { literal, parameter, strftime };
    struct Item {
        Kind kind = Kind::literal;
        char letter = 0;
        bool zeros = false;
        bool to_the_left = false;
        size_t width = 0;
        size_t most = std::string::npos;
        std::string text;  // of a literal
    };

    static Result<void> parse_parameter(std::string_view text, size_t& at, Item& item);
    void literal(char c);

    std::vector<Item> items_;
};

// {"tst":...,"topic":...,"qos":...,"retain":...,"payloadlen":...,"payload":...}; the payload as a
// JSON string, or (raw) as the JSON it is. False, and nothing appended, if raw and it is not.
bool append_message_json(const mqtt::Publish& message, Time received, bool raw, std::string& out);

}  // namespace hw::app
