// API keys: what programs sign in with.

#include <fmt/format.h>

#include <algorithm>

#include "access/access.h"
#include "base/json_writer.h"

namespace hw::access {

namespace {

std::string summary_of(const Key& key) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("name", key.name);
    json.member("role", to_string(key.role));
    json.member("scope", key.scope);
    json.member("enabled", key.enabled);
    if (key.expires.ns != 0) json.member("expires", key.expires);
    json.end_object();
    return out;
}

Error no_key(std::string_view id) {
    return Error(ErrorCode::not_found, fmt::format("there is no key '{}'", id));
}

Key without_digest(Key key, Time last_used) {
    key.digest.clear();
    key.last_used = last_used;
    return key;
}

Result<void> check(const Key& key, Time now) {
    HW_TRY(check_name(key.name, "the key's name"));
    if (key.name == Access::local_name)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the name '{}' is the key's in the data folder", key.name));
    HW_TRY(check_scope(key.scope, key.role));
    if (key.expires.ns != 0 && key.expires <= now)
        return fail(ErrorCode::invalid_argument, "expires lies in the past");
    return {};
}

}  // namespace

std::vector<Key> Access::keys() const {
    std::vector<Key> out;
    {
        MutexLock lock(state_mutex_);
        for (const auto& [id, state] : keys_)
            out.push_back(without_digest(state.key, state.grant->last_used()));
    }
    std::sort(out.begin(), out.end(), [](const Key& a, const Key& b) { return a.name < b.name; });
    return out;
}

Result<Key> Access::key(std::string_view id) const {
    MutexLock lock(state_mutex_);
    const auto at = keys_.find(std::string(id));
    if (at == keys_.end()) return fail(no_key(id));
    return without_digest(at->second.key, at->second.grant->last_used());
}

Result<Access::NewKey> Access::create_key(Key key, const Asker& asker) {
    NewKey made;
    const auto work = [&]() -> Result<void> {
        HW_TRY(check(key, rooms_.clock.now()));
        MutexLock change(changes_);
        const auto known = keys();
        if (known.size() >= settings_.keys_limit)
            return fail(
                ErrorCode::limit_exceeded,
                fmt::format("there are {} keys, the limit access.keys_limit", known.size()));
        do
            key.id = random_id(rooms_.random);
        while (std::any_of(known.begin(), known.end(),
                           [&](const Key& one) { return one.id == key.id; }));
        if (std::any_of(known.begin(), known.end(),
                        [&](const Key& one) { return one.name == key.name; }))
            return fail(ErrorCode::conflict, fmt::format("there is a key '{}'", key.name));
        made.text = make_key(key.id, random_secret(rooms_.random));
        key.digest = hex(sha256(made.text));
        key.created = rooms_.clock.now();
        key.created_by = asker.actor;
        key.last_used = {};
        key.revision = 1;
        HW_TRY(store_->save_key(key));
        auto grant = grant_of(key);
        MutexLock lock(state_mutex_);
        keys_.emplace(key.id, KeyState{key, std::move(grant)});
        return {};
    };
    const auto done = work();
    note(asker, "key.create", key.name, {}, summary_of(key), done ? nullptr : &done.error());
    if (!done) return fail(done.error());
    made.key = without_digest(std::move(key), {});
    return made;
}

namespace {

Result<Key> changed(Key key, const KeyChange& change, Time now) {
    if (change.revision && *change.revision != key.revision)
        return fail(ErrorCode::conflict,
                    fmt::format("the key is of revision {} now, not {}; read it again",
                                key.revision, *change.revision));
    if (change.name) key.name = *change.name;
    if (change.role) key.role = *change.role;
    if (change.scope) key.scope = *change.scope;
    if (change.enabled) key.enabled = *change.enabled;
    if (change.expires) key.expires = *change.expires;
    Key checked = key;
    // One that has expired may still be renamed.
    if (!change.expires) checked.expires = {};
    HW_TRY(check(checked, now));
    ++key.revision;
    return key;
}

}  // namespace

Result<Key> Access::change_key(const std::string& id, const KeyChange& change, const Asker& asker) {
    std::string before, after;
    const auto work = [&]() -> Result<Key> {
        MutexLock lock(changes_);
        Key was;
        {
            MutexLock state(state_mutex_);
            const auto at = keys_.find(id);
            if (at == keys_.end()) return fail(no_key(id));
            was = at->second.key;
            was.last_used = at->second.grant->last_used();
        }
        auto key = HW_TRY(changed(was, change, rooms_.clock.now()));
        before = summary_of(was);
        after = summary_of(key);
        HW_TRY(store_->save_key(key));
        auto grant = grant_of(key);
        MutexLock state(state_mutex_);
        auto& kept = keys_.at(id);
        kept.grant->end();  // whoever works in its name asks anew
        kept = {key, std::move(grant)};
        return without_digest(std::move(key), was.last_used);
    };
    auto done = work();
    note(asker, "key.update", id, before, after, done ? nullptr : &done.error());
    return done;
}

Result<void> Access::remove_key(const std::string& id, const Asker& asker) {
    std::string before;
    const auto work = [&]() -> Result<void> {
        MutexLock lock(changes_);
        before = summary_of(HW_TRY(key(id)));
        HW_TRY(store_->remove_key(id));
        MutexLock state(state_mutex_);
        const auto at = keys_.find(id);
        at->second.grant->end();
        keys_.erase(at);
        return {};
    };
    const auto done = work();
    note(asker, "key.delete", id, before, {}, done ? nullptr : &done.error());
    return done;
}

}  // namespace hw::access
