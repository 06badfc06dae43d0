// The users as an administrator sees and changes them.

#include <fmt/format.h>

#include "access/access.h"
#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::access {

namespace {

std::string summary_of(const User& user) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("display_name", user.display_name);
    json.member("role", to_string(user.role));
    json.member("scope", user.scope);
    json.member("enabled", user.enabled);
    json.end_object();
    return out;
}

Error no_user(std::string_view name) {
    return Error(ErrorCode::not_found, fmt::format("there is no user '{}'", name));
}

User without_hash(User user) {
    user.password_hash.clear();
    return user;
}

}  // namespace

Result<void> check_scope(std::string_view scope, Role role) {
    HW_TRY(model::check_filter(scope));
    if (role != Role::administrator || scope == "#") return {};
    return fail(ErrorCode::invalid_argument,
                fmt::format("an administrator has all paths, the scope '#', not '{}'", scope));
}

std::optional<User> Access::find(std::string_view name) const {
    MutexLock lock(state_mutex_);
    const auto at = users_.find(name);
    return at == users_.end() ? std::nullopt : std::optional(at->second);
}

void Access::put(const User& user) {
    MutexLock lock(state_mutex_);
    users_.insert_or_assign(user.name, user);
}

std::vector<User> Access::users() const {
    std::vector<User> out;
    MutexLock lock(state_mutex_);
    for (const auto& [name, user] : users_)
        out.push_back(without_hash(user));
    return out;
}

Result<User> Access::user(std::string_view name) const {
    auto found = find(name);
    if (!found) return fail(no_user(name));
    return without_hash(std::move(*found));
}

Result<User> Access::create_user(User user, const std::string& password, const Asker& asker) {
    const auto work = [&]() -> Result<void> {
        HW_TRY(check_name(user.name, "the user's name"));
        HW_TRY(check_display_name(user.display_name));
        HW_TRY(check_preferences(user.preferences));
        HW_TRY(check_scope(user.scope, user.role));
        HW_TRY(check_password(password, user.name, settings_.password_length_least));
        if (unclaimed())
            return fail(ErrorCode::conflict,
                        "the first user is made by POST /api/v1/setup, and is its administrator");
        user.password_hash = HW_TRY(hash_password(password, settings_.hash, rooms_.random));
        user.created = rooms_.clock.now();
        user.last_sign_in = {};
        user.revision = 1;
        if (user.display_name.empty()) user.display_name = user.name;
        MutexLock change(changes_);
        if (find(user.name))
            return fail(ErrorCode::conflict, fmt::format("there is a user '{}'", user.name));
        if (users().size() >= settings_.users_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} users, the limit access.users_limit",
                                    settings_.users_limit));
        HW_TRY(store_->save_user(user));
        put(user);
        return {};
    };
    const auto done = work();
    note(asker, "user.create", user.name, {}, summary_of(user), done ? nullptr : &done.error());
    if (!done) return fail(done.error());
    return without_hash(std::move(user));
}

Result<void> Access::keep_others_in_reach(const User& was, bool stays_administrator) const {
    if (was.role != Role::administrator || !was.enabled || stays_administrator) return {};
    MutexLock lock(state_mutex_);
    for (const auto& [name, user] : users_)
        if (name != was.name && user.enabled && user.role == Role::administrator) return {};
    return fail(ErrorCode::conflict,
                fmt::format("'{}' is the last administrator; make another one first", was.name));
}

namespace {

Result<User> changed(User user, const UserChange& change) {
    if (change.revision && *change.revision != user.revision)
        return fail(ErrorCode::conflict,
                    fmt::format("the user is of revision {} now, not {}; read it again",
                                user.revision, *change.revision));
    const std::string before = summary_of(user);
    if (change.display_name) user.display_name = *change.display_name;
    if (change.role) user.role = *change.role;
    if (change.scope) user.scope = *change.scope;
    if (change.enabled) user.enabled = *change.enabled;
    if (change.language) user.preferences.language = *change.language;
    if (change.units) user.preferences.units = *change.units;
    if (change.time_zone) user.preferences.time_zone = *change.time_zone;
    if (change.theme) user.preferences.theme = *change.theme;
    HW_TRY(check_display_name(user.display_name));
    HW_TRY(check_preferences(user.preferences));
    HW_TRY(check_scope(user.scope, user.role));
    // What people set for themselves is no revision: an administrator's page stays current.
    if (summary_of(user) != before) ++user.revision;
    return user;
}

}  // namespace

Result<User> Access::change_user(const std::string& name, const UserChange& change,
                                 const Asker& asker) {
    std::string before, after;
    const auto work = [&]() -> Result<User> {
        MutexLock lock(changes_);
        const auto was = find(name);
        if (!was) return fail(no_user(name));
        auto user = HW_TRY(changed(*was, change));
        before = summary_of(*was);
        after = summary_of(user);
        HW_TRY(keep_others_in_reach(*was, user.role == Role::administrator && user.enabled));
        HW_TRY(store_->save_user(user));
        put(user);
        if (user.role != was->role || user.scope != was->scope || user.enabled != was->enabled)
            HW_TRY(end_sessions_of(name));
        return without_hash(std::move(user));
    };
    auto done = work();
    // What people set for themselves is not worth a record.
    if (!done || before != after)
        note(asker, "user.update", name, before, after, done ? nullptr : &done.error());
    return done;
}

Result<void> Access::remove_user(const std::string& name, const Asker& asker) {
    std::string before;
    const auto work = [&]() -> Result<void> {
        MutexLock lock(changes_);
        const auto was = find(name);
        if (!was) return fail(no_user(name));
        before = summary_of(*was);
        HW_TRY(keep_others_in_reach(*was, false));
        HW_TRY(end_sessions_of(name));
        HW_TRY(store_->remove_user(name));
        MutexLock state(state_mutex_);
        users_.erase(name);
        return {};
    };
    const auto done = work();
    note(asker, "user.delete", name, before, {}, done ? nullptr : &done.error());
    return done;
}

Result<void> Access::set_password(const std::string& name, const std::string& password,
                                  bool must_change, const Asker& asker) {
    const auto work = [&]() -> Result<void> {
        HW_TRY(check_password(password, name, settings_.password_length_least));
        auto hash = HW_TRY(hash_password(password, settings_.hash, rooms_.random));
        MutexLock lock(changes_);
        auto user = find(name);
        if (!user) return fail(no_user(name));
        user->password_hash = std::move(hash);
        user->must_change_password = must_change;
        ++user->revision;
        HW_TRY(store_->save_user(*user));
        put(*user);
        return end_sessions_of(name);
    };
    const auto done = work();
    if (done) slow_users_.succeeded(name);
    note(asker, "user.password", name, {}, {}, done ? nullptr : &done.error(),
         must_change ? "set by another; to be changed" : "set by another");
    return done;
}

}  // namespace hw::access
