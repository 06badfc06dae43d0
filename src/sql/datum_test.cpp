#include "sql/datum.h"

#include <gtest/gtest.h>

#include "sql/datum_codec.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

Datum read(std::string_view json) {
    JsonReader reader;
    return reader.read(json).value();
}

Datum through_bytes(const Datum& value) {
    std::string bytes;
    ByteWriter out(bytes);
    save(out, value);
    ByteReader in(as_bytes(bytes));
    Datum back = load_datum(in);
    EXPECT_TRUE(in.at_end() && !in.failed());
    return back;
}

}  // namespace

TEST(Datum, TextsOfAnyLengthComeBack) {
    for (size_t size : {0, 1, 13, 14, 15, 16, 1000}) {
        const std::string text(size, 'x');
        const Datum datum = Datum::text(text);
        const Datum copy = datum;
        EXPECT_EQ(copy.as_text(), text);
        EXPECT_EQ(copy, datum);
        EXPECT_EQ(hash(copy), hash(Datum::text(text)));
    }
}

TEST(Datum, IntegersAndFloatsCompareByValue) {
    EXPECT_EQ(Datum::integer(1), Datum::real(1.0));
    EXPECT_EQ(hash(Datum::integer(1)), hash(Datum::real(1.0)));
    EXPECT_NE(Datum::integer((1ll << 53) + 1), Datum::real(9007199254740992.0));
    EXPECT_EQ(order(Datum::integer(1), Datum::real(1.5)), std::strong_ordering::less);
    EXPECT_EQ(order(Datum::real(0), Datum::real(-0.0)), std::strong_ordering::equal);
}

TEST(Datum, MembersInAnyOrderAreTheSame) {
    EXPECT_EQ(read(R"({"a":1,"b":[2,3]})"), read(R"({"b":[2,3],"a":1})"));
    EXPECT_EQ(hash(read(R"({"a":1,"b":2})")), hash(read(R"({"b":2,"a":1})")));
    EXPECT_NE(read(R"({"a":1})"), read(R"({"a":1,"b":2})"));
}

TEST(Datum, ChangingCopiesWhatOthersHold) {
    Datum a = read(R"({"a":1})");
    const Datum b = a;
    a.put("a", Datum::integer(2));
    a.put("a name longer than fourteen bytes", Datum::boolean(true));
    EXPECT_EQ(to_json(b), R"({"a":1})");
    EXPECT_EQ(to_json(a), R"({"a":2,"a name longer than fourteen bytes":true})");
    EXPECT_TRUE(a.find("a name longer than fourteen bytes"));
    EXPECT_FALSE(b.find("c"));
}

TEST(Datum, JsonKeepsTypes) {
    const char* texts[] = {"null", "true",      "1",
                           "1.0",  "-0.5",      "[]",
                           "{}",   R"("a\"b")", R"({"a":{"b":[1,2.5,"x",null,false]}})"};
    for (const auto* text : texts)
        EXPECT_EQ(to_json(read(text)), text);
    EXPECT_EQ(read("18446744073709551615").kind(), Kind::float64);
    EXPECT_EQ(to_json(read(R"({"a":1,"a":2})")), R"({"a":2})");
}

TEST(Datum, NestingIsLimited) {
    JsonReader reader;
    EXPECT_FALSE(reader.read(std::string(1000, '[') + std::string(1000, ']')));
    EXPECT_FALSE(reader.read("{\"a\":"));
    EXPECT_TRUE(reader.read("[1]"));
}

TEST(Datum, BytesOfStateComeBack) {
    const Datum value =
        read(R"({"a":[1,-5,2.5,"text longer than fourteen bytes",null,true],"b":{}})");
    EXPECT_EQ(through_bytes(value), value);
    EXPECT_EQ(through_bytes(Datum::time({-7})), Datum::time({-7}));
    EXPECT_EQ(through_bytes(Datum::bytes("\x00\xff")), Datum::bytes("\x00\xff"));
}

TEST(Datum, BrokenBytesFail) {
    std::string bytes;
    ByteWriter out(bytes);
    save(out, read(R"([1,"abc",{"k":2.5}])"));
    for (size_t size = 0; size < bytes.size(); ++size) {
        ByteReader in(as_bytes(std::string_view(bytes).substr(0, size)));
        EXPECT_TRUE(load_datum(in).is_null());
        EXPECT_TRUE(in.failed());
    }
}

}  // namespace hw::sql
