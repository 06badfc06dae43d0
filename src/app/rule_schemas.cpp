#include "app/rule_schemas.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/log.h"

namespace hw::app {

namespace {

constexpr catalog::Migration migrations[] = {
    {"schemas of rules",
     "create table rule_schema (name text primary key, type text not null, body text not null);\n"},
};

sql::SchemaType type_of(std::string_view text) {
    for (const auto type : {sql::SchemaType::avro, sql::SchemaType::protobuf})
        if (text == sql::to_string(type)) return type;
    return sql::SchemaType::json;
}

}  // namespace

Result<std::unique_ptr<RuleSchemas>> RuleSchemas::open(catalog::Database& database) {
    using enum catalog::ColumnType;
    HW_TRY(database.migrate("rule_schema", migrations));
    std::unique_ptr<RuleSchemas> made(new RuleSchemas(database));
    std::vector<catalog::Row> rows;
    const auto load = [&rows](catalog::Session& session) -> Result<void> {
        rows = HW_TRY(session.rows("select name, type, body from rule_schema order by name",
                                   {text, text, text}));
        return {};
    };
    HW_TRY(database.read(load));
    for (auto& row : rows) {
        const sql::SchemaDefinition definition{catalog::as_text(std::move(row[0])),
                                               type_of(catalog::as_text(std::move(row[1]))),
                                               catalog::as_text(std::move(row[2]))};
        if (auto put = made->registry_.put(definition); !put)
            log_error("rules", fmt::format("schema '{}': {}", definition.name, put.error().text()));
    }
    return made;
}

Result<void> RuleSchemas::put(const sql::SchemaDefinition& definition) {
    HW_TRY(registry_.put(definition));
    return database_.transaction([&](catalog::Session& session) -> Result<void> {
        HW_TRY(session.run("delete from rule_schema where name = :name", {definition.name}));
        HW_TRY(session.run(
            "insert into rule_schema (name, type, body) values (:name, :type, :body)",
            {definition.name, std::string(sql::to_string(definition.type)), definition.text}));
        return {};
    });
}

Result<void> RuleSchemas::remove(std::string_view name) {
    HW_TRY(registry_.remove(name));
    return database_.transaction([&](catalog::Session& session) -> Result<void> {
        HW_TRY(session.run("delete from rule_schema where name = :name", {std::string(name)}));
        return {};
    });
}

}  // namespace hw::app
