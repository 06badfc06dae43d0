#include "sim/serve/registers.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "sim/serve/test_works.h"

namespace hw::sim {
namespace {

float real_at(const std::string& image, size_t at) {
    ByteReader in(as_bytes(image).subspan(at));
    return std::bit_cast<float>(in.big<uint32_t>());
}

std::string as_real(float value) {
    std::string bytes;
    ByteWriter(bytes).big(std::bit_cast<uint32_t>(value));
    return bytes;
}

class MemoryTest : public testing::Test {
  protected:
    MemoryTest() {
        memory_.add({.variable = works_.find("plant1/filtration/filter1/state"),
                     .byte = 0,
                     .type = CellType::text});
        memory_.add({.variable = works_.find("plant1/intake/header/flow_setpoint"),
                     .byte = 16,
                     .type = CellType::real});
        memory_.add({.variable = works_.find("plant1/intake/header/valve_setpoint"),
                     .byte = 20,
                     .type = CellType::real});
        memory_.add({.variable = works_.find("plant1/intake/river/turbidity"),
                     .byte = 28,
                     .type = CellType::real});
        memory_.add({.variable = works_.find("plant1/intake/header/volume"),
                     .byte = 32,
                     .type = CellType::whole});
        memory_.add({.variable = works_.find("plant1/intake/pump1/auto"),
                     .byte = 36,
                     .bit = 0,
                     .type = CellType::bit});
        memory_.add({.variable = works_.find("plant1/intake/pump1/running"),
                     .byte = 36,
                     .bit = 3,
                     .type = CellType::bit});
    }

    TestWorks works_;
    Memory memory_{works_.variables};
};

TEST_F(MemoryTest, shows_each_kind_and_zeros_between) {
    ASSERT_EQ(memory_.size(), 37U);
    const auto image = memory_.read(0, memory_.size());
    EXPECT_EQ(image.substr(0, 10), std::string("filtering\0", 10));
    EXPECT_FLOAT_EQ(real_at(image, 16), 230);
    EXPECT_FLOAT_EQ(real_at(image, 20), 100);
    EXPECT_EQ(image.substr(24, 4), std::string(4, '\0'));
    EXPECT_GT(real_at(image, 28), 1);
    ByteReader in(as_bytes(image).subspan(32));
    EXPECT_EQ(in.big<uint32_t>(), works_.number("plant1/intake/header/volume"));
    EXPECT_EQ(image[36], 0b1001);
    EXPECT_TRUE(memory_.read_bit(36, 3));
    EXPECT_FALSE(memory_.read_bit(36, 1));
}

TEST_F(MemoryTest, a_part_of_a_value_is_the_part_of_its_bytes) {
    const auto whole = memory_.read(0, memory_.size());
    for (size_t first = 0; first < memory_.size(); ++first)
        for (size_t count = 1; first + count <= memory_.size(); ++count)
            ASSERT_EQ(memory_.read(first, count), whole.substr(first, count));
}

TEST_F(MemoryTest, a_bad_reading_is_not_a_number) {
    auto& faults = works_.telemetry.works().faults();
    ASSERT_TRUE(faults.turn_on(FaultKind::sensor_failure, "river/turbidity", std::nullopt, {}));
    works_.run(1);
    EXPECT_TRUE(std::isnan(real_at(memory_.read(28, 4), 0)));
}

TEST_F(MemoryTest, takes_whole_set_points) {
    EXPECT_EQ(memory_.write(16, as_bytes(as_real(180) + as_real(40))), WriteOutcome::done);
    EXPECT_NEAR(works_.number("plant1/intake/header/flow_setpoint"), 180, 1e-4);
    EXPECT_NEAR(works_.number("plant1/intake/header/valve_setpoint"), 40, 1e-4);
    EXPECT_EQ(memory_.write_bit(36, 0, false), WriteOutcome::done);
    EXPECT_EQ(works_.number("plant1/intake/pump1/auto"), 0);
}

TEST_F(MemoryTest, refuses_parts_gaps_readings_and_bad_values) {
    EXPECT_EQ(memory_.write(16, as_bytes(as_real(180).substr(0, 2))),
              WriteOutcome::no_such_address);
    EXPECT_EQ(memory_.write(18, as_bytes(as_real(180))), WriteOutcome::no_such_address);
    EXPECT_EQ(memory_.write(24, as_bytes(as_real(1))), WriteOutcome::no_such_address);
    EXPECT_EQ(memory_.write(28, as_bytes(as_real(1))), WriteOutcome::read_only);
    EXPECT_EQ(memory_.write(40, as_bytes(as_real(1))), WriteOutcome::no_such_address);
    EXPECT_EQ(memory_.write_bit(36, 3, true), WriteOutcome::read_only);
    EXPECT_EQ(memory_.write_bit(36, 5, true), WriteOutcome::no_such_address);
    // All or nothing: the first of the two would be right.
    EXPECT_EQ(memory_.write(16, as_bytes(as_real(180) + as_real(101))), WriteOutcome::bad_value);
    EXPECT_EQ(memory_.write(16, as_bytes(as_real(NAN))), WriteOutcome::bad_value);
    EXPECT_NEAR(works_.number("plant1/intake/header/flow_setpoint"), 230, 1e-4);
}

}  // namespace
}  // namespace hw::sim
