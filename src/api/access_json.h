#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/access.h"
#include "base/error.h"
#include "base/json_writer.h"

namespace hw::api {

// What comes in the bodies of access_operations.h. A member that is not known, or of another kind,
// is refused by name.
struct SignInBody {
    std::string name, password;
};
struct PasswordBody {
    std::string old_password, password;
    bool must_change = true;
};
struct UserBody {
    access::UserChange change;
    std::string name, password;
    bool must_change = true;
};
struct KeyBody {
    access::KeyChange change;
};

Result<SignInBody> read_sign_in(std::string_view body);
Result<access::SetUp> read_set_up(std::string_view body);
// With `old` of one's own, without of another's.
Result<PasswordBody> read_password(std::string_view body, bool old);
Result<access::UserChange> read_preferences(std::string_view body);
// A whole new one, or a merge patch.
Result<UserBody> read_user(std::string_view body, bool whole);
Result<KeyBody> read_key(std::string_view body, bool whole);

void write_preferences(JsonWriter& json, const access::Preferences& preferences);
void write_user(JsonWriter& json, const access::User& user);
void write_key(JsonWriter& json, const access::Key& key);
void write_session(JsonWriter& json, const access::SessionView& session, bool current);

}  // namespace hw::api
