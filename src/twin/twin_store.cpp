#include "twin/twin_store.h"

#include <algorithm>
#include <utility>

#include "sql/json.h"

namespace hw::twin {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;
using catalog::Value;

constexpr auto whole = ColumnType::int64;
constexpr auto text = ColumnType::text;

constexpr catalog::Migration migrations[] = {
    {"twins",
     "create table twin_model (id text not null primary key, updated_ns bigint not null, "
     "actor text not null, json text not null);\n"
     "create table twin (id text not null, valid_from_ns bigint not null, valid_to_ns bigint, "
     "revision bigint not null, model text not null, name text not null, "
     "properties text not null, bindings text not null, created_ns bigint not null, "
     "actor text not null, primary key (id, valid_from_ns));\n"
     "create table twin_relationship (source text not null, name text not null, "
     "target text not null, valid_from_ns bigint not null, valid_to_ns bigint, "
     "properties text not null, actor text not null, "
     "primary key (source, name, target, valid_from_ns));\n"}};

constexpr std::string_view twin_columns =
    "select id, valid_from_ns, valid_to_ns, revision, model, name, properties, bindings, "
    "created_ns, actor from twin ";
constexpr ColumnType twin_types[] = {text, whole, whole, whole, text,
                                     text, text,  text,  whole, text};
constexpr std::string_view relationship_columns =
    "select source, name, target, valid_from_ns, valid_to_ns, properties, actor from "
    "twin_relationship ";
constexpr ColumnType relationship_types[] = {text, text, text, whole, whole, text, text};

std::optional<Time> optional_time(const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return Time{as_int(value)};
}

std::string bindings_json(const std::map<std::string, std::string>& bindings) {
    if (bindings.empty()) return "{}";
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& [path, point] : bindings)
        json.member(path, point);
    json.end_object();
    return out;
}

std::string object_json(const sql::Datum& object) {
    return object.is_object() && !object.members().empty() ? sql::to_json(object)
                                                           : std::string("{}");
}

// Reads rows of one kind after another; keeps the JSON reader's memory.
class RowReader {
  public:
    Result<sql::Datum> object(Value&& value) {
        const std::string json = as_text(std::move(value));
        if (json == "{}") return empty_;
        return reader_.read(json);
    }
    Result<StoredTwin> twin(Row& row) {
        StoredTwin twin;
        twin.spec.id = as_text(std::move(row[0]));
        twin.from.ns = as_int(row[1]);
        twin.to = optional_time(row[2]);
        twin.revision = as_int(row[3]);
        twin.spec.model = as_text(std::move(row[4]));
        twin.spec.name = as_text(std::move(row[5]));
        twin.spec.properties = HW_TRY(object(std::move(row[6])));
        const auto bindings = HW_TRY(object(std::move(row[7])));
        for (const auto& [path, point] : bindings.members())
            twin.spec.bindings.emplace(path.as_text(), point.as_text());
        twin.created.ns = as_int(row[8]);
        twin.actor = as_text(std::move(row[9]));
        return twin;
    }
    Result<StoredRelationship> relationship(Row& row) {
        StoredRelationship relationship;
        relationship.spec.source = as_text(std::move(row[0]));
        relationship.spec.name = as_text(std::move(row[1]));
        relationship.spec.target = as_text(std::move(row[2]));
        relationship.from.ns = as_int(row[3]);
        relationship.to = optional_time(row[4]);
        relationship.spec.properties = HW_TRY(object(std::move(row[5])));
        relationship.actor = as_text(std::move(row[6]));
        return relationship;
    }

  private:
    sql::JsonReader reader_;
    const sql::Datum empty_ = sql::Datum::object({});
};

// "where ..." of what holds now or at a time, with its parameters.
struct Validity {
    std::string where;
    std::vector<Value> parameters;
    std::vector<ColumnType> types;
};

Validity validity(std::optional<Time> time) {
    if (!time) return {"where valid_to_ns is null ", {}, {}};
    return {"where valid_from_ns <= :begin and (valid_to_ns is null or valid_to_ns > :end) ",
            {time->ns, time->ns},
            {whole, whole}};
}

Result<void> end_twins(Session& session, const StoredChange& change) {
    static constexpr ColumnType types[] = {whole, text};
    auto statement = HW_TRY(session.prepare(
        "update twin set valid_to_ns = :time where id = :id and valid_to_ns is null", types));
    // New ones too: one that did not fit its model was left out when the tables were read.
    for (const auto& twin : change.twins)
        HW_TRY(statement.run({{change.time.ns, twin.spec->id}}));
    for (const auto& id : change.removed_twins)
        HW_TRY(statement.run({{change.time.ns, std::string(id)}}));
    return {};
}

Result<void> end_relationships(Session& session, const StoredChange& change) {
    static constexpr ColumnType types[] = {whole, text, text, text};
    auto statement = HW_TRY(session.prepare(
        "update twin_relationship set valid_to_ns = :time where source = :source and "
        "name = :name and target = :target and valid_to_ns is null",
        types));
    const auto end = [&](const RelationshipSpec& spec) {
        return statement.run({{change.time.ns, spec.source, spec.name, spec.target}});
    };
    for (const auto& relationship : change.relationships)
        if (relationship.replaces) HW_TRY(end(*relationship.spec));
    for (const auto& spec : change.removed_relationships)
        HW_TRY(end(spec));
    return {};
}

Result<void> begin_twins(Session& session, const StoredChange& change) {
    static constexpr ColumnType types[] = {text, whole, whole, text, text, text, text, whole, text};
    auto statement = HW_TRY(session.prepare(
        "insert into twin (id, valid_from_ns, revision, model, name, properties, bindings, "
        "created_ns, actor) values (:id, :time, :revision, :model, :name, :properties, :bindings, "
        ":created, :actor)",
        types));
    std::vector<Value> row(std::size(types));
    for (const auto& twin : change.twins) {
        row[0] = twin.spec->id;
        row[1] = change.time.ns;
        row[2] = twin.revision;
        row[3] = twin.spec->model;
        row[4] = twin.spec->name;
        row[5] = object_json(twin.spec->properties);
        row[6] = bindings_json(twin.spec->bindings);
        row[7] = twin.created.ns;
        row[8] = change.actor;
        HW_TRY(statement.run(row));
    }
    return {};
}

Result<void> begin_relationships(Session& session, const StoredChange& change) {
    static constexpr ColumnType types[] = {text, text, text, whole, text, text};
    auto statement = HW_TRY(session.prepare(
        "insert into twin_relationship (source, name, target, valid_from_ns, properties, actor) "
        "values (:source, :name, :target, :time, :properties, :actor)",
        types));
    std::vector<Value> row(std::size(types));
    for (const auto& relationship : change.relationships) {
        row[0] = relationship.spec->source;
        row[1] = relationship.spec->name;
        row[2] = relationship.spec->target;
        row[3] = change.time.ns;
        row[4] = object_json(relationship.spec->properties);
        row[5] = change.actor;
        HW_TRY(statement.run(row));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<TwinStore>> TwinStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("twin", migrations));
    return std::unique_ptr<TwinStore>(new TwinStore(database));
}

Result<std::vector<std::string>> TwinStore::load_models() const {
    std::vector<std::string> models;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows("select json from twin_model order by id", {text}));
        for (auto& row : rows)
            models.push_back(as_text(std::move(row[0])));
        return {};
    });
    if (!done) return fail(done.error());
    return models;
}

Result<void> TwinStore::save_models(std::span<const Model> models, Time time,
                                    const std::string& actor) {
    return database_.transaction([&](Session& session) -> Result<void> {
        for (const auto& model : models) {
            HW_TRY(session.run("delete from twin_model where id = :id", {std::string(model.id)}));
            HW_TRY(
                session.run("insert into twin_model (id, updated_ns, actor, json) values (:id, "
                            ":time, :actor, :json)",
                            {std::string(model.id), time.ns, actor, std::string(model.json)}));
        }
        return {};
    });
}

Result<void> TwinStore::remove_model(std::string_view id) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from twin_model where id = :id", {std::string(id)}));
        return {};
    });
}

Result<void> TwinStore::each_twin(std::optional<Time> time, const TakeTwin& take) const {
    return database_.read([&](Session& session) -> Result<void> {
        const auto valid = validity(time);
        auto statement = HW_TRY(session.prepare(
            std::string(twin_columns) + valid.where + "order by id", valid.types, twin_types));
        RowReader reader;
        return statement.each(valid.parameters, [&](Row& row) -> Result<void> {
            auto twin = HW_TRY(reader.twin(row));
            return take(std::move(twin));
        });
    });
}

Result<void> TwinStore::each_relationship(std::optional<Time> time,
                                          const TakeRelationship& take) const {
    return database_.read([&](Session& session) -> Result<void> {
        const auto valid = validity(time);
        auto statement = HW_TRY(session.prepare(
            std::string(relationship_columns) + valid.where + "order by source, name, target",
            valid.types, relationship_types));
        RowReader reader;
        return statement.each(valid.parameters, [&](Row& row) -> Result<void> {
            auto relationship = HW_TRY(reader.relationship(row));
            return take(std::move(relationship));
        });
    });
}

Result<std::vector<StoredTwin>> TwinStore::versions(std::string_view id) const {
    std::vector<StoredTwin> versions;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        static constexpr ColumnType types[] = {text};
        auto statement = HW_TRY(session.prepare(
            std::string(twin_columns) + "where id = :id order by valid_from_ns desc", types,
            twin_types));
        RowReader reader;
        const Value parameter[] = {std::string(id)};
        return statement.each(parameter, [&](Row& row) -> Result<void> {
            auto version = HW_TRY(reader.twin(row));
            versions.push_back(std::move(version));
            return {};
        });
    });
    if (!done) return fail(done.error());
    return versions;
}

Result<std::vector<StoredRelationship>> TwinStore::relationship_versions(
    std::string_view source) const {
    std::vector<StoredRelationship> versions;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        static constexpr ColumnType types[] = {text};
        auto statement = HW_TRY(session.prepare(
            std::string(relationship_columns) +
                "where source = :source order by source, name, target, valid_from_ns",
            types, relationship_types));
        RowReader reader;
        const Value parameter[] = {std::string(source)};
        return statement.each(parameter, [&](Row& row) -> Result<void> {
            auto version = HW_TRY(reader.relationship(row));
            versions.push_back(std::move(version));
            return {};
        });
    });
    if (!done) return fail(done.error());
    return versions;
}

Result<std::vector<TwinStore::Ended>> TwinStore::ended() const {
    std::vector<Ended> ended;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select id, max(revision), max(valid_to_ns) from twin where valid_to_ns is not null "
            "group by id",
            {text, whole, whole}));
        for (auto& row : rows)
            ended.push_back({as_text(std::move(row[0])), as_int(row[1]), Time{as_int(row[2])}});
        return {};
    });
    if (!done) return fail(done.error());
    return ended;
}

Result<void> TwinStore::save(const StoredChange& change) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(end_relationships(session, change));
        HW_TRY(end_twins(session, change));
        HW_TRY(begin_twins(session, change));
        return begin_relationships(session, change);
    });
}

Result<uint64_t> TwinStore::remove_old(Time before) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed = HW_TRY(session.run("delete from twin where valid_to_ns < :before", {before.ns}));
        removed += HW_TRY(
            session.run("delete from twin_relationship where valid_to_ns < :before", {before.ns}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed;
}

}  // namespace hw::twin
