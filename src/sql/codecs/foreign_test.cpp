#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "sql/codecs/schema.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

std::string from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    return bytes;
}

// tests/sql/codecs/foreign.txt: the schemas, then messages and what they mean.
struct Foreign {
    std::map<std::string, std::shared_ptr<const Schema>> schemas;
    struct Message {
        std::string kind, bytes;
        Datum value;
    };
    std::vector<Message> messages;
};

Foreign read_foreign() {
    Foreign foreign;
    JsonReader reader;
    std::ifstream in(std::filesystem::path(HEADWORKS_SOURCE_DIR) / "tests/sql/codecs/foreign.txt");
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string kind, second, rest;
        words >> kind >> second;
        std::getline(words, rest);
        const Datum value = reader.read(rest).value();
        if (kind == "schema")
            foreign.schemas[second] =
                compile_schema(second == "avro" ? SchemaType::avro : SchemaType::protobuf,
                               value.as_text())
                    .value();
        else
            foreign.messages.push_back({kind, from_hex(second), value});
    }
    return foreign;
}

}  // namespace

TEST(ForeignMessages, AreReadAsTheirMakersMeantThem) {
    const Foreign foreign = read_foreign();
    EXPECT_GE(foreign.messages.size(), 300u);
    for (const auto& [kind, bytes, value] : foreign.messages) {
        const auto read = foreign.schemas.at(kind)->decode(bytes, "Sample");
        ASSERT_TRUE(read.has_value()) << kind << read.error().text();
        EXPECT_EQ(*read, value) << kind << " " << to_json(*read);
    }
}

TEST(ForeignMessages, AreWrittenAsTheirMakersWrote) {
    const Foreign foreign = read_foreign();
    for (const auto& [kind, bytes, value] : foreign.messages) {
        const Schema& schema = *foreign.schemas.at(kind);
        const auto written = schema.encode(value, "Sample");
        ASSERT_TRUE(written.has_value()) << kind << written.error().text();
        // The order within a map is free.
        EXPECT_EQ(written->size(), bytes.size()) << kind << to_json(value);
        EXPECT_EQ(schema.decode(*written, "Sample").value(), value);
    }
}

}  // namespace hw::sql
