// Setting up, signing in and out, passwords.

#include <fmt/format.h>

#include <algorithm>

#include "access/access.h"
#include "base/log.h"
#include "model/point_path.h"

namespace hw::access {

namespace {

constexpr size_t agent_bytes_limit = 200;
constexpr size_t display_name_limit = 128;

std::string seconds_text(Duration wait) {
    return fmt::format("{} s", (wait.ns + 999'999'999) / 1'000'000'000);
}

Refusal refused(Error error) {
    return {std::move(error), {}, false};
}

}  // namespace

Result<void> check_display_name(std::string_view name) {
    if (name.size() <= display_name_limit && model::is_mqtt_text(name)) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("display_name must be text of at most {} bytes", display_name_limit));
}

namespace {

Result<void> one_of(std::string_view value, std::string_view name,
                    std::initializer_list<std::string_view> known) {
    if (value.empty() || std::find(known.begin(), known.end(), value) != known.end()) return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} '{}' is not one of {}", name, value, fmt::join(known, ", ")));
}

}  // namespace

Result<void> check_preferences(const Preferences& wish) {
    HW_TRY(one_of(wish.language, "language", {"en", "zh"}));
    HW_TRY(one_of(wish.units, "units", {"si", "us"}));
    HW_TRY(one_of(wish.theme, "theme", {"auto", "light", "dark"}));
    constexpr size_t zone_limit = 64;
    const bool good = wish.time_zone.size() <= zone_limit &&
                      std::all_of(wish.time_zone.begin(), wish.time_zone.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                 (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' ||
                                 c == '+';
                      });
    if (!good)
        return fail(ErrorCode::invalid_argument,
                    "time_zone must be the name of a zone, such as Asia/Shanghai");
    return {};
}

std::pair<SlowDown&, std::string> Access::counted(const std::string& name, const Asker& asker) {
    if (familiar_.has(name, asker.peer)) return {slow_places_, place_of(name, asker.peer)};
    return {slow_users_, name};
}

std::optional<Refusal> Access::held_back(const std::string& name, const Asker& asker) {
    const Time now = rooms_.clock.monotonic();
    bool first_of_peer = false, first_of_user = false;
    auto [slow, as] = counted(name, asker);
    const Duration wait = std::max(slow_peers_.wait(asker.peer, now, &first_of_peer),
                                   slow.wait(as, now, &first_of_user));
    if (wait.ns <= 0) return std::nullopt;
    refused_.add();
    Refusal refusal{
        Error(ErrorCode::limit_exceeded,
              fmt::format("too many wrong passwords; try again in {}", seconds_text(wait))),
        wait, false};
    // Once a wait: who tries on without end must not fill the audit.
    if (first_of_peer || first_of_user)
        note(asker, "session.refused", name, {}, {}, &refusal.error);
    return refusal;
}

Refusal Access::count_wrong(const std::string& name, std::string_view why, std::string_view what,
                            const Asker& asker) {
    const Time now = rooms_.clock.monotonic();
    auto [slow, as] = counted(name, asker);
    slow.failed(as, now);
    slow_peers_.failed(asker.peer, now);
    refused_.add();
    const Error told(ErrorCode::permission_denied, std::string(what));
    const Error noted(ErrorCode::permission_denied, std::string(why));
    note(asker, "session.refused", name, {}, {}, &noted);
    return {told, {}, true};
}

Result<SignedIn> Access::begin_session(User user, const Asker& asker) {
    const Time now = rooms_.clock.now();
    user.last_sign_in = now;
    HW_TRY(store_->save_user(user));
    put(user);
    SignedIn in;
    in.token = random_secret(rooms_.random);
    SessionRow row{hex(sha256(in.token)),
                   random_id(rooms_.random),
                   user.name,
                   now,
                   now,
                   asker.peer,
                   asker.agent.substr(0, agent_bytes_limit)};
    if (!model::is_mqtt_text(row.agent)) row.agent.clear();
    HW_TRY(store_->save_session(row));
    in.grant = grant_of(user, now, now);
    familiar_.add(user.name, asker.peer);
    std::vector<std::string> surplus;
    {
        MutexLock lock(state_mutex_);
        std::vector<std::pair<Time, std::string>> of_user;
        for (const auto& [digest, session] : sessions_)
            if (session.row.user == user.name)
                of_user.emplace_back(session.grant->last_used(), digest);
        std::sort(of_user.begin(), of_user.end());
        for (size_t i = 0; i + settings_.sessions_per_user <= of_user.size(); ++i) {
            const auto at = sessions_.find(of_user[i].second);
            at->second.grant->end();
            sessions_.erase(at);
            surplus.push_back(of_user[i].second);
        }
        const std::string digest = row.digest;
        sessions_.emplace(digest, SessionState{std::move(row), in.grant});
    }
    HW_TRY(store_->remove_sessions(surplus));
    in.user = std::move(user);
    return in;
}

std::expected<SignedIn, Refusal> Access::set_up(SetUp wish, const Asker& asker) {
    if (!unclaimed())
        return std::unexpected(refused(
            Error(ErrorCode::conflict, "the server has its administrator already; sign in")));
    if (!setup_code_.empty()) {
        if (auto held = held_back("setup", asker)) return std::unexpected(std::move(*held));
        if (!equal_secrets(wish.code, setup_code_))
            return std::unexpected(
                count_wrong("setup", "the setup code is wrong",
                            "the setup code is wrong; it is in the file setup-code in the data "
                            "folder on the server's machine",
                            asker));
    }
    User user;
    const auto check = [&]() -> Result<void> {
        HW_TRY(check_name(wish.name, "the user's name"));
        HW_TRY(check_display_name(wish.display_name));
        HW_TRY(check_preferences(wish.preferences));
        HW_TRY(check_password(wish.password, wish.name, settings_.password_length_least));
        user.password_hash = HW_TRY(hash_password(wish.password, settings_.hash, rooms_.random));
        return {};
    };
    if (auto checked = check(); !checked) return std::unexpected(refused(checked.error()));
    user.name = wish.name;
    user.display_name = wish.display_name.empty() ? wish.name : wish.display_name;
    user.role = Role::administrator;
    user.preferences = wish.preferences;
    user.created = rooms_.clock.now();
    Asker known = asker;
    known.actor = user.name;
    MutexLock change(changes_);
    // The catalogue says who of two was the first.
    if (auto saved = store_->save_first_user(user); !saved)
        return std::unexpected(refused(saved.error()));
    put(user);
    unclaimed_ = false;
    note(known, "user.setup", user.name, {}, R"({"role":"administrator"})");
    log_info("access", fmt::format("claimed by '{}'", user.name));
    if (on_claimed_) on_claimed_();
    auto in = begin_session(std::move(user), known);
    if (!in) return std::unexpected(refused(in.error()));
    return std::move(*in);
}

std::expected<SignedIn, Refusal> Access::sign_in(const std::string& name,
                                                 const std::string& password, const Asker& asker) {
    if (auto held = held_back(name, asker)) return std::unexpected(std::move(*held));
    auto user = find(name);
    const bool right = password.size() <= password_bytes_limit &&
                       verify_password(password, user ? user->password_hash : decoy_hash_);
    if (!user || !right || !user->enabled)
        return std::unexpected(count_wrong(name,
                                           !user    ? "no such user"
                                           : !right ? "wrong password"
                                                    : "the user is disabled",
                                           "the name or the password is wrong", asker));
    auto [slow, as] = counted(name, asker);
    slow.succeeded(as);
    slow_peers_.succeeded(asker.peer);
    std::string better;
    if (needs_rehash(user->password_hash, settings_.hash))
        if (auto hash = hash_password(password, settings_.hash, rooms_.random))
            better = std::move(*hash);
    Asker known = asker;
    known.actor = name;
    MutexLock change(changes_);
    // It may have changed while the hash was made.
    auto now = find(name);
    if (!now || !now->enabled || now->password_hash != user->password_hash)
        return std::unexpected(
            refused(Error(ErrorCode::conflict, "the user was changed meanwhile; sign in again")));
    if (!better.empty()) now->password_hash = std::move(better);
    auto in = begin_session(std::move(*now), known);
    if (!in) return std::unexpected(refused(in.error()));
    note(known, "session.begin", name);
    return std::move(*in);
}

void Access::sign_out(std::string_view token, const Asker& asker) {
    const auto session = session_of(token);
    if (!session) return;
    if (auto ended = end_session(session->id, session->user, asker); !ended)
        log_warning("access", ended.error().text());
}

std::expected<SignedIn, Refusal> Access::change_password(const std::string& name,
                                                         const std::string& old_password,
                                                         const std::string& new_password,
                                                         const Asker& asker) {
    if (auto held = held_back(name, asker)) return std::unexpected(std::move(*held));
    const auto user = find(name);
    if (!user) return std::unexpected(refused(Error(ErrorCode::not_found, "the user was removed")));
    if (old_password.size() > password_bytes_limit ||
        !verify_password(old_password, user->password_hash))
        return std::unexpected(count_wrong(name, "wrong old password at a change of it",
                                           "the old password is wrong", asker));
    const auto prepare = [&]() -> Result<std::string> {
        HW_TRY(check_password(new_password, name, settings_.password_length_least));
        if (new_password == old_password)
            return fail(ErrorCode::invalid_argument, "the new password is the old one");
        return hash_password(new_password, settings_.hash, rooms_.random);
    };
    auto hash = prepare();
    if (!hash) return std::unexpected(refused(hash.error()));
    MutexLock change(changes_);
    auto now = find(name);
    if (!now || !now->enabled || now->password_hash != user->password_hash)
        return std::unexpected(
            refused(Error(ErrorCode::conflict, "the user was changed meanwhile; sign in again")));
    now->password_hash = std::move(*hash);
    now->must_change_password = false;
    ++now->revision;
    if (auto ended = end_sessions_of(name); !ended) return std::unexpected(refused(ended.error()));
    auto in = begin_session(std::move(*now), asker);
    if (!in) return std::unexpected(refused(in.error()));
    auto [slow, as] = counted(name, asker);
    slow.succeeded(as);
    note(asker, "user.password", name);
    return std::move(*in);
}

}  // namespace hw::access
