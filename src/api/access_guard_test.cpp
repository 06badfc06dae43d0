#include "api/access_guard.h"

#include <gtest/gtest.h>

#include "api/access_streams.h"
#include "api/api_test_support.h"

namespace hw::api {
namespace {

using access::Role;

const std::string good = "seven grey herons wade";
const access::Asker asker{"anna", "http 127.0.0.1:1", "127.0.0.1", "test"};

class GuardTest : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        open({});
    }
    void open(access::Settings settings) {
        settings.hash = {64, 1};
        access_ = std::move(*access::Access::open(
            std::move(settings), {*database_, *audit_, clock_, metrics_, access::secure_random}));
        guard_ = std::make_unique<Guard>(access_.get());
    }
    std::string set_up() {
        access::SetUp wish;
        wish.name = "anna";
        wish.password = good;
        return access_->set_up(std::move(wish), asker)->token;
    }
    std::string key(Role role, std::string scope = "#") {
        access::Key key;
        key.name = "k" + std::to_string(access_->keys().size());
        key.role = role;
        key.scope = std::move(scope);
        return access_->create_key(std::move(key), asker)->text;
    }
    using Headers = std::vector<std::pair<std::string, std::string>>;
    static Exchange asking(std::string method, Headers headers) {
        Exchange exchange = make_exchange(std::make_shared<Answer>(), "/api/v1/x");
        exchange.request.method = std::move(method);
        exchange.request.headers = std::move(headers);
        exchange.request.headers.emplace_back("host", "127.0.0.1:8080");
        exchange.request.peer = "127.0.0.1:50211";
        return exchange;
    }
    // 0: admitted.
    unsigned admit(Exchange& exchange, const Operation& operation) const {
        const auto refused = guard_->admit(exchange, operation);
        return refused ? refused->status : 0;
    }
    unsigned admit(std::string method, Headers headers, const Operation& operation) const {
        auto exchange = asking(std::move(method), std::move(headers));
        return admit(exchange, operation);
    }
    static Operation operation(std::string_view method, Role role) {
        Operation made{method, "/api/v1/x", "x", "", {}, "", "", "", false, nullptr};
        made.role = role;
        return made;
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<access::Access> access_;
    std::unique_ptr<Guard> guard_;
};

TEST_F(GuardTest, UnclaimedIsOpenToThisMachineByItsName) {
    const auto everything = operation("POST", Role::administrator);
    auto exchange = asking("POST", {{"x-forwarded-user", "anna"}});
    EXPECT_EQ(admit(exchange, everything), 0u);
    EXPECT_EQ(exchange.request.user, "anna");
    for (const Headers& headers :
         {Headers{{"x-forwarded-for", "127.0.0.1"}}, Headers{{"x-real-ip", "127.0.0.1"}},
          Headers{{"forwarded", "for=127.0.0.1"}}, Headers{{"via", "1.1 proxy"}},
          Headers{{"origin", "http://page.example"}}, Headers{{"origin", "null"}},
          Headers{{"host", "rebound.example"}}, Headers{{"host", "127.0.0.1.example"}},
          Headers{{"host", ""}}, Headers{{"host", "[2001:db8::1]:80"}}})
        EXPECT_EQ(admit("GET", headers, everything), 401u) << headers[0].first;
    for (const char* host : {"localhost", "localhost:8080", "[::1]:8080", "127.0.0.1"})
        EXPECT_EQ(admit("GET", {{"host", host}}, everything), 0u) << host;
    exchange = asking("GET", {});
    exchange.request.peer = "192.0.2.7:50211";
    EXPECT_EQ(admit(exchange, everything), 401u);
    set_up();
    EXPECT_EQ(admit("GET", {}, everything), 401u);
}

TEST_F(GuardTest, CookiesNeedTheTokenForChangesAndKeysDoNot) {
    const auto token = set_up();
    const Headers cookie{{"cookie", "other=1; headworks_session=" + token}};
    const auto change = operation("POST", Role::engineer);
    EXPECT_EQ(admit("GET", cookie, operation("GET", Role::viewer)), 0u);
    EXPECT_EQ(admit("POST", cookie, change), 403u);
    Headers with = cookie;
    with.emplace_back("x-csrf-token", access::Access::csrf_of(token));
    auto exchange = asking("POST", with);
    exchange.request.headers.emplace_back("x-forwarded-user", "somebody");
    EXPECT_EQ(admit(exchange, change), 0u);
    EXPECT_EQ(exchange.request.user, "anna");
    // The secure name counts behind TLS only.
    EXPECT_EQ(admit("GET", {{"cookie", "__Host-headworks_session=" + token}}, change), 401u);
    const auto engineer = key(Role::engineer);
    EXPECT_EQ(admit("POST", {{"authorization", "Bearer " + engineer}}, change), 0u);
    // A wrong key is not made good by a cookie.
    with.emplace_back("x-api-key", "hw_x");
    EXPECT_EQ(admit("POST", with, change), 401u);
}

TEST_F(GuardTest, RolesAndOwnThings) {
    set_up();
    const auto viewer = Headers{{"x-api-key", key(Role::viewer)}};
    EXPECT_EQ(admit("GET", viewer, operation("GET", Role::viewer)), 0u);
    EXPECT_EQ(admit("POST", viewer, operation("POST", Role::operating)), 403u);
    auto open = operation("GET", Role::administrator);
    open.open = true;
    EXPECT_EQ(admit("GET", {}, open), 0u);
    // Without a word on its role, changing is the engineer's.
    auto plain = operation("DELETE", Role::viewer);
    plain.role.reset();
    EXPECT_EQ(role_of(plain), Role::engineer);

    ASSERT_TRUE(access_->set_password("anna", good, true, asker));
    const auto token = access_->sign_in("anna", good, asker)->token;
    const Headers cookie{{"cookie", "headworks_session=" + token}};
    auto own = operation("GET", Role::viewer);
    EXPECT_EQ(admit("GET", cookie, own), 403u);
    own.self = true;
    EXPECT_EQ(admit("GET", cookie, own), 0u);
}

TEST_F(GuardTest, ScopesNarrowFiltersAndCheckPlaces) {
    set_up();
    const Headers narrow{{"x-api-key", key(Role::engineer, "works/north/#")}};
    auto list = operation("GET", Role::viewer);
    list.scoping = Scoping::filter;
    list.parameters = {{"filter", "string", ""}, {"point", "string", ""}, {"points", "string", ""}};
    const auto ask = [&](std::vector<std::pair<std::string, std::string>> query) {
        auto exchange = asking("GET", narrow);
        exchange.request.query = std::move(query);
        const unsigned status = admit(exchange, list);
        return std::pair(status, exchange.request.query);
    };
    using Query = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(ask({}), std::pair(0u, Query{{"filter", "works/north/#"}}));
    EXPECT_EQ(ask({{"filter", "+/+/p1"}}), std::pair(0u, Query{{"filter", "works/north/p1"}}));
    EXPECT_EQ(ask({{"filter", "a/#"}}).first, 403u);
    EXPECT_EQ(ask({{"point", "works/north/p"}}), std::pair(0u, Query{{"point", "works/north/p"}}));
    EXPECT_EQ(ask({{"point", "works/south/p"}}).first, 403u);
    EXPECT_EQ(ask({{"point", "works/north/p"}, {"point", "works/south/p"}}).first, 403u);
    EXPECT_EQ(ask({{"points", "works/north/p,works/north/q,"}}).first, 0u);
    EXPECT_EQ(ask({{"points", "works/north/p,works/south/q"}}).first, 403u);
    // What chooses nothing is no choice.
    for (const char* nothing : {"", ",", ",,"})
        EXPECT_EQ(ask({{"points", nothing}}),
                  std::pair(0u, Query{{"points", nothing}, {"filter", "works/north/#"}}));
    EXPECT_EQ(ask({{"twins", "works/north/p"}}),
              std::pair(0u, Query{{"twins", "works/north/p"}, {"filter", "works/north/#"}}));
    // A wrong filter is the operation's to name.
    EXPECT_EQ(ask({{"filter", "a/#/b"}}).first, 0u);

    auto one = operation("POST", Role::operating);
    one.scoping = Scoping::place;
    const auto at = [&](std::string place, std::string name) {
        auto exchange = asking("POST", narrow);
        exchange.places = {{std::move(place), std::move(name)}};
        return admit(exchange, one);
    };
    EXPECT_EQ(at("path", "works/north/p"), 0u);
    EXPECT_EQ(at("path", "works/south/p"), 403u);
    EXPECT_EQ(at("id", "works/north/p"), 0u);
    EXPECT_EQ(at("name", "works"), 403u);
    // What nobody has thought about needs all paths.
    EXPECT_EQ(admit("GET", narrow, operation("GET", Role::viewer)), 403u);
    EXPECT_EQ(admit("POST", narrow, operation("POST", Role::viewer)), 403u);
    auto free = operation("GET", Role::viewer);
    free.scoping = Scoping::free;
    EXPECT_EQ(admit("GET", narrow, free), 0u);
}

TEST_F(GuardTest, ProxiesAreBelievedWhereTheyAreNamed) {
    access::Settings settings;
    settings.trusted_proxies = {"127.0.0.1"};
    open(settings);
    auto exchange = asking(
        "GET", {{"x-forwarded-for", "203.0.113.1, 198.51.100.7"}, {"x-forwarded-proto", "https"}});
    EXPECT_EQ(guard_->client_address(exchange.request), "198.51.100.7");
    EXPECT_TRUE(guard_->is_secure(exchange.request));
    exchange.request.headers.emplace_back("x-forwarded-for", "203.0.113.9");
    exchange.request.headers.emplace_back("x-forwarded-proto", "http");
    EXPECT_EQ(guard_->client_address(exchange.request), "203.0.113.9");
    EXPECT_FALSE(guard_->is_secure(exchange.request));
    exchange.request.peer = "192.0.2.7:1";
    EXPECT_EQ(guard_->client_address(exchange.request), "192.0.2.7");
    EXPECT_FALSE(guard_->is_secure(exchange.request));
    exchange.request.peer = "[2001:db8:1:2:3:4:5:6]:1";
    EXPECT_EQ(guard_->client_address(exchange.request), "2001:db8:1:2");
    exchange.request.peer = "[::1]:1";
    EXPECT_EQ(guard_->client_address(exchange.request), "::1");
}

TEST_F(GuardTest, RefusedChangesAreNotedEverMoreSeldom) {
    set_up();
    const Headers viewer{{"x-api-key", key(Role::viewer)}};
    const auto change = operation("POST", Role::operating);
    const auto noted = [&] {
        audit_->flush();
        catalog::AuditQuery query;
        query.action = "access.refused";
        return audit_->query(query)->records.size();
    };
    EXPECT_EQ(admit("POST", viewer, change), 403u);
    EXPECT_EQ(admit("POST", viewer, change), 403u);
    EXPECT_EQ(noted(), 1u);
    clock_.advance(seconds(1));
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(admit("POST", viewer, change), 403u);
    EXPECT_EQ(noted(), 2u);
    // What changes nothing is counted alone.
    EXPECT_EQ(admit("GET", viewer, operation("GET", Role::engineer)), 403u);
    EXPECT_EQ(noted(), 2u);
}

TEST_F(GuardTest, UpgradesShowASecretToo) {
    const auto upgrade = [&](std::string path, Headers headers, Headers query = {}) {
        auto exchange = asking("GET", std::move(headers));
        exchange.request.path = std::move(path);
        exchange.request.query = std::move(query);
        const auto grant = guard_->admit_upgrade(exchange.request);
        return grant ? 0u : grant.error().status;
    };
    const std::string values = "/api/v1/twin/ws";
    EXPECT_EQ(upgrade(values, {}), 0u);
    const auto token = set_up();
    EXPECT_EQ(upgrade(values, {}), 401u);
    EXPECT_EQ(upgrade(values, {{"cookie", "headworks_session=" + token}}), 0u);
    EXPECT_EQ(upgrade(values, {{"x-api-key", key(Role::viewer)}}), 0u);
    EXPECT_EQ(upgrade(values, {{"x-api-key", key(Role::viewer, "a/#")}}), 403u);
    const auto brief = access_->make_token(access_->by_session(token));
    EXPECT_EQ(upgrade(values, {}, {{"token", brief}}), 0u);
    clock_.advance(access::Access::token_life);
    EXPECT_EQ(upgrade(values, {}, {{"token", brief}}), 401u);
    EXPECT_EQ(upgrade("/mqtt", {}), 0u);
    EXPECT_EQ(upgrade("/mqtt", {{"host", "plant.example"}}), 401u);
    access::Settings keys;
    keys.mqtt = access::MqttAccess::keys;
    open(keys);
    EXPECT_EQ(upgrade("/mqtt", {{"host", "plant.example"}}), 0u);  // CONNECT shows the key
}

TEST(AccessRules, EveryRoleIsSaidOnce) {
    std::vector<Operation> operations;
    for (const auto& [method, path, id] :
         std::vector<std::tuple<std::string_view, std::string, std::string_view>>{
             {"GET", "/api/v1/points", "listPoints"},
             {"POST", "/api/v1/query", "query"},
             {"POST", "/api/v1/devices", "createDevice"},
             {"POST", "/api/v1/backup", "backUp"},
             {"GET", "/", "index.html"},
             {"GET", "/metrics", "readMetrics"},
             {"POST", "/write", "writeLines"}})
        operations.push_back({method, path, id, "", {}, "", "", "", false, nullptr});
    auto wide = operations;
    apply_access_rules(operations, true);
    apply_access_rules(wide, false);
    const Role roles[] = {Role::viewer, Role::viewer, Role::engineer, Role::administrator};
    for (size_t i = 0; i < std::size(roles); ++i)
        EXPECT_EQ(role_of(operations[i]), roles[i]) << operations[i].id;
    EXPECT_TRUE(operations[4].open && operations[5].open);
    EXPECT_TRUE(wide[4].open && !wide[5].open);
    EXPECT_EQ(role_of(wide[6]), Role::operating);
}

}  // namespace
}  // namespace hw::api
