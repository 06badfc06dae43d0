#include "catalog/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace hw::catalog {
namespace {

using testing::HasSubstr;

constexpr Migration first[] = {{"tables",
                                "create table pump (id bigint not null primary key, name text not "
                                "null unique, power double precision, data blob);\n"
                                "create table part (id bigint not null primary key, pump_id bigint "
                                "not null references pump (id) on delete cascade);\n"}};

std::unique_ptr<Database> made() {
    auto database = Database::open(":memory:");
    EXPECT_TRUE(database) << database.error().text();
    const auto migrated = (*database)->migrate("test", first);
    EXPECT_TRUE(migrated) << migrated.error().text();
    return std::move(*database);
}

int64_t count(Database& database, std::string_view sql) {
    int64_t number = -1;
    const auto done = database.read([&](Session& session) -> Result<void> {
        number = HW_TRY(session.number(sql));
        return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    return number;
}

TEST(Database, KeepsEveryTypeAndNull) {
    const auto database = made();
    const std::string odd("a\0b'\"", 5);
    const auto done = database->transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("insert into pump values (:id, :name, :power, :data)",
                           {int64_t{1} << 60, std::string("p'1"), 2.5, model::Bytes{odd}}));
        HW_TRY(session.run("insert into pump values (:id, :name, :power, :data)",
                           {int64_t{-3}, std::string("p2"), std::monostate(), std::monostate()}));
        const auto rows = HW_TRY(session.rows(
            "select id, name, power, data from pump order by id",
            {ColumnType::int64, ColumnType::text, ColumnType::float64, ColumnType::bytes}));
        EXPECT_EQ(rows.size(), 2u);
        EXPECT_EQ(rows[0],
                  (Row{int64_t{-3}, std::string("p2"), std::monostate(), std::monostate()}));
        EXPECT_EQ(rows[1], (Row{int64_t{1} << 60, std::string("p'1"), 2.5, model::Bytes{odd}}));
        return {};
    });
    EXPECT_TRUE(done) << done.error().text();
}

TEST(Database, AFailureTakesAllBack) {
    const auto database = made();
    const auto done = database->transaction([](Session& session) -> Result<void> {
        HW_TRY(session.run("insert into pump (id, name) values (1, 'a')"));
        HW_TRY(session.run("insert into pump (id, name) values (2, 'a')"));
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::conflict);
    EXPECT_THAT(done.error().text(), HasSubstr("insert into pump (id, name) values (2, 'a')"));
    EXPECT_EQ(count(*database, "select count(*) from pump"), 0);
}

TEST(Database, ForeignKeysHold) {
    const auto database = made();
    const auto orphan = database->transaction([](Session& session) -> Result<void> {
        HW_TRY(session.run("insert into part (id, pump_id) values (1, 77)"));
        return {};
    });
    ASSERT_FALSE(orphan);
    EXPECT_EQ(orphan.error().code(), ErrorCode::conflict);
    const auto done = database->transaction([](Session& session) -> Result<void> {
        HW_TRY(session.run("insert into pump (id, name) values (1, 'a')"));
        HW_TRY(session.run("insert into part (id, pump_id) values (1, 1)"));
        HW_TRY(session.run("delete from pump where id = 1"));
        return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    EXPECT_EQ(count(*database, "select count(*) from part"), 0);
}

TEST(Database, AStatementRunsForManyRows) {
    const auto database = made();
    const auto done = database->transaction([](Session& session) -> Result<void> {
        constexpr ColumnType types[] = {ColumnType::int64, ColumnType::text, ColumnType::float64};
        auto statement = HW_TRY(session.prepare(
            "insert into pump (id, name, power) values (:id, :name, :power)", types));
        for (int64_t i = 0; i < 1000; ++i) {
            const Value values[] = {i, "p" + std::to_string(i),
                                    i % 2 == 0 ? Value(0.5) : Value(std::monostate())};
            EXPECT_EQ(HW_TRY(statement.run(values)), 1u);
        }
        EXPECT_EQ(HW_TRY(session.run("update pump set power = 1 where id < 10")), 10u);
        return {};
    });
    EXPECT_TRUE(done) << done.error().text();
    EXPECT_EQ(count(*database, "select count(*) from pump where power is null"), 495);
}

TEST(Database, AMigrationRunsOnce) {
    const auto database = made();
    EXPECT_TRUE(database->migrate("test", first));
    EXPECT_EQ(count(*database, "select version from schema_version where room = 'test'"), 1);
    const Migration more[] = {first[0], {"colour", "alter table pump add column colour text;\n"}};
    EXPECT_TRUE(database->migrate("test", more));
    EXPECT_TRUE(database->migrate("test", more));
    EXPECT_EQ(count(*database, "select version from schema_version where room = 'test'"), 2);
    const auto older = database->migrate("test", first);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code(), ErrorCode::unsupported);
}

TEST(Database, AFailingMigrationLeavesNothing) {
    const auto database = made();
    const Migration more[] = {
        first[0], {"wrong", "create table valve (id bigint);\ncreate table nonsense (;\n"}};
    const auto done = database->migrate("test", more);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text(), HasSubstr("migration 2 of 'test' (wrong)"));
    EXPECT_EQ(count(*database, "select version from schema_version where room = 'test'"), 1);
    EXPECT_EQ(count(*database, "select count(*) from sqlite_master where name = 'valve'"), 0);
}

TEST(Database, SurvivesInItsFileWithSafeSettings) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "catalog database test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::string path = (folder / "catalog.db").string();
    {
        auto database = Database::open(path);
        ASSERT_TRUE(database) << database.error().text();
        ASSERT_TRUE((*database)->migrate("test", first));
        // 2 is FULL: each commit is on the disk before it is told.
        EXPECT_EQ(count(**database, "pragma synchronous"), 2);
        EXPECT_EQ(count(**database, "pragma foreign_keys"), 1);
        ASSERT_TRUE((*database)->transaction([](Session& session) -> Result<void> {
            HW_TRY(session.run("insert into pump (id, name) values (7, 'kept')"));
            return {};
        }));
        ASSERT_TRUE((*database)->backup((folder / "copy.db").string()));
    }
    for (const char* name : {"catalog.db", "copy.db"}) {
        auto again = Database::open((folder / name).string());
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(count(**again, "select id from pump where name = 'kept'"), 7);
    }
    std::filesystem::remove_all(folder);
}

TEST(Database, TellsAFileThatIsNone) {
    const std::string path = testing::TempDir() + "/not_a_catalog.db";
    {
        std::FILE* file = std::fopen(path.c_str(), "wb");
        std::fputs("this is a text, and long enough to be one that SQLite looks at twice", file);
        std::fclose(file);
    }
    const auto database = Database::open(path);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code(), ErrorCode::corrupt);
    EXPECT_THAT(database.error().text(), HasSubstr(path));
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace hw::catalog
