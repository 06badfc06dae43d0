#pragma once

#include <atomic>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/principal.h"
#include "access/secret.h"
#include "access/settings.h"
#include "access/slow_down.h"
#include "access/store.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "catalog/audit.h"

namespace hw::access {

// Who asks for something, as the audit and the slow-down have it.
struct Asker {
    std::string actor;   // empty: nobody yet
    std::string origin;  // "http 127.0.0.1:50211"
    std::string peer;    // the address alone
    std::string agent;   // what the browser calls itself
};

// Why a sign-in was not done.
struct Refusal {
    Error error;
    Duration wait = {};  // > 0: too many wrong ones, try again after it
    bool wrong = false;  // the name, the password or the code is
};

struct SignedIn {
    std::string token;  // for the cookie; nobody else has it
    User user;
    GrantPtr grant;
};

// One session as its user sees it.
struct SessionView {
    std::string id;
    std::string user;
    Time created, last_used, expires;
    std::string peer;
    std::string agent;
};

struct SetUp {
    std::string code;
    std::string name;
    std::string display_name;
    std::string password;
    Preferences preferences;
};

// What shall be changed of a user; what is not there stays.
struct UserChange {
    std::optional<std::string> display_name;
    std::optional<Role> role;
    std::optional<std::string> scope;
    std::optional<bool> enabled;
    std::optional<std::string> language, units, time_zone, theme;
    std::optional<int64_t> revision;  // that it must be of
};

struct KeyChange {
    std::optional<std::string> name;
    std::optional<Role> role;
    std::optional<std::string> scope;
    std::optional<bool> enabled;
    std::optional<Time> expires;
    std::optional<int64_t> revision;
};

// The users, their sessions, the API keys, and who a request comes from. All of it is in memory;
// the look-ups by a secret are one SHA-256 and one look-up under a mutex, and never wait. What
// changes something goes to the catalogue first and blocks for the disk (about 10 ms), passwords
// for the hash (about 25 ms): never call those on a reactor. Every change leaves an audit record.
// Any thread.
class Access {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        const Clock& clock;
        Metrics& metrics;
        RandomBytes random = secure_random;
    };
    // `setup_code`: what the first run must know; empty: nothing.
    static Result<std::unique_ptr<Access>> open(Settings settings, Rooms rooms,
                                                std::string setup_code = {});

    const Settings& settings() const { return settings_; }
    // There is no user yet.
    bool unclaimed() const { return unclaimed_.load(std::memory_order_acquire); }
    bool setup_code_needed() const { return unclaimed() && !setup_code_.empty(); }
    // Nobody needs to sign in, as far as access is asked; where the request comes from is another
    // question.
    bool open_to_local() const { return settings_.open || (unclaimed() && settings_.local_only()); }
    // Called when the server is no longer unclaimed. Before the first request.
    void on_claimed(std::function<void()> call) { on_claimed_ = std::move(call); }

    // nullptr: no such secret, or it is no longer good. These count as a use.
    GrantPtr by_session(std::string_view token);
    GrantPtr by_key(std::string_view text);
    GrantPtr by_token(std::string_view text);
    // A key of the administrator's role that lives as long as this object, for whoever can read
    // what the caller writes it to. Once, before the first request.
    std::string make_local_key();
    static constexpr std::string_view local_name = "local";
    // Of whoever needs not sign in; `name` is what the client says of itself.
    GrantPtr open_grant(std::string name) const;
    // Whether what was granted still holds. A look at two numbers.
    bool holds(const Grant& grant) const;
    // The same for something that goes on in its name, which is a use.
    bool goes_on(Grant& grant) const;

    std::expected<SignedIn, Refusal> set_up(SetUp wish, const Asker& asker);
    std::expected<SignedIn, Refusal> sign_in(const std::string& name, const std::string& password,
                                             const Asker& asker);
    void sign_out(std::string_view token, const Asker& asker);
    // All sessions of the user end, and a new one begins.
    std::expected<SignedIn, Refusal> change_password(const std::string& name,
                                                     const std::string& old_password,
                                                     const std::string& new_password,
                                                     const Asker& asker);
    // A secret for one sitting of MQTT or a WebSocket, good for a minute from now.
    static constexpr Duration token_life = seconds(60);
    std::string make_token(const GrantPtr& grant);
    // Of the token's session. A cookie that is not known gives one too, which helps nobody.
    static std::string csrf_of(std::string_view session_token);

    std::vector<SessionView> sessions(std::string_view user) const;  // empty: of all
    std::optional<SessionView> session_of(std::string_view token) const;
    // `user` is empty: of anybody.
    Result<void> end_session(const std::string& id, std::string_view user, const Asker& asker);

    std::vector<User> users() const;  // without hashes
    Result<User> user(std::string_view name) const;
    Result<User> create_user(User user, const std::string& password, const Asker& asker);
    Result<User> change_user(const std::string& name, const UserChange& change, const Asker& asker);
    Result<void> remove_user(const std::string& name, const Asker& asker);
    // By an administrator; the user must change it after the next sign-in.
    Result<void> set_password(const std::string& name, const std::string& password,
                              bool must_change, const Asker& asker);

    std::vector<Key> keys() const;  // without digests
    Result<Key> key(std::string_view id) const;
    struct NewKey {
        Key key;
        std::string text;  // shown once
    };
    Result<NewKey> create_key(Key key, const Asker& asker);
    Result<Key> change_key(const std::string& id, const KeyChange& change, const Asker& asker);
    Result<void> remove_key(const std::string& id, const Asker& asker);

    // A change that was refused for want of a role or a path. The first of an actor's same
    // operation has a record, the next ones ever more seldom: who tries on without end must not
    // fill the audit.
    void note_refused(const Asker& asker, std::string_view operation, std::string_view target,
                      std::string_view why);

    // Writes when sessions and keys were used last, and forgets what has ended. About once a
    // minute, and at the end; blocks.
    Result<void> flush();

  private:
    struct SessionState {
        SessionRow row;
        GrantPtr grant;
    };
    struct KeyState {
        Key key;
        GrantPtr grant;
    };
    struct Token {
        GrantPtr grant;
        Time expires;
    };
    struct LocalKey {
        std::string id, digest;
        GrantPtr grant;
    };

    Access(Settings settings, Rooms rooms, std::string setup_code);
    Result<void> load();
    Principal principal_of(const User& user) const;
    GrantPtr grant_of(const User& user, Time created, Time last_used) const;
    GrantPtr grant_of(const Key& key) const;

    // Wrong passwords are counted by the user; those from where the user has signed in before,
    // apart, so that somebody who knows the name cannot lock the user out from elsewhere.
    std::pair<SlowDown&, std::string> counted(const std::string& name, const Asker& asker);
    std::optional<Refusal> held_back(const std::string& name, const Asker& asker);
    Refusal count_wrong(const std::string& name, std::string_view why, std::string_view what,
                        const Asker& asker);
    Result<SignedIn> begin_session(User user, const Asker& asker)
        HW_LOCKING(requires_capability(changes_));
    Result<void> end_sessions_of(const std::string& user) HW_LOCKING(requires_capability(changes_));
    Result<void> keep_others_in_reach(const User& was, bool stays_administrator) const;
    std::optional<User> find(std::string_view name) const;
    void put(const User& user);
    void note(const Asker& asker, std::string_view action, std::string_view target,
              std::string_view old_value = {}, std::string_view new_value = {},
              const Error* error = nullptr, std::string_view detail = {}) const;

    const Settings settings_;
    Rooms rooms_;
    const std::string setup_code_;
    std::string decoy_hash_;  // what an unknown user's password is checked against
    std::unique_ptr<Store> store_;
    SlowDown slow_users_, slow_places_, slow_peers_;
    FamiliarPlaces familiar_;
    SlowDown told_refusals_;
    Counter& refused_;
    std::function<void()> on_claimed_;
    LocalKey local_key_;
    std::atomic<bool> unclaimed_{true};

    Mutex changes_;  // held through a change and its write; before state_mutex_
    mutable Mutex state_mutex_;
    std::map<std::string, User, std::less<>> users_ HW_LOCKING(guarded_by(state_mutex_));
    std::unordered_map<std::string, SessionState> sessions_  // by digest
        HW_LOCKING(guarded_by(state_mutex_));
    std::unordered_map<std::string, KeyState> keys_ HW_LOCKING(guarded_by(state_mutex_));  // by id
    std::unordered_map<std::string, Token> tokens_  // by digest
        HW_LOCKING(guarded_by(state_mutex_));
    std::deque<std::string> token_order_ HW_LOCKING(guarded_by(state_mutex_));
};

// "works.anna-2@site": 1 to 64 of a-z, 0-9 and . _ - @.
Result<void> check_name(std::string_view name, std::string_view what);
// A filter; and an administrator, who could widen it, has all.
Result<void> check_scope(std::string_view scope, Role role);
Result<void> check_display_name(std::string_view name);
Result<void> check_preferences(const Preferences& wish);

}  // namespace hw::access
