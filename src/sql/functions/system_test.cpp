#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sql/functions/arguments.h"
#include "sql/functions/deflate.h"
#include "sql/functions/functions.h"
#include "sql/functions/term.h"
#include "sql/functions/text.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

Datum call(std::string_view name, std::vector<Datum> arguments, CallContext& context) {
    FunctionTable table;
    add_builtin_functions(table);
    return table.find(name, Dialect::both)->scalar(arguments, context);
}

// What no case in text can show: state, chance and size.
class SystemFunctions : public testing::Test {
  protected:
    SystemFunctions() { context_.services = &services_; }

    Services services_{7};
    CallContext context_;
};

}  // namespace

TEST_F(SystemFunctions, RandomNumbersAreWithinTheirRangeAndOfTheSeed) {
    double least = 1, most = 0;
    for (int i = 0; i < 1000; ++i) {
        const double x = call("random", {}, context_).as_real();
        least = std::min(least, x);
        most = std::max(most, x);
    }
    EXPECT_TRUE(least >= 0 && least < 0.02 && most > 0.98 && most < 1);
    Services again{7};
    context_.services = &again;
    const Datum first = call("rand", {}, context_);
    Services third{7};
    context_.services = &third;
    EXPECT_EQ(call("random", {}, context_), first);
}

TEST_F(SystemFunctions, UuidsAreOfVersionFourAndDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const Datum made = call("uuid_v4", {}, context_);
        const auto uuid = made.as_text();
        ASSERT_EQ(uuid.size(), 36u);
        for (size_t at = 0; at < uuid.size(); ++at) {
            const bool hyphen = at == 8 || at == 13 || at == 18 || at == 23;
            EXPECT_EQ(uuid[at] == '-', hyphen) << uuid;
        }
        EXPECT_EQ(uuid[14], '4');
        EXPECT_TRUE(std::string_view("89ab").contains(uuid[19])) << uuid;
        seen.emplace(uuid);
    }
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_EQ(call("uuid_v4_no_hyphen", {}, context_).as_text().size(), 32u);
    EXPECT_EQ(call("newuuid", {}, context_).as_text().size(), 36u);
}

TEST_F(SystemFunctions, VariablesComeFromTheServicesAlone) {
    services_.variables["SITE"] = "plant1";
    EXPECT_EQ(call("getenv", {Datum::text("SITE")}, context_), Datum::text("plant1"));
    EXPECT_EQ(call("getenv", {Datum::text("PATH")}, context_), Datum::text(""));
    EXPECT_EQ(call("props", {Datum::text("SITE")}, context_), Datum::text("plant1"));
    EXPECT_TRUE(call("props", {Datum::text("PATH")}, context_).is_null());
    EXPECT_FALSE(context_.failed());
    EXPECT_TRUE(call("getenv", {Datum::array({})}, context_).is_null());
    EXPECT_TRUE(context_.failed());
}

TEST_F(SystemFunctions, TheRuleIsThatOfTheCall) {
    context_.rule_id = "rule1";
    EXPECT_TRUE(call("rule_start", {}, context_).is_null());
    context_.rule_start = Time{1'500'000'000};
    EXPECT_EQ(call("rule_id", {}, context_), Datum::text("rule1"));
    EXPECT_EQ(call("rule_start", {}, context_), Datum::integer(1500));
}

TEST_F(SystemFunctions, EveryMethodUnpacksWhatItPacked) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i)
        bytes += static_cast<char>(services_.random.below(i % 200 + 1));
    for (const char* method : {"zlib", "gzip", "flate", "zstd"}) {
        const Datum packed = call("compress", {Datum::bytes(bytes), Datum::text(method)}, context_);
        EXPECT_LT(packed.as_text().size(), bytes.size()) << method;
        EXPECT_EQ(call("decompress", {packed, Datum::text(method)}, context_), Datum::bytes(bytes))
            << method;
        const Datum cut = Datum::bytes(packed.as_text().substr(0, packed.as_text().size() / 2));
        EXPECT_TRUE(call("decompress", {cut, Datum::text(method)}, context_).is_null());
        EXPECT_TRUE(context_.failed()) << method;
        context_.clear_error();
    }
}

TEST_F(SystemFunctions, WhatUnpacksToTooMuchIsRefused) {
    const std::string zeros(text_bytes_limit, '\0');
    const std::string bomb = deflate_all(zeros + "0", Wrapping::zlib);
    EXPECT_LT(bomb.size(), 100'000u);
    EXPECT_EQ(inflate_all(bomb, Wrapping::zlib).error().code(), ErrorCode::limit_exceeded);
    const Datum packed = call("compress", {Datum::bytes(zeros), Datum::text("zstd")}, context_);
    const std::string twice = std::string(packed.as_text()) + std::string(packed.as_text());
    EXPECT_TRUE(call("decompress", {Datum::bytes(twice), Datum::text("zstd")}, context_).is_null());
    EXPECT_TRUE(context_.error().contains("more than 67108864 bytes")) << context_.error();
}

TEST(ErlangTerms, CompressedOnesAreUnpackedOnce) {
    const std::string plain = erlang_term(Datum::text(std::string(1000, 'a'))).value();
    const std::string content = plain.substr(1);
    std::string packed = "\x83\x50";
    packed += std::string("\0\0\x03\xed", 4) + deflate_all(content, Wrapping::zlib);
    EXPECT_EQ(from_erlang_term(packed).value(), Datum::text(std::string(1000, 'a')));
    packed[5] = '\0';
    EXPECT_EQ(from_erlang_term(packed).error().code(), ErrorCode::corrupt);
}

TEST(ErlangTerms, DeepOnesAreRefused) {
    for (const size_t levels : {size_t{100}, size_t{100'000}}) {
        std::string nested = "\x83";
        for (size_t i = 0; i < levels; ++i)
            nested += std::string("\x68\x01", 2);
        nested += "\x6a";
        const auto read = from_erlang_term(nested);
        EXPECT_EQ(read.has_value(), levels == 100);
        EXPECT_TRUE(read || read.error().code() == ErrorCode::limit_exceeded);
    }
}

TEST(ErlangTerms, EveryCutIsFoundOut) {
    const Datum value = Datum::object({{Datum::text("a"), Datum::array({Datum::real(1.5)})},
                                       {Datum::text("b"), Datum::boolean(true)}});
    const std::string whole = erlang_term(value).value();
    EXPECT_EQ(from_erlang_term(whole).value(), value);
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(from_erlang_term(std::string_view(whole).substr(0, size)).has_value());
}

TEST(Texts, BrokenBytesCountAsCharactersOfTheirOwn) {
    EXPECT_EQ(count_characters("a\xff\xe6\xb5"), 4u);
    EXPECT_EQ(first_characters("\xe6\xb5\x81x", 1), "\xe6\xb5\x81");
    EXPECT_FALSE(is_utf8("\xc0\x80"));          // an overlong zero
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // beyond Unicode
    EXPECT_TRUE(is_utf8("\xef\xbf\xbd"));       // U+FFFD itself
    EXPECT_EQ(to_upper("\xff\xc3\xa4"), "\xff\xc3\x84");
    EXPECT_EQ(trim_back("a\xff"), "a\xff");
}

}  // namespace hw::sql
