#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/config_text.h"

namespace hw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Property properties[] = {
    {.key = "mqtt.port",
     .type = PropertyType::integer,
     .default_value = "1883",
     .help = "TCP port.",
     .least = 1,
     .most = 65'535},
    {.key = "mqtt.listen",
     .type = PropertyType::boolean,
     .default_value = "true",
     .help = "Whether to listen."},
    {.key = "history.ack",
     .type = PropertyType::text,
     .default_value = "durable",
     .help = "When to acknowledge.",
     .choices = "durable|memory"},
    {.key = "history.interval",
     .type = PropertyType::duration,
     .default_value = "2ms",
     .help = "Group commit.",
     .least = 0.0001,
     .most = 60},
    {.key = "history.cache",
     .type = PropertyType::bytes,
     .default_value = "64MiB",
     .help = "Block cache.",
     .least = 1024,
     .most = 1e12},
    {.key = "history.ratio",
     .type = PropertyType::number,
     .default_value = "0.5",
     .help = "A ratio.",
     .least = 0,
     .most = 1},
    {.key = "broker.filters",
     .type = PropertyType::text_list,
     .default_value = "a/#,b",
     .help = "Filters."},
};
constexpr Property ingest_properties[] = {
    {.key = "filter", .type = PropertyType::text, .default_value = "#", .help = "Topics."},
    {.key = "keep", .type = PropertyType::boolean, .default_value = "true", .help = "Keep them."},
};
constexpr TableArray arrays[] = {
    {.name = "ingest", .help = "Decoders.", .properties = ingest_properties}};

// A folder of the test's own, removed at its end.
class ConfigTest : public testing::Test {
  protected:
    ConfigTest() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::temp_directory_path() /
                  ("config_test_" + std::string(test->name()) + std::to_string(getpid()));
        std::filesystem::create_directories(folder_ / "conf.d");
    }
    ~ConfigTest() override { std::filesystem::remove_all(folder_); }

    std::string write(std::string_view name, std::string_view text) {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        return path.string();
    }
    std::string path(std::string_view name) { return (folder_ / name).string(); }

    static Result<Config> load(const Config::Sources& sources) {
        return Config::load(properties, arrays, sources);
    }
    static std::string error(const Config::Sources& sources) {
        const auto config = load(sources);
        EXPECT_FALSE(config);
        return config ? "" : config.error().text();
    }

  private:
    std::filesystem::path folder_;
};

TEST_F(ConfigTest, HasDefaults) {
    const auto config = load({});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->integer("mqtt.port"), 1883);
    EXPECT_TRUE(config->boolean("mqtt.listen"));
    EXPECT_EQ(config->text("history.ack"), "durable");
    EXPECT_EQ(config->duration("history.interval"), milliseconds(2));
    EXPECT_EQ(config->bytes("history.cache"), 64u << 20);
    EXPECT_EQ(config->number("history.ratio"), 0.5);
    EXPECT_THAT(config->text_list("broker.filters"), ElementsAre("a/#", "b"));
    EXPECT_EQ(config->value("mqtt.port").where, "default");
    EXPECT_TRUE(config->tables("ingest").empty());
}

TEST_F(ConfigTest, ReadsAFileWithEveryType) {
    const auto file = write("headworks.toml", R"(
[mqtt]
port = 2883
listen = false
[history]
ack = "memory"
interval = "1s500ms"
cache = 1048576
ratio = 1
[broker]
filters = ["plant/#", "x,y", 'back\slash']
)");
    const auto config = load({.file = file, .environment = {}, .sets = {}});
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->integer("mqtt.port"), 2883);
    EXPECT_FALSE(config->boolean("mqtt.listen"));
    EXPECT_EQ(config->text("history.ack"), "memory");
    EXPECT_EQ(config->duration("history.interval"), milliseconds(1500));
    EXPECT_EQ(config->bytes("history.cache"), 1u << 20);
    EXPECT_EQ(config->number("history.ratio"), 1.0);
    EXPECT_THAT(config->text_list("broker.filters"), ElementsAre("plant/#", "x,y", "back\\slash"));
    EXPECT_EQ(config->value("mqtt.port").where, file + ":3");
    EXPECT_EQ(config->value("mqtt.port").origin, Origin::file);
}

TEST_F(ConfigTest, LaysTheSourcesOverOneAnother) {
    const auto file = write("headworks.toml",
                            "mqtt.port = 1\nhistory.ratio = 0.1\nhistory.ack = \"memory\"\n"
                            "history.cache = \"1KiB\"\n");
    const auto second = write("conf.d/20.toml", "[mqtt]\nport = 3\n");
    write("conf.d/10.toml", "[mqtt]\nport = 2\n[history]\nratio = 0.2\n");
    write("conf.d/readme.txt", "not read");
    const auto config = load({.file = file,
                              .environment = {{"HEADWORKS_HISTORY__RATIO", "0.3"},
                                              {"HEADWORKS_HISTORY__CACHE", "2KiB"},
                                              {"HEADWORKS_CONFIG", "left alone"},
                                              {"PATH", "/bin"}},
                              .sets = {"history.cache=3KiB"}});
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->text("history.ack"), "memory");
    EXPECT_EQ(config->integer("mqtt.port"), 3);
    EXPECT_EQ(config->value("mqtt.port").origin, Origin::conf_d);
    EXPECT_EQ(config->value("mqtt.port").where, second + ":2");
    EXPECT_EQ(config->number("history.ratio"), 0.3);
    EXPECT_EQ(config->value("history.ratio").where, "HEADWORKS_HISTORY__RATIO");
    EXPECT_EQ(config->bytes("history.cache"), 3u * 1024);
    EXPECT_EQ(config->value("history.cache").where, "--set");
}

TEST_F(ConfigTest, ReadsValuesFromFilesNamedInTheEnvironment) {
    const auto secret = write("port", "4000\n");
    const auto config =
        load({.file = {}, .environment = {{"HEADWORKS_MQTT__PORT_FILE", secret}}, .sets = {}});
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->integer("mqtt.port"), 4000);
    EXPECT_EQ(config->value("mqtt.port").where, "HEADWORKS_MQTT__PORT_FILE");
    EXPECT_THAT(
        error(
            {.file = {}, .environment = {{"HEADWORKS_MQTT__PORT_FILE", path("none")}}, .sets = {}}),
        HasSubstr("HEADWORKS_MQTT__PORT_FILE: the file '"));
    EXPECT_THAT(error({.file = {},
                       .environment = {{"HEADWORKS_MQTT__PORT_FILE", secret},
                                       {"HEADWORKS_MQTT__PORT", "1"}},
                       .sets = {}}),
                HasSubstr("with and without _FILE"));
}

TEST_F(ConfigTest, ReadsTableArraysInOrder) {
    const auto file =
        write("headworks.toml", "[[ingest]]\nfilter = \"a/#\"\n[[ingest]]\nkeep = false\n");
    write("conf.d/1.toml", "[[ingest]]\nfilter = \"c\"\n");
    const auto config = load({.file = file, .environment = {}, .sets = {}});
    ASSERT_TRUE(config) << config.error().text();
    const auto& tables = config->tables("ingest");
    ASSERT_EQ(tables.size(), 3u);
    EXPECT_EQ(tables[0].at("filter").as_text(), "a/#");
    EXPECT_TRUE(tables[0].at("keep").as_boolean());
    EXPECT_EQ(tables[1].at("filter").as_text(), "#");
    EXPECT_EQ(tables[1].at("filter").origin, Origin::built_in);
    EXPECT_FALSE(tables[1].at("keep").as_boolean());
    EXPECT_EQ(tables[1].at("keep").where, file + ":4");
    EXPECT_EQ(tables[2].at("filter").as_text(), "c");
}

TEST_F(ConfigTest, TellsEveryErrorAtOnce) {
    const auto file = write("headworks.toml", R"(port = 1
[mqtt]
prot = 1883
port = "1883"
[history]
ack = "durble"
cache = 1
interval = 5
[[ingst]]
[[ingest]]
filtr = "x"
keep = 1
[ratio]
)");
    const auto text = error({.file = file,
                             .environment = {{"HEADWORKS_MQTT__PROT", "1"}},
                             .sets = {"mqtt.port=70000", "nonsense", "ingest.keep=true"}});
    const auto at = [&](int line) { return file + ":" + std::to_string(line) + ": "; };
    EXPECT_THAT(text, HasSubstr(at(1) + "unknown key 'port'; did you mean 'mqtt.port'?"));
    EXPECT_THAT(text, HasSubstr(at(3) + "unknown key 'mqtt.prot'; did you mean 'mqtt.port'?"));
    EXPECT_THAT(text, HasSubstr(at(4) + "mqtt.port takes a value of type integer, not text"));
    EXPECT_THAT(text, HasSubstr(at(6) + "history.ack = 'durble' is not one of durable, memory; "
                                        "did you mean 'durable'?"));
    EXPECT_THAT(text, HasSubstr("history.cache = '1' is out of bounds; it can be 1KiB to 1TB"));
    EXPECT_THAT(text,
                HasSubstr(at(8) + "history.interval takes a value of type duration, not integer"));
    EXPECT_THAT(text, HasSubstr(at(9) + "unknown table [[ingst]]; did you mean 'ingest'?"));
    EXPECT_THAT(text, HasSubstr(at(11) + "unknown key 'filtr'; did you mean 'filter'?"));
    EXPECT_THAT(text, HasSubstr(at(12) + "keep takes a value of type boolean, not integer"));
    EXPECT_THAT(text, HasSubstr("HEADWORKS_MQTT__PROT: unknown key in the environment; did you "
                                "mean 'HEADWORKS_MQTT__PORT'?"));
    EXPECT_THAT(text, HasSubstr("--set: mqtt.port = '70000' is out of bounds; it can be 1 to "));
    EXPECT_THAT(text, HasSubstr("--set nonsense: not of the form section.key=value"));
    EXPECT_THAT(text, HasSubstr("write it in a file as [[ingest]]"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 12);
}

TEST_F(ConfigTest, TellsWhereAFileIsNotToml) {
    const auto file = write("headworks.toml", "[mqtt]\nport = \n");
    EXPECT_THAT(error({.file = file, .environment = {}, .sets = {}}), HasSubstr(file + ":2: "));
    EXPECT_THAT(error({.file = path("none.toml"), .environment = {}, .sets = {}}),
                HasSubstr("none.toml: the configuration file cannot be read"));
}

TEST_F(ConfigTest, AskingForAnotherTypeIsABug) {
    const auto config = load({});
    ASSERT_TRUE(config);
    EXPECT_DEATH((void)config->text("mqtt.port"), "BUG");
    EXPECT_DEATH((void)config->integer("mqtt.none"), "BUG");
    EXPECT_DEATH((void)config->tables("none"), "BUG");
}

TEST(ParseBytes, ReadsUnits) {
    EXPECT_EQ(parse_bytes("4096"), 4096u);
    EXPECT_EQ(parse_bytes("64MiB"), 64u << 20);
    EXPECT_EQ(parse_bytes("1GB"), 1'000'000'000u);
    EXPECT_EQ(parse_bytes("0"), 0u);
    for (const std::string_view text :
         {"", "MB", "1 MB", "1mb", "-1", "1.5GB", "1M", "99999999999999999999", "99999999TiB"})
        EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(FormatBytes, IsReadBack) {
    EXPECT_EQ(format_bytes(0), "0");
    EXPECT_EQ(format_bytes(64u << 20), "64MiB");
    EXPECT_EQ(format_bytes(1'000'000'000), "1GB");
    EXPECT_EQ(format_bytes(1'000'001), "1000001");
}

TEST(Nearest, FindsSlipsOnly) {
    const std::string names[] = {"points", "history", "publish", "sub"};
    EXPECT_EQ(nearest("point", names), "points");
    EXPECT_EQ(nearest("histroy", names), "history");
    EXPECT_EQ(nearest("sbu", names), "sub");
    EXPECT_EQ(nearest("pub", names), "sub");
    EXPECT_EQ(nearest("elephant", names), std::nullopt);
    EXPECT_EQ(nearest("", names), std::nullopt);
}

TEST(SplitList, UndoesJoinList) {
    const std::vector<std::string> elements = {"a", "", "b,c", "\\", "d\\,"};
    EXPECT_EQ(split_list(join_list(elements)), elements);
    EXPECT_TRUE(split_list("").empty());
}

}  // namespace
TEST(Config, ATableIsReadFromTexts) {
    const Property properties[] = {
        {"host", PropertyType::text, "", "Where"},
        {"port", PropertyType::integer, "502", "Which", 1, 65535},
    };
    Config::Texts flaws;
    auto table = Config::read_table(properties, {{"host", "plc1"}}, flaws);
    EXPECT_TRUE(flaws.empty());
    EXPECT_EQ(table.at("host").as_text(), "plc1");
    EXPECT_EQ(table.at("port").as_integer(), 502);

    table = Config::read_table(
        properties, {{"prot", "1"}, {"port", "70000"}, {"host", "a"}, {"host", "b"}}, flaws);
    ASSERT_EQ(flaws.size(), 3u);
    EXPECT_NE(flaws[0].second.find("did you mean 'port'"), std::string::npos);
    EXPECT_NE(flaws[1].second.find("70000"), std::string::npos);
    EXPECT_NE(flaws[2].second.find("twice"), std::string::npos);
    EXPECT_EQ(table.at("host").as_text(), "a");
}

}  // namespace hw
