#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/error.h"
#include "base/time.h"
#include "catalog/database.h"

namespace hw::access {

// How the console shows things to one person; empty: the page's own choice.
struct Preferences {
    std::string language;   // "en", "zh"
    std::string units;      // "si", "us"
    std::string time_zone;  // IANA name
    std::string theme;      // "dark", "light", "auto"

    friend bool operator==(const Preferences&, const Preferences&) = default;
};

struct User {
    std::string name;  // what one signs in with
    std::string display_name;
    Role role = Role::viewer;
    std::string scope = "#";
    bool enabled = true;
    bool must_change_password = false;
    Preferences preferences;
    Time created = {};
    Time last_sign_in = {};  // 0: never
    int64_t revision = 1;
    std::string password_hash;  // never leaves the room but for the disk
};

struct SessionRow {
    std::string digest;  // SHA-256 of the cookie, hex
    std::string id;      // for people
    std::string user;
    Time created = {};
    Time last_used = {};
    std::string peer;
    std::string agent;
};

struct Key {
    std::string id;
    std::string name;
    Role role = Role::viewer;
    std::string scope = "#";
    bool enabled = true;
    Time expires = {};  // 0: never
    Time created = {};
    std::string created_by;
    Time last_used = {};  // 0: never
    int64_t revision = 1;
    std::string digest;  // SHA-256 of the whole text, hex
};

// Users, sessions and keys as rows of the catalogue: tables access_user, access_session,
// access_key. Secrets are there as hashes only. Any thread; calls block for the disk.
class Store {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<Store>> open(catalog::Database& database);

    Result<std::vector<User>> users() const;
    Result<std::vector<SessionRow>> sessions() const;
    Result<std::vector<Key>> keys() const;

    // Only where there is no user yet (conflict).
    Result<void> save_first_user(const User& user);
    Result<void> save_user(const User& user);
    // With the user's sessions.
    Result<void> remove_user(const std::string& name);
    Result<void> save_session(const SessionRow& session);
    Result<void> remove_sessions(const std::vector<std::string>& digests);
    // Of everybody; for a catalogue that comes from a backup.
    Result<void> remove_all_sessions();
    struct Use {
        std::string key;  // digest of a session, id of a key
        Time time;
    };
    Result<void> save_uses(const std::vector<Use>& sessions, const std::vector<Use>& keys);
    Result<void> save_key(const Key& key);
    Result<void> remove_key(const std::string& id);

  private:
    explicit Store(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::access
