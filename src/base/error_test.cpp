#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "base/assert.h"

namespace hw {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(ErrorCode::invalid_argument, "number is odd");
    return number / 2;
}

Result<int> quarter(int number) {
    const int first = HW_TRY(half(number));
    return HW_TRY(half(first));
}

Result<void> check_quarter(int number) {
    HW_TRY(quarter(number));
    return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
    return std::make_unique<int>(HW_TRY(half(number)));
}

TEST(Result, CarriesAValueOrAnError) {
    EXPECT_EQ(half(4), 2);
    const auto odd = half(3);
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error(), Error(ErrorCode::invalid_argument, "number is odd"));
}

TEST(Try, HandsTheErrorUp) {
    EXPECT_EQ(quarter(8), 2);
    EXPECT_EQ(quarter(6).error().text(), "number is odd");
    EXPECT_TRUE(check_quarter(4));
    EXPECT_FALSE(check_quarter(1));
}

TEST(Try, MovesTheValue) {
    const auto take = [](int number) -> Result<int> {
        const std::unique_ptr<int> box = HW_TRY(boxed(number));
        return *box;
    };
    EXPECT_EQ(take(4), 2);
    EXPECT_FALSE(take(3));
}

TEST(Error, IsSeenFromOneLevelHigher) {
    const Error error(ErrorCode::io_failed, "disk said no");
    EXPECT_EQ(error.within("history").text(), "history: disk said no");
    EXPECT_EQ(error.within("history").code(), ErrorCode::io_failed);
    EXPECT_LE(sizeof(Error), 40u);
}

TEST(ErrorCode, EachHasItsName) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(ErrorCode::cancelled); ++i)
        names.insert(to_string(static_cast<ErrorCode>(i)));
    EXPECT_EQ(names.size(), static_cast<size_t>(ErrorCode::cancelled) + 1);
}

TEST(Assert, NamesTheConditionAndStops) {
    const int one = 1;
    HW_ASSERT(one == 1);
    EXPECT_DEATH(HW_ASSERT(one == 2), "BUG: one == 2 at .*error_test.cpp:[0-9]+");
    EXPECT_DEATH(HW_UNREACHABLE(), "BUG: unreachable");
}

}  // namespace
}  // namespace hw
