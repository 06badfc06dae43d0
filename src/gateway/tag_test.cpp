#include "gateway/tag.h"

#include <gtest/gtest.h>

namespace hw::gateway {

TEST(TagType, ReadsBackWhatItWrites) {
    for (size_t i = 0; i < tag_type_count; ++i) {
        const auto type = static_cast<TagType>(i);
        EXPECT_EQ(parse_tag_type(to_string(type)).value(), type);
    }
    EXPECT_EQ(parse_tag_type("FLOAT").value(), TagType::float32);
    EXPECT_EQ(parse_tag_type("Boolean").value(), TagType::boolean);
}

TEST(TagType, AnUnknownOneIsToldWhatThereIs) {
    const auto type = parse_tag_type("real");
    ASSERT_FALSE(type.has_value());
    EXPECT_NE(type.error().text().find("'real'"), std::string::npos);
    EXPECT_NE(type.error().text().find("double"), std::string::npos);
}

TEST(TagAccess, ReadsNeuronsWordsToo) {
    EXPECT_EQ(parse_tag_access("read,write").value(), (TagAccess{true, true, false}));
    EXPECT_EQ(parse_tag_access("Subscribe").value(), (TagAccess{true, false, true}));
    EXPECT_EQ(to_string(TagAccess{true, true, true}), "read,write,on_change");
    EXPECT_FALSE(parse_tag_access("").has_value());
    EXPECT_FALSE(parse_tag_access("execute").has_value());
}

}  // namespace hw::gateway
