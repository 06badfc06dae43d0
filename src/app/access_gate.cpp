#include "app/access_gate.h"

namespace hw::app {

using access::Verb;

namespace {

constexpr size_t contested_limit = 1000;  // within two seconds; who is left out comes again

bool same_rights(const access::Principal& one, const access::Principal& other) {
    return one.actor() == other.actor() && one.role == other.role && one.scope == other.scope;
}

}  // namespace

mqtt::Reason AccessGate::connect(const broker::Visitor& visitor) {
    if (keys_ == nullptr) return mqtt::Reason::success;
    const auto secret = as_text(visitor.password);
    auto grant = keys_->by_key(secret);
    if (!grant) grant = keys_->by_token(secret);
    if (!grant) return mqtt::Reason::bad_user_name_or_password;
    const auto at = clients_.find(visitor.client_id);
    if (at != clients_.end()) {
        // What it was subscribed to by a grant that has ended goes with its session, at the next
        // tick: until then even the same key, with another scope now, must not take it over.
        if (!keys_->holds(*at->second)) return mqtt::Reason::server_busy;
        if (!same_rights(at->second->principal(), grant->principal())) {
            if (contested_.size() < contested_limit) contested_.emplace_back(visitor.client_id);
            return mqtt::Reason::not_authorized;
        }
    }
    clients_.insert_or_assign(std::string(visitor.client_id), std::move(grant));
    return mqtt::Reason::success;
}

const access::Principal* AccessGate::known(std::string_view client_id) const {
    const auto at = clients_.find(client_id);
    if (at == clients_.end() || at->second->ended()) return nullptr;
    return &at->second->principal();
}

bool AccessGate::may_publish(std::string_view client_id, std::string_view topic) {
    if (keys_ == nullptr) return true;
    const auto* principal = known(client_id);
    return principal != nullptr && principal->may(Verb::write, topic);
}

bool AccessGate::may_subscribe(std::string_view client_id, std::string_view filter) {
    if (keys_ == nullptr) return true;
    const auto* principal = known(client_id);
    if (principal == nullptr) return false;
    // "$share/<group>/<filter>"
    constexpr std::string_view share = "$share/";
    if (filter.starts_with(share)) {
        const size_t slash = filter.find('/', share.size());
        if (slash == std::string_view::npos) return false;
        filter.remove_prefix(slash + 1);
    }
    return principal->may_filter(Verb::read, filter);
}

std::string AccessGate::actor_of(std::string_view client_id) const {
    const auto* principal = known(client_id);
    return principal == nullptr ? std::string(client_id) : principal->actor();
}

void AccessGate::tick(broker::Broker& broker) {
    if (keys_ == nullptr) return;
    std::vector<std::string> ended;
    for (const auto& [client_id, grant] : clients_)
        if (!keys_->goes_on(*grant)) ended.push_back(client_id);
    for (const auto& client_id : ended) {
        // With its session: what it was subscribed to may be more than it may have next time.
        broker.forget(client_id);
        clients_.erase(client_id);
    }
    const auto gone = [&broker](const std::string& client_id) {
        return !broker.client(client_id).has_value();
    };
    for (const auto& client_id : contested_)
        if (gone(client_id)) clients_.erase(client_id);
    contested_.clear();
    // Now and then all of them: twice what was left the last time is reached the more seldom, the
    // more there are.
    constexpr size_t spare = 1000;
    if (clients_.size() < look_above_) return;
    std::erase_if(clients_, [&gone](const auto& one) { return gone(one.first); });
    look_above_ = 2 * clients_.size() + spare;
}

}  // namespace hw::app
