#include "upstream/mqtt_link.h"

#include <gtest/gtest.h>

namespace hw::upstream {
namespace {

TEST(BrokerAddress, forms) {
    const auto check = [](std::string_view text, std::string_view host, uint16_t port) {
        const auto address = parse_broker(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->host, host);
        EXPECT_EQ(address->port, port);
    };
    check("mqtt://h", "h", 1883);
    check("mqtt://h:1", "h", 1);
    check("h:99/", "h", 99);
    check("mqtt://[::1]:1884", "::1", 1884);
    check("[::1]", "::1", 1883);
    for (const auto* bad : {"", "http://h", "h:0", "h:70000", "h:x", "u:p@h", "[::1", "a/b"})
        EXPECT_FALSE(parse_broker(bad)) << bad;
}

}  // namespace
}  // namespace hw::upstream
