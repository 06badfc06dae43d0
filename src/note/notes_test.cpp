#include "note/notes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/audit.h"

namespace hw::note {
namespace {

using access::Principal;
using access::Role;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Principal person(std::string name, Role role, std::string scope = "#") {
    return {Principal::Kind::user, std::move(name), role, std::move(scope), false};
}
const Principal viewer = person("vera", Role::viewer);
const Principal anna = person("anna", Role::operating);
const Principal otto = person("otto", Role::operating);
const Principal engineer = person("emil", Role::engineer);
const Principal part = person("paul", Role::operating, "w/plant1/#");

Change by(const Principal& who) {
    return {who, who.actor(), "test"};
}

class NotesTest : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        open({});
    }
    void open(const Settings& settings) {
        notes_ = std::move(*Notes::open(settings, {*database_, *audit_, clock_}));
    }
    // A note of a minute of the hour: the text is its name.
    int64_t add(const Principal& who, std::string text, int minute, std::string rest = "") {
        const auto note =
            notes_->create(fmt::format(R"({{"text":"{}","from":"2026-11-27T06:{:02}:00Z"{}}})",
                                       text, minute, rest),
                           by(who));
        EXPECT_TRUE(note) << note.error().text();
        return note ? note->id : 0;
    }
    std::vector<std::string> texts(const NoteQuery& query, const Principal& who = viewer) const {
        std::vector<std::string> out;
        const auto page = notes_->list(query, who);
        if (!page) return {page.error().text()};
        for (const auto& note : page->notes)
            out.push_back(note.spec.text);
        return out;
    }
    std::vector<std::string> audited() {
        audit_->flush();
        std::vector<std::string> out;
        const auto page = audit_->query({});
        if (!page) return {page.error().text()};
        for (const auto& record : page->records)
            out.push_back(fmt::format("{} {} {} {}", record.action, record.target, record.actor,
                                      record.result));
        return out;
    }

    SystemClock clock_;
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<Notes> notes_;
};

TEST_F(NotesTest, KeepsANoteWithItsAuthorAndRevision) {
    const auto made = notes_->create(
        R"({"text":"washed","tags":["wash"],"twins":["w/f3"],"to":"now+1h"})", by(anna));
    ASSERT_TRUE(made) << made.error().text();
    open({});  // as after a restart
    const auto note = notes_->get(made->id, viewer);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->author, "anna");
    EXPECT_EQ(note->revision, 1);
    EXPECT_EQ(note->spec, made->spec);
    const auto changed = notes_->patch(made->id, R"({"text":"washed twice"})", by(engineer));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->author, "anna");
    EXPECT_EQ(changed->changed_by, "emil");
    EXPECT_EQ(changed->revision, 2);
    EXPECT_EQ(notes_->get(99, viewer).error().code(), ErrorCode::not_found);
}

TEST_F(NotesTest, ListsTheNewestFirstByPages) {
    for (int i = 0; i < 5; ++i)
        add(anna, fmt::format("n{}", i), i % 3);
    NoteQuery query{.limit = 2};
    std::vector<std::string> all;
    for (;;) {
        const auto page = notes_->list(query, viewer);
        ASSERT_TRUE(page);
        for (const auto& note : page->notes)
            all.push_back(note.spec.text);
        if (!page->next) break;
        query.after = page->next;
    }
    EXPECT_THAT(all, ElementsAre("n2", "n4", "n1", "n3", "n0"));
}

TEST_F(NotesTest, FindsWhatTouchesATime) {
    add(anna, "moment", 10);
    add(anna, "range", 5, R"(,"to":"2026-11-27T06:20:00Z")");
    const auto at = [](int minute) {
        return *parse_time(fmt::format("2026-11-27T06:{:02}:00Z", minute), Time{});
    };
    EXPECT_THAT(texts({.from = at(15), .to = at(30)}), ElementsAre("range"));
    EXPECT_THAT(texts({.from = at(10), .to = at(11)}), ElementsAre("moment", "range"));
    EXPECT_THAT(texts({.from = at(0), .to = at(5)}), IsEmpty());
    EXPECT_THAT(texts({.from = at(21)}), IsEmpty());
}

TEST_F(NotesTest, FindsByWhatItIsAbout) {
    add(anna, "site", 0);
    add(anna, "point", 1, R"(,"points":["w/p1/f3/turbidity"])");
    add(anna, "twin", 2, R"(,"twins":["w/p1/f3"])");
    add(anna, "path", 3, R"(,"paths":["w/p1"])");
    add(anna, "other", 4, R"(,"paths":["w/p10"],"points":["w/p2/flow"])");
    EXPECT_THAT(texts({.points = {"w/p1/f3/turbidity"}}),
                ElementsAre("path", "twin", "point", "site"));
    EXPECT_THAT(texts({.points = {"w/p1/f3/flow"}}), ElementsAre("path", "twin", "site"));
    EXPECT_THAT(texts({.twins = {"w/p1/f3"}}), ElementsAre("path", "twin", "point", "site"));
    EXPECT_THAT(texts({.paths = {"w/p1"}, .site = false}), ElementsAre("path", "twin", "point"));
    EXPECT_THAT(texts({.points = {"w/p2/flow", "w/p10/x"}}), ElementsAre("other", "site"));
    EXPECT_THAT(texts({.paths = {"w"}}), ElementsAre("other", "path", "twin", "point", "site"));
}

TEST_F(NotesTest, FindsByTagAuthorAndWhateverElse) {
    add(anna, "one", 0, R"(,"tags":["shift"])");
    add(otto, "two", 1, R"(,"tags":["shift","wash"])");
    EXPECT_THAT(texts({.tag = "wash"}), ElementsAre("two"));
    EXPECT_THAT(texts({.author = "anna"}), ElementsAre("one"));
    EXPECT_THAT(texts({.also = [](const Note& note) { return note.spec.text == "one"; }}),
                ElementsAre("one"));
}

TEST_F(NotesTest, LetsTheAuthorAndEngineersChange) {
    const int64_t id = add(anna, "mine", 0);
    EXPECT_EQ(notes_->patch(id, R"({"text":"x"})", by(otto)).error().code(),
              ErrorCode::permission_denied);
    EXPECT_EQ(notes_->remove(id, by(otto)).error().code(), ErrorCode::permission_denied);
    EXPECT_TRUE(notes_->patch(id, R"({"text":"x"})", by(anna)));
    EXPECT_TRUE(notes_->remove(id, by(engineer)));
    const auto note = notes_->get(id, viewer);
    EXPECT_EQ(note.error().code(), ErrorCode::not_found);
    // A key of the same name is somebody else.
    const Principal key{Principal::Kind::key, "anna", Role::operating, "#", false};
    const int64_t other = add(anna, "again", 0);
    EXPECT_FALSE(notes_->remove(other, by(key)));
}

TEST_F(NotesTest, RefusesAnotherRevision) {
    const int64_t id = add(anna, "one", 0);
    auto change = by(anna);
    change.revision = 2;
    EXPECT_EQ(notes_->patch(id, R"({"text":"x"})", change).error().code(), ErrorCode::conflict);
    EXPECT_EQ(notes_->remove(id, change).error().code(), ErrorCode::conflict);
    change.revision = 1;
    EXPECT_TRUE(notes_->patch(id, R"({"text":"x"})", change));
}

TEST_F(NotesTest, ShowsToWhoIsLimitedHisPartAlone) {
    add(anna, "site", 0);
    add(anna, "above", 1, R"(,"paths":["w"])");
    add(anna, "other", 2, R"(,"paths":["w/plant2"])");
    const int64_t both = add(anna, "both", 3, R"(,"points":["w/plant1/flow","w/plant2/flow"])");
    EXPECT_THAT(texts({}, part), ElementsAre("both", "above", "site"));
    EXPECT_THAT(notes_->get(both, part)->spec.points, ElementsAre("w/plant1/flow"));
    // What he does not see finds nothing.
    EXPECT_THAT(texts({.points = {"w/plant2/flow"}, .site = false}, part), ElementsAre("above"));
    EXPECT_EQ(notes_->get(3, part).error().code(), ErrorCode::not_found);
}

TEST_F(NotesTest, LetsWhoIsLimitedWriteAboutHisPartAlone) {
    const auto refused = [&](std::string_view json) {
        const auto made = notes_->create(json, by(part));
        return made ? "taken" : made.error().text();
    };
    EXPECT_THAT(refused(R"({"text":"a"})"), HasSubstr("about the whole site"));
    EXPECT_THAT(refused(R"({"text":"a","paths":["w"]})"), HasSubstr("about 'w'"));
    EXPECT_THAT(refused(R"({"text":"a","points":["w/plant2/flow"]})"), HasSubstr("plant2"));
    const int64_t own = add(part, "own", 0, R"(,"paths":["w/plant1"])");
    EXPECT_FALSE(notes_->patch(own, R"({"paths":[]})", by(part)));
    EXPECT_TRUE(notes_->patch(own, R"({"paths":["w/plant1/pumps"]})", by(part)));
    // Once somebody made it about more, it is out of his hands.
    EXPECT_TRUE(notes_->patch(own, R"({"twins":["w/plant2"]})", by(engineer)));
    EXPECT_EQ(notes_->remove(own, by(part)).error().code(), ErrorCode::permission_denied);
}

TEST_F(NotesTest, BringsBackWhatWasDeleted) {
    const int64_t id = add(anna, "one", 0);
    EXPECT_EQ(notes_->restore(id, by(anna)).error().code(), ErrorCode::not_found);
    ASSERT_TRUE(notes_->remove(id, by(anna)));
    EXPECT_FALSE(notes_->restore(id, by(otto)));
    const auto back = notes_->restore(id, by(anna));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->author, "anna");
    EXPECT_EQ(back->spec.text, "one");
    EXPECT_THAT(texts({}), ElementsAre("one"));
}

TEST_F(NotesTest, KeepsNoMoreThanTheLimit) {
    open({.notes_limit = 2});
    const int64_t one = add(anna, "one", 0);
    add(anna, "two", 1);
    const auto third = notes_->create(R"({"text":"three"})", by(anna));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code(), ErrorCode::limit_exceeded);
    EXPECT_THAT(third.error().text(), HasSubstr("2 notes are kept, the limit note.notes_limit"));
    ASSERT_TRUE(notes_->remove(one, by(anna)));
    add(anna, "three", 2);
    // The deleted one had to go for it.
    EXPECT_FALSE(notes_->restore(one, by(anna)));
    EXPECT_THAT(texts({}), ElementsAre("three", "two"));
}

TEST_F(NotesTest, GrowsItsVersionWithEachChangeThatHappened) {
    const int64_t before = *notes_->version();
    const int64_t id = add(anna, "one", 0);
    EXPECT_EQ(*notes_->version(), before + 1);
    EXPECT_FALSE(notes_->patch(id, R"({"text":""})", by(anna)));
    EXPECT_EQ(*notes_->version(), before + 1);
    EXPECT_TRUE(notes_->remove(id, by(anna)));
    EXPECT_EQ(*notes_->version(), before + 2);
}

TEST_F(NotesTest, AuditsWhatWasDoneAndWhatWasRefused) {
    const int64_t id = add(anna, "one", 0);
    EXPECT_FALSE(notes_->remove(id, by(otto)));
    EXPECT_TRUE(notes_->remove(id, by(anna)));
    EXPECT_FALSE(notes_->create("{}", by(anna)));
    EXPECT_THAT(
        audited(),
        ElementsAre("note.create note anna invalid_argument", "note.delete note/1 anna ok",
                    "note.delete note/1 otto permission_denied", "note.create note/1 anna ok"));
}

TEST_F(NotesTest, CallsLocalWhoNeverSignedIn) {
    const Principal open{Principal::Kind::open, "", Role::administrator, "#", false};
    const auto note = notes_->create(R"({"text":"a"})", by(open));
    ASSERT_TRUE(note);
    EXPECT_EQ(note->author, "local");
    EXPECT_TRUE(Notes::may_change(*note, open));
    EXPECT_FALSE(Notes::may_change(*note, anna));
    EXPECT_FALSE(Notes::may_change(*note, viewer));
}

}  // namespace
}  // namespace hw::note
