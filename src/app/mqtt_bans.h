#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/broker_admin.h"
#include "app/network.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "broker/gate.h"
#include "catalog/database.h"

namespace hw::app {

// Who may not connect, in the catalogue and in memory. Any thread; asked at each CONNECT, which
// costs one test where there is no ban, else a lock, two look-ups, and one for each length of
// prefix that some banned network has.
class MqttBans final : public api::BanList {
  public:
    static constexpr size_t bans_limit = 10'000;

    // Errors: the table cannot be read. What is pointed to outlives it.
    static Result<std::unique_ptr<MqttBans>> open(catalog::Database& database, const Clock& clock);

    bool banned(const broker::Visitor& visitor) const;

    std::vector<api::Ban> list() const override;
    Result<void> put(api::Ban ban) override;
    Result<bool> remove(api::BanKind kind, std::string_view value) override;
    bool holds(std::string_view client_id, std::string_view user_name,
               std::string_view peer) const override;

  private:
    using Key = std::pair<api::BanKind, std::string>;

    MqttBans(catalog::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}
    Result<void> load();
    bool found(api::BanKind kind, std::string_view value, Time now) const
        HW_LOCKING(requires_capability(mutex_));
    void keep(api::Ban ban) HW_LOCKING(requires_capability(mutex_));
    void drop(const Key& key) HW_LOCKING(requires_capability(mutex_));
    bool in_force(const api::Ban& ban, Time now) const { return !ban.until || *ban.until > now; }

    catalog::Database& database_;
    const Clock& clock_;
    Mutex changes_;  // one change at a time; taken before the other
    mutable Mutex mutex_;
    std::map<Key, api::Ban> bans_ HW_LOCKING(guarded_by(mutex_));
    // Of the bans of addresses, by the length of their prefix.
    std::map<int, std::set<Network>> networks_ HW_LOCKING(guarded_by(mutex_));
    std::atomic<size_t> count_{0};
};

// Asks the bans first, then the gate behind it.
class BanGate final : public broker::Gate {
  public:
    BanGate(const MqttBans& bans, broker::Gate& inner) : bans_(bans), inner_(inner) {}

    mqtt::Reason connect(const broker::Visitor& visitor) override {
        return bans_.banned(visitor) ? mqtt::Reason::banned : inner_.connect(visitor);
    }
    bool may_publish(std::string_view client_id, std::string_view topic) override {
        return inner_.may_publish(client_id, topic);
    }
    bool may_subscribe(std::string_view client_id, std::string_view filter) override {
        return inner_.may_subscribe(client_id, filter);
    }

  private:
    const MqttBans& bans_;
    broker::Gate& inner_;
};

}  // namespace hw::app
