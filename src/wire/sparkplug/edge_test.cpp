#include "wire/sparkplug/edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/sparkplug/state.h"

namespace hw::sparkplug {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t t0 = 1'700'000'000'000;  // ms

struct Sent {
    std::string topic;
    Payload payload;
};

class EdgeTest : public testing::Test, public EdgeOutput {
  protected:
    void publish(std::string topic, std::string payload, uint8_t qos, bool retain) override {
        EXPECT_FALSE(retain);
        EXPECT_EQ(qos, topic.find("NDEATH") == std::string::npos ? 0 : 1);
        auto decoded = decode(as_bytes(payload));
        ASSERT_TRUE(decoded.has_value());
        sent.push_back({std::move(topic), *std::move(decoded)});
    }
    void write(uint32_t metric, const PointValue& value) override {
        writes.emplace_back(metric, value);
    }
    void disconnect() override { ++disconnects; }

    void make(EdgeSettings settings = {.group_id = "g", .edge_node_id = "e"}) {
        edge = std::make_unique<Edge>(std::move(settings), *this);
        own = *edge->add({.name = "own", .type = DataType::int32});
        level = *edge->add({.device = "d",
                            .name = "level",
                            .type = DataType::float64,
                            .unit = "m",
                            .writable = true});
        on = *edge->add({.device = "d", .name = "on", .type = DataType::boolean});
    }
    void SetUp() override { make(); }

    Now now() const { return {Time{} + milliseconds(t0 + ms), Time{} + milliseconds(ms)}; }
    static Time at(int64_t after_ms) { return Time{} + milliseconds(t0 + after_ms); }
    std::vector<std::string> topics() {
        std::vector<std::string> list;
        for (const Sent& one : sent)
            list.push_back(one.topic);
        return list;
    }
    void command(std::string_view topic, std::vector<Metric> metrics) {
        edge->message(topic, as_bytes(encode({.metrics = std::move(metrics)})), now());
    }
    void connect() {
        edge->will(now().wall);
        edge->connected(now());
    }

    std::unique_ptr<Edge> edge;
    uint32_t own = 0, level = 0, on = 0;
    int64_t ms = 0;
    std::vector<Sent> sent;
    std::vector<std::pair<uint32_t, PointValue>> writes;
    int disconnects = 0;
};

TEST_F(EdgeTest, is_born_with_all_it_has) {
    EXPECT_TRUE(edge->update(level, 2.5, Quality::good, at(-50)).has_value());
    const auto will = edge->will(now().wall);
    EXPECT_EQ(will.topic, "spBv1.0/g/NDEATH/e");
    const Metric bd_seq{
        .name = "bdSeq", .timestamp = t0, .datatype = DataType::int64, .value = uint64_t{0}};
    EXPECT_EQ(decode(as_bytes(will.payload)), (Payload{.timestamp = t0, .metrics = {bd_seq}}));
    EXPECT_THAT(edge->filters(), ElementsAre("spBv1.0/g/NCMD/e", "spBv1.0/g/DCMD/e/+"));
    edge->connected(now());
    ASSERT_THAT(topics(), ElementsAre("spBv1.0/g/NBIRTH/e", "spBv1.0/g/DBIRTH/e/d"));
    EXPECT_EQ(sent[0].payload, (Payload{.timestamp = t0,
                                        .metrics = {bd_seq,
                                                    {.name = "Node Control/Rebirth",
                                                     .timestamp = t0,
                                                     .datatype = DataType::boolean,
                                                     .value = false},
                                                    {.name = "own",
                                                     .alias = own,
                                                     .timestamp = t0,
                                                     .datatype = DataType::int32,
                                                     .is_null = true}},
                                        .seq = 0}));
    const Metric& told = sent[1].payload.metrics.at(0);
    EXPECT_EQ(told.alias, level);
    EXPECT_EQ(told.timestamp, t0 - 50u);
    EXPECT_EQ(told.value, WireValue(2.5));
    EXPECT_EQ(std::get<std::string>(told.properties.find("engUnit")->value), "m");
    EXPECT_EQ(sent[1].payload.seq, 1u);
    edge->flush(now());
    EXPECT_EQ(sent.size(), 2u);
}

TEST_F(EdgeTest, tells_changes_only) {
    connect();
    sent.clear();
    for (const double value : {1.0, 1.0, 2.0})
        ASSERT_TRUE(edge->update(level, value, Quality::good, at(ms += 10)).has_value());
    ASSERT_TRUE(edge->update(own, int64_t{-4}, Quality::good, at(ms)).has_value());
    edge->flush(now());
    ASSERT_THAT(topics(), ElementsAre("spBv1.0/g/NDATA/e", "spBv1.0/g/DDATA/e/d"));
    EXPECT_EQ(sent[0].payload.metrics,
              (std::vector<Metric>{{.alias = own, .timestamp = t0 + 30, .value = 0xffff'fffcu}}));
    EXPECT_EQ(sent[1].payload.metrics,
              (std::vector<Metric>{{.alias = level, .timestamp = t0 + 10, .value = 1.0},
                                   {.alias = level, .timestamp = t0 + 30, .value = 2.0}}));
    EXPECT_EQ(sent[0].payload.seq, 2u);
    EXPECT_EQ(sent[1].payload.seq, 3u);
    // The quality is a change too, and late values are history.
    sent.clear();
    ASSERT_TRUE(edge->update(level, 2.0, Quality::offline, at(40)).has_value());
    ASSERT_TRUE(edge->update(level, 1.5, Quality::good, at(20)).has_value());
    edge->flush(now());
    ASSERT_EQ(sent.size(), 1u);
    const auto& metrics = sent[0].payload.metrics;
    EXPECT_EQ(std::get<uint32_t>(metrics.at(0).properties.find("Quality")->value), 500u);
    EXPECT_TRUE(metrics.at(1).is_historical);
    EXPECT_FALSE(edge->update(on, 1.5, Quality::good, at(50)).has_value());
}

TEST_F(EdgeTest, a_rebirth_has_the_same_bd_seq_and_begins_anew) {
    connect();
    sent.clear();
    ms = 5000;
    ASSERT_TRUE(edge->update(level, 1.0, Quality::good, at(1)).has_value());
    ASSERT_TRUE(edge->update(level, 2.0, Quality::good, at(2)).has_value());
    const Metric rebirth{
        .name = "Node Control/Rebirth", .datatype = DataType::boolean, .value = true};
    command("spBv1.0/g/NCMD/e", {rebirth});
    // What was before the value that the birth tells follows as history.
    ASSERT_THAT(topics(),
                ElementsAre("spBv1.0/g/NBIRTH/e", "spBv1.0/g/DBIRTH/e/d", "spBv1.0/g/DDATA/e/d"));
    EXPECT_EQ(sent[0].payload.seq, 0u);
    EXPECT_EQ(std::get<uint64_t>(sent[0].payload.find("bdSeq")->value), 0u);
    EXPECT_EQ(sent[1].payload.metrics[0].value, WireValue(2.0));
    EXPECT_TRUE(sent[2].payload.metrics.at(0).is_historical);
    // Asked for again at once: answered, but not at once.
    sent.clear();
    command("spBv1.0/g/NCMD/e", {rebirth});
    command("spBv1.0/g/NCMD/e", {rebirth});
    ASSERT_TRUE(edge->update(level, 3.0, Quality::good, at(5001)).has_value());
    edge->flush(now());
    EXPECT_THAT(sent, IsEmpty());
    ms = 6000;
    edge->flush(now());
    EXPECT_THAT(topics(), ElementsAre("spBv1.0/g/NBIRTH/e", "spBv1.0/g/DBIRTH/e/d"));
    EXPECT_EQ(edge->figures().rebirths, 3u);
    // Another connection has another number.
    edge->lost();
    sent.clear();
    connect();
    EXPECT_EQ(std::get<uint64_t>(sent.at(0).payload.find("bdSeq")->value), 1u);
}

TEST_F(EdgeTest, new_metrics_are_born_before_they_are_told) {
    connect();
    sent.clear();
    ms = 2000;
    const auto flow = edge->add({.device = "d", .name = "flow", .type = DataType::float32});
    ASSERT_TRUE(flow.has_value());
    ASSERT_TRUE(edge->update(*flow, 1.5, Quality::good, at(ms)).has_value());
    edge->flush(now());
    ASSERT_THAT(topics(), ElementsAre("spBv1.0/g/DBIRTH/e/d", "spBv1.0/g/DDATA/e/d"));
    EXPECT_EQ(sent[0].payload.metrics.size(), 3u);
    sent.clear();
    ASSERT_TRUE(edge->add({.name = "second", .type = DataType::string}).has_value());
    edge->flush(now());
    EXPECT_THAT(topics(), ElementsAre("spBv1.0/g/NBIRTH/e", "spBv1.0/g/DBIRTH/e/d"));
    const auto error = [&](EdgeMetric metric) {
        const auto added = edge->add(std::move(metric));
        return added ? ErrorCode::io_failed : added.error().code();
    };
    EXPECT_EQ(error({.name = "own", .type = DataType::int8}), ErrorCode::conflict);
    EXPECT_EQ(error({.name = "", .type = DataType::int8}), ErrorCode::invalid_argument);
    EXPECT_EQ(error({.name = "bdSeq", .type = DataType::int8}), ErrorCode::invalid_argument);
    EXPECT_EQ(error({.device = "a/b", .name = "x", .type = DataType::int8}),
              ErrorCode::invalid_argument);
    EXPECT_EQ(error({.name = "x", .type = DataType::data_set}), ErrorCode::unsupported);
}

TEST_F(EdgeTest, another_type_is_born_anew) {
    connect();
    sent.clear();
    ASSERT_TRUE(edge->update(on, true, Quality::good, at(1)).has_value());
    edge->retype(on, DataType::float64);
    ASSERT_TRUE(edge->update(on, 2.5, Quality::good, at(2)).has_value());
    edge->flush(now());
    ASSERT_THAT(topics(), ElementsAre("spBv1.0/g/DBIRTH/e/d", "spBv1.0/g/DDATA/e/d"));
    EXPECT_EQ(sent[0].payload.metrics.at(1).datatype, DataType::float64);
    EXPECT_EQ(sent[0].payload.metrics[1].value, WireValue(2.5));
    EXPECT_EQ(sent[1].payload.metrics.size(), 1u);
}

TEST_F(EdgeTest, commands_are_checked_and_handed_on) {
    connect();
    command("spBv1.0/g/DCMD/e/d", {{.alias = level, .value = 4.5}});
    command("spBv1.0/g/DCMD/e/d", {{.name = "level", .datatype = DataType::float64, .value = 5.5}});
    EXPECT_THAT(writes,
                ElementsAre(std::pair(level, PointValue(4.5)), std::pair(level, PointValue(5.5))));
    command("spBv1.0/g/DCMD/e/d", {{.alias = on, .value = true}});     // not writable
    command("spBv1.0/g/DCMD/e/d", {{.alias = level, .value = true}});  // of another type
    command("spBv1.0/g/DCMD/e/d", {{.name = "none", .value = 1.0}});
    command("spBv1.0/g/DCMD/e/x", {{.alias = level, .value = 1.0}});  // of another device
    command("spBv1.0/g/DCMD/e/d", {{.alias = 99, .value = 1.0}});
    EXPECT_EQ(edge->figures().refused, 5u);
    command("spBv1.0/other/DCMD/e/d", {{.alias = level, .value = 1.0}});
    edge->message("spBv1.0/g/DCMD/e/d", as_bytes("nonsense"), now());
    EXPECT_EQ(edge->figures().refused, 6u);
    EXPECT_EQ(writes.size(), 2u);
}

TEST_F(EdgeTest, waits_for_its_primary_host) {
    make({.group_id = "g", .edge_node_id = "e", .primary_host = "scada"});
    EXPECT_EQ(edge->filters().at(2), "spBv1.0/STATE/scada");
    const auto state = [&](bool online, uint64_t time, std::string_view host = "scada") {
        edge->message("spBv1.0/STATE/" + std::string(host), as_bytes(format_state({online, time})),
                      now());
    };
    connect();
    EXPECT_FALSE(edge->online());
    state(true, 100, "other");
    state(false, 50);
    EXPECT_THAT(sent, IsEmpty());
    state(true, 100);
    EXPECT_TRUE(edge->online());
    EXPECT_EQ(sent.size(), 2u);
    state(false, 99);  // of an older session
    EXPECT_TRUE(edge->online());
    sent.clear();
    state(false, 100);
    EXPECT_THAT(topics(), ElementsAre("spBv1.0/g/NDEATH/e"));
    EXPECT_EQ(disconnects, 1);
    sent.clear();
    connect();
    state(false, 100);
    EXPECT_THAT(sent, IsEmpty());
    state(true, 200);
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_EQ(std::get<uint64_t>(sent[0].payload.find("bdSeq")->value), 1u);
}

TEST_F(EdgeTest, large_rounds_are_parted_and_limited) {
    make({.group_id = "g", .edge_node_id = "e", .message_metrics_limit = 2, .changes_limit = 5});
    connect();
    sent.clear();
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(edge->update(level, static_cast<double>(i), Quality::good, at(i)).has_value());
    edge->flush(now());
    EXPECT_EQ(sent.size(), 3u);
    sent.clear();
    for (int i = 10; i < 16; ++i)
        ASSERT_TRUE(edge->update(level, static_cast<double>(i), Quality::good, at(i)).has_value());
    edge->flush(now());
    EXPECT_EQ(edge->figures().merged, 4u);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].payload.metrics.at(1).value, WireValue(15.0));
}

// The two machines understand each other.
TEST_F(EdgeTest, a_host_application_follows_it) {
    struct Ears : HostOutput {
        void sample(const HostSample& one) override {
            values[std::string(one.path)] = {one.value, one.quality};
        }
        void unit(std::string_view path, uint32_t&, std::string_view text) override {
            units[std::string(path)] = text;
        }
        void state(const NodeState&) override {}
        void publish(std::string topic, std::string payload, uint8_t, bool) override {
            orders.emplace_back(std::move(topic), std::move(payload));
        }
        std::map<std::string, std::pair<PointValue, Quality>> values;
        std::map<std::string, std::string> units;
        std::vector<std::pair<std::string, std::string>> orders;
    } ears;
    Host host({}, ears);
    const auto carry = [&] {
        for (const Sent& one : sent)
            host.message(one.topic, as_bytes(encode(one.payload)), now());
        sent.clear();
        for (const auto& [topic, payload] : std::exchange(ears.orders, {}))
            edge->message(topic, as_bytes(payload), now());
    };
    const auto will = edge->will(now().wall);
    edge->connected(now());
    ASSERT_TRUE(edge->update(level, 2.5, Quality::good, at(1)).has_value());
    edge->flush(now());
    carry();
    EXPECT_EQ(ears.values["g/e/d/level"], std::pair(PointValue(2.5), Quality::good));
    EXPECT_EQ(ears.units["g/e/d/level"], "m");
    ASSERT_TRUE(host.command("g/e/d/level", 7.0, now()).has_value());
    carry();
    EXPECT_THAT(writes, ElementsAre(std::pair(level, PointValue(7.0))));
    // A lost message: the host asks, the edge node is born again.
    ASSERT_TRUE(edge->update(level, 3.5, Quality::good, at(2)).has_value());
    edge->flush(now());
    sent.clear();
    ASSERT_TRUE(edge->update(on, true, Quality::good, at(3)).has_value());
    edge->flush(now());
    carry();
    ms = 10'000;
    host.tick(now());
    EXPECT_EQ(ears.values["g/e/d/level"].first, PointValue(2.5));
    carry();
    carry();
    EXPECT_EQ(ears.values["g/e/d/level"].first, PointValue(3.5));
    host.message(will.topic, as_bytes(will.payload), now());
    EXPECT_EQ(ears.values["g/e/d/level"], std::pair(PointValue(3.5), Quality::offline));
}

}  // namespace
}  // namespace hw::sparkplug
