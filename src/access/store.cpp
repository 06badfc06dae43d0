#include "access/store.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace hw::access {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::Session;
using catalog::Value;
using enum catalog::ColumnType;

constexpr catalog::Migration migrations[] = {
    {"access",
     "create table access_user (name text not null primary key, display_name text not null, "
     "password_hash text not null, role text not null, scope text not null, enabled bigint not "
     "null, must_change bigint not null, language text not null, units text not null, time_zone "
     "text not null, theme text not null, created bigint not null, last_sign_in bigint not null, "
     "revision bigint not null);\n"
     "create table access_session (digest text not null primary key, id text not null, user_name "
     "text not null references access_user (name) on delete cascade, created bigint not null, "
     "last_used bigint not null, peer text not null, agent text not null);\n"
     "create index access_session_user on access_session (user_name);\n"
     "create table access_key (id text not null primary key, name text not null unique, digest "
     "text not null, role text not null, scope text not null, enabled bigint not null, expires "
     "bigint not null, created bigint not null, created_by text not null, last_used bigint not "
     "null, revision bigint not null);\n"}};

Result<Role> role_of(const std::string& text) {
    const auto role = parse_role(text);
    if (!role)
        return fail(ErrorCode::corrupt, fmt::format("the catalogue has the role '{}'", text));
    return *role;
}

Result<void> insert_user(Session& session, const User& user) {
    HW_TRY(session.run(
        "insert into access_user (name, display_name, password_hash, role, scope, enabled, "
        "must_change, language, units, time_zone, theme, created, last_sign_in, revision) values "
        "(:name, :display_name, :password_hash, :role, :scope, :enabled, :must_change, :language, "
        ":units, :time_zone, :theme, :created, :last_sign_in, :revision)",
        {user.name, user.display_name, user.password_hash, std::string(to_string(user.role)),
         user.scope, int64_t{user.enabled}, int64_t{user.must_change_password},
         user.preferences.language, user.preferences.units, user.preferences.time_zone,
         user.preferences.theme, user.created.ns, user.last_sign_in.ns, user.revision}));
    return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(catalog::Database& database) {
    HW_TRY(database.migrate("access", migrations));
    return std::unique_ptr<Store>(new Store(database));
}

Result<std::vector<User>> Store::users() const {
    std::vector<User> out;
    const auto read = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select name, display_name, password_hash, role, scope, enabled, must_change, "
            "language, units, time_zone, theme, created, last_sign_in, revision from access_user "
            "order by name",
            {text, text, text, text, text, int64, int64, text, text, text, text, int64, int64,
             int64}));
        for (auto& row : rows) {
            User user;
            user.name = as_text(std::move(row[0]));
            user.display_name = as_text(std::move(row[1]));
            user.password_hash = as_text(std::move(row[2]));
            user.role = HW_TRY(role_of(as_text(std::move(row[3]))));
            user.scope = as_text(std::move(row[4]));
            user.enabled = as_int(row[5]) != 0;
            user.must_change_password = as_int(row[6]) != 0;
            user.preferences = {as_text(std::move(row[7])), as_text(std::move(row[8])),
                                as_text(std::move(row[9])), as_text(std::move(row[10]))};
            user.created.ns = as_int(row[11]);
            user.last_sign_in.ns = as_int(row[12]);
            user.revision = as_int(row[13]);
            out.push_back(std::move(user));
        }
        return {};
    });
    if (!read) return fail(read.error());
    return out;
}

Result<std::vector<SessionRow>> Store::sessions() const {
    std::vector<SessionRow> out;
    const auto read = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select digest, id, user_name, created, last_used, peer, agent from access_session "
            "order by created",
            {text, text, text, int64, int64, text, text}));
        for (auto& row : rows)
            out.push_back({as_text(std::move(row[0])), as_text(std::move(row[1])),
                           as_text(std::move(row[2])), Time{as_int(row[3])}, Time{as_int(row[4])},
                           as_text(std::move(row[5])), as_text(std::move(row[6]))});
        return {};
    });
    if (!read) return fail(read.error());
    return out;
}

Result<std::vector<Key>> Store::keys() const {
    std::vector<Key> out;
    const auto read = database_.read([&](Session& session) -> Result<void> {
        auto rows = HW_TRY(session.rows(
            "select id, name, digest, role, scope, enabled, expires, created, created_by, "
            "last_used, revision from access_key order by id",
            {text, text, text, text, text, int64, int64, int64, text, int64, int64}));
        for (auto& row : rows) {
            Key key;
            key.id = as_text(std::move(row[0]));
            key.name = as_text(std::move(row[1]));
            key.digest = as_text(std::move(row[2]));
            key.role = HW_TRY(role_of(as_text(std::move(row[3]))));
            key.scope = as_text(std::move(row[4]));
            key.enabled = as_int(row[5]) != 0;
            key.expires.ns = as_int(row[6]);
            key.created.ns = as_int(row[7]);
            key.created_by = as_text(std::move(row[8]));
            key.last_used.ns = as_int(row[9]);
            key.revision = as_int(row[10]);
            out.push_back(std::move(key));
        }
        return {};
    });
    if (!read) return fail(read.error());
    return out;
}

Result<void> Store::save_first_user(const User& user) {
    return database_.transaction([&](Session& session) -> Result<void> {
        const int64_t users = HW_TRY(session.number("select count(*) from access_user"));
        if (users > 0) return fail(ErrorCode::conflict, "there is a user already");
        return insert_user(session, user);
    });
}

Result<void> Store::save_user(const User& user) {
    return database_.transaction([&](Session& session) -> Result<void> {
        // Not removed and added again: its sessions refer to it.
        const uint64_t known = HW_TRY(session.run(
            "update access_user set display_name = :display_name, password_hash = :password_hash, "
            "role = :role, scope = :scope, enabled = :enabled, must_change = :must_change, "
            "language = :language, units = :units, time_zone = :time_zone, theme = :theme, "
            "last_sign_in = :last_sign_in, revision = :revision where name = :name",
            {user.display_name, user.password_hash, std::string(to_string(user.role)), user.scope,
             int64_t{user.enabled}, int64_t{user.must_change_password}, user.preferences.language,
             user.preferences.units, user.preferences.time_zone, user.preferences.theme,
             user.last_sign_in.ns, user.revision, user.name}));
        if (known > 0) return {};
        return insert_user(session, user);
    });
}

Result<void> Store::remove_user(const std::string& name) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from access_user where name = :name", {name}));
        return {};
    });
}

Result<void> Store::save_session(const SessionRow& row) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run(
            "insert into access_session (digest, id, user_name, created, last_used, peer, agent) "
            "values (:digest, :id, :user_name, :created, :last_used, :peer, :agent)",
            {row.digest, row.id, row.user, row.created.ns, row.last_used.ns, row.peer, row.agent}));
        return {};
    });
}

Result<void> Store::remove_sessions(const std::vector<std::string>& digests) {
    if (digests.empty()) return {};
    return database_.transaction([&](Session& session) -> Result<void> {
        constexpr std::array types = {text};
        auto remove =
            HW_TRY(session.prepare("delete from access_session where digest = :digest", types));
        for (const auto& digest : digests) {
            const std::array<Value, 1> row = {digest};
            HW_TRY(remove.run(row));
        }
        return {};
    });
}

Result<void> Store::remove_all_sessions() {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from access_session"));
        return {};
    });
}

Result<void> Store::save_uses(const std::vector<Use>& sessions, const std::vector<Use>& keys) {
    if (sessions.empty() && keys.empty()) return {};
    return database_.transaction([&](Session& session) -> Result<void> {
        constexpr std::array types = {int64, text};
        auto update_session = HW_TRY(session.prepare(
            "update access_session set last_used = :last_used where digest = :digest", types));
        auto update_key = HW_TRY(
            session.prepare("update access_key set last_used = :last_used where id = :id", types));
        for (const auto& [digest, time] : sessions) {
            const std::array<Value, 2> row = {time.ns, digest};
            HW_TRY(update_session.run(row));
        }
        for (const auto& [id, time] : keys) {
            const std::array<Value, 2> row = {time.ns, id};
            HW_TRY(update_key.run(row));
        }
        return {};
    });
}

Result<void> Store::save_key(const Key& key) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from access_key where id = :id", {key.id}));
        HW_TRY(session.run(
            "insert into access_key (id, name, digest, role, scope, enabled, expires, created, "
            "created_by, last_used, revision) values (:id, :name, :digest, :role, :scope, "
            ":enabled, :expires, :created, :created_by, :last_used, :revision)",
            {key.id, key.name, key.digest, std::string(to_string(key.role)), key.scope,
             int64_t{key.enabled}, key.expires.ns, key.created.ns, key.created_by, key.last_used.ns,
             key.revision}));
        return {};
    });
}

Result<void> Store::remove_key(const std::string& id) {
    return database_.transaction([&](Session& session) -> Result<void> {
        HW_TRY(session.run("delete from access_key where id = :id", {id}));
        return {};
    });
}

}  // namespace hw::access
