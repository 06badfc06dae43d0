#include "api/access_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "sql/json.h"

namespace hw::api {

namespace {

constexpr size_t body_bytes_limit = 64 << 10;

// The members of one object, each read once by its name and kind.
class Members {
  public:
    static Result<Members> read(std::string_view body, std::vector<std::string_view> known) {
        if (body.size() > body_bytes_limit)
            return fail(
                ErrorCode::limit_exceeded,
                fmt::format("the body has {} bytes, more than {}", body.size(), body_bytes_limit));
        sql::JsonReader reader;
        auto json = HW_TRY(reader.read(body));
        if (!json.is_object())
            return fail(ErrorCode::invalid_argument, "the body must be a JSON object");
        for (const auto& [key, value] : json.members())
            if (std::find(known.begin(), known.end(), key.as_text()) == known.end())
                return fail(ErrorCode::invalid_argument,
                            fmt::format("member '{}' is not known here; known are: {}",
                                        key.as_text(), fmt::join(known, ", ")));
        return Members(std::move(json));
    }

    Result<std::optional<std::string>> text(std::string_view name) const {
        const auto* value = json_.find(name);
        if (value == nullptr) return std::optional<std::string>();
        if (!value->is_text())
            return fail(ErrorCode::invalid_argument, fmt::format("{} must be a text", name));
        return std::optional(std::string(value->as_text()));
    }
    Result<std::string> needed(std::string_view name) const {
        auto value = HW_TRY(text(name));
        if (!value) return fail(ErrorCode::invalid_argument, fmt::format("{} is missing", name));
        return std::move(*value);
    }
    Result<std::optional<bool>> flag(std::string_view name) const {
        const auto* value = json_.find(name);
        if (value == nullptr) return std::optional<bool>();
        if (value->kind() != sql::Kind::boolean)
            return fail(ErrorCode::invalid_argument, fmt::format("{} must be true or false", name));
        return std::optional(value->as_boolean());
    }
    Result<std::optional<access::Role>> role() const {
        const auto word = HW_TRY(text("role"));
        if (!word) return std::optional<access::Role>();
        const auto role = access::parse_role(*word);
        if (!role)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("role '{}' is not one of viewer, operator, engineer, "
                                    "administrator",
                                    *word));
        return role;
    }
    // RFC 3339, or null for none.
    Result<std::optional<Time>> time(std::string_view name) const {
        const auto* value = json_.find(name);
        if (value == nullptr) return std::optional<Time>();
        if (value->is_null()) return std::optional(Time{});
        if (!value->is_text())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} must be a time such as 2027-01-31T00:00:00Z", name));
        auto time = parse_rfc3339(value->as_text());
        if (!time) return fail(time.error().within(name));
        return std::optional(*time);
    }

  private:
    explicit Members(sql::Datum json) : json_(std::move(json)) {}

    sql::Datum json_;
};

Result<void> read_preferences(const Members& members, access::UserChange& change) {
    change.language = HW_TRY(members.text("language"));
    change.units = HW_TRY(members.text("units"));
    change.time_zone = HW_TRY(members.text("time_zone"));
    change.theme = HW_TRY(members.text("theme"));
    return {};
}

}  // namespace

Result<SignInBody> read_sign_in(std::string_view body) {
    const auto members = HW_TRY(Members::read(body, {"name", "password"}));
    SignInBody out;
    out.name = HW_TRY(members.needed("name"));
    out.password = HW_TRY(members.needed("password"));
    return out;
}

Result<access::SetUp> read_set_up(std::string_view body) {
    const auto members = HW_TRY(Members::read(body, {"code", "name", "display_name", "password",
                                                     "language", "units", "time_zone", "theme"}));
    access::SetUp out;
    out.code = HW_TRY(members.text("code")).value_or("");
    out.name = HW_TRY(members.needed("name"));
    out.display_name = HW_TRY(members.text("display_name")).value_or("");
    out.password = HW_TRY(members.needed("password"));
    access::UserChange wish;
    HW_TRY(read_preferences(members, wish));
    out.preferences = {wish.language.value_or(""), wish.units.value_or(""),
                       wish.time_zone.value_or(""), wish.theme.value_or("")};
    return out;
}

Result<PasswordBody> read_password(std::string_view body, bool old) {
    PasswordBody out;
    if (old) {
        const auto members = HW_TRY(Members::read(body, {"old_password", "password"}));
        out.old_password = HW_TRY(members.needed("old_password"));
        out.password = HW_TRY(members.needed("password"));
        return out;
    }
    const auto members = HW_TRY(Members::read(body, {"password", "must_change"}));
    out.password = HW_TRY(members.needed("password"));
    out.must_change = HW_TRY(members.flag("must_change")).value_or(true);
    return out;
}

Result<access::UserChange> read_preferences(std::string_view body) {
    const auto members =
        HW_TRY(Members::read(body, {"language", "units", "time_zone", "theme", "display_name"}));
    access::UserChange change;
    change.display_name = HW_TRY(members.text("display_name"));
    HW_TRY(read_preferences(members, change));
    return change;
}

Result<UserBody> read_user(std::string_view body, bool whole) {
    std::vector<std::string_view> known = {"display_name", "role",  "scope",     "enabled",
                                           "language",     "units", "time_zone", "theme"};
    if (whole) known.insert(known.begin(), {"name", "password", "must_change_password"});
    const auto members = HW_TRY(Members::read(body, std::move(known)));
    UserBody out;
    if (whole) {
        out.name = HW_TRY(members.needed("name"));
        out.password = HW_TRY(members.needed("password"));
        out.must_change = HW_TRY(members.flag("must_change_password")).value_or(true);
    }
    out.change.display_name = HW_TRY(members.text("display_name"));
    out.change.role = HW_TRY(members.role());
    out.change.scope = HW_TRY(members.text("scope"));
    out.change.enabled = HW_TRY(members.flag("enabled"));
    HW_TRY(read_preferences(members, out.change));
    return out;
}

Result<KeyBody> read_key(std::string_view body, bool whole) {
    const auto members =
        HW_TRY(Members::read(body, {"name", "role", "scope", "enabled", "expires"}));
    KeyBody out;
    out.change.name = HW_TRY(members.text("name"));
    if (whole && !out.change.name) return fail(ErrorCode::invalid_argument, "name is missing");
    out.change.role = HW_TRY(members.role());
    out.change.scope = HW_TRY(members.text("scope"));
    out.change.enabled = HW_TRY(members.flag("enabled"));
    out.change.expires = HW_TRY(members.time("expires"));
    return out;
}

namespace {

void time_or_null(JsonWriter& json, std::string_view name, Time time) {
    json.key(name);
    if (time.ns == 0) return json.null();
    json.value(time);
}

}  // namespace

void write_preferences(JsonWriter& json, const access::Preferences& preferences) {
    json.member("language", preferences.language);
    json.member("units", preferences.units);
    json.member("time_zone", preferences.time_zone);
    json.member("theme", preferences.theme);
}

void write_user(JsonWriter& json, const access::User& user) {
    json.begin_object();
    json.member("name", user.name);
    json.member("display_name", user.display_name);
    json.member("role", access::to_string(user.role));
    json.member("scope", user.scope);
    json.member("enabled", user.enabled);
    json.member("must_change_password", user.must_change_password);
    write_preferences(json, user.preferences);
    json.member("created", user.created);
    time_or_null(json, "last_sign_in", user.last_sign_in);
    json.member("revision", user.revision);
    json.end_object();
}

void write_key(JsonWriter& json, const access::Key& key) {
    json.member("id", key.id);
    json.member("name", key.name);
    json.member("role", access::to_string(key.role));
    json.member("scope", key.scope);
    json.member("enabled", key.enabled);
    time_or_null(json, "expires", key.expires);
    json.member("created", key.created);
    json.member("created_by", key.created_by);
    time_or_null(json, "last_used", key.last_used);
    json.member("revision", key.revision);
}

void write_session(JsonWriter& json, const access::SessionView& session, bool current) {
    json.begin_object();
    json.member("id", session.id);
    json.member("user", session.user);
    json.member("created", session.created);
    json.member("last_used", session.last_used);
    json.member("expires", session.expires);
    json.member("address", session.peer);
    json.member("agent", session.agent);
    json.member("current", current);
    json.end_object();
}

}  // namespace hw::api
