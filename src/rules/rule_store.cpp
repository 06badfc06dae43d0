#include "rules/rule_store.h"

#include <fmt/format.h>

#include <utility>

#include "rules/rule_json.h"
#include "sql/json.h"

namespace hw::rules {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;

constexpr catalog::Migration migrations[] = {
    {"rules",
     "create table rule (id text not null primary key, version bigint not null, "
     "created bigint not null);\n"
     "create table rule_version (rule_id text not null references rule (id) on delete cascade, "
     "version bigint not null, updated bigint not null, actor text not null, body text not null, "
     "primary key (rule_id, version));\n"
     "create table rule_stream (name text not null primary key, is_table bigint not null, "
     "statement text not null);\n"
     "create table rule_connector (name text not null primary key, kind text not null, "
     "description text not null, settings text not null);\n"}};

constexpr std::string_view select_rules =
    "select r.created, v.version, v.updated, v.actor, v.body from rule r "
    "join rule_version v on v.rule_id = r.id ";

Result<StoredRule> rule_from(Row& row) {
    StoredRule rule;
    rule.created.ns = as_int(row[0]);
    rule.version = as_int(row[1]);
    rule.updated.ns = as_int(row[2]);
    rule.actor = as_text(std::move(row[3]));
    rule.spec = HW_TRY(read_rule(as_text(std::move(row[4]))));
    return rule;
}

Result<std::vector<StoredRule>> rules_from(Session& session, const std::string& sql,
                                           std::initializer_list<catalog::Value> parameters) {
    auto rows = HW_TRY(session.rows(sql,
                                    {ColumnType::int64, ColumnType::int64, ColumnType::int64,
                                     ColumnType::text, ColumnType::text},
                                    parameters));
    std::vector<StoredRule> rules;
    rules.reserve(rows.size());
    for (auto& row : rows) {
        auto rule = HW_TRY(rule_from(row));
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace

Result<std::unique_ptr<RuleStore>> RuleStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("rules", migrations));
    return std::unique_ptr<RuleStore>(new RuleStore(database));
}

Result<std::vector<StoredRule>> RuleStore::load() const {
    std::vector<StoredRule> rules;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        rules = HW_TRY(rules_from(
            session, std::string(select_rules) + "where v.version = r.version order by r.id", {}));
        return {};
    });
    if (!done) return fail(done.error());
    return rules;
}

Result<void> RuleStore::save(const StoredRule& rule, size_t versions_limit, const Commit& commit) {
    return database_.transaction([&](Session& session) -> Result<void> {
        const std::string& id = rule.spec.id;
        const uint64_t changed = HW_TRY(
            session.run("update rule set version = :version where id = :id", {rule.version, id}));
        if (changed == 0)
            HW_TRY(
                session.run("insert into rule (id, version, created) values (:id, :version, "
                            ":created)",
                            {id, rule.version, rule.created.ns}));
        HW_TRY(
            session.run("insert into rule_version (rule_id, version, updated, actor, body) "
                        "values (:id, :version, :updated, :actor, :body)",
                        {id, rule.version, rule.updated.ns, rule.actor, rule_text(rule.spec)}));
        HW_TRY(session.run("delete from rule_version where rule_id = :id and version <= :oldest",
                           {id, rule.version - static_cast<int64_t>(versions_limit)}));
        return commit();
    });
}

Result<void> RuleStore::remove(std::string_view id, const Commit& commit) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from rule where id = :id", {std::string(id)}));
        return commit();
    });
}

Result<std::vector<StoredRule>> RuleStore::versions(std::string_view id) const {
    std::vector<StoredRule> rules;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        rules = HW_TRY(rules_from(
            session, std::string(select_rules) + "where r.id = :id order by v.version desc",
            {std::string(id)}));
        return {};
    });
    if (!done) return fail(done.error());
    return rules;
}

Result<std::optional<StoredRule>> RuleStore::version(std::string_view id, int64_t version) const {
    std::optional<StoredRule> rule;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rules = HW_TRY(rules_from(
            session, std::string(select_rules) + "where r.id = :id and v.version = :version",
            {std::string(id), version}));
        if (!rules.empty()) rule = std::move(rules.front());
        return {};
    });
    if (!done) return fail(done.error());
    return rule;
}

Result<std::vector<StreamSpec>> RuleStore::load_streams() const {
    std::vector<StreamSpec> streams;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows =
            HW_TRY(session.rows("select name, is_table, statement from rule_stream order by name",
                                {ColumnType::text, ColumnType::int64, ColumnType::text}));
        for (auto& row : rows)
            streams.push_back(
                {as_text(std::move(row[0])), as_int(row[1]) != 0, as_text(std::move(row[2]))});
        return {};
    });
    if (!done) return fail(done.error());
    return streams;
}

Result<void> RuleStore::save_stream(const StreamSpec& stream, const Commit& commit) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from rule_stream where name = :name", {stream.name}));
        HW_TRY(
            session.run("insert into rule_stream (name, is_table, statement) values (:name, "
                        ":is_table, :statement)",
                        {stream.name, static_cast<int64_t>(stream.table), stream.sql}));
        return commit();
    });
}

Result<bool> RuleStore::remove_stream(std::string_view name) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed =
            HW_TRY(session.run("delete from rule_stream where name = :name", {std::string(name)}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed > 0;
}

Result<std::vector<ConnectorSpec>> RuleStore::load_connectors() const {
    std::vector<ConnectorSpec> connectors;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select name, kind, description, settings from rule_connector order by name",
            {ColumnType::text, ColumnType::text, ColumnType::text, ColumnType::text}));
        sql::JsonReader reader;
        for (auto& row : rows) {
            ConnectorSpec spec;
            spec.name = as_text(std::move(row[0]));
            spec.kind = as_text(std::move(row[1]));
            spec.description = as_text(std::move(row[2]));
            spec.settings = HW_TRY(reader.read(as_text(std::move(row[3]))));
            connectors.push_back(std::move(spec));
        }
        return {};
    });
    if (!done) return fail(done.error());
    return connectors;
}

Result<void> RuleStore::save_connector(const ConnectorSpec& connector) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from rule_connector where name = :name", {connector.name}));
        HW_TRY(
            session.run("insert into rule_connector (name, kind, description, settings) values "
                        "(:name, :kind, :description, :settings)",
                        {connector.name, connector.kind, connector.description,
                         sql::to_json(connector.settings)}));
        return {};
    });
}

Result<bool> RuleStore::remove_connector(std::string_view name) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed = HW_TRY(
            session.run("delete from rule_connector where name = :name", {std::string(name)}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed > 0;
}

}  // namespace hw::rules
