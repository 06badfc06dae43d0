#include "twin/watch/watch_store.h"

#include <utility>

namespace hw::twin {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Session;

constexpr catalog::Migration migrations[] = {
    {"subscriptions",
     "create table twin_watch (id text not null primary key, revision bigint not null, "
     "created bigint not null, updated bigint not null, actor text not null, "
     "body text not null);\n"}};

}  // namespace

Result<std::unique_ptr<WatchStore>> WatchStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("twin_watch", migrations));
    return std::unique_ptr<WatchStore>(new WatchStore(database));
}

Result<std::vector<WatchRow>> WatchStore::load() const {
    std::vector<WatchRow> out;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select id, revision, created, updated, actor, body from twin_watch order by id",
            {ColumnType::text, ColumnType::int64, ColumnType::int64, ColumnType::int64,
             ColumnType::text, ColumnType::text}));
        for (auto& row : rows)
            out.push_back({as_text(std::move(row[0])), as_int(row[1]), Time{as_int(row[2])},
                           Time{as_int(row[3])}, as_text(std::move(row[4])),
                           as_text(std::move(row[5]))});
        return {};
    });
    if (!done) return fail(done.error());
    return out;
}

Result<void> WatchStore::save(const WatchRow& row) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from twin_watch where id = :id", {row.id}));
        HW_TRY(session.run(
            "insert into twin_watch (id, revision, created, updated, actor, body) "
            "values (:id, :revision, :created, :updated, :actor, :body)",
            {row.id, row.revision, row.created.ns, row.updated.ns, row.actor, row.body}));
        return {};
    });
}

Result<void> WatchStore::remove(std::string_view id) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from twin_watch where id = :id", {std::string(id)}));
        return {};
    });
}

}  // namespace hw::twin
