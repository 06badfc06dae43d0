#include "note/note_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::note {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr size_t limit = 20;
const Time now{1'700'000'000'000'000'000};

std::string flaw(std::string_view json) {
    const auto note = read_note(json, limit, now);
    return note ? "taken" : note.error().text();
}

TEST(NoteJson, ReadsAWholeNote) {
    const auto note = read_note(
        R"({"from":"2026-11-27T06:10:00Z","to":"2026-11-27T07:00:00Z","text":"  washed \r\n",
            "tags":["shift","wash","shift"],"points":["w/f3/turbidity"],"twins":["w/f3"],
            "paths":["w"]})",
        limit, now);
    ASSERT_TRUE(note) << note.error().text();
    EXPECT_EQ(note->text, "washed");
    EXPECT_EQ((*note->to - note->from).ns, seconds(50 * 60).ns);
    EXPECT_THAT(note->tags, ElementsAre("shift", "wash"));
    EXPECT_THAT(note->points, ElementsAre("w/f3/turbidity"));
    EXPECT_FALSE(note->about_site());
    EXPECT_EQ(*read_note(note_text(*note), limit, now), *note);
}

TEST(NoteJson, IsOfNowAndOfTheSiteWhereNothingIsSaid) {
    const auto note = read_note(R"({"text":"storm"})", limit, now);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->from, now);
    EXPECT_FALSE(note->to);
    EXPECT_TRUE(note->about_site());
}

TEST(NoteJson, CountsCharactersNotBytes) {
    EXPECT_TRUE(read_note(R"({"text":"二十个字的中文也算二十个字没有问题啊啊"})", limit, now));
    EXPECT_THAT(flaw(R"({"text":"123456789012345678901"})"),
                HasSubstr("text: has 21 characters, the limit note.text_limit is 20"));
}

TEST(NoteJson, SaysWhatIsWrong) {
    EXPECT_THAT(flaw("[]"), HasSubstr("must be a JSON object"));
    EXPECT_THAT(flaw("{}"), HasSubstr("text: must be given"));
    EXPECT_THAT(flaw(R"({"text":" \n"})"), HasSubstr("text: is empty"));
    EXPECT_THAT(flaw(R"({"text":"a\u0007"})"), HasSubstr("control characters"));
    EXPECT_THAT(flaw(R"({"text":7})"), HasSubstr("text: must be a text"));
    EXPECT_THAT(flaw(R"({"text":"a","txt":1})"), HasSubstr("did you mean 'text'?"));
    EXPECT_THAT(flaw(R"({"text":"a","from":null})"), HasSubstr("from: must be a time"));
    EXPECT_THAT(flaw(R"({"text":"a","from":"soon"})"), HasSubstr("from: "));
    EXPECT_THAT(flaw(R"({"text":"a","from":"2026-11-27T07:00:00Z","to":"2026-11-27T07:00:00Z"})"),
                HasSubstr("to: 2026-11-27T07:00:00Z is not after from"));
    EXPECT_THAT(flaw(R"({"text":"a","tags":["two words"]})"), HasSubstr("is not one word"));
    EXPECT_THAT(flaw(R"({"text":"a","tags":"x"})"), HasSubstr("tags: must be a list of texts"));
    EXPECT_THAT(flaw(R"({"text":"a","tags":[""]})"), HasSubstr("a tag has 1 to 40"));
    EXPECT_THAT(flaw(R"({"text":"a","points":["a/#"]})"), HasSubstr("points: "));
    EXPECT_THAT(flaw(R"({"text":"a","paths":["a\nb"]})"), HasSubstr("is no path"));
}

TEST(NoteJson, BoundsListsAndWhatTheyHold) {
    std::string tags, points;
    for (int i = 0; i < 17; ++i)
        tags += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\"";
    for (int i = 0; i < 40; ++i)
        points += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\"";
    EXPECT_THAT(flaw(R"({"text":"a","tags":[)" + tags + "]}"), HasSubstr("more than 16 entries"));
    EXPECT_THAT(flaw(R"({"text":"a","points":[)" + points + R"(],"twins":[)" + points + "]}"),
                HasSubstr("are 80 together, the limit is 64"));
    EXPECT_THAT(flaw(R"({"text":"a","points":[")" + std::string(1025, 'x') + "\"]}"),
                HasSubstr("has 1025 bytes, the limit is 1024"));
}

TEST(NoteJson, PatchesMembersAlone) {
    NoteSpec note{.from = now, .to = now + seconds(60), .text = "a", .tags = {"x"}, .paths = {"w"}};
    const auto patched = patch_note(note, R"({"to":null,"tags":null,"text":"b"})", limit, now);
    ASSERT_TRUE(patched) << patched.error().text();
    EXPECT_FALSE(patched->to);
    EXPECT_TRUE(patched->tags.empty());
    EXPECT_EQ(patched->text, "b");
    EXPECT_THAT(patched->paths, ElementsAre("w"));
    EXPECT_EQ(*patch_note(note, "{}", limit, now), note);
}

}  // namespace
}  // namespace hw::note
