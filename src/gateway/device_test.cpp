#include "gateway/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <deque>
#include <map>

#include "gateway/tag_value.h"

namespace hw::gateway {
namespace {

using model::Quality;

// A protocol of lines: we send "r <address>", the device answers "<address>=<number>". Addresses
// are single letters; 'x' cannot be written.
class LineDriver final : public Driver {
  public:
    explicit LineDriver(DriverHost& host) : host_(host) { last = this; }
    ~LineDriver() override {
        if (last == this) last = nullptr;
    }

    void configure(std::span<const DriverGroup> groups) override {
        ++configured;
        groups_.assign(groups.begin(), groups.end());
    }
    void connected(ConnectionId connection, std::string_view) override { connection_ = connection; }
    void received(ConnectionId, BytesView bytes) override {
        const std::string text(as_text(bytes));
        if (text == "lie") return host_.close(connection_, Error(ErrorCode::corrupt, "a lie"));
        if (text == "done") return host_.polled(GroupIndex(0));
        const size_t at = text.find('@');
        for (const auto& group : groups_)
            for (const auto& tag : group.tags)
                if (tag.address[0] == text[0]) {
                    if (at == text.npos)
                        answer(tag, text);
                    else
                        host_.value(tag.index, std::stod(text.substr(2)), Quality::good,
                                    Time{std::stoll(text.substr(at + 1)) * 1'000'000'000});
                }
    }
    void disconnected(ConnectionId, const Error& why) override {
        for (const auto& [id, tag] : waiting_)
            host_.answered(id, hw::fail(ErrorCode::unavailable, why.text()));
        waiting_.clear();
    }
    void poll(GroupIndex group) override {
        ++polls;
        for (const auto& tag : groups_[group.value()].tags)
            host_.send(connection_, "r " + tag.address + ";");
    }
    void write(RequestId id, const DriverTag& tag, const model::Value& value) override {
        written = value;
        waiting_.emplace_back(id, tag);
        host_.send(connection_, "w " + tag.address + ";");
    }
    void read(RequestId id, const DriverTag& tag) override {
        waiting_.emplace_back(id, tag);
        host_.send(connection_, "r " + tag.address + ";");
    }
    std::optional<Time> deadline() const override { return std::nullopt; }
    void tick() override {}

    void answer_order(Result<model::Value> result) {
        const auto [id, tag] = waiting_.front();
        waiting_.pop_front();
        host_.answered(id, std::move(result));
    }

    static inline LineDriver* last = nullptr;
    int polls = 0;
    int configured = 0;
    model::Value written;

  private:
    void answer(const DriverTag& tag, const std::string& text) {
        if (text.substr(2) == "!")
            return host_.failed(tag.index, Quality::bad_device_failure,
                                Error(ErrorCode::io_failed, "sensor broken"));
        host_.value(tag.index, std::stod(text.substr(2)));
    }

    DriverHost& host_;
    ConnectionId connection_;
    std::vector<DriverGroup> groups_;
    std::deque<std::pair<RequestId, DriverTag>> waiting_;
};

constexpr TagType line_types[] = {TagType::float32, TagType::float64, TagType::int16};

Result<AddressFacts> check_line(std::string_view address, TagType) {
    if (address.size() != 1)
        return hw::fail(ErrorCode::invalid_argument, "position 2: one letter, e.g. 'a'");
    return AddressFacts{"", true, address != "x"};
}

constexpr Property line_settings[] = {
    {"port", PropertyType::integer, "7", "TCP port of the device", 1, 65535}};

const DriverInfo line_driver = {
    "line",
    "Lines",
    "A protocol of lines",
    LinkKind::tcp_client,
    line_settings,
    line_types,
    {},
    check_line,
    [](const DriverSettings&, DriverHost& host) -> Result<std::unique_ptr<Driver>> {
        return std::make_unique<LineDriver>(host);
    }};

class FakeLink final : public Link {
  public:
    explicit FakeLink(LinkOwner& owner) : owner_(owner) { last = this; }
    ~FakeLink() override {
        if (last == this) last = nullptr;
    }
    void open() override { ++opens; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId) override { ++closes; }
    size_t queued_bytes() const override { return 0; }

    void connect() { owner_.on_connected(ConnectionId(++id_), "10.0.0.1:7"); }
    void say(std::string_view text) { owner_.on_bytes(ConnectionId(id_), as_bytes(text)); }
    void lose() { owner_.on_lost(ConnectionId(id_), Error(ErrorCode::io_failed, "cable cut")); }
    void refuse() { owner_.on_not_opened(Error(ErrorCode::unavailable, "refused")); }

    static inline FakeLink* last = nullptr;
    int opens = 0;
    int closes = 0;
    std::string sent;

  private:
    LinkOwner& owner_;
    uint32_t id_ = 0;
};

TagSpec tag_of(std::string name, std::string address, std::string_view access = "read,write") {
    TagSpec tag;
    tag.name = std::move(name);
    tag.address = std::move(address);
    tag.access = parse_tag_access(access).value();
    return tag;
}

class DeviceTest : public testing::Test {
  protected:
    DeviceTest() {
        drivers_.add(line_driver);
        spec_.name = "works/plc1";
        spec_.driver = "line";
        spec_.settings = {{"host", "10.0.0.1"}};
        spec_.groups = {{"fast", seconds(1), {tag_of("a", "a"), tag_of("b", "b")}}};
    }

    CheckedDevice checked() {
        std::vector<Flaw> flaws;
        auto result = check_device(spec_, drivers_, flaws);
        EXPECT_TRUE(result.has_value()) << result.error().text();
        return std::move(*result);
    }
    static Device::PointIds ids(const DeviceSpec& spec) {
        Device::PointIds out;
        for (const auto& group : spec.groups) {
            out.emplace_back();
            for (const auto& tag : group.tags)
                out.back().push_back(model::PointId(static_cast<uint32_t>(tag.name[0])));
        }
        return out;
    }
    void start() {
        auto made = Device::make(checked(), ids(spec_), context_, [this] { ++events_; });
        ASSERT_TRUE(made.has_value());
        device_ = std::move(*made);
    }
    void advance(Duration by) {
        clock_.advance(by);
        device_->tick();
    }
    // Samples since the last call, as "a=1.5 good".
    std::vector<std::string> samples() {
        std::vector<std::string> out;
        for (size_t i = 0; i < round_.size(); ++i) {
            const auto sample = round_.sample(i);
            std::string text(1, static_cast<char>(round_.points()[i].value()));
            if (const auto* number = std::get_if<double>(&sample.value)) {
                char buffer[32];
                text += '=';
                text.append(buffer, std::to_chars(buffer, buffer + 32, *number).ptr);
            } else {
                text += '=' + std::to_string(std::get<int64_t>(sample.value));
            }
            out.push_back(text + ' ' + std::string(model::to_string(sample.quality)));
        }
        round_.clear();
        return out;
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    model::SampleBatch round_;
    bool overloaded_ = false;
    DeviceContext context_{clock_,
                           [](LinkKind, const DriverSettings&, LinkOwner& owner) {
                               return std::make_unique<FakeLink>(owner);
                           },
                           round_,
                           [this] { return overloaded_; },
                           [](model::PointId id) {
                               static thread_local std::string path;
                               path.assign(1, static_cast<char>(id.value()));
                               return std::string_view(path);
                           },
                           [this](model::PointId id) -> std::optional<model::Sample> {
                               const auto at = kept_.find(static_cast<char>(id.value()));
                               if (at == kept_.end()) return std::nullopt;
                               return at->second;
                           },
                           2};
    std::map<char, model::Sample> kept_;  // by an earlier life
    DriverRegistry drivers_;
    DeviceSpec spec_;
    std::unique_ptr<Device> device_;
    int events_ = 0;
};

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(DeviceTest, PollsOnConnectAndThenOncePerInterval) {
    start();
    EXPECT_EQ(FakeLink::last->opens, 1);
    EXPECT_EQ(device_->state().link, LinkState::connecting);
    FakeLink::last->connect();
    EXPECT_EQ(device_->state().link, LinkState::connected);
    EXPECT_EQ(FakeLink::last->sent, "r a;r b;");
    FakeLink::last->say("a=12.3");
    EXPECT_THAT(samples(), ElementsAre("a=12.3 good"));
    FakeLink::last->say("done");
    for (int i = 0; i < 10; ++i) {
        advance(seconds(1));
        FakeLink::last->say("done");
    }
    EXPECT_EQ(LineDriver::last->polls, 11);
    EXPECT_EQ(device_->state().groups[0].overruns, 0u);
}

TEST_F(DeviceTest, APollUnderWayMakesTheNextAnOverrun) {
    start();
    FakeLink::last->connect();
    advance(seconds(1));
    EXPECT_EQ(LineDriver::last->polls, 1);
    EXPECT_EQ(device_->state().groups[0].overruns, 1u);
    FakeLink::last->say("done");
    overloaded_ = true;
    advance(seconds(1));
    EXPECT_EQ(LineDriver::last->polls, 1);
    overloaded_ = false;
    advance(seconds(1));
    EXPECT_EQ(LineDriver::last->polls, 2);
}

TEST_F(DeviceTest, ALostLinkTurnsItsPointsBadAtOnceAndIsTriedAgain) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    samples();
    FakeLink::last->lose();
    // b was never read: there is nothing to show as stale.
    EXPECT_THAT(samples(), ElementsAre("a=1 bad.not_connected"));
    EXPECT_EQ(device_->state().link, LinkState::down);
    EXPECT_EQ(device_->state().tags_bad, 2u);
    EXPECT_EQ(device_->state().last_error, "cable cut");
    EXPECT_EQ(device_->tag_states()[0].error, "cable cut");
    ASSERT_TRUE(device_->deadline().has_value());
    EXPECT_EQ(*device_->deadline() - clock_.monotonic(), seconds(1));
    advance(seconds(1));
    EXPECT_EQ(FakeLink::last->opens, 2);
    FakeLink::last->refuse();
    EXPECT_THAT(samples(), IsEmpty());
    EXPECT_EQ(device_->state().last_error, "refused");
    advance(seconds(1));
    EXPECT_EQ(FakeLink::last->opens, 3);
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    EXPECT_THAT(samples(), ElementsAre("a=1 good"));
    EXPECT_EQ(device_->state().tags_bad, 1u);
}

TEST_F(DeviceTest, ADriverThatClosesIsToldOnceAndOpenedAgain) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    FakeLink::last->say("lie");
    EXPECT_EQ(FakeLink::last->closes, 1);
    EXPECT_EQ(device_->state().link, LinkState::down);
    EXPECT_EQ(device_->state().last_error, "a lie");
    EXPECT_THAT(samples(), ElementsAre("a=1 good", "a=1 bad.not_connected"));
}

TEST_F(DeviceTest, AFailedReadIsOneSampleNotMany) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    FakeLink::last->say("a=!");
    FakeLink::last->say("a=!");
    EXPECT_THAT(samples(), ElementsAre("a=1 good", "a=1 bad.device_failure"));
    EXPECT_EQ(device_->state().read_errors, 2u);
    EXPECT_EQ(device_->tag_states()[0].error, "sensor broken");
    FakeLink::last->say("a=1");
    EXPECT_EQ(device_->tag_states()[0].error, "");
    EXPECT_THAT(samples(), ElementsAre("a=1 good"));
}

TEST_F(DeviceTest, WhatAnEarlierLifeKeptIsBadUntilItIsReadAgain) {
    kept_['a'] = {clock_.now() - seconds(60), 7.0, Quality::good};
    kept_['b'] = {clock_.now() - seconds(60), 8.0, Quality::bad_not_connected};
    start();
    EXPECT_THAT(samples(), ElementsAre("a=7 bad.not_connected"));
    FakeLink::last->connect();
    FakeLink::last->say("a=7");
    EXPECT_THAT(samples(), ElementsAre("a=7 good"));
}

TEST_F(DeviceTest, ATagWithANewAddressThatFailsTurnsItsPointBad) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=7");
    samples();
    kept_['a'] = {clock_.now(), 7.0, Quality::good};
    spec_.groups[0].tags[0].address = "c";
    ASSERT_TRUE(device_->change(checked(), ids(spec_)).has_value());
    EXPECT_THAT(samples(), IsEmpty());
    FakeLink::last->say("c=!");
    EXPECT_THAT(samples(), ElementsAre("a=7 bad.device_failure"));
}

TEST_F(DeviceTest, AValueOfASlowClockRevivesWhatWasTurnedBad) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1@1699999000");
    FakeLink::last->say("a=!");
    EXPECT_THAT(samples(), ElementsAre("a=1 good", "a=1 bad.device_failure"));
    FakeLink::last->say("a=2@1699999100");
    EXPECT_EQ(round_.times_ns()[0] / 1'000'000'000, 1'699'999'100);
    EXPECT_THAT(samples(), ElementsAre("a=2 good", "a=2 good"));
    EXPECT_EQ(device_->tag_states()[0].last->quality, Quality::good);
    // What comes late is kept, but does not become the state.
    FakeLink::last->say("a=3@1699999050");
    EXPECT_THAT(samples(), ElementsAre("a=3 good"));
    EXPECT_EQ(std::get<double>(device_->tag_states()[0].last->value), 2.0);
}

TEST_F(DeviceTest, ANumberThatIsNoneKeepsTheLastAsBad) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    FakeLink::last->say("a=nan");
    FakeLink::last->say("a=nan");
    EXPECT_THAT(samples(), ElementsAre("a=1 good", "a=1 bad.sensor_failure"));
    EXPECT_THAT(device_->tag_states()[0].error, HasSubstr("NaN"));
    FakeLink::last->say("a=1");
    EXPECT_THAT(samples(), ElementsAre("a=1 good"));
}

TEST_F(DeviceTest, ScalesRoundsAndHoldsBackWhatDidNotChange) {
    TagSpec& a = spec_.groups[0].tags[0];
    a.scale = 0.1;
    a.offset = 5;
    a.bias = -1;
    a.precision = 2;
    a.deadband = 0.5;
    a.min = 0;
    a.max = 10;
    start();
    FakeLink::last->connect();
    for (const auto* text : {"a=10", "a=12", "a=15.001", "a=100", "a=100"})
        FakeLink::last->say(text);
    EXPECT_THAT(samples(),
                ElementsAre("a=5 good", "a=5.5 good", "a=14 uncertain.engineering_units_exceeded"));
    // Its silence is no fault.
    EXPECT_TRUE(device_->by_exception(TagIndex(0)));
    EXPECT_FALSE(device_->by_exception(TagIndex(1)));
}

TEST_F(DeviceTest, WritesGoTheOtherWayAndAreReadBackWhenAsked) {
    spec_.groups[0].tags[0].scale = 0.1;
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=10");
    std::vector<std::string> answers;
    const auto note = [&](Result<WriteResult> result) {
        answers.push_back(result ? "ok" : result.error().text());
    };
    WriteOrder order;
    order.value = 2.5;
    order.verify = true;
    device_->write(TagIndex(0), order, note);
    EXPECT_EQ(std::get<double>(LineDriver::last->written), 25.0);
    LineDriver::last->answer_order(model::Value(25.0));
    EXPECT_THAT(answers, IsEmpty());
    LineDriver::last->answer_order(model::Value(25.0));
    EXPECT_THAT(answers, ElementsAre("ok"));
    device_->write(TagIndex(0), order, note);
    LineDriver::last->answer_order(model::Value(25.0));
    LineDriver::last->answer_order(model::Value(24.0));
    EXPECT_THAT(answers.back(), HasSubstr("the device says 2.4"));
    device_->write(TagIndex(0), order, note);
    LineDriver::last->answer_order(hw::fail(ErrorCode::io_failed, "illegal data value"));
    EXPECT_EQ(answers.back(), "illegal data value");
    EXPECT_EQ(device_->state().writes, 2u);
    EXPECT_EQ(device_->state().write_errors, 1u);
}

TEST_F(DeviceTest, WhatCannotBeReadIsNotReadBack) {
    spec_.groups[0].tags[0].access.read = false;
    start();
    FakeLink::last->connect();
    std::vector<bool> read_back;
    WriteOrder order;
    order.value = 2.5;
    order.verify = true;
    device_->write(TagIndex(0), order, [&](Result<WriteResult> result) {
        ASSERT_TRUE(result) << result.error().text();
        read_back.push_back(result->read_back.has_value());
    });
    LineDriver::last->answer_order(model::Value(2.5));
    EXPECT_THAT(read_back, ElementsAre(false));
}

TEST_F(DeviceTest, WritesThatCannotBeAreRefusedWithTheReason) {
    spec_.groups[0].tags[0].max = 10;
    spec_.groups[0].tags[1].access.write = false;
    start();
    std::vector<Error> errors;
    const auto note = [&](Result<WriteResult> result) {
        ASSERT_FALSE(result.has_value());
        errors.push_back(result.error());
    };
    WriteOrder order;
    order.value = 1.0;
    device_->write(TagIndex(0), order, note);
    EXPECT_EQ(errors.back().code(), ErrorCode::unavailable);
    FakeLink::last->connect();
    device_->write(TagIndex(1), order, note);
    EXPECT_EQ(errors.back().code(), ErrorCode::permission_denied);
    order.value = 11.0;
    device_->write(TagIndex(0), order, note);
    EXPECT_EQ(errors.back().code(), ErrorCode::invalid_argument);
    order.value = std::string("on");
    device_->write(TagIndex(0), order, note);
    EXPECT_EQ(errors.back().code(), ErrorCode::invalid_argument);
    order.value = 1.0;
    order.timeout = milliseconds(500);
    device_->write(TagIndex(0), order, note);
    device_->write(TagIndex(0), order, note);
    device_->write(TagIndex(0), order, note);
    EXPECT_EQ(errors.back().code(), ErrorCode::limit_exceeded);
    advance(milliseconds(500));
    EXPECT_EQ(errors.back().code(), ErrorCode::timed_out);
    EXPECT_EQ(errors.size(), 7u);
    device_->write(TagIndex(0), order, note);
    FakeLink::last->lose();
    EXPECT_EQ(errors.back().code(), ErrorCode::unavailable);
    // An answer that comes too late meets nobody.
    EXPECT_EQ(errors.size(), 8u);
}

TEST_F(DeviceTest, AChangeOfOneTagDisturbsNoOther) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    FakeLink::last->say("b=2");
    samples();
    FakeLink* const link = FakeLink::last;
    spec_.groups[0].tags[1].scale = 10;
    spec_.groups[0].tags.push_back(tag_of("c", "c"));
    ASSERT_TRUE(device_->change(checked(), ids(spec_)).has_value());
    EXPECT_EQ(FakeLink::last, link);
    EXPECT_EQ(device_->state().link, LinkState::connected);
    EXPECT_THAT(samples(), IsEmpty());
    EXPECT_EQ(std::get<double>(device_->tag_states()[0].last->value), 1.0);
    FakeLink::last->say("b=2");
    FakeLink::last->say("c=3");
    EXPECT_THAT(samples(), ElementsAre("b=20 good", "c=3 good"));
    spec_.groups[0].tags.erase(spec_.groups[0].tags.begin());
    ASSERT_TRUE(device_->change(checked(), ids(spec_)).has_value());
    EXPECT_THAT(samples(), ElementsAre("a=1 bad.out_of_service"));
}

TEST_F(DeviceTest, OtherSettingsMeanAnotherLink) {
    start();
    FakeLink::last->connect();
    FakeLink::last->say("a=1");
    samples();
    FakeLink* const link = FakeLink::last;
    spec_.settings = {{"host", "10.0.0.2"}};
    ASSERT_TRUE(device_->change(checked(), ids(spec_)).has_value());
    EXPECT_NE(FakeLink::last, link);
    EXPECT_THAT(samples(), ElementsAre("a=1 bad.not_connected"));
    spec_.enabled = false;
    ASSERT_TRUE(device_->change(checked(), ids(spec_)).has_value());
    EXPECT_EQ(FakeLink::last, nullptr);
    EXPECT_EQ(device_->state().link, LinkState::disabled);
    EXPECT_THAT(samples(), ElementsAre("a=1 bad.out_of_service"));
}

TEST_F(DeviceTest, ChecksFindEveryFlaw) {
    spec_.name = "works/+";
    spec_.settings = {{"prot", "1"}};
    spec_.groups[0].interval = milliseconds(10);
    spec_.groups[0].tags[0].address = "long";
    spec_.groups[0].tags[0].type = TagType::float32;
    spec_.groups[0].tags[1].name = "a";
    spec_.groups[0].tags[1].address = "x";
    spec_.groups[0].tags.push_back(tag_of("t", "t"));
    spec_.groups[0].tags.back().type = TagType::string;
    std::vector<Flaw> flaws;
    EXPECT_FALSE(check_device(spec_, drivers_, flaws).has_value());
    std::vector<std::string> fields;
    for (const auto& flaw : flaws)
        fields.push_back(flaw.tag + ":" + flaw.field);
    EXPECT_THAT(fields, testing::UnorderedElementsAre(":name", ":settings.prot", ":settings.host",
                                                      ":interval", "a:address", "a:access",
                                                      "a:name", "t:type", "a:point"));
    spec_.driver = "lines";
    flaws.clear();
    EXPECT_FALSE(check_device(spec_, drivers_, flaws).has_value());
    EXPECT_THAT(flaws[0].text, HasSubstr("did you mean 'line'"));
}

}  // namespace
}  // namespace hw::gateway
