#include "io/address_counts.h"

#include <gtest/gtest.h>

namespace hw::io {
namespace {

TEST(AddressCounts, EachAddressHasItsOwn) {
    const auto counts = std::make_shared<AddressCounts>(2, std::vector<std::string>{"10.9.9.9"});
    auto first = counts->take("10.0.0.1:1000");
    const auto second = counts->take("[::ffff:10.0.0.1]:1001");
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(counts->take("10.0.0.1:1002"));
    const auto other = counts->take("10.0.0.2:1000");
    EXPECT_TRUE(other);
    first.reset();
    const auto again = counts->take("10.0.0.1:1003");
    EXPECT_TRUE(again);
    EXPECT_FALSE(counts->take("10.0.0.1:1004"));
}

TEST(AddressCounts, ANetworkOfIpv6IsOne) {
    const auto counts = std::make_shared<AddressCounts>(1, std::vector<std::string>{});
    const auto one = counts->take("[2001:db8:0:1::1]:1000");
    EXPECT_TRUE(one);
    EXPECT_FALSE(counts->take("[2001:db8:0:1::2]:1000"));
    EXPECT_TRUE(counts->take("[2001:db8:0:2::1]:1000"));
}

TEST(AddressCounts, ThisMachineAndProxiesHaveNoLimit) {
    const auto counts = std::make_shared<AddressCounts>(
        1, std::vector<std::string>{"10.9.9.9", "fd00::9", "localhost"});
    for (const auto* peer :
         {"127.0.0.1:1", "127.0.0.2:1", "[::1]:1", "10.9.9.9:1", "[fd00::9]:1"}) {
        const auto one = counts->take(peer);
        const auto two = counts->take(peer);
        EXPECT_TRUE(one && two) << peer;
    }
    const auto one = counts->take("[fd00::8]:1");
    EXPECT_TRUE(one);
    EXPECT_FALSE(counts->take("[fd00::8]:2"));
}

}  // namespace
}  // namespace hw::io
