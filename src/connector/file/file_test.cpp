// Files on a disk are tested by tests/system/connector_test.py as well.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "connector/file/csv.h"
#include "connector/file/file_kind.h"
#include "connector/file/marks.h"
#include "connector/settings_text.h"

namespace hw::connector::file {
namespace {

std::string field(std::string_view text, char delimiter = ',') {
    std::string out;
    append_csv_field(out, text, delimiter);
    return out;
}

TEST(CsvField, is_quoted_where_it_must_be) {
    EXPECT_EQ(field("plain"), "plain");
    EXPECT_EQ(field("a,b"), "\"a,b\"");
    EXPECT_EQ(field("a,b", ';'), "a,b");
    EXPECT_EQ(field("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(field("two\nlines"), "\"two\nlines\"");
    EXPECT_EQ(field(""), "");
}

TEST(CsvValue, tells_numbers_from_names) {
    EXPECT_EQ(csv_value("7"), sql::Datum::integer(7));
    EXPECT_EQ(csv_value("-0.5"), sql::Datum::real(-0.5));
    EXPECT_EQ(csv_value("1e3"), sql::Datum::real(1000));
    EXPECT_EQ(csv_value("true"), sql::Datum::boolean(true));
    EXPECT_TRUE(csv_value("").is_null());
    for (const std::string_view name : {"007", "nan", "inf", "1 2", "-", "0x10", "1.2.3", "True"})
        EXPECT_EQ(csv_value(name), sql::Datum::text(name)) << name;
}

TEST(FileMarks, read_back_and_distrust) {
    const FileMarks marks = {{"a b.csv", {7, 100, 3, true}}, {"c", {8, 0, 0, false}}};
    EXPECT_EQ(parse_marks(marks_text(marks)), marks);
    EXPECT_TRUE(parse_marks("nonsense\n1 2 3\n1 2 3 4 \n1 2 x 4 name\n").empty());
    EXPECT_EQ(parse_marks("nonsense\n7 100 3 1 a b.csv").size(), 1u);
}

// A folder that goes with the test.
struct FileKind : testing::Test {
    std::string folder = std::filesystem::temp_directory_path() / "hw_file_XXXXXX";
    ManualClock clock{Time{1'700'000'000'000'000'000}};

    FileKind() {
        if (mkdtemp(folder.data()) == nullptr) ADD_FAILURE() << folder;
        std::filesystem::create_directories(folder + "/files");
    }
    ~FileKind() override { std::filesystem::remove_all(folder); }

    void put(const std::string& name, std::string_view text) const {
        std::ofstream(folder + "/files/" + name, std::ios::binary) << text;
    }
    std::string text(const std::string& name) const {
        std::ifstream file(folder + "/files/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    Config::Table table(std::span<const Property> part, const Config::Texts& given) const {
        Config::Texts flaws;
        auto made = Config::read_table(joined({kind().connection, part}), given, flaws);
        EXPECT_TRUE(flaws.empty()) << flaws.front().second;
        return made;
    }
    Rooms rooms() const { return {clock, folder, folder}; }
};

TEST_F(FileKind, a_lookup_reads_the_file_again_when_it_changed) {
    put("pumps.csv", "id,site,maker\n7,north,Acme\n8,north,Bolt\n7,south,Core\n");
    const auto made = kind().make_lookup(table(kind().lookup, {{"path", "pumps.csv"}}), rooms());
    ASSERT_TRUE(made);
    Lookup& lookup = **made;
    ASSERT_TRUE(lookup.test());
    const std::string keys[] = {"id", "site"};
    const sql::Datum north[] = {sql::Datum::text("7"), sql::Datum::text("north")};
    const auto makers = [&] {
        std::string all;
        const auto rows = lookup.find(keys, north);
        EXPECT_TRUE(rows) << rows.error().text();
        for (const sql::Datum& row : rows.value_or(std::vector<sql::Datum>()))
            all += std::string(row.find("maker")->as_text()) + " ";
        return all;
    };
    EXPECT_EQ(makers(), "Acme ");
    EXPECT_EQ(lookup.find(std::span(keys).first(1), std::span(north).first(1))->size(), 2u);
    put("pumps.csv", "id,site,maker\n7,north,Delta\n7,north,Echo and more\n");
    EXPECT_EQ(makers(), "Acme ");  // looked at a second ago
    clock.advance(seconds(1));
    EXPECT_EQ(makers(), "Delta Echo and more ");
    // What cannot be read leaves the rows as they were, and says so.
    put("pumps.csv", "id,site,maker\n7,north\n");
    clock.advance(seconds(1));
    const auto broken = lookup.find(keys, north);
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().text().find("line 2 has 2 cells"), std::string::npos)
        << broken.error().text();
    EXPECT_EQ(makers(), "Delta Echo and more ");
}

TEST_F(FileKind, the_servers_own_files_are_no_connectors) {
    const Rooms own{clock, folder, folder + "/secrets"};
    std::filesystem::create_directories(own.secret_folder);
    std::filesystem::create_symlink(folder, folder + "/files/link");
    for (const std::string& good : {folder + "/files/a.csv", folder + "/files/x/../a.csv",
                                    own.secret_folder + "/token", std::string("/tmp/elsewhere")})
        EXPECT_TRUE(check_place(good, "path", own)) << good;
    for (const std::string& bad :
         {folder, folder + "/", folder + "/local-key", folder + "/functions/x.worker",
          own.secret_folder + "/../local-key", folder + "/files/link/local-key"}) {
        const auto refused = check_place(bad, "path", own);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code(), ErrorCode::permission_denied);
    }
    EXPECT_FALSE(kind().make_sink(
        table(kind().sink, {{"path", folder + "/catalog.db"}, {"absolute_paths", "true"}}), own));
}

TEST_F(FileKind, a_sink_rotates_by_age) {
    const auto made = kind().make_sink(
        table(kind().sink, {{"path", "a.csv"}, {"format", "csv"}, {"rotate_interval", "1h"}}),
        rooms());
    ASSERT_TRUE(made);
    const auto send = [&](int64_t n) {
        const Item item{sql::Datum::object({{sql::Datum::text("n"), sql::Datum::integer(n)}}),
                        clock.now(), "r", 1};
        EXPECT_EQ((*made)->send({&item, 1}).outcome, Sent::Outcome::sent);
    };
    send(1);
    clock.advance(seconds(3599));
    send(2);
    clock.advance(seconds(2));
    send(3);
    EXPECT_EQ(text("a.csv"), "n\n3\n");
    EXPECT_EQ(text("a-20231114T231321001Z.csv"), "n\n1\n2\n");
}

}  // namespace
}  // namespace hw::connector::file
