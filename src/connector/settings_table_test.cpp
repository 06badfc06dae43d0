#include "connector/settings_table.h"

#include <gtest/gtest.h>

#include "sql/json.h"

namespace hw::connector {

namespace {

using enum PropertyType;

constexpr Property first[] = {
    {"host", text, "127.0.0.1", "Host.", 0, 0, false},
    {"port", integer, "5432", "Port.", 1, 65'535, false},
};
constexpr Property second[] = {
    {"columns", text_list, "", "Columns.", 0, 0, false},
    {"timeout", duration, "5s", "Time.", 1, 60, false},
    {"retain", boolean, "false", "Retain.", 0, 0, false},
};

Result<Config::Table> read(std::string_view json) {
    sql::JsonReader reader;
    return read_settings(reader.read(json).value(), {first, second}, "action 'x'");
}

}  // namespace

TEST(SettingsTable, EveryPropertyIsThereGivenOrDefault) {
    const auto table =
        read(R"({"port":1234,"columns":["a","b"],"timeout":"10s","retain":true})").value();
    EXPECT_EQ(table.at("host").as_text(), "127.0.0.1");
    EXPECT_EQ(table.at("port").as_integer(), 1234);
    EXPECT_EQ(table.at("columns").as_text_list(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(table.at("timeout").as_duration(), seconds(10));
    EXPECT_TRUE(table.at("retain").as_boolean());
}

TEST(SettingsTable, ObjectsAreListsOfNamesAndValues) {
    const auto table = read(R"({"columns":{"a":"1","b":2}})").value();
    EXPECT_EQ(table.at("columns").as_text_list(), (std::vector<std::string>{"a=1", "b=2"}));
}

TEST(SettingsTable, AllThatIsWrongIsTold) {
    const auto table = read(R"({"port":0,"hots":"x"})");
    ASSERT_FALSE(table);
    EXPECT_NE(table.error().text().find("action 'x'"), std::string::npos);
    EXPECT_NE(table.error().text().find("port"), std::string::npos);
    EXPECT_NE(table.error().text().find("host"), std::string::npos) << table.error().text();
    EXPECT_FALSE(read("[1]"));
}

}  // namespace hw::connector
