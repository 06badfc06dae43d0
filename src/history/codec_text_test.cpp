#include "history/codec_text.h"

#include <gtest/gtest.h>

namespace hw::history {
namespace {

constexpr size_t limit = 1 << 20;

struct Packed {
    std::string bytes;
    size_t rows;
};

Packed pack(const std::vector<std::string>& texts) {
    IntsPacker ints;
    TextPacker packer;
    Packed packed{"", texts.size()};
    packer.pack(std::vector<std::string_view>(texts.begin(), texts.end()), ints, packed.bytes);
    return packed;
}

bool unpack(const Packed& packed, size_t arena_limit, std::vector<std::string>& out) {
    IntsUnpacker ints;
    TextUnpacker unpacker;
    std::string arena = "before";
    std::vector<uint64_t> places(packed.rows);
    ByteReader in(as_bytes(packed.bytes));
    unpacker.unpack(in, ints, arena_limit, arena, places);
    if (in.failed() || !in.at_end()) return false;
    out.clear();
    for (const uint64_t place : places)
        out.push_back(arena.substr(place >> 32, static_cast<uint32_t>(place)));
    return true;
}

void expect_back(const std::vector<std::string>& texts) {
    std::vector<std::string> out;
    ASSERT_TRUE(unpack(pack(texts), limit, out));
    EXPECT_EQ(out, texts);
}

TEST(text, comes_back) {
    expect_back({"open"});
    expect_back({""});
    expect_back({"", "", ""});
    expect_back({"open", "closed", "open", "", "open"});
    expect_back({std::string("\0\xff", 2), std::string(1, '\0'), std::string(100'000, 'x')});
    std::vector<std::string> distinct;
    for (int i = 0; i < 3'000; ++i)
        distinct.push_back("alarm " + std::to_string(i));
    expect_back(distinct);
}

TEST(text, a_state_costs_its_changes) {
    std::vector<std::string> texts;
    for (int i = 0; i < 2'000; ++i)
        texts.push_back(i / 500 % 2 == 0 ? "running" : "stopped");
    EXPECT_LT(pack(texts).bytes.size(), 50u);
}

TEST(text, more_than_the_arena_may_hold_is_refused) {
    std::vector<std::string> out;
    const Packed packed = pack({std::string(1'000, 'a'), std::string(1'000, 'b')});
    EXPECT_TRUE(unpack(packed, 2'006, out));
    EXPECT_FALSE(unpack(packed, 2'005, out));
}

TEST(text, cuts_are_seen) {
    const Packed packed = pack({"one", "two", "three", "two"});
    std::vector<std::string> out;
    for (size_t size = 0; size < packed.bytes.size(); ++size)
        EXPECT_FALSE(unpack({packed.bytes.substr(0, size), packed.rows}, limit, out));
}

}  // namespace
}  // namespace hw::history
