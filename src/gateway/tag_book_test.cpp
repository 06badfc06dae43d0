#include "gateway/tag_book.h"

#include <gtest/gtest.h>

namespace hw::gateway {

TEST(TagBook, GivesBackWhatItWasGiven) {
    TagSpec plain;
    plain.name = "flow";
    plain.address = "1!400001";
    TagSpec full = plain;
    full.name = std::string(128, 'n');
    full.type = TagType::date_and_time;
    full.access = {true, true, true};
    full.scale = 0.1;
    full.offset = -1;
    full.bias = 1e-9;
    full.precision = 17;
    full.deadband = 0.5;
    full.deadband_percent = 1;
    full.min = -100;
    full.max = 0;
    full.unit = "m³/h";
    full.description = "Raw water";
    full.point = "a/b/c";
    TagSpec half = plain;
    half.max = 0;
    half.precision = 0;
    TagBook book;
    for (const auto& tag : {plain, full, half, plain})
        book.add(tag);
    book.shrink();
    ASSERT_EQ(book.size(), 4u);
    EXPECT_EQ(book.get(0), plain);
    EXPECT_EQ(book.get(1), full);
    EXPECT_EQ(book.get(2), half);
    EXPECT_EQ(book.name(1), full.name);
    EXPECT_EQ(book.bytes(0), book.bytes(3));
    EXPECT_NE(book.bytes(0), book.bytes(2));
    EXPECT_LT(book.bytes(0).size(), 30u);
}

}  // namespace hw::gateway
