#include "app/network.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

bool contains(std::string_view network, std::string_view address) {
    return Network::read(network)->contains(*Network::read(address));
}

TEST(Network, knows_its_addresses) {
    EXPECT_TRUE(contains("10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(contains("10.1.2.3", "::ffff:10.1.2.3"));
    EXPECT_FALSE(contains("10.1.2.3", "10.1.2.4"));
    EXPECT_TRUE(contains("10.1.0.0/16", "10.1.255.1"));
    EXPECT_FALSE(contains("10.1.0.0/16", "10.2.0.1"));
    EXPECT_TRUE(contains("10.1.128.0/17", "10.1.200.1"));
    EXPECT_FALSE(contains("10.1.128.0/17", "10.1.100.1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
    EXPECT_FALSE(contains("0.0.0.0/0", "fd00::1"));
    EXPECT_TRUE(contains("::/0", "1.2.3.4"));
    EXPECT_TRUE(contains("fd00::/8", "fdff::1"));
    EXPECT_FALSE(contains("fd00::/8", "fe00::1"));
    // A network is not within a narrower one.
    EXPECT_FALSE(contains("10.1.0.0/16", "10.0.0.0/8"));
}

TEST(Network, has_one_text) {
    EXPECT_EQ(Network::read("10.1.2.3/16")->text(), "10.1.0.0/16");
    EXPECT_EQ(Network::read("::ffff:10.1.2.3")->text(), "10.1.2.3");
    EXPECT_EQ(Network::read("FD00:0::1")->text(), "fd00::1");
    EXPECT_EQ(Network::read("::/0")->text(), "::/0");
}

TEST(Network, refuses_what_is_none) {
    for (const char* text : {"", "10.1.2", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/", "a.b",
                             "fd00::/129", "10.1.2.3/1x", "10.1.2.3 "})
        EXPECT_FALSE(Network::read(text)) << text;
}

TEST(Network, takes_the_port_off) {
    EXPECT_EQ(address_of("127.0.0.1:50211"), "127.0.0.1");
    EXPECT_EQ(address_of("[::1]:50211"), "::1");
    EXPECT_EQ(address_of("::1:50211"), "::1");
}

}  // namespace
}  // namespace hw::app
