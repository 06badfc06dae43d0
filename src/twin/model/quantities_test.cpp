#include "twin/model/quantities.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "twin/model/interface.h"

namespace hw::twin {
namespace {

using Names = std::vector<std::string_view>;

TEST(Quantities, has_the_whole_table_of_the_standard) {
    EXPECT_EQ(semantic_type_names().size(), 52);
    EXPECT_EQ(unit_names().size(), 240);
    EXPECT_TRUE(std::ranges::is_sorted(semantic_type_names()));
    std::set<std::string_view> symbols;
    for (const auto& unit : unit_names()) {
        EXPECT_TRUE(is_unit(unit));
        EXPECT_FALSE(types_with(unit).empty()) << unit;
        EXPECT_EQ(dtdl_unit(unit_symbol(unit)), unit);
        symbols.insert(unit_symbol(unit));
    }
    EXPECT_EQ(symbols.size(), unit_names().size());
    for (const auto& type : semantic_type_names()) {
        EXPECT_TRUE(is_semantic_type(type));
        EXPECT_FALSE(units_of(type).empty()) << type;
    }
}

TEST(Quantities, gives_the_units_of_a_type) {
    EXPECT_EQ(units_of("Temperature"), (Names{"degreeCelsius", "degreeFahrenheit", "kelvin"}));
    EXPECT_EQ(unit_type_of("Temperature"), "TemperatureUnit");
    EXPECT_EQ(units_of("Torque"), (Names{"newtonMetre"}));
    EXPECT_EQ(units_of("VolumeFlowRate").size(), 12);
    EXPECT_EQ(units_of("RelativeHumidity"), units_of("Concentration"));
    EXPECT_EQ(units_of("Temprature"), Names{});
    EXPECT_EQ(types_with("kilowatt"), (Names{"EnergyRate", "Luminosity", "Power"}));
    EXPECT_EQ(types_with("metre"), (Names{"Distance", "Length"}));
    EXPECT_FALSE(is_unit("Temperature"));
    EXPECT_FALSE(is_semantic_type("kelvin"));
    EXPECT_FALSE(is_semantic_type(""));
}

}  // namespace
}  // namespace hw::twin
