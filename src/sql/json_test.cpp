#include "sql/json.h"

#include <gtest/gtest.h>

#include <string>

namespace hw::sql {

TEST(Json, OfEqualKeysTheLastWinsInItsFirstPlace) {
    JsonReader reader;
    EXPECT_EQ(to_json(*reader.read(R"({"a":1,"b":2,"a":3})")), R"({"a":3,"b":2})");
    // So many that they are looked up in a table.
    std::string json = "{";
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 1000; ++i)
            json += '"' + std::string(i % 20 + 1, 'k') + std::to_string(i) +
                    "\":" + std::to_string(round * 1000 + i) + ",";
    json.back() = '}';
    const auto read = reader.read(json);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->members().size(), 1000u);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(read->members()[static_cast<size_t>(i)].value, Datum::integer(1000 + i));
}

}  // namespace hw::sql
