#include "base/strong.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>
#include <unordered_set>

namespace hw {
namespace {

using Apples = Strong<uint32_t, struct ApplesTag>;
using Pears = Strong<uint32_t, struct PearsTag>;

static_assert(sizeof(Apples) == 4 && std::is_trivially_copyable_v<Apples>);
static_assert(!std::is_convertible_v<uint32_t, Apples> && !std::is_convertible_v<Apples, Pears>);

TEST(Strong, ComparesAndHashes) {
    EXPECT_EQ(Apples(), Apples(0));
    EXPECT_LT(Apples(1), Apples(2));
    const std::unordered_set<Apples> set = {Apples(1), Apples(2), Apples(1)};
    EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace hw
