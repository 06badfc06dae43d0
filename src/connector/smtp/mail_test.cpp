#include "connector/smtp/mail.h"

#include <gtest/gtest.h>

namespace hw::connector::smtp {
namespace {

Mail sample() {
    return {"Plant <plant@example.org>",
            {"a@example.org"},
            "Level",
            "low\n",
            "text/plain",
            "r.1@headworks",
            Time{784'111'777'000'000'000}};
}

TEST(Mail, writes_headers_and_body) {
    EXPECT_EQ(mail_text(sample()).value(),
              "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\nFrom: Plant <plant@example.org>\r\n"
              "To: a@example.org\r\nSubject: Level\r\nMessage-ID: <r.1@headworks>\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 7bit\r\n\r\nlow\r\n");
}

TEST(Mail, encodes_what_is_not_ascii) {
    Mail mail = sample();
    mail.subject = "Füllstand";
    mail.body = "niedrig: ü";
    const std::string text = mail_text(mail).value();
    EXPECT_NE(text.find("Subject: =?UTF-8?B?RsO8bGxzdGFuZA==?="), std::string::npos) << text;
    EXPECT_NE(text.find("Content-Transfer-Encoding: base64\r\n\r\nbmllZHJpZzogw7wNCg==\r\n"),
              std::string::npos);
    for (int i = 0; i < 200; ++i)
        mail.subject += "ü";
    const std::string long_text = mail_text(mail).value();
    for (const char c : long_text)
        EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(Mail, long_lines_are_encoded_too) {
    Mail mail = sample();
    mail.body = std::string(2000, 'x');
    EXPECT_NE(mail_text(mail).value().find("base64"), std::string::npos);
}

TEST(Mail, no_header_can_be_smuggled_in) {
    Mail mail = sample();
    mail.subject = "x\r\nBcc: b@example.org";
    EXPECT_EQ(mail_text(mail).value().find("\r\nBcc:"), std::string::npos);
    for (const char* address :
         {"a@x\r\nBcc: b@y", "a b@x", "a@x>,<b@y", "nobody", "", "Ü <ü@x>", "N\r\n <a@x>"}) {
        mail.to = {address};
        EXPECT_FALSE(mail_text(mail)) << address;
    }
    mail.to.clear();
    EXPECT_EQ(mail_text(mail).error().text(), "the mail has no receiver");
}

TEST(Mail, splits_addresses) {
    EXPECT_EQ(split_addresses(" a@x ,B <b@y>,, "), (std::vector<std::string>{"a@x", "B <b@y>"}));
    EXPECT_EQ(address_of("B <b@y>"), "b@y");
    EXPECT_EQ(address_of("b@y"), "b@y");
}

}  // namespace
}  // namespace hw::connector::smtp
