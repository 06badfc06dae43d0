#include "sim/serve/outlet.h"

#include <gtest/gtest.h>

namespace hw::sim {
namespace {

constexpr Time start{1'000'000'000};

// Says everything twice.
class Parrot final : public Session {
  public:
    Result<void> received(BytesView bytes, std::string& out) override {
        if (as_text(bytes) == "bye") {
            out += "farewell";
            return fail(ErrorCode::cancelled, "bye");
        }
        out.append(as_text(bytes)).append(as_text(bytes));
        return {};
    }
    Result<void> round(std::string& out) override {
        out += "round";
        return {};
    }
};

class OutletTest : public testing::Test {
  protected:
    Faults faults_;
    Parrot parrot_;
    Outlet outlet_{faults_, "modbus", parrot_};
};

TEST_F(OutletTest, passes_on_what_is_said) {
    ASSERT_TRUE(outlet_.received(as_bytes("a"), start));
    ASSERT_TRUE(outlet_.round(start));
    EXPECT_EQ(outlet_.take(start), "aaround");
    EXPECT_EQ(outlet_.due(), std::nullopt);
    EXPECT_FALSE(outlet_.received(as_bytes("bye"), start));
    EXPECT_EQ(outlet_.take(start), "farewell");
}

TEST_F(OutletTest, a_silent_device_says_nothing) {
    ASSERT_TRUE(faults_.turn_on(FaultKind::silent_device, "modbus", std::nullopt, start));
    ASSERT_TRUE(outlet_.received(as_bytes("a"), start));
    ASSERT_TRUE(outlet_.round(start));
    EXPECT_EQ(outlet_.take(start), "");
    ASSERT_TRUE(faults_.turn_off(FaultKind::silent_device, "modbus"));
    ASSERT_TRUE(outlet_.received(as_bytes("b"), start));
    EXPECT_EQ(outlet_.take(start), "bb");
}

TEST_F(OutletTest, another_devices_fault_is_not_its_own) {
    ASSERT_TRUE(faults_.turn_on(FaultKind::silent_device, "modbus-rtu", std::nullopt, start));
    ASSERT_TRUE(outlet_.received(as_bytes("a"), start));
    EXPECT_EQ(outlet_.take(start), "aa");
}

TEST_F(OutletTest, a_slow_network_delays_and_keeps_the_order) {
    ASSERT_TRUE(faults_.turn_on(FaultKind::slow_network, "modbus", 1500, start));
    ASSERT_TRUE(outlet_.received(as_bytes("a"), start));
    EXPECT_EQ(outlet_.take(start), "");
    EXPECT_EQ(outlet_.due(), start + milliseconds(1500));
    ASSERT_TRUE(faults_.turn_off(FaultKind::slow_network, "modbus"));
    ASSERT_TRUE(outlet_.received(as_bytes("b"), start + milliseconds(1000)));
    EXPECT_EQ(outlet_.take(start + milliseconds(1499)), "");
    EXPECT_EQ(outlet_.take(start + milliseconds(1500)), "aabb");
}

TEST_F(OutletTest, what_waits_has_a_limit) {
    ASSERT_TRUE(faults_.turn_on(FaultKind::slow_network, "modbus", std::nullopt, start));
    const std::string much(Outlet::delayed_limit / 4, 'x');
    EXPECT_TRUE(outlet_.received(as_bytes(much), start));
    EXPECT_TRUE(outlet_.received(as_bytes(much), start));
    EXPECT_FALSE(outlet_.received(as_bytes(much), start));
}

}  // namespace
}  // namespace hw::sim
