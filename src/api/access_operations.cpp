#include "api/access_operations.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "api/access_json.h"
#include "api/answers.h"
#include "api/gateway_request.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace hw::api {

namespace {

using access::Principal;
using access::Refusal;

constexpr size_t queue_limit = 64;       // sign-ins that wait: some seconds' worth
constexpr size_t name_bytes_limit = 65;  // one more than a name can have

io::HttpResponse problem_of(const Refusal& refusal) {
    if (refusal.wait.ns > 0) {
        auto response = problem(429, "too_many_attempts", refusal.error.text());
        const int64_t wait_s = (refusal.wait.ns + 999'999'999) / 1'000'000'000;
        response.headers.emplace_back("retry-after", fmt::format("{}", wait_s));
        return response;
    }
    if (refusal.wrong) {
        auto response = problem(401, "wrong_credentials", refusal.error.text());
        response.headers.emplace_back("www-authenticate", "Bearer");
        return response;
    }
    return problem(refusal.error);
}

io::HttpResponse revision_problem(const Error& error, const std::optional<int64_t>& revision) {
    if (revision && error.code() == ErrorCode::conflict)
        return problem(412, to_string(error.code()), error.text());
    return problem(error);
}

Result<std::optional<int64_t>> if_match(const io::HttpRequest& request) {
    gateway::Change change;
    HW_TRY(read_if_match(request, change));
    return change.revision;
}

io::HttpResponse with_etag(io::HttpResponse response, int64_t revision) {
    response.headers.emplace_back("etag", fmt::format("\"{}\"", revision));
    return response;
}

io::HttpResponse user_response(const access::User& user, unsigned status = 200) {
    std::string body;
    JsonWriter json(body);
    write_user(json, user);
    return with_etag(json_response(std::move(body), status), user.revision);
}

io::HttpResponse key_response(const access::Key& key, std::string_view text, unsigned status) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_key(json, key);
    if (!text.empty()) json.member("key", text);
    json.end_object();
    return with_etag(json_response(std::move(body), status), key.revision);
}

}  // namespace

AccessOperations::AccessOperations(Rooms rooms)
    : rooms_(std::move(rooms)), workers_(rooms_.access.settings().hash_workers, queue_limit) {}

void AccessOperations::stop() {
    workers_.stop();
    if (auto done = rooms_.access.flush(); !done) log_warning("access", done.error().text());
}

void AccessOperations::flush() {
    Workers::Task task = [this] {
        if (auto done = rooms_.access.flush(); !done) log_warning("access", done.error().text());
    };
    // Where it is refused, the next one will do.
    (void)workers_.run(task);
}

Operation& AccessOperations::add(std::vector<Operation>& operations, std::string_view method,
                                 std::string path, std::string_view id, std::string_view summary,
                                 std::string responses, void (AccessOperations::*run)(Exchange&),
                                 std::string_view body, std::string_view body_help) {
    Operation operation{method,    std::move(path),      id,    summary, {}, body,
                        body_help, std::move(responses), false, nullptr};
    operation.scoping = Scoping::free;
    operation.role = access::Role::administrator;
    const bool waits = method != "GET" && run != &AccessOperations::mqtt_token;
    operation.run = [this, run, waits](Exchange exchange) {
        if (!waits) return (this->*run)(exchange);
        const auto shared = std::make_shared<Exchange>(std::move(exchange));
        Workers::Task task = [this, run, shared] { (this->*run)(*shared); };
        if (workers_.run(task)) return;
        auto response = problem(503, "unavailable", "too many sign-ins wait already; try again");
        response.headers.emplace_back("retry-after", "2");
        shared->respond(std::move(response));
    };
    return operations.emplace_back(std::move(operation));
}

// ---- the own session

std::string AccessOperations::session_body(const Principal& principal,
                                           std::string_view token) const {
    const auto& access = rooms_.access;
    const bool by_user = principal.kind == Principal::Kind::user;
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("mode", access.settings().open ? "open" : "users");
    json.member("unclaimed", access.unclaimed());
    json.member("setup_code_needed", access.setup_code_needed());
    // Whether this client needs to sign in at all.
    json.member("open", principal.kind == Principal::Kind::open);
    json.member("role", principal.kind == Principal::Kind::nobody
                            ? std::string_view()
                            : access::to_string(principal.role));
    json.member("scope", principal.scope);
    json.key("user");
    const auto user = by_user ? access.user(principal.name)
                              : Result<access::User>(hw::fail(ErrorCode::not_found, ""));
    if (user) {
        write_user(json, *user);
    } else {
        json.null();
    }
    json.key("key");
    if (principal.kind == Principal::Kind::key) {
        json.value(principal.name);
    } else {
        json.null();
    }
    json.key("csrf_token");
    const auto session = by_user ? access.session_of(token) : std::nullopt;
    if (session) {
        json.value(access::Access::csrf_of(token));
        json.member("expires", session->expires);
    } else {
        json.null();
        json.key("expires");
        json.null();
    }
    json.member("password_length_least", access.settings().password_length_least);
    json.member("mqtt", access.settings().mqtt == access::MqttAccess::keys ? "keys" : "anonymous");
    json.member("version", rooms_.version);
    json.member("time", rooms_.clock.now());
    json.end_object();
    return body;
}

std::string AccessOperations::cookie_of(const io::HttpRequest& request,
                                        std::string_view token) const {
    const bool secure = rooms_.guard.is_secure(request);
    const int64_t age_s =
        token.empty() ? 0 : rooms_.access.settings().session_longest.ns / 1'000'000'000;
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                       secure ? secure_cookie_name : cookie_name, token, age_s,
                       secure ? "; Secure" : "");
}

void AccessOperations::get_session(Exchange& exchange) {
    exchange.respond(json_response(
        session_body(exchange.principal(), rooms_.guard.session_token(exchange.request))));
}

void AccessOperations::answer_signed_in(Exchange& exchange,
                                        std::expected<access::SignedIn, Refusal> done,
                                        unsigned status) const {
    if (!done) return exchange.respond(problem_of(done.error()));
    auto response = json_response(session_body(done->grant->principal(), done->token), status);
    response.headers.emplace_back("set-cookie", cookie_of(exchange.request, done->token));
    exchange.respond(std::move(response));
}

void AccessOperations::sign_in(Exchange& exchange) {
    auto read = read_sign_in(exchange.request.body);
    if (!read) return exchange.fail(read.error());
    if (rooms_.access.unclaimed())
        return exchange.respond(problem(409, "unclaimed",
                                        "this server has no user yet; POST /api/v1/setup makes "
                                        "its administrator"));
    // Longer ones are nobody's; they need not be remembered whole.
    if (read->name.size() > name_bytes_limit) read->name.resize(name_bytes_limit);
    answer_signed_in(
        exchange,
        rooms_.access.sign_in(read->name, read->password, rooms_.guard.asker_of(exchange)), 201);
}

void AccessOperations::set_up(Exchange& exchange) {
    auto read = read_set_up(exchange.request.body);
    if (!read) return exchange.fail(read.error());
    // Where no code shows it, coming from this machine does; what a page of elsewhere, or a proxy,
    // brings does not.
    if (rooms_.access.open_to_local() && !rooms_.guard.is_local(exchange.request))
        return exchange.respond(Guard::not_local());
    answer_signed_in(exchange,
                     rooms_.access.set_up(std::move(*read), rooms_.guard.asker_of(exchange)), 201);
}

void AccessOperations::sign_out(Exchange& exchange) {
    const auto token = rooms_.guard.session_token(exchange.request);
    if (exchange.principal().kind == Principal::Kind::user && !token.empty())
        rooms_.access.sign_out(token, rooms_.guard.asker_of(exchange));
    io::HttpResponse response{204, {}, ""};
    response.headers.emplace_back("set-cookie", cookie_of(exchange.request, ""));
    exchange.respond(std::move(response));
}

namespace {

// What only somebody with a name of their own can do.
bool refuse_others(Exchange& exchange) {
    if (exchange.principal().kind == Principal::Kind::user) return false;
    exchange.respond(problem(409, "conflict", "only a user who has signed in can do this"));
    return true;
}

}  // namespace

void AccessOperations::change_password(Exchange& exchange) {
    if (refuse_others(exchange)) return;
    const auto read = read_password(exchange.request.body, true);
    if (!read) return exchange.fail(read.error());
    answer_signed_in(exchange,
                     rooms_.access.change_password(exchange.principal().name, read->old_password,
                                                   read->password, rooms_.guard.asker_of(exchange)),
                     200);
}

void AccessOperations::put_preferences(Exchange& exchange) {
    if (refuse_others(exchange)) return;
    const auto change = read_preferences(exchange.request.body);
    if (!change) return exchange.fail(change.error());
    const auto user = rooms_.access.change_user(exchange.principal().name, *change,
                                                rooms_.guard.asker_of(exchange));
    if (!user) return exchange.fail(user.error());
    exchange.respond(user_response(*user));
}

void AccessOperations::mqtt_token(Exchange& exchange) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("token", rooms_.access.make_token(exchange.grant));
    json.member("expires", rooms_.clock.now() + access::Access::token_life);
    json.end_object();
    exchange.respond(json_response(std::move(body), 201));
}

void AccessOperations::list_sessions(Exchange& exchange) {
    const auto& principal = exchange.principal();
    const bool is_user = principal.kind == Principal::Kind::user;
    const std::string_view own = is_user ? std::string_view(principal.name) : "*";
    const std::string_view whose = exchange.request.parameter("user").value_or(own);
    if (whose != own || !is_user) {
        if (principal.role < access::Role::administrator)
            return exchange.respond(problem(403, "permission_denied",
                                            "the sessions of others need the role administrator"));
        if (whose != "*")
            if (const auto known = rooms_.access.user(whose); !known)
                return exchange.fail(known.error());
    }
    const auto current = rooms_.access.session_of(rooms_.guard.session_token(exchange.request));
    answer_list(exchange, rooms_.access.sessions(whose == "*" ? "" : whose),
                [&](JsonWriter& json, const access::SessionView& session) {
                    write_session(json, session, current && current->id == session.id);
                });
}

void AccessOperations::end_session(Exchange& exchange) {
    const auto& principal = exchange.principal();
    const bool any = principal.role == access::Role::administrator;
    // A key may have the name of a user.
    if (!any && refuse_others(exchange)) return;
    const auto done = rooms_.access.end_session(
        exchange.place("id"), any ? std::string_view() : std::string_view(principal.name),
        rooms_.guard.asker_of(exchange));
    if (!done) return exchange.fail(done.error());
    exchange.respond({204, {}, ""});
}

// ---- users

void AccessOperations::list_users(Exchange& exchange) {
    answer_list(exchange, rooms_.access.users(), write_user);
}

void AccessOperations::create_user(Exchange& exchange) {
    const auto read = read_user(exchange.request.body, true);
    if (!read) return exchange.fail(read.error());
    access::User user;
    user.name = read->name;
    user.display_name = read->change.display_name.value_or("");
    user.role = read->change.role.value_or(access::Role::viewer);
    user.scope = read->change.scope.value_or("#");
    user.enabled = read->change.enabled.value_or(true);
    user.must_change_password = read->must_change;
    user.preferences = {read->change.language.value_or(""), read->change.units.value_or(""),
                        read->change.time_zone.value_or(""), read->change.theme.value_or("")};
    const auto made =
        rooms_.access.create_user(std::move(user), read->password, rooms_.guard.asker_of(exchange));
    if (!made) return exchange.fail(made.error());
    auto response = user_response(*made, 201);
    response.headers.emplace_back("location", "/api/v1/users/" + made->name);
    exchange.respond(std::move(response));
}

void AccessOperations::get_user(Exchange& exchange) {
    const auto user = rooms_.access.user(exchange.place("name"));
    if (!user) return exchange.fail(user.error());
    exchange.respond(user_response(*user));
}

void AccessOperations::patch_user(Exchange& exchange) {
    auto read = read_user(exchange.request.body, false);
    if (!read) return exchange.fail(read.error());
    const auto revision = if_match(exchange.request);
    if (!revision) return exchange.fail(revision.error());
    read->change.revision = *revision;
    const auto user = rooms_.access.change_user(exchange.place("name"), read->change,
                                                rooms_.guard.asker_of(exchange));
    if (!user) return exchange.respond(revision_problem(user.error(), *revision));
    exchange.respond(user_response(*user));
}

void AccessOperations::remove_user(Exchange& exchange) {
    const auto done =
        rooms_.access.remove_user(exchange.place("name"), rooms_.guard.asker_of(exchange));
    if (!done) return exchange.fail(done.error());
    exchange.respond({204, {}, ""});
}

void AccessOperations::set_password(Exchange& exchange) {
    const auto read = read_password(exchange.request.body, false);
    if (!read) return exchange.fail(read.error());
    const auto done = rooms_.access.set_password(
        exchange.place("name"), read->password, read->must_change, rooms_.guard.asker_of(exchange));
    if (!done) return exchange.fail(done.error());
    exchange.respond({204, {}, ""});
}

// ---- keys

void AccessOperations::list_keys(Exchange& exchange) {
    answer_list(exchange, rooms_.access.keys(), [](JsonWriter& json, const access::Key& key) {
        json.begin_object();
        write_key(json, key);
        json.end_object();
    });
}

void AccessOperations::create_key(Exchange& exchange) {
    const auto read = read_key(exchange.request.body, true);
    if (!read) return exchange.fail(read.error());
    access::Key key;
    key.name = *read->change.name;
    key.role = read->change.role.value_or(access::Role::viewer);
    key.scope = read->change.scope.value_or("#");
    key.enabled = read->change.enabled.value_or(true);
    key.expires = read->change.expires.value_or(Time{});
    const auto made = rooms_.access.create_key(std::move(key), rooms_.guard.asker_of(exchange));
    if (!made) return exchange.fail(made.error());
    auto response = key_response(made->key, made->text, 201);
    response.headers.emplace_back("location", "/api/v1/keys/" + made->key.id);
    exchange.respond(std::move(response));
}

void AccessOperations::get_key(Exchange& exchange) {
    const auto key = rooms_.access.key(exchange.place("id"));
    if (!key) return exchange.fail(key.error());
    exchange.respond(key_response(*key, "", 200));
}

void AccessOperations::patch_key(Exchange& exchange) {
    auto read = read_key(exchange.request.body, false);
    if (!read) return exchange.fail(read.error());
    const auto revision = if_match(exchange.request);
    if (!revision) return exchange.fail(revision.error());
    read->change.revision = *revision;
    const auto key = rooms_.access.change_key(exchange.place("id"), read->change,
                                              rooms_.guard.asker_of(exchange));
    if (!key) return exchange.respond(revision_problem(key.error(), *revision));
    exchange.respond(key_response(*key, "", 200));
}

void AccessOperations::remove_key(Exchange& exchange) {
    const auto done =
        rooms_.access.remove_key(exchange.place("id"), rooms_.guard.asker_of(exchange));
    if (!done) return exchange.fail(done.error());
    exchange.respond({204, {}, ""});
}

}  // namespace hw::api
