#include "io/compression.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace hw::io {
namespace {

std::string deflated(std::string_view text, int window) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string in(text);
    std::string out(in.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

TEST(Inflate, reads_all_three_formats_and_several_members) {
    const std::string text(20'000, 'q');
    EXPECT_EQ(inflate(gzip(text), 20'000), text);
    EXPECT_EQ(inflate(deflated(text, 15), 20'000), text);
    EXPECT_EQ(inflate(deflated(text, -15), 20'000), text);
    EXPECT_EQ(inflate(gzip("one ") + gzip("two"), 100), "one two");
    EXPECT_EQ(inflate(gzip(""), 100), "");
}

TEST(Inflate, stops_at_the_limit) {
    const std::string text(20'000, 'q');
    for (const auto& packed : {gzip(text), deflated(text, 15), deflated(text, -15)})
        EXPECT_EQ(inflate(packed, 19'999).error().code(), ErrorCode::limit_exceeded);
}

TEST(Inflate, refuses_damage_and_cuts) {
    const std::string packed = gzip("some text that is packed");
    for (size_t cut = 1; cut < packed.size(); ++cut)
        EXPECT_EQ(inflate(packed.substr(0, cut), 1000).error().code(), ErrorCode::corrupt) << cut;
    std::string damaged = packed;
    damaged[damaged.size() - 6] ^= 1;
    EXPECT_EQ(inflate(damaged, 1000).error().code(), ErrorCode::corrupt);
    EXPECT_EQ(inflate("plain", 1000).error().code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace hw::io
