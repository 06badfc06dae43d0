#include "ingest/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace hw::ingest {
namespace {

Result<Settings> settings_of(const std::string& toml) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "headworks_ingest.toml";
    std::ofstream(file) << toml;
    const TableArray arrays[] = {rules_table};
    auto config =
        Config::load(properties, arrays, {.file = file.string(), .environment = {}, .sets = {}});
    std::filesystem::remove(file);
    if (!config) return fail(config.error());
    return settings_from(*config);
}

TEST(IngestSettings, TheDefaultKeepsEverything) {
    const auto settings = settings_of("");
    ASSERT_TRUE(settings.has_value()) << settings.error().text();
    ASSERT_EQ(settings->rules.size(), 1U);
    EXPECT_EQ(settings->rules[0].filter, "#");
    EXPECT_TRUE(settings->rules[0].keep);
    const Settings built_in;
    EXPECT_EQ(settings->text_bytes_limit, built_in.text_bytes_limit);
    EXPECT_EQ(settings->lines.line_bytes, built_in.lines.line_bytes);
    EXPECT_EQ(settings->cache_nodes_limit, built_in.cache_nodes_limit);
}

TEST(IngestSettings, RulesComeBeforeTheDefault) {
    const auto settings = settings_of(
        "[[ingest]]\nfilter = \"t/#\"\ndecoder = \"lineprotocol\"\nprecision = \"ms\"\n"
        "prefix = \"it/\"\npath = \"{topic}/{field}\"\nnumbers = \"double\"\n"
        "[[ingest]]\nfilter = \"d/#\"\nkeep = false\n[decode]\ndepth_limit = 4\n");
    ASSERT_TRUE(settings.has_value()) << settings.error().text();
    ASSERT_EQ(settings->rules.size(), 3U);
    const Rule& rule = settings->rules[0];
    EXPECT_EQ(rule.decoder, Decoder::line_protocol);
    EXPECT_EQ(rule.precision, lineprotocol::Precision::ms);
    EXPECT_EQ(rule.prefix, "it/");
    EXPECT_FALSE(rule.path.empty());
    EXPECT_TRUE(rule.numbers_as_doubles);
    EXPECT_FALSE(settings->rules[1].keep);
    EXPECT_EQ(settings->depth_limit, 4U);
}

TEST(IngestSettings, WrongRulesAreNamed) {
    for (const auto* rule : {"filter = \"a#\"", "path = \"{x}\"", "prefix = \"a/+\""}) {
        const auto settings = settings_of(std::string("[[ingest]]\n") + rule + "\n");
        ASSERT_FALSE(settings.has_value()) << rule;
        EXPECT_THAT(settings.error().text(), ::testing::HasSubstr("[[ingest]] number 1"));
    }
    EXPECT_FALSE(settings_of("[[ingest]]\ndecoder = \"xml\"\n").has_value());
}

}  // namespace
}  // namespace hw::ingest
