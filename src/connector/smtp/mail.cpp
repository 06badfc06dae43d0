#include "connector/smtp/mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"

namespace hw::connector::smtp {

namespace {

constexpr size_t line_limit = 900;  // of 998 that SMTP allows

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x7f; });
}

// One line: control characters, which could begin another header, become spaces.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return line;
}

// RFC 2047, in words of at most 75 characters that do not cut a character.
std::string header_text(std::string_view text) {
    const std::string line = one_line(text);
    if (is_plain(line) && line.size() < 200) return line;
    std::string out;
    for (size_t at = 0; at < line.size();) {
        size_t end = std::min(at + 42, line.size());
        while (end < line.size() && end > at + 1 &&
               (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80)
            --end;
        if (!out.empty()) out += "\r\n ";
        out += fmt::format("=?UTF-8?B?{}?=", base64(std::string_view(line).substr(at, end - at)));
        at = end;
    }
    return out;
}

Result<void> check(std::string_view mailbox) {
    const std::string_view address = address_of(mailbox);
    const bool bad = address.find_first_of(" \t\r\n<>,;\"") != std::string_view::npos ||
                     mailbox.find_first_of("\r\n") != std::string_view::npos;
    if (address.find('@') == std::string_view::npos || bad || !is_plain(address))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not a mail address", one_line(mailbox)));
    return {};
}

std::string mailbox_text(std::string_view mailbox) {
    const std::string_view address = address_of(mailbox);
    const size_t bracket = mailbox.find('<');
    if (bracket == std::string_view::npos) return std::string(address);
    std::string_view name = mailbox.substr(0, bracket);
    while (name.ends_with(' '))
        name.remove_suffix(1);
    return fmt::format("{} <{}>", header_text(name), address);
}

// Lines of CRLF; base64 where they are not plain or too long.
std::string body_text(std::string_view body, std::string& encoding) {
    std::string lines;
    size_t longest = 0;
    size_t begin = 0;
    for (const char c : body) {
        if (c == '\r') continue;
        if (c == '\n') {
            longest = std::max(longest, lines.size() - begin);
            lines += "\r\n";
            begin = lines.size();
        } else {
            lines += c;
        }
    }
    longest = std::max(longest, lines.size() - begin);
    if (!lines.ends_with("\r\n")) lines += "\r\n";
    encoding = "7bit";
    if (is_plain(lines) && longest <= line_limit) return lines;
    encoding = "base64";
    const std::string packed = base64(lines);
    std::string out;
    for (size_t at = 0; at < packed.size(); at += 76)
        out += packed.substr(at, 76) + "\r\n";
    return out;
}

}  // namespace

std::string_view address_of(std::string_view mailbox) {
    const size_t open = mailbox.rfind('<');
    const size_t close = mailbox.rfind('>');
    if (open != std::string_view::npos && close != std::string_view::npos && open < close)
        return mailbox.substr(open + 1, close - open - 1);
    return mailbox;
}

std::vector<std::string> split_addresses(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const size_t end = std::min(text.find(','), text.size());
        std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (one.starts_with(' '))
            one.remove_prefix(1);
        while (one.ends_with(' '))
            one.remove_suffix(1);
        if (!one.empty()) found.emplace_back(one);
    }
    return found;
}

Result<std::string> mail_text(const Mail& mail) {
    HW_TRY(check(mail.from));
    if (mail.to.empty()) return fail(ErrorCode::invalid_argument, "the mail has no receiver");
    std::string to;
    for (const std::string& one : mail.to) {
        HW_TRY(check(one));
        to += (to.empty() ? "" : ",\r\n ") + mailbox_text(one);
    }
    // "Sun, 06 Nov 1994 08:49:37 GMT"; mail wants the zone as a number.
    std::string date = format_http_date(mail.date);
    date.replace(date.size() - 3, 3, "+0000");
    std::string encoding;
    const std::string body = body_text(mail.body, encoding);
    return fmt::format(
        "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\nMIME-Version: "
        "1.0\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n{}",
        date, mailbox_text(mail.from), to, header_text(mail.subject), one_line(mail.message_id),
        one_line(mail.content_type), encoding, body);
}

}  // namespace hw::connector::smtp
