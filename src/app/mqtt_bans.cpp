#include "app/mqtt_bans.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::app {

namespace {

using api::Ban;
using api::BanKind;
using catalog::ColumnType;
using catalog::Session;

constexpr catalog::Migration migrations[] = {
    {"bans",
     "create table mqtt_ban (kind text not null, value text not null, until_ns bigint, reason text "
     "not null, created_by text not null, created_ns bigint not null, primary key (kind, "
     "value));\n"}};

}  // namespace

Result<std::unique_ptr<MqttBans>> MqttBans::open(catalog::Database& database, const Clock& clock) {
    HW_TRY(database.migrate("mqtt_bans", migrations));
    std::unique_ptr<MqttBans> made(new MqttBans(database, clock));
    HW_TRY(made->load());
    return made;
}

Result<void> MqttBans::load() {
    std::vector<catalog::Row> rows;
    const auto read = database_.read([&](Session& session) -> Result<void> {
        rows = HW_TRY(session.rows(
            "select kind, value, until_ns, reason, created_by, created_ns from mqtt_ban",
            {ColumnType::text, ColumnType::text, ColumnType::int64, ColumnType::text,
             ColumnType::text, ColumnType::int64}));
        return {};
    });
    if (!read) return fail(read.error());
    MutexLock lock(mutex_);
    for (auto& row : rows) {
        Ban ban;
        const auto kind = catalog::as_text(std::move(row[0]));
        ban.kind = HW_TRY(api::read_ban_kind(kind));
        ban.value = catalog::as_text(std::move(row[1]));
        if (std::holds_alternative<int64_t>(row[2])) ban.until = Time{catalog::as_int(row[2])};
        ban.reason = catalog::as_text(std::move(row[3]));
        ban.created_by = catalog::as_text(std::move(row[4]));
        ban.created_at = Time{catalog::as_int(row[5])};
        keep(std::move(ban));
    }
    return {};
}

void MqttBans::keep(Ban ban) {
    Key key{ban.kind, ban.value};
    drop(key);
    if (ban.kind == BanKind::address)
        if (auto network = Network::read(ban.value)) networks_[network->bits()].insert(*network);
    bans_.emplace(std::move(key), std::move(ban));
    count_ = bans_.size();
}

void MqttBans::drop(const Key& key) {
    if (bans_.erase(key) > 0 && key.first == BanKind::address)
        if (const auto network = Network::read(key.second)) {
            auto& alike = networks_[network->bits()];
            alike.erase(*network);
            if (alike.empty()) networks_.erase(network->bits());
        }
    count_ = bans_.size();
}

bool MqttBans::banned(const broker::Visitor& visitor) const {
    return holds(visitor.client_id, visitor.user_name, visitor.peer);
}

bool MqttBans::holds(std::string_view client_id, std::string_view user_name,
                     std::string_view peer) const {
    if (count_.load(std::memory_order_relaxed) == 0) return false;
    const Time now = clock_.now();
    MutexLock lock(mutex_);
    if (found(BanKind::client, client_id, now)) return true;
    if (!user_name.empty() && found(BanKind::user, user_name, now)) return true;
    if (networks_.empty()) return false;
    const auto address = Network::read(address_of(peer));
    if (!address) return false;
    return std::any_of(networks_.begin(), networks_.end(), [&](const auto& alike) {
        const Network around = address->around(alike.first);
        return alike.second.contains(around) && found(BanKind::address, around.text(), now);
    });
}

bool MqttBans::found(BanKind kind, std::string_view value, Time now) const {
    const auto it = bans_.find(Key{kind, std::string(value)});
    return it != bans_.end() && in_force(it->second, now);
}

std::vector<Ban> MqttBans::list() const {
    const Time now = clock_.now();
    std::vector<Ban> out;
    MutexLock lock(mutex_);
    for (const auto& [key, ban] : bans_)
        if (in_force(ban, now)) out.push_back(ban);
    return out;
}

Result<void> MqttBans::put(Ban ban) {
    if (ban.kind == BanKind::address) {
        const auto network = HW_TRY(Network::read(ban.value));
        ban.value = network.text();
    }
    MutexLock one_change(changes_);
    const Time now = clock_.now();
    std::vector<Key> over;
    {
        MutexLock lock(mutex_);
        for (const auto& [key, known] : bans_)
            if (!in_force(known, now)) over.push_back(key);
        if (bans_.size() - over.size() >= bans_limit && !bans_.contains({ban.kind, ban.value}))
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} bans, the limit; lift some, or ban a network",
                                    bans_limit));
    }
    over.emplace_back(ban.kind, ban.value);
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        for (const auto& [kind, value] : over)
            HW_TRY(session.run("delete from mqtt_ban where kind = :kind and value = :value",
                               {std::string(api::to_string(kind)), value}));
        HW_TRY(session.run(
            "insert into mqtt_ban (kind, value, until_ns, reason, created_by, created_ns) values "
            "(:kind, :value, :until, :reason, :by, :at)",
            {std::string(api::to_string(ban.kind)), ban.value,
             ban.until ? catalog::Value(ban.until->ns) : catalog::Value(), ban.reason,
             ban.created_by, ban.created_at.ns}));
        return {};
    });
    if (!done) return fail(done.error());
    MutexLock lock(mutex_);
    for (const auto& key : over)
        drop(key);
    keep(std::move(ban));
    return {};
}

Result<bool> MqttBans::remove(BanKind kind, std::string_view value) {
    Key key{kind, std::string(value)};
    if (kind == BanKind::address) {
        const auto network = Network::read(value);
        if (!network) return false;
        key.second = network->text();
    }
    MutexLock one_change(changes_);
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed = HW_TRY(session.run("delete from mqtt_ban where kind = :kind and value = :value",
                                     {std::string(api::to_string(kind)), key.second}));
        return {};
    });
    if (!done) return fail(done.error());
    MutexLock lock(mutex_);
    drop(key);
    return removed > 0;
}

}  // namespace hw::app
