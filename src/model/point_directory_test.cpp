#include "model/point_directory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "model/point_path.h"

namespace hw::model {
namespace {

std::vector<std::string> paths(const PointDirectory& directory, const std::vector<PointId>& ids) {
    std::vector<std::string> out;
    for (const PointId id : ids)
        out.emplace_back(directory.path(id));
    return out;
}

std::vector<std::string> match(const PointDirectory& directory, std::string_view filter,
                               std::string_view after = {}, size_t limit = 1000) {
    return paths(directory, directory.match(filter, after, limit));
}

using Paths = std::vector<std::string>;

PointDirectory& fill(PointDirectory& directory, const Paths& paths) {
    for (const auto& path : paths)
        EXPECT_TRUE(directory.intern(path));
    return directory;
}

TEST(PointDirectory, GivesDenseIdsOnce) {
    PointDirectory directory(10);
    EXPECT_EQ(directory.intern("b"), PointId(0));
    EXPECT_EQ(directory.intern("a"), PointId(1));
    EXPECT_EQ(directory.intern("b"), PointId(0));
    EXPECT_EQ(directory.size(), 2u);
    EXPECT_EQ(directory.find("a"), PointId(1));
    EXPECT_EQ(directory.find("c"), std::nullopt);
    EXPECT_EQ(directory.path(PointId(1)), "a");
}

TEST(PointDirectory, RefusesBadPathsAndTooMany) {
    PointDirectory directory(1);
    EXPECT_FALSE(directory.intern("a/#"));
    EXPECT_FALSE(directory.intern(""));
    EXPECT_TRUE(directory.intern("a"));
    const auto more = directory.intern("b");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code(), ErrorCode::limit_exceeded);
    EXPECT_NE(more.error().text().find("history.points_limit = 1"), std::string::npos);
    EXPECT_EQ(directory.intern("a"), PointId(0));
}

TEST(PointDirectory, MatchesInByteOrder) {
    PointDirectory directory(100);
    fill(directory, {"p/b", "p", "p/a/x", "p-1/a", "p/a", "q", "$SYS/up", "p0"});
    EXPECT_EQ(match(directory, "#"), (Paths{"p", "p-1/a", "p/a", "p/a/x", "p/b", "p0", "q"}));
    EXPECT_EQ(match(directory, "p/#"), (Paths{"p", "p/a", "p/a/x", "p/b"}));
    EXPECT_EQ(match(directory, "p/+"), (Paths{"p/a", "p/b"}));
    EXPECT_EQ(match(directory, "+/a"), (Paths{"p-1/a", "p/a"}));
    EXPECT_EQ(match(directory, "p/a"), (Paths{"p/a"}));
    EXPECT_EQ(match(directory, "p/c"), Paths{});
    EXPECT_EQ(match(directory, "$SYS/#"), (Paths{"$SYS/up"}));
    EXPECT_EQ(match(directory, "z/#"), Paths{});
}

TEST(PointDirectory, MatchesEmptyLevels) {
    PointDirectory directory(100);
    fill(directory, {"/", "/a", "a/", "a"});
    EXPECT_EQ(match(directory, "/#"), (Paths{"/", "/a"}));
    EXPECT_EQ(match(directory, "/+"), (Paths{"/", "/a"}));
    EXPECT_EQ(match(directory, "a/#"), (Paths{"a", "a/"}));
    EXPECT_EQ(match(directory, "a/+"), (Paths{"a/"}));
}

TEST(PointDirectory, PagesWithAfterAndLimit) {
    PointDirectory directory(100);
    fill(directory, {"p", "p/a", "p/b", "p/c", "q"});
    EXPECT_EQ(match(directory, "p/#", "", 2), (Paths{"p", "p/a"}));
    EXPECT_EQ(match(directory, "p/#", "p/a", 2), (Paths{"p/b", "p/c"}));
    EXPECT_EQ(match(directory, "p/#", "p/c", 2), Paths{});
    EXPECT_EQ(match(directory, "p/#", "p", 1), (Paths{"p/a"}));
    EXPECT_EQ(match(directory, "p/#", "a", 1), (Paths{"p"}));
    EXPECT_EQ(match(directory, "p/#", "", 0), Paths{});
    EXPECT_EQ(match(directory, "p/b", "p/b", 5), Paths{});
    EXPECT_EQ(match(directory, "p/b", "p/a", 5), (Paths{"p/b"}));
}

TEST(PointDirectory, SeesPointsAddedAfterAListing) {
    PointDirectory directory(100);
    fill(directory, {"b", "d"});
    EXPECT_EQ(match(directory, "+"), (Paths{"b", "d"}));
    fill(directory, {"e", "a", "c"});
    EXPECT_EQ(match(directory, "+"), (Paths{"a", "b", "c", "d", "e"}));
    fill(directory, {"0"});
    EXPECT_EQ(match(directory, "+"), (Paths{"0", "a", "b", "c", "d", "e"}));
}

TEST(PointDirectory, RestoresWhatHistoryKept) {
    PointDirectory directory(1);
    directory.restore(PointId(0), "x");
    directory.restore(PointId(1), "a");
    EXPECT_EQ(directory.find("a"), PointId(1));
    EXPECT_EQ(match(directory, "#"), (Paths{"a", "x"}));
    EXPECT_DEATH(directory.restore(PointId(5), "b"), "BUG");
    EXPECT_DEATH(directory.restore(PointId(2), "a"), "BUG");
}

TEST(PointDirectory, AgreesWithAPlainScan) {
    Random random(3);
    PointDirectory directory(100'000);
    Paths all;
    const auto level = [&] { return std::string(1, static_cast<char>("ab-/0"[random.below(5)])); };
    for (int i = 0; i < 20'000; ++i) {
        std::string path = "s" + std::to_string(random.below(40));
        for (uint64_t n = random.below(5); n > 0; --n)
            path += "/" + level();
        const size_t before = directory.size();
        ASSERT_TRUE(directory.intern(path));
        if (directory.size() != before) all.push_back(path);
        if (i % 5'000 == 0) directory.match("s1/#", "", 10);
    }
    std::sort(all.begin(), all.end());
    for (const std::string_view filter :
         {"#", "s1/#", "s1", "+", "s1/+", "+/a/#", "s2/+/b", "+/+/+", "s3//#", "s4/a/+/#"}) {
        Paths expected;
        for (const auto& path : all)
            if (matches(filter, path)) expected.push_back(path);
        EXPECT_EQ(match(directory, filter, "", 1'000'000), expected) << filter;
        Paths paged;
        for (std::string after;;) {
            const Paths page = match(directory, filter, after, 7);
            paged.insert(paged.end(), page.begin(), page.end());
            if (page.size() < 7) break;
            after = page.back();
        }
        EXPECT_EQ(paged, expected) << filter;
    }
}

TEST(PointDirectory, ScansMoreThanOneHoldOfTheLock) {
    PointDirectory directory(100'000);
    for (int i = 0; i < 20'000; ++i) {
        ASSERT_TRUE(directory.intern("site/" + std::to_string(i) + "/" + (i % 10 ? "x" : "y")));
    }
    EXPECT_EQ(directory.match("site/+/y", "", 100'000).size(), 2'000u);
    EXPECT_EQ(directory.match("site/#", "", 100'000).size(), 20'000u);
    EXPECT_EQ(directory.match("site/+/z", "", 100'000).size(), 0u);
}

TEST(PointDirectory, KeepsPathsWhereTheyAre) {
    PointDirectory directory(100'000);
    ASSERT_TRUE(directory.intern("first"));
    const std::string_view first = directory.path(PointId(0));
    ASSERT_TRUE(directory.intern(std::string(path_bytes_limit, 'x')));
    for (int i = 0; i < 20'000; ++i)
        ASSERT_TRUE(directory.intern(std::to_string(i)));
    EXPECT_EQ(directory.path(PointId(0)).data(), first.data());
    EXPECT_EQ(first, "first");
    EXPECT_EQ(directory.path(PointId(1)).size(), path_bytes_limit);
}

TEST(PointDirectory, MatchesInParts) {
    PointDirectory directory(100'000);
    const auto all = [&](std::string_view filter, size_t limit) {
        Paths found;
        std::string after;
        for (;;) {
            std::vector<PointId> part;
            const auto next = directory.match_part(filter, after, limit, part);
            EXPECT_LE(part.size(), limit);
            for (const auto id : part)
                found.emplace_back(directory.path(id));
            if (!next) return found;
            after = *next;
        }
    };
    EXPECT_EQ(all("#", 2), Paths{});
    for (const auto* path : {"p", "p/a", "p/b", "p/a/x", "p-1/a", "q"})
        directory.intern(path).value();
    for (const auto* filter : {"#", "p/#", "p/+", "+/a", "p/a", "p/c", "p", "q/#", "z/#", "/#"})
        EXPECT_EQ(all(filter, 2), match(directory, filter)) << filter;
    // What matches nothing costs a bounded look each.
    for (int i = 0; i < 20'000; ++i)
        directory.intern(fmt::format("many/{}", i)).value();
    std::vector<PointId> part;
    EXPECT_TRUE(directory.match_part("+/+/x", "", 1'000, part));
    EXPECT_TRUE(part.empty() || part.size() == 1);
    EXPECT_EQ(all("+/+/x", 1'000), (Paths{"p/a/x"}));
    EXPECT_EQ(all("many/#", 1'000).size(), 20'000u);
}

TEST(PointDirectory, KnowsWhatIsReportedByException) {
    PointDirectory directory(10);
    const auto a = directory.intern("a").value();
    const auto b = directory.intern("b").value();
    EXPECT_FALSE(directory.by_exception(b));
    const auto version = directory.exceptions_version();
    directory.set_by_exception(b, false);
    EXPECT_EQ(directory.exceptions_version(), version);
    directory.set_by_exception(b, true);
    directory.set_by_exception(b, true);
    EXPECT_EQ(directory.exceptions_version(), version + 1);
    EXPECT_TRUE(directory.by_exception(b));
    EXPECT_FALSE(directory.by_exception(a));
    EXPECT_FALSE(directory.by_exception(directory.intern("c").value()));
    directory.set_by_exception(b, false);
    EXPECT_FALSE(directory.by_exception(b));
}

}  // namespace
}  // namespace hw::model
