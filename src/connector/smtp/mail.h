#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::connector::smtp {

struct Mail {
    std::string from;
    std::vector<std::string> to;
    std::string subject;
    std::string body;
    std::string content_type = "text/plain";
    std::string message_id;  // without angle brackets; the same for the same row
    Time date;
};

// The mail as RFC 5322 and MIME write it, ASCII, CRLF: a subject or body of other characters is
// encoded (RFC 2047, base64). Errors: invalid_argument, an address with a line's end, a blank or
// brackets in it, or none at all.
Result<std::string> mail_text(const Mail& mail);

// "Plant <plant@example.org>" or the address alone: the address.
std::string_view address_of(std::string_view mailbox);
// "a@x, b@y" as a list.
std::vector<std::string> split_addresses(std::string_view text);

}  // namespace hw::connector::smtp
