#include "access/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/log.h"

namespace hw::access {

namespace {

// Names that the slow-down remembers: some 200 bytes each.
constexpr size_t slow_names_limit = 10'000;
constexpr size_t tokens_limit = 10'000;
constexpr size_t name_length_limit = 64;

}  // namespace

Result<void> check_name(std::string_view name, std::string_view what) {
    const bool good = !name.empty() && name.size() <= name_length_limit &&
                      std::all_of(name.begin(), name.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                                 c == '_' || c == '-' || c == '@';
                      });
    if (good) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} '{}' must be 1 to {} of the letters a to z, digits and . _ - @",
                            what, name.substr(0, name_length_limit), name_length_limit));
}

Access::Access(Settings settings, Rooms rooms, std::string setup_code)
    : settings_(std::move(settings)),
      rooms_(std::move(rooms)),
      setup_code_(std::move(setup_code)),
      slow_users_(settings_.attempts_user, slow_names_limit),
      slow_places_(settings_.attempts_user, slow_names_limit),
      slow_peers_(settings_.attempts_peer, slow_names_limit),
      familiar_(slow_names_limit),
      told_refusals_(1, slow_names_limit),
      refused_(rooms_.metrics.counter("headworks_access_refused_total",
                                      "Sign-ins that were refused: wrong, or too soon")) {}

Result<std::unique_ptr<Access>> Access::open(Settings settings, Rooms rooms,
                                             std::string setup_code) {
    std::unique_ptr<Access> made(
        new Access(std::move(settings), std::move(rooms), std::move(setup_code)));
    HW_TRY(made->load());
    return made;
}

Result<void> Access::load() {
    store_ = HW_TRY(Store::open(rooms_.database));
    decoy_hash_ = HW_TRY(hash_password("no user has this one", settings_.hash, rooms_.random));
    auto users = HW_TRY(store_->users());
    auto rows = HW_TRY(store_->sessions());
    auto keys = HW_TRY(store_->keys());
    MutexLock lock(state_mutex_);
    for (auto& user : users)
        users_.emplace(user.name, std::move(user));
    unclaimed_ = users_.empty();
    for (auto& row : rows) {
        const auto user = users_.find(row.user);
        if (user == users_.end() || !user->second.enabled) continue;
        familiar_.add(row.user, row.peer);
        auto grant = grant_of(user->second, row.created, row.last_used);
        const std::string digest = row.digest;
        sessions_.emplace(digest, SessionState{std::move(row), std::move(grant)});
    }
    for (auto& key : keys) {
        auto grant = grant_of(key);
        const std::string id = key.id;
        keys_.emplace(id, KeyState{std::move(key), std::move(grant)});
    }
    return {};
}

Principal Access::principal_of(const User& user) const {
    return {Principal::Kind::user, user.name, user.role, user.scope, user.must_change_password};
}

GrantPtr Access::grant_of(const User& user, Time created, Time last_used) const {
    return std::make_shared<Grant>(
        principal_of(user),
        Grant::Limits{created + settings_.session_longest, settings_.session_idle}, last_used);
}

GrantPtr Access::grant_of(const Key& key) const {
    auto grant = std::make_shared<Grant>(
        Principal{Principal::Kind::key, key.name, key.role, key.scope, false},
        Grant::Limits{key.expires, {}}, key.last_used);
    if (!key.enabled) grant->end();
    return grant;
}

bool Access::holds(const Grant& grant) const {
    if (grant.principal().kind == Principal::Kind::open) return open_to_local();
    return grant.good(rooms_.clock.now());
}

bool Access::goes_on(Grant& grant) const {
    if (!holds(grant)) return false;
    grant.touch(rooms_.clock.now());
    return true;
}

GrantPtr Access::open_grant(std::string name) const {
    return std::make_shared<Grant>(
        Principal{Principal::Kind::open, std::move(name), Role::administrator, "#", false},
        Grant::Limits{}, Time{});
}

GrantPtr Access::by_session(std::string_view token) {
    if (!is_secret(token)) return nullptr;
    const std::string digest = hex(sha256(token));
    const Time now = rooms_.clock.now();
    MutexLock lock(state_mutex_);
    const auto at = sessions_.find(digest);
    if (at == sessions_.end() || !at->second.grant->good(now)) return nullptr;
    at->second.grant->touch(now);
    return at->second.grant;
}

GrantPtr Access::by_key(std::string_view text) {
    const auto parts = parse_key(text);
    if (!parts) return nullptr;
    const std::string digest = hex(sha256(text));
    const std::string id(parts->id);
    if (id == local_key_.id)
        return equal_secrets(local_key_.digest, digest) ? local_key_.grant : nullptr;
    const Time now = rooms_.clock.now();
    MutexLock lock(state_mutex_);
    const auto at = keys_.find(id);
    if (at == keys_.end() || !equal_secrets(at->second.key.digest, digest) ||
        !at->second.grant->good(now))
        return nullptr;
    at->second.grant->touch(now);
    return at->second.grant;
}

std::string Access::make_local_key() {
    local_key_.id = random_id(rooms_.random);
    std::string text = make_key(local_key_.id, random_secret(rooms_.random));
    local_key_.digest = hex(sha256(text));
    local_key_.grant = std::make_shared<Grant>(
        Principal{Principal::Kind::key, std::string(local_name), Role::administrator, "#", false},
        Grant::Limits{}, rooms_.clock.now());
    return text;
}

GrantPtr Access::by_token(std::string_view text) {
    if (!is_secret(text)) return nullptr;
    const std::string digest = sha256(text);
    const Time now = rooms_.clock.now();
    MutexLock lock(state_mutex_);
    const auto at = tokens_.find(digest);
    if (at == tokens_.end() || at->second.expires <= now || !holds(*at->second.grant))
        return nullptr;
    return at->second.grant;
}

std::string Access::make_token(const GrantPtr& grant) {
    std::string text = random_secret(rooms_.random);
    std::string digest = sha256(text);
    const Time now = rooms_.clock.now();
    MutexLock lock(state_mutex_);
    while (!token_order_.empty()) {
        const auto oldest = tokens_.find(token_order_.front());
        const bool over = tokens_.size() >= tokens_limit;
        if (!over && oldest != tokens_.end() && oldest->second.expires > now) break;
        tokens_.erase(token_order_.front());
        token_order_.pop_front();
    }
    token_order_.push_back(digest);
    tokens_.emplace(std::move(digest), Token{grant, now + token_life});
    return text;
}

std::string Access::csrf_of(std::string_view session_token) {
    return base64url(sha256(fmt::format("headworks csrf {}", session_token)));
}

std::vector<SessionView> Access::sessions(std::string_view user) const {
    const Time now = rooms_.clock.now();
    std::vector<SessionView> out;
    MutexLock lock(state_mutex_);
    for (const auto& [digest, session] : sessions_) {
        const auto& [row, grant] = session;
        if ((!user.empty() && row.user != user) || !grant->good(now)) continue;
        out.push_back({row.id, row.user, row.created, grant->last_used(), grant->ends(), row.peer,
                       row.agent});
    }
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.last_used > b.last_used; });
    return out;
}

std::optional<SessionView> Access::session_of(std::string_view token) const {
    const std::string digest = hex(sha256(token));
    MutexLock lock(state_mutex_);
    const auto at = sessions_.find(digest);
    if (at == sessions_.end()) return std::nullopt;
    const auto& [row, grant] = at->second;
    return SessionView{row.id,        row.user, row.created, grant->last_used(),
                       grant->ends(), row.peer, row.agent};
}

Result<void> Access::end_session(const std::string& id, std::string_view user, const Asker& asker) {
    MutexLock change(changes_);
    std::string digest, owner;
    {
        MutexLock lock(state_mutex_);
        for (const auto& [key, session] : sessions_)
            if (session.row.id == id && (user.empty() || session.row.user == user)) {
                digest = key;
                owner = session.row.user;
            }
    }
    if (digest.empty())
        return fail(ErrorCode::not_found, fmt::format("there is no session '{}'", id));
    HW_TRY(store_->remove_sessions({digest}));
    {
        MutexLock lock(state_mutex_);
        const auto at = sessions_.find(digest);
        if (at != sessions_.end()) {
            at->second.grant->end();
            sessions_.erase(at);
        }
    }
    note(asker, "session.end", owner, {}, {}, nullptr, id);
    return {};
}

Result<void> Access::end_sessions_of(const std::string& user) {
    std::vector<std::string> digests;
    {
        MutexLock lock(state_mutex_);
        for (auto& [digest, session] : sessions_) {
            if (session.row.user != user) continue;
            // At once, whatever the disk says: better signed out than in.
            session.grant->end();
            digests.push_back(digest);
        }
        for (const auto& digest : digests)
            sessions_.erase(digest);
    }
    return store_->remove_sessions(digests);
}

Result<void> Access::flush() {
    std::vector<Store::Use> session_uses, key_uses;
    std::vector<std::string> ended;
    MutexLock change(changes_);
    const Time now = rooms_.clock.now();
    {
        MutexLock lock(state_mutex_);
        for (auto& [digest, session] : sessions_) {
            const Time used = session.grant->last_used();
            if (!session.grant->good(now)) {
                session.grant->end();
                ended.push_back(digest);
            } else if (used != session.row.last_used) {
                session.row.last_used = used;
                session_uses.push_back({digest, used});
            }
        }
        for (const auto& digest : ended)
            sessions_.erase(digest);
        for (auto& [id, key] : keys_) {
            const Time used = key.grant->last_used();
            if (used == key.key.last_used) continue;
            key.key.last_used = used;
            key_uses.push_back({id, used});
        }
    }
    HW_TRY(store_->remove_sessions(ended));
    return store_->save_uses(session_uses, key_uses);
}

void Access::note_refused(const Asker& asker, std::string_view operation, std::string_view target,
                          std::string_view why) {
    const Time now = rooms_.clock.monotonic();
    const std::string name = fmt::format("{}\n{}", asker.actor, operation);
    if (told_refusals_.wait(name, now).ns > 0) return;
    told_refusals_.failed(name, now);
    const Error error(ErrorCode::permission_denied, fmt::format("{}: {}", operation, why));
    note(asker, "access.refused", target, {}, {}, &error);
}

void Access::note(const Asker& asker, std::string_view action, std::string_view target,
                  std::string_view old_value, std::string_view new_value, const Error* error,
                  std::string_view detail) const {
    rooms_.audit.append({rooms_.clock.now(), asker.actor, asker.origin, std::string(action),
                         std::string(target), std::string(old_value), std::string(new_value),
                         error == nullptr ? "ok" : std::string(to_string(error->code())),
                         error == nullptr ? std::string(detail) : error->text()});
}

}  // namespace hw::access
