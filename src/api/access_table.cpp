// The operations of access_operations.h, and their schemas.

#include "api/access_operations.h"
#include "api/adder.h"

namespace hw::api {

namespace {

using access::Role;

constexpr std::string_view session_answers =
    "application/json#Session The session; the cookie is set; "
    "400 application/problem+json The body is wrong; "
    "401 application/problem+json The name or the password is wrong; "
    "409 application/problem+json Not now; "
    "429 application/problem+json Too many wrong passwords; Retry-After says how long to wait";

constexpr std::string_view user_answers =
    "200 application/json#User The user; 404 application/problem+json There is none; "
    "409 application/problem+json It is the last administrator; "
    "412 application/problem+json If-Match names another revision";
constexpr std::string_view key_answers =
    "200 application/json#ApiKey The key, without its secret; "
    "404 application/problem+json There is none; "
    "412 application/problem+json If-Match names another revision";
constexpr std::string_view gone = "204 - Done; 404 application/problem+json There is none";

constexpr std::string_view schemas = R"json(
"Role":{"type":"string","enum":["viewer","operator","engineer","administrator"]},
"Preferences":{"type":"object","properties":{
"language":{"type":"string","enum":["","en","zh"]},"units":{"type":"string","enum":["","si","us"]},
"time_zone":{"type":"string"},"theme":{"type":"string","enum":["","auto","light","dark"]},
"display_name":{"type":"string"}}},
"SignIn":{"type":"object","required":["name","password"],"properties":{
"name":{"type":"string"},"password":{"type":"string","format":"password"}},
"additionalProperties":false},
"SetUp":{"type":"object","required":["name","password"],"properties":{
"code":{"type":"string","description":"Of the file setup-code, where setup_code_needed"},
"name":{"type":"string"},"display_name":{"type":"string"},
"password":{"type":"string","format":"password"},"language":{"type":"string"},
"units":{"type":"string"},"time_zone":{"type":"string"},"theme":{"type":"string"}},
"additionalProperties":false},
"Session":{"type":"object","required":["mode","unclaimed","setup_code_needed","open","role","scope",
"user","key","csrf_token","expires","password_length_least","mqtt","version","time"],"properties":{
"mode":{"type":"string","enum":["users","open"]},
"unclaimed":{"type":"boolean","description":"There is no user yet: POST /api/v1/setup"},
"setup_code_needed":{"type":"boolean"},
"open":{"type":"boolean","description":"This client may do everything without signing in"},
"role":{"type":"string","enum":["","viewer","operator","engineer","administrator"],
"description":"Empty: not signed in"},"scope":{"type":"string"},
"user":{"oneOf":[{"$ref":"#/components/schemas/User"},{"type":"null"}]},
"key":{"type":["string","null"]},"csrf_token":{"type":["string","null"],
"description":"For the header X-CSRF-Token of every change"},
"expires":{"type":["string","null"],"format":"date-time"},
"password_length_least":{"type":"integer"},
"mqtt":{"type":"string","enum":["anonymous","keys"]},"version":{"type":"string"},
"time":{"type":"string","format":"date-time"}}},
"PasswordChange":{"type":"object","required":["old_password","password"],"properties":{
"old_password":{"type":"string","format":"password"},
"password":{"type":"string","format":"password"}},"additionalProperties":false},
"PasswordSet":{"type":"object","required":["password"],"properties":{
"password":{"type":"string","format":"password"},"must_change":{"type":"boolean","default":true}},
"additionalProperties":false},
"MqttToken":{"type":"object","required":["token","expires"],"properties":{
"token":{"type":"string"},"expires":{"type":"string","format":"date-time"}}},
"SessionEntry":{"type":"object","properties":{"id":{"type":"string"},"user":{"type":"string"},
"created":{"type":"string","format":"date-time"},
"last_used":{"type":"string","format":"date-time"},
"expires":{"type":"string","format":"date-time"},"address":{"type":"string"},
"agent":{"type":"string"},"current":{"type":"boolean"}}},
"SessionList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/SessionEntry"}}}},
"User":{"type":"object","required":["name","display_name","role","scope","enabled",
"must_change_password","language","units","time_zone","theme","created","last_sign_in","revision"],
"properties":{"name":{"type":"string","pattern":"^[a-z0-9._@-]{1,64}$"},
"display_name":{"type":"string"},"role":{"$ref":"#/components/schemas/Role"},
"scope":{"type":"string","description":"MQTT filter of the paths that may be seen and touched"},
"enabled":{"type":"boolean"},"must_change_password":{"type":"boolean"},
"language":{"type":"string"},"units":{"type":"string"},"time_zone":{"type":"string"},
"theme":{"type":"string"},"created":{"type":"string","format":"date-time"},
"last_sign_in":{"type":["string","null"],"format":"date-time"},"revision":{"type":"integer"}}},
"NewUser":{"type":"object","required":["name","password"],"properties":{"name":{"type":"string"},
"password":{"type":"string","format":"password"},
"must_change_password":{"type":"boolean","default":true},"display_name":{"type":"string"},
"role":{"$ref":"#/components/schemas/Role"},"scope":{"type":"string","default":"#"},
"enabled":{"type":"boolean","default":true},"language":{"type":"string"},
"units":{"type":"string"},"time_zone":{"type":"string"},"theme":{"type":"string"}},
"additionalProperties":false},
"UserPatch":{"type":"object","properties":{"display_name":{"type":"string"},
"role":{"$ref":"#/components/schemas/Role"},"scope":{"type":"string"},
"enabled":{"type":"boolean"},"language":{"type":"string"},"units":{"type":"string"},
"time_zone":{"type":"string"},"theme":{"type":"string"}},"additionalProperties":false},
"UserList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/User"}}}},
"ApiKey":{"type":"object","required":["id","name","role","scope","enabled","expires","created",
"created_by","last_used","revision"],"properties":{"id":{"type":"string"},
"name":{"type":"string"},"role":{"$ref":"#/components/schemas/Role"},"scope":{"type":"string"},
"enabled":{"type":"boolean"},"expires":{"type":["string","null"],"format":"date-time"},
"created":{"type":"string","format":"date-time"},"created_by":{"type":"string"},
"last_used":{"type":["string","null"],"format":"date-time"},"revision":{"type":"integer"},
"key":{"type":"string","description":"The secret; in the answer that made it only"}}},
"NewApiKey":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},
"role":{"$ref":"#/components/schemas/Role"},"scope":{"type":"string","default":"#"},
"enabled":{"type":"boolean","default":true},
"expires":{"type":["string","null"],"format":"date-time"}},"additionalProperties":false},
"ApiKeyPatch":{"type":"object","properties":{"name":{"type":"string"},
"role":{"$ref":"#/components/schemas/Role"},"scope":{"type":"string"},
"enabled":{"type":"boolean"},"expires":{"type":["string","null"],"format":"date-time"}},
"additionalProperties":false},
"ApiKeyList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/ApiKey"}}}})json";

std::string answers(std::string_view status, std::string_view rest) {
    return std::string(status).append(" ").append(rest);
}

}  // namespace

std::string_view access_schemas() {
    return schemas;
}

void AccessOperations::add_to(std::vector<Operation>& operations) {
    add_session(operations);
    add_users(operations);
    add_keys(operations);
}

void AccessOperations::add_session(std::vector<Operation>& operations) {
    using Self = AccessOperations;
    add(operations, "GET", "/api/v1/session", "getSession",
        "Who has signed in here, and whether anybody must",
        "200 application/json#Session Always, without sign-in too", &Self::get_session)
        .open = true;
    add(operations, "POST", "/api/v1/session", "signIn", "Sign in", answers("201", session_answers),
        &Self::sign_in, "application/json#SignIn", "Name and password")
        .open = true;
    add(operations, "POST", "/api/v1/setup", "setUp",
        "Make the administrator of a server that has no user yet, and sign in; works once",
        answers("201", session_answers), &Self::set_up, "application/json#SetUp",
        "The administrator")
        .open = true;
    const auto own = [](Operation& operation, bool self) {
        operation.role = Role::viewer;
        operation.self = self;
    };
    own(add(operations, "DELETE", "/api/v1/session", "signOut", "Sign out", "204 - Signed out",
            &Self::sign_out),
        true);
    own(add(operations, "POST", "/api/v1/session/password", "changePassword",
            "Change one's own password; all sessions end but a new one",
            answers("200", session_answers), &Self::change_password,
            "application/json#PasswordChange", "The old one and the new one"),
        true);
    own(add(operations, "PATCH", "/api/v1/session/preferences", "patchPreferences",
            "Change one's own language, units, time zone, theme and display name",
            "200 application/json#User The user", &Self::put_preferences,
            "application/json#Preferences", "What shall change"),
        false);
    own(add(operations, "POST", "/api/v1/session/mqtt-token", "makeMqttToken",
            "A password for MQTT and WebSockets, good for a minute",
            "201 application/json#MqttToken The token", &Self::mqtt_token),
        false);
    auto& list = add(operations, "GET", "/api/v1/sessions", "listSessions",
                     "One's own sessions; an administrator may ask for everybody's",
                     "200 application/json#SessionList Sessions, used last first; "
                     "404 application/problem+json No such user",
                     &Self::list_sessions);
    list.parameters = {{"user", "string", "Whose; * for everybody's"}};
    own(list, false);
    own(add(operations, "DELETE", "/api/v1/sessions/{id}", "endSession",
            "End a session of one's own; an administrator may end anybody's", std::string(gone),
            &Self::end_session),
        false);
}

void AccessOperations::add_users(std::vector<Operation>& operations) {
    using Self = AccessOperations;
    add(operations, "GET", "/api/v1/users", "listUsers", "Users in order of their names",
        "200 application/json#UserList Users", &Self::list_users);
    add(operations, "POST", "/api/v1/users", "createUser", "Create a user",
        "201 application/json#User The user; 400 application/problem+json The body is wrong; "
        "409 application/problem+json The name is taken",
        &Self::create_user, "application/json#NewUser", "The user with a first password");
    add(operations, "GET", "/api/v1/users/{name}", "getUser", "One user", std::string(user_answers),
        &Self::get_user);
    add(operations, "PATCH", "/api/v1/users/{name}", "patchUser",
        "Change members of a user; another role or scope ends the user's sessions",
        std::string(user_answers), &Self::patch_user,
        "application/merge-patch+json#UserPatch,application/json#UserPatch", "What shall change");
    add(operations, "DELETE", "/api/v1/users/{name}", "deleteUser", "Remove a user",
        joined(gone, "; 409 application/problem+json It is the last administrator"),
        &Self::remove_user);
    add(operations, "POST", "/api/v1/users/{name}/password", "setUserPassword",
        "Set the password of a user, who must change it after the next sign-in", std::string(gone),
        &Self::set_password, "application/json#PasswordSet", "The password");
}

void AccessOperations::add_keys(std::vector<Operation>& operations) {
    using Self = AccessOperations;
    add(operations, "GET", "/api/v1/keys", "listKeys", "API keys in order of their names",
        "200 application/json#ApiKeyList Keys, without their secrets", &Self::list_keys);
    add(operations, "POST", "/api/v1/keys", "createKey",
        "Create an API key; its secret is in this answer only",
        "201 application/json#ApiKey The key with its secret; "
        "400 application/problem+json The body is wrong; "
        "409 application/problem+json The name is taken",
        &Self::create_key, "application/json#NewApiKey", "The key");
    add(operations, "GET", "/api/v1/keys/{id}", "getKey", "One API key", std::string(key_answers),
        &Self::get_key);
    add(operations, "PATCH", "/api/v1/keys/{id}", "patchKey", "Change members of an API key",
        std::string(key_answers), &Self::patch_key,
        "application/merge-patch+json#ApiKeyPatch,application/json#ApiKeyPatch",
        "What shall change");
    add(operations, "DELETE", "/api/v1/keys/{id}", "deleteKey", "Remove an API key",
        std::string(gone), &Self::remove_key);
}

}  // namespace hw::api
