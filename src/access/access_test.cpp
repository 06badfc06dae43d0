#include "access/access.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hw::access {
namespace {

const std::string good = "seven grey herons wade";
const std::string other = "nine red lanterns float";
const Asker asker{"", "http 192.0.2.7:1", "192.0.2.7", "test"};
const Asker admin{"anna", "http 192.0.2.7:1", "192.0.2.7", "test"};

Settings cheap() {
    Settings settings;
    settings.hash = {64, 1};
    return settings;
}

// Over a catalogue in memory that outlives the room, so that it can be opened again.
class AccessTest : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        open(cheap());
    }
    void open(Settings settings, std::string code = {}) {
        access_.reset();
        access_ = std::move(*Access::open(std::move(settings),
                                          {*database_, *audit_, clock_, metrics_, secure_random},
                                          std::move(code)));
    }
    std::string set_up() {
        access::SetUp wish;
        wish.name = "anna";
        wish.password = good;
        return access_->set_up(std::move(wish), asker)->token;
    }
    void add(const std::string& name, Role role = Role::viewer) {
        User user;
        user.name = name;
        user.role = role;
        ASSERT_TRUE(access_->create_user(user, good, admin));
    }
    size_t audited(const std::string& action) {
        audit_->flush();
        catalog::AuditQuery query;
        query.action = action;
        return audit_->query(query)->records.size();
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<Access> access_;
};

TEST_F(AccessTest, TheFirstRunMakesTheAdministratorOnce) {
    EXPECT_TRUE(access_->unclaimed() && access_->open_to_local());
    bool claimed = false;
    access_->on_claimed([&] { claimed = true; });
    const auto open = access_->open_grant("somebody");
    EXPECT_TRUE(access_->holds(*open));
    const auto token = set_up();
    EXPECT_TRUE(claimed);
    EXPECT_FALSE(access_->unclaimed() || access_->open_to_local() || access_->holds(*open));
    const auto grant = access_->by_session(token);
    ASSERT_TRUE(grant);
    EXPECT_TRUE(grant->principal().may(Verb::administer));
    access::SetUp again;
    again.name = "bert";
    again.password = good;
    EXPECT_EQ(access_->set_up(again, asker).error().error.code(), ErrorCode::conflict);
    EXPECT_EQ(access_->users().size(), 1u);
}

TEST_F(AccessTest, ACodeGuardsTheFirstRun) {
    auto settings = cheap();
    settings.http_loopback = false;
    open(settings, "abcd-efgh");
    EXPECT_TRUE(access_->setup_code_needed());
    EXPECT_FALSE(access_->open_to_local());
    access::SetUp wish;
    wish.name = "anna";
    wish.password = good;
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(access_->set_up(wish, asker).error().wrong);
    wish.code = "abcd-efgh";
    EXPECT_EQ(access_->set_up(wish, asker).error().wait, seconds(1));
    clock_.advance(seconds(1));
    EXPECT_TRUE(access_->set_up(wish, asker));
}

TEST_F(AccessTest, FiveWrongPasswordsSlowDownAndARightOneResets) {
    set_up();
    for (int i = 0; i < 4; ++i)
        EXPECT_TRUE(access_->sign_in("anna", "wrong", asker).error().wrong);
    EXPECT_TRUE(access_->sign_in("anna", good, asker));
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(access_->sign_in("anna", "wrong", asker).error().wrong);
    // The right one too.
    auto held = access_->sign_in("anna", good, asker);
    EXPECT_EQ(held.error().wait, seconds(1));
    EXPECT_EQ(access_->sign_in("anna", good, asker).error().wait, seconds(1));
    clock_.advance(seconds(1));
    EXPECT_TRUE(access_->sign_in("anna", good, asker));
    EXPECT_EQ(audited("session.refused"), 10u);  // the second refusal of one wait is not told
}

TEST_F(AccessTest, NobodyIsLockedOutOfAPlaceTheyHaveSignedInFrom) {
    set_up();
    Asker thief = asker, third = asker;
    thief.peer = "198.51.100.9";
    third.peer = "203.0.113.1";
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(access_->sign_in("anna", "wrong", thief).error().wrong);
    EXPECT_EQ(access_->sign_in("anna", good, thief).error().wait, seconds(1));
    EXPECT_EQ(access_->sign_in("anna", good, third).error().wait, seconds(1));
    EXPECT_TRUE(access_->sign_in("anna", good, asker));
    // Which helps nobody elsewhere, and is counted as well.
    EXPECT_EQ(access_->sign_in("anna", good, third).error().wait, seconds(1));
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(access_->sign_in("anna", "wrong", asker).error().wrong);
    EXPECT_EQ(access_->sign_in("anna", good, asker).error().wait, seconds(1));
    // A name that looks like a place is a name.
    for (int i = 0; i < 5; ++i)
        access_->sign_in("anna\n203.0.113.1", "wrong", thief);
    clock_.advance(seconds(1));
    EXPECT_TRUE(access_->sign_in("anna", good, third));
    open(cheap());
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(access_->sign_in("anna", "wrong", thief).error().wrong);
    EXPECT_TRUE(access_->sign_in("anna", good, third)) << "a restart knows the sessions' places";
}

TEST_F(AccessTest, OneAddressIsSlowedDownOverAllNames) {
    set_up();
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(access_->sign_in(fmt::format("user{}", i), "wrong", asker).error().wrong);
    EXPECT_GT(access_->sign_in("anna", good, asker).error().wait, Duration{});
    Asker elsewhere = asker;
    elsewhere.peer = "198.51.100.9";
    EXPECT_TRUE(access_->sign_in("anna", good, elsewhere));
}

TEST_F(AccessTest, SessionsEndByIdlenessAgeAndBeyondTheLimit) {
    auto token = set_up();
    clock_.advance(seconds(12 * 3600 - 1));
    EXPECT_TRUE(access_->by_session(token));
    clock_.advance(seconds(12 * 3600));
    EXPECT_FALSE(access_->by_session(token));
    token = access_->sign_in("anna", good, asker)->token;
    for (int i = 0; i < 14; ++i) {
        clock_.advance(seconds(11 * 3600));
        EXPECT_TRUE(access_->by_session(token)) << i;
    }
    clock_.advance(seconds(15 * 3600));  // 7 d are over
    EXPECT_FALSE(access_->by_session(token));
    EXPECT_TRUE(access_->flush());
    EXPECT_TRUE(access_->sessions("").empty());

    std::vector<std::string> tokens;
    for (size_t i = 0; i < cheap().sessions_per_user + 2; ++i) {
        clock_.advance(seconds(1));
        tokens.push_back(access_->sign_in("anna", good, asker)->token);
    }
    EXPECT_EQ(access_->sessions("anna").size(), cheap().sessions_per_user);
    EXPECT_FALSE(access_->by_session(tokens[0]) || access_->by_session(tokens[1]));
    EXPECT_TRUE(access_->by_session(tokens[2]));
    for (const auto* forged : {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
        EXPECT_FALSE(access_->by_session(forged));
}

TEST_F(AccessTest, SessionsAndUsesOutliveARestart) {
    const auto token = set_up();
    clock_.advance(seconds(11 * 3600));
    EXPECT_TRUE(access_->by_session(token));
    EXPECT_TRUE(access_->flush());
    open(cheap());
    clock_.advance(seconds(11 * 3600));
    EXPECT_TRUE(access_->by_session(token));
    EXPECT_EQ(Access::csrf_of(token), Access::csrf_of(token));
    EXPECT_NE(Access::csrf_of(token), Access::csrf_of(token + "x"));
}

TEST_F(AccessTest, WhatIsChangedOfAUserEndsTheSessions) {
    set_up();
    add("bert", Role::engineer);
    const auto sign_in = [&] { return access_->sign_in("bert", good, asker)->token; };
    auto token = sign_in();
    UserChange change;
    change.display_name = "Bert B.";
    EXPECT_TRUE(access_->change_user("bert", change, admin));
    EXPECT_TRUE(access_->by_session(token));
    change = {};
    change.role = Role::viewer;
    EXPECT_TRUE(access_->change_user("bert", change, admin));
    EXPECT_FALSE(access_->by_session(token));
    token = sign_in();
    EXPECT_TRUE(access_->set_password("bert", other, true, admin));
    EXPECT_FALSE(access_->by_session(token));
    const auto in = access_->sign_in("bert", other, asker);
    EXPECT_TRUE(in->grant->principal().must_change);
    const auto changed = access_->change_password("bert", other, good, admin);
    ASSERT_TRUE(changed);
    EXPECT_FALSE(access_->by_session(in->token));
    EXPECT_FALSE(access_->by_session(changed->token)->principal().must_change);
    EXPECT_TRUE(access_->remove_user("bert", admin));
    EXPECT_FALSE(access_->by_session(changed->token));
    open(cheap());
    EXPECT_FALSE(access_->by_session(changed->token));
}

TEST_F(AccessTest, TheLastAdministratorStays) {
    set_up();
    UserChange disabled, demoted, narrowed;
    disabled.enabled = false;
    demoted.role = Role::engineer;
    narrowed.scope = "works/#";
    EXPECT_EQ(access_->change_user("anna", narrowed, admin).error().code(),
              ErrorCode::invalid_argument);
    for (const auto& change : {disabled, demoted})
        EXPECT_EQ(access_->change_user("anna", change, admin).error().code(), ErrorCode::conflict);
    EXPECT_EQ(access_->remove_user("anna", admin).error().code(), ErrorCode::conflict);
    add("bert", Role::administrator);
    EXPECT_TRUE(access_->change_user("bert", disabled, admin));
    // A disabled one does not count.
    EXPECT_FALSE(access_->remove_user("anna", admin));
    UserChange enabled;
    enabled.enabled = true;
    EXPECT_TRUE(access_->change_user("bert", enabled, admin));
    EXPECT_TRUE(access_->remove_user("anna", admin));
    EXPECT_FALSE(access_->unclaimed());
}

TEST_F(AccessTest, RaisedCostsHashAnew) {
    set_up();
    auto settings = cheap();
    settings.hash = {128, 2};
    open(settings);
    EXPECT_TRUE(access_->sign_in("anna", good, asker));
    open(settings);
    const auto store = std::move(*Store::open(*database_));
    EXPECT_TRUE(store->users()->front().password_hash.starts_with("$argon2id$v=19$m=128,t=2"));
    EXPECT_TRUE(access_->sign_in("anna", good, asker));
}

TEST_F(AccessTest, KeysAreShownOnceAndEnd) {
    set_up();
    Key wish;
    wish.name = "scada";
    wish.role = Role::operating;
    wish.expires = clock_.now() + seconds(100);
    const auto made = access_->create_key(wish, admin);
    ASSERT_TRUE(made);
    EXPECT_EQ(access_->create_key(wish, admin).error().code(), ErrorCode::conflict);
    const auto grant = access_->by_key(made->text);
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->principal().actor(), "key:scada");
    auto wrong = made->text;
    wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
    EXPECT_FALSE(access_->by_key(wrong));
    EXPECT_TRUE(access_->keys().front().digest.empty());

    KeyChange off;
    off.enabled = false;
    EXPECT_TRUE(access_->change_key(made->key.id, off, admin));
    EXPECT_FALSE(access_->by_key(made->text));
    EXPECT_TRUE(grant->ended());
    off.enabled = true;
    EXPECT_TRUE(access_->change_key(made->key.id, off, admin));
    EXPECT_TRUE(access_->flush());
    open(cheap());
    EXPECT_TRUE(access_->by_key(made->text));
    clock_.advance(seconds(100));
    EXPECT_FALSE(access_->by_key(made->text));
    EXPECT_TRUE(access_->remove_key(made->key.id, admin));
    EXPECT_FALSE(access_->remove_key(made->key.id, admin));
}

TEST_F(AccessTest, TokensLiveAMinuteAndNoLongerThanTheirSession) {
    const auto session = set_up();
    const auto grant = access_->by_session(session);
    auto token = access_->make_token(grant);
    EXPECT_EQ(access_->by_token(token), grant);
    clock_.advance(seconds(60));
    EXPECT_FALSE(access_->by_token(token));
    token = access_->make_token(grant);
    access_->sign_out(session, admin);
    EXPECT_FALSE(access_->by_token(token));
    // Bounded: the oldest go.
    const auto open = std::make_shared<Grant>(grant->principal(), Grant::Limits{}, Time{});
    const auto first = access_->make_token(open);
    for (int i = 0; i < 10'000; ++i)
        access_->make_token(open);
    EXPECT_FALSE(access_->by_token(first));
}

TEST_F(AccessTest, LooksUpWhileOthersChange) {
    const auto token = set_up();
    add("bert");
    Key wish;
    wish.name = "scada";
    const auto key = access_->create_key(wish, admin);
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i)
        readers.emplace_back([&] {
            while (!done) {
                EXPECT_TRUE(access_->by_session(token));
                (void)access_->by_key(key->text);
                (void)access_->sessions("");
                (void)access_->users();
            }
        });
    for (int i = 0; i < 20; ++i) {
        KeyChange change;
        change.enabled = i % 2 == 1;
        EXPECT_TRUE(access_->change_key(key->key.id, change, admin));
        UserChange role;
        role.role = i % 2 == 0 ? Role::operating : Role::viewer;
        EXPECT_TRUE(access_->change_user("bert", role, admin));
        EXPECT_TRUE(access_->sign_in("bert", good, asker));
        EXPECT_TRUE(access_->flush());
    }
    done = true;
    for (auto& reader : readers)
        reader.join();
    EXPECT_TRUE(access_->by_key(key->text));
}

TEST_F(AccessTest, LimitsAreNamed) {
    set_up();
    auto settings = cheap();
    settings.users_limit = 2;
    settings.keys_limit = 1;
    open(settings);
    add("bert");
    User user;
    user.name = "carl";
    EXPECT_EQ(access_->create_user(user, good, admin).error().code(), ErrorCode::limit_exceeded);
    Key key;
    key.name = "one";
    EXPECT_TRUE(access_->create_key(key, admin));
    key.name = "two";
    EXPECT_EQ(access_->create_key(key, admin).error().code(), ErrorCode::limit_exceeded);
    for (const auto* name : {"", "Upper", "a b", "a/b", "安娜"})
        EXPECT_FALSE(check_name(name, "name")) << name;
    EXPECT_FALSE(check_name(std::string(65, 'a'), "name"));
}

}  // namespace
}  // namespace hw::access
