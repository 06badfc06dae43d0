#include "sql/user/worker_protocol.h"

#include <gtest/gtest.h>

#include "sql/user/marked_json.h"

namespace hw::sql::user {

namespace {

std::string frame(std::string_view json) {
    std::string out;
    ByteWriter(out).big(static_cast<uint32_t>(json.size()));
    out += json;
    return out;
}

// The JSON of the frames in `bytes`.
std::vector<std::string> frames(std::string_view bytes) {
    std::vector<std::string> all;
    ByteReader reader(as_bytes(bytes));
    while (!reader.at_end()) {
        all.emplace_back(reader.text(reader.big<uint32_t>()));
        EXPECT_FALSE(reader.failed());
    }
    return all;
}

constexpr std::string_view hello =
    R"j({"type":"hello","protocol":1,"name":"w","functions":[)j"
    R"j({"name":"f","signature":"f(x)","help":"Doubles.","least":1,"most":1},)j"
    R"j({"name":"g","nulls":true,"pure":true}]})j";

class Protocol : public testing::Test {
  protected:
    Result<void> receive(std::string_view bytes) {
        return protocol_.receive(as_bytes(bytes), events_);
    }
    void greet() { ASSERT_TRUE(receive(frame(hello))); }
    // What is wrong with a frame, told by a protocol of its own that has come as far as `calls`:
    // -1 not yet to the hello, else with so many calls under way.
    std::string breach(std::string_view json, int calls = -1) {
        WorkerProtocol fresh({.frame_bytes = 1000, .calls = 3});
        if (calls >= 0) {
            EXPECT_TRUE(fresh.receive(as_bytes(frame(hello)), events_));
        }
        for (int i = 0; i < calls; ++i)
            EXPECT_TRUE(fresh.call("f", {}));
        const auto received = fresh.receive(as_bytes(frame(json)), events_);
        return received ? "none" : received.error().text();
    }
    const WorkerProtocol::Answer& answer(size_t i) {
        return std::get<WorkerProtocol::Answer>(events_.at(i));
    }

    WorkerProtocol protocol_{{.frame_bytes = 1000, .calls = 3}};
    std::vector<WorkerProtocol::Event> events_;
};

}  // namespace

TEST_F(Protocol, SaysHelloFirstAndCallsBehindTheWorkersHello) {
    EXPECT_EQ(frames(protocol_.take_output()),
              std::vector<std::string>{
                  R"({"type":"hello","protocol":1,"frame_bytes_limit":1000,"calls_limit":3})"});
    EXPECT_EQ(protocol_.call("f", std::vector<Datum>{Datum::integer(1)}).value(), 1u);
    EXPECT_EQ(protocol_.take_output(), "");
    greet();
    const auto& said = std::get<WorkerProtocol::Hello>(events_.at(0));
    EXPECT_EQ(said.name, "w");
    ASSERT_EQ(said.functions.size(), 2u);
    EXPECT_EQ(said.functions[0].signature, "f(x)");
    EXPECT_EQ(said.functions[0].most_arguments, 1);
    EXPECT_FALSE(said.functions[0].sees_nulls);
    EXPECT_EQ(said.functions[1].signature, "g(...)");
    EXPECT_EQ(said.functions[1].least_arguments, 0);
    EXPECT_EQ(said.functions[1].most_arguments, 255);
    EXPECT_TRUE(said.functions[1].sees_nulls);
    EXPECT_TRUE(said.functions[1].pure);
    EXPECT_EQ(frames(protocol_.take_output()),
              std::vector<std::string>{
                  R"({"type":"call","calls":[{"id":1,"function":"f","arguments":[1]}]})"});
    EXPECT_EQ(protocol_.take_output(), "");
}

TEST_F(Protocol, BatchesCallsAndTakesAnswersInAnyOrderCutAnywhere) {
    greet();
    for (int i = 1; i <= 3; ++i)
        ASSERT_TRUE(protocol_.call("f", std::vector<Datum>{Datum::integer(i)}));
    EXPECT_EQ(frames(protocol_.take_output().substr(0)).size(), 2u);
    const std::string answers =
        frame(R"({"type":"result","results":[{"id":3,"value":6},{"id":1,"error":"no"}]})") +
        frame(R"({"type":"result","results":[{"id":2,"value":null}]})");
    for (const char byte : answers)
        ASSERT_TRUE(receive({&byte, 1}));
    ASSERT_EQ(events_.size(), 4u);
    EXPECT_EQ(answer(1).id, 3u);
    EXPECT_EQ(*answer(1).value, Datum::integer(6));
    EXPECT_EQ(answer(2).value.error().text(), "no");
    EXPECT_EQ(*answer(3).value, Datum());
    EXPECT_EQ(protocol_.under_way(), 0u);
}

TEST_F(Protocol, TimesAndBytesTravel) {
    greet();
    (void)protocol_.take_output();
    const Datum time = Datum::time(Time{1'772'366'400'000'000'000});
    ASSERT_TRUE(protocol_.call(
        "f", std::vector<Datum>{time, Datum::bytes("\xff\x01"), Datum::text("\xff")}));
    EXPECT_EQ(frames(protocol_.take_output()).at(0),
              R"({"type":"call","calls":[{"id":1,"function":"f","arguments":[)"
              R"({"$time":"2026-03-01T12:00:00Z"},{"$bytes":"/wE="},{"$bytes":"/w=="}]}]})");
    ASSERT_TRUE(receive(frame(R"({"type":"result","results":[{"id":1,"value":)"
                              R"([{"$time":"2026-03-01T12:00:00Z"},{"a":{"$bytes":"/wE="}},)"
                              R"({"$time":"noon"},{"$bytes":1}]}]})")));
    const auto& items = answer(1).value->items();
    EXPECT_EQ(items[0], time);
    EXPECT_EQ(*items[1].find("a"), Datum::bytes("\xff\x01"));
    EXPECT_EQ(*items[2].find("$time"), Datum::text("noon"));
    EXPECT_EQ(*items[3].find("$bytes"), Datum::integer(1));
}

TEST_F(Protocol, LimitsCallsAndArguments) {
    greet();
    const std::vector<Datum> large = {Datum::text(std::string(950, 'x'))};
    EXPECT_EQ(protocol_.call("f", large).error().text(),
              "the arguments are larger than a frame of 1000 bytes");
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(protocol_.call("f", {}));
    const auto fourth = protocol_.call("f", {});
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().code(), ErrorCode::limit_exceeded);
    EXPECT_EQ(fourth.error().text(), "3 calls are under way; no more are allowed");
}

TEST_F(Protocol, CallsThatDoNotFitAFrameGoInTwo) {
    greet();
    (void)protocol_.take_output();
    const std::vector<Datum> half = {Datum::text(std::string(500, 'x'))};
    ASSERT_TRUE(protocol_.call("f", half));
    ASSERT_TRUE(protocol_.call("f", half));
    EXPECT_EQ(frames(protocol_.take_output()).size(), 2u);
}

TEST_F(Protocol, ALateAnswerIsCountedAndIgnored) {
    greet();
    const auto id = protocol_.call("f", {}).value();
    protocol_.forget(id);
    ASSERT_TRUE(receive(frame(R"({"type":"result","results":[{"id":1,"value":1}]})")));
    EXPECT_EQ(events_.size(), 1u);
    EXPECT_EQ(protocol_.late_answers(), 1u);
}

TEST_F(Protocol, WhatIsNoHelloIsABreach) {
    EXPECT_EQ(breach(R"({"type":"result","results":[]})"),
              "it sends a frame of the type 'result' before its hello");
    EXPECT_EQ(breach(R"({"type":"hello","protocol":2})"),
              "it does not speak version 1 of the protocol");
    EXPECT_EQ(breach("nothing").substr(0, 35), "it sends a frame that is not JSON: ");
    EXPECT_EQ(breach(R"({"type":"hello","protocol":1})"),
              "its hello has no array of at most 200 functions");
    EXPECT_EQ(breach(R"({"type":"hello","protocol":1,"functions":[{"name":"F!"}]})"),
              "its function 'F!' has no name of lower case letters, digits and '_', at most 64");
    EXPECT_EQ(breach(R"({"type":"hello","protocol":1,"functions":[{"name":"f"},{"name":"f"}]})"),
              "its function f is there twice");
    for (const auto* counts :
         {R"("least":2,"most":1)", R"("least":-1)", R"("most":256)", R"("most":"1")"})
        EXPECT_EQ(breach(R"({"type":"hello","protocol":1,"functions":[{"name":"f",)" +
                         std::string(counts) + "}]}"),
                  "its function f has no counts of arguments: least and most must be 0 to 255");
}

TEST_F(Protocol, AnswersMustBeAskedFor) {
    EXPECT_EQ(breach(R"({"type":"hello","protocol":1,"functions":[]})", 0),
              "it sends a frame of the type 'hello' after its hello");
    EXPECT_EQ(breach(R"({"type":"result","results":[{"id":1,"value":1}]})", 0),
              "it answers a call that is not under way");
    EXPECT_EQ(breach(R"({"type":"result","results":{}})", 0), "it sends results that are no array");
    EXPECT_EQ(breach(R"({"type":"result","results":[{"id":1}]})", 1),
              "it answers with neither a value nor an error");
}

TEST_F(Protocol, AFrameTooLargeIsABreachBeforeItIsRead) {
    const auto received = receive(std::string_view("Trac", 4));
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().text(),
              "it sends a frame of 1416782179 bytes; at most 1000 are allowed, so it may have "
              "written something else to its standard output");
}

}  // namespace hw::sql::user
