#include "twin/model/twin_name.h"

#include <gtest/gtest.h>

#include "sql/json.h"
#include "twin/model/state.h"

namespace hw::twin {
namespace {

constexpr std::string_view both = R"({"en":"Filter 1","zh":"滤池 1"})";

sql::Datum json(std::string_view text) {
    return sql::JsonReader().read(text).value();
}

TEST(TwinName, IsATextOrTextsByLanguage) {
    EXPECT_EQ(read_name(json("\"Filter 1\"")).value(), "Filter 1");
    EXPECT_EQ(read_name(json(both)).value(), both);
    // As a cell of a table holds it, and as it comes from the store.
    EXPECT_EQ(read_name(R"( {"en": "x"})").value(), R"( {"en": "x"})");  // no name of languages
    EXPECT_EQ(read_name(R"({"en": "x"})").value(), R"({"en":"x"})");
    EXPECT_EQ(read_name("{n} of {m}").value(), "{n} of {m}");
    EXPECT_EQ(read_name(json(R"({"en":"x","zh":null,"de":""})")).value(), R"({"en":"x"})");
    EXPECT_EQ(read_name(json("{}")).value(), "");
}

TEST(TwinName, ErrorsSayWhatIsWrong) {
    EXPECT_NE(read_name(json("5")).error().text().find("must be a text"), std::string::npos);
    EXPECT_NE(read_name(json(R"({"English":"x"})")).error().text().find("'English'"),
              std::string::npos);
    EXPECT_NE(read_name(json(R"({"en":5})")).error().text().find("in 'en'"), std::string::npos);
    EXPECT_NE(read_name(std::string(513, 'x')).error().text().find("513"), std::string::npos);
    std::string many = "{";
    for (char c = 'a'; c < 'a' + 17; ++c)
        many += std::string(many.size() > 1 ? "," : "") + "\"a" + c + "\":\"x\"";
    EXPECT_EQ(read_name(json(many + "}")).error().code(), ErrorCode::limit_exceeded);
}

TEST(TwinName, IsToldInALanguage) {
    EXPECT_EQ(name_in(both), "Filter 1");
    EXPECT_EQ(name_in(both, "zh"), "滤池 1");
    EXPECT_EQ(name_in(both, "zh-CN"), "滤池 1");
    EXPECT_EQ(name_in(both, "de"), "Filter 1");
    EXPECT_EQ(name_in(R"({"zh":"滤池 1","de":"Filter"})", "fr"), "滤池 1");
    EXPECT_EQ(name_in("Filter 1", "zh"), "Filter 1");
    EXPECT_EQ(all_names(both), "Filter 1 滤池 1");
    EXPECT_EQ(all_names("Filter 1"), "Filter 1");
}

TEST(TwinName, OfATwinIsReadAndWrittenAsItWasGiven) {
    const std::string text =
        std::string(R"({"id":"w/f1","model":"dtmi:a:F;1","name":)") + std::string(both) + "}";
    const auto spec = read_twin(text);
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->name, both);
    std::string out;
    JsonWriter writer(out);
    write_spec(writer, *spec);
    EXPECT_EQ(out, text);
    EXPECT_FALSE(read_twin(R"({"id":"w/f1","model":"dtmi:a:F;1","name":{"en":[]}})"));
    TwinState state;
    state.id = "w/f1";
    state.name = spec->name;
    out.clear();
    JsonWriter again(out);
    write_twin(again, state);
    EXPECT_NE(out.find(std::string(R"("name":)") + std::string(both)), std::string::npos);
}

}  // namespace
}  // namespace hw::twin
