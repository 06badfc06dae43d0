#include "model/quality.h"

#include <gtest/gtest.h>

namespace hw::model {
namespace {

TEST(Quality, HasAFamily) {
    EXPECT_EQ(family(Quality::good_local_override), QualityFamily::good);
    EXPECT_EQ(family(Quality::uncertain_sub_normal), QualityFamily::uncertain);
    EXPECT_EQ(family(Quality::bad_timeout), QualityFamily::bad);
    EXPECT_EQ(family(static_cast<Quality>(0xc000)), QualityFamily::bad);
}

TEST(Quality, IsWrittenByName) {
    EXPECT_EQ(to_string(Quality::good), "good");
    EXPECT_EQ(to_string(Quality::uncertain_sensor_not_accurate), "uncertain.sensor_not_accurate");
    EXPECT_EQ(to_string(Quality::bad_communication), "bad.communication");
    EXPECT_EQ(to_string(static_cast<Quality>(0x8123)), "bad.0x8123");
    EXPECT_EQ(to_string(static_cast<Quality>(0x4001)), "uncertain.0x4001");
}

TEST(Quality, EveryOneIsReadBack) {
    for (uint32_t code = 0; code < 0x10000; code += 7) {
        const auto quality = static_cast<Quality>(code);
        EXPECT_EQ(parse_quality(to_string(quality)), quality) << to_string(quality);
    }
    for (const Quality quality :
         {Quality::good, Quality::uncertain, Quality::bad, Quality::bad_out_of_range})
        EXPECT_EQ(parse_quality(to_string(quality)), quality);
}

TEST(ParseQuality, ReadsAnyCaseAndNumbers) {
    EXPECT_EQ(parse_quality("GOOD"), Quality::good);
    EXPECT_EQ(parse_quality("Bad.Communication"), Quality::bad_communication);
    EXPECT_EQ(parse_quality("192"), Quality::good);
    EXPECT_EQ(parse_quality("195"), Quality::good);
    EXPECT_EQ(parse_quality("64"), Quality::uncertain);
    EXPECT_EQ(parse_quality("0"), Quality::bad);
    EXPECT_EQ(parse_quality("24"), Quality::bad_communication);
    EXPECT_EQ(parse_quality("2147811328"), Quality::bad_communication);  // 0x80050000
    EXPECT_EQ(parse_quality("0x80050000"), Quality::bad_communication);
    EXPECT_EQ(parse_quality("0x00000000"), Quality::good);
}

TEST(ParseQuality, RefusesTheRest) {
    for (const std::string_view text :
         {"", "ok", "good ", "bad.", "bad.0x", "bad.0x4123", "good.0x18123", "-1", "1.5",
          "4294967296", "0x", "0x1ffffffff", "bad.communication.error",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
        EXPECT_FALSE(parse_quality(text)) << text;
}

TEST(QualityFromOpcDa, DropsTheLimitBits) {
    EXPECT_EQ(quality_from_opc_da(216 + 3), Quality::good_local_override);
    EXPECT_EQ(quality_from_opc_da(255), Quality::good);
    EXPECT_EQ(quality_from_opc_da(81), Quality::uncertain_sensor_not_accurate);
    EXPECT_EQ(quality_from_opc_da(128), Quality::uncertain);
    EXPECT_EQ(quality_from_opc_da(63), Quality::bad);
}

}  // namespace
}  // namespace hw::model
