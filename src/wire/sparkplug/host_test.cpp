#include "wire/sparkplug/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "wire/sparkplug/state.h"

namespace hw::sparkplug {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr uint64_t t0 = 1'700'000'000'000;  // ms

struct Row {
    std::string path;
    PointValue value;
    uint64_t ms;
    Quality quality = Quality::good;
    bool historical = false;

    friend bool operator==(const Row&, const Row&) = default;
};
[[maybe_unused]] void PrintTo(const Row& row, std::ostream* out) {
    *out << row.path << " @ " << static_cast<int64_t>(row.ms - t0) << " quality "
         << static_cast<int>(row.quality) << (row.historical ? " historical" : "");
}

struct Sent {
    std::string topic;
    std::string payload;
    int qos;
    bool retain;
};

// A host application, and the hands of an edge node g/e.
class HostBench : public testing::Test, public HostOutput {
  protected:
    void sample(const HostSample& one) override {
        if (one.point == no_point) one.point = next_point++;
        rows.push_back({std::string(one.path), one.value,
                        static_cast<uint64_t>(one.time.ns / 1'000'000), one.quality,
                        one.historical});
    }
    void unit(std::string_view path, uint32_t&, std::string_view text) override {
        units.emplace_back(path, text);
    }
    void state(const NodeState& one) override {
        states.push_back(std::string(one.edge) + "/" + std::string(one.device) +
                         (one.online ? " online" : " offline"));
    }
    void publish(std::string topic, std::string payload, uint8_t qos, bool retain) override {
        sent.push_back({std::move(topic), std::move(payload), qos, retain});
    }

    Now now() const {
        return {{static_cast<int64_t>(t0 + ms) * 1'000'000}, Time{} + milliseconds(ms)};
    }

    // What a message gave.
    std::vector<Row> send(std::string_view topic, Payload payload) {
        if (!payload.timestamp) payload.timestamp = t0 + static_cast<uint64_t>(ms + skew_ms);
        return raw(topic, encode(payload));
    }
    std::vector<Row> raw(std::string_view topic, std::string_view bytes) {
        rows.clear();
        gave = host->message(topic, as_bytes(bytes), now());
        EXPECT_EQ(gave, !rows.empty());
        return rows;
    }
    std::vector<Row> tick_after(int64_t by_ms) {
        ms += by_ms;
        rows.clear();
        host->tick(now());
        return rows;
    }

    static Metric number(std::string name, double value, std::optional<uint64_t> alias = {}) {
        return {
            .name = std::move(name), .alias = alias, .datatype = DataType::float64, .value = value};
    }
    static Metric by_alias(uint64_t alias, double value, std::optional<uint64_t> time = {}) {
        return {.alias = alias, .timestamp = time, .value = value};
    }
    static Payload payload(uint64_t seq, std::vector<Metric> metrics = {}) {
        return {.metrics = std::move(metrics), .seq = seq};
    }
    static Metric bd_seq(uint64_t value) {
        return {.name = "bdSeq", .datatype = DataType::int64, .value = value};
    }
    std::vector<Row> nbirth(uint64_t bd = 0, std::vector<Metric> metrics = {}) {
        metrics.insert(
            metrics.begin(),
            {.name = "Node Control/Rebirth", .datatype = DataType::boolean, .value = false});
        metrics.insert(metrics.begin(), bd_seq(bd));
        return send("spBv1.0/g/NBIRTH/e", payload(0, std::move(metrics)));
    }
    std::vector<Row> dbirth(uint64_t seq) {
        return send("spBv1.0/g/DBIRTH/e/d",
                    payload(seq, {number("level", 1, 10), number("flow", 2, 11)}));
    }
    std::vector<Row> ddata(uint64_t seq, std::vector<Metric> metrics) {
        return send("spBv1.0/g/DDATA/e/d", payload(seq, std::move(metrics)));
    }
    std::vector<Row> ndeath(uint64_t bd) {
        return send("spBv1.0/g/NDEATH/e", {.timestamp = t0 - 99, .metrics = {bd_seq(bd)}});
    }
    void born() {
        nbirth();
        dbirth(1);
    }
    size_t rebirths() const {
        size_t count = 0;
        for (const Sent& one : sent)
            count += one.topic == "spBv1.0/g/NCMD/e";
        return count;
    }

    HostSettings settings;
    std::unique_ptr<Host> host = std::make_unique<Host>(settings, *this);
    int64_t ms = 0;
    int64_t skew_ms = 0;
    bool gave = false;
    uint32_t next_point = 0;
    std::vector<Row> rows;
    std::vector<std::pair<std::string, std::string>> units;
    std::vector<std::string> states;
    std::vector<Sent> sent;
};
using HostTest = HostBench;

TEST_F(HostTest, births_make_points_and_aliases_find_them) {
    Metric pressure = number("Pumps/P1/pressure", 3.5, 1);
    pressure.properties.properties = {
        {.key = "engUnit", .type = DataType::string, .value = std::string("bar")}};
    EXPECT_THAT(nbirth(0, {pressure}), ElementsAre(Row{"g/e/Pumps/P1/pressure", 3.5, t0}));
    EXPECT_THAT(units, ElementsAre(std::pair("g/e/Pumps/P1/pressure", "bar")));
    EXPECT_THAT(dbirth(1), ElementsAre(Row{"g/e/d/level", 1.0, t0}, Row{"g/e/d/flow", 2.0, t0}));
    ms = 1000;
    EXPECT_THAT(ddata(2, {by_alias(11, 2.5, t0 + 900), by_alias(10, 1.5)}),
                ElementsAre(Row{"g/e/d/flow", 2.5, t0 + 900}, Row{"g/e/d/level", 1.5, t0 + 1000}));
    EXPECT_THAT(send("spBv1.0/g/NDATA/e", payload(3, {number("Pumps/P1/pressure", 4)})),
                ElementsAre(Row{"g/e/Pumps/P1/pressure", 4.0, t0 + 1000}));
    EXPECT_THAT(states, ElementsAre("e/ online", "e/d online"));
    EXPECT_THAT(sent, IsEmpty());
    EXPECT_EQ(host->figures().metrics, 5u);
    EXPECT_EQ(host->figures().nodes_online, 1u);
    EXPECT_EQ(host->figures().devices_online, 1u);
}

TEST_F(HostTest, a_death_of_this_session_turns_points_bad) {
    nbirth(7, {number("own", 1)});
    dbirth(1);
    ms = 500;
    EXPECT_THAT(ndeath(6), IsEmpty());
    EXPECT_EQ(host->figures().old_session, 1u);
    EXPECT_THAT(ndeath(7), UnorderedElementsAre(Row{"g/e/d/level", 1.0, t0 + 500, Quality::offline},
                                                Row{"g/e/d/flow", 2.0, t0 + 500, Quality::offline},
                                                Row{"g/e/own", 1.0, t0 + 500, Quality::offline}));
    EXPECT_THAT(ndeath(7), IsEmpty());
    EXPECT_EQ(host->figures().nodes_online, 0u);
    EXPECT_EQ(host->figures().devices_online, 0u);
    EXPECT_THAT(states, ElementsAre("e/ online", "e/d online", "e/d offline", "e/ offline"));
    // Data of a dead node are not believed.
    EXPECT_THAT(ddata(2, {by_alias(10, 9)}), IsEmpty());
    EXPECT_EQ(rebirths(), 1u);
}

TEST_F(HostTest, a_birth_revives_even_with_an_older_time) {
    const auto birth = [this](uint64_t bd) {
        Metric level = number("level", 1);
        level.timestamp = t0 - 60'000;
        return nbirth(bd, {level});
    };
    EXPECT_THAT(birth(0), ElementsAre(Row{"g/e/level", 1.0, t0 - 60'000}));
    ms = 1000;
    EXPECT_THAT(ndeath(0), ElementsAre(Row{"g/e/level", 1.0, t0 + 1000, Quality::offline}));
    ms = 2000;
    EXPECT_THAT(birth(1),
                ElementsAre(Row{"g/e/level", 1.0, t0 - 60'000}, Row{"g/e/level", 1.0, t0 + 2000}));
}

TEST_F(HostTest, a_death_is_told_in_the_nodes_own_time) {
    skew_ms = -3'600'000;
    born();
    ms = 1000;
    EXPECT_EQ(ndeath(0).at(0).ms, t0 + 1000 - 3'600'000);
    ms = 1500;
    EXPECT_EQ(nbirth(1).size(), 0u);
    EXPECT_THAT(dbirth(1).at(0), (Row{"g/e/d/level", 1.0, t0 + 1500 - 3'600'000}));
}

TEST_F(HostTest, a_device_dies_alone) {
    nbirth(0, {number("own", 1)});
    dbirth(1);
    ms = 10;
    EXPECT_THAT(send("spBv1.0/g/DDEATH/e/d", payload(2)),
                UnorderedElementsAre(Row{"g/e/d/level", 1.0, t0 + 10, Quality::offline},
                                     Row{"g/e/d/flow", 2.0, t0 + 10, Quality::offline}));
    EXPECT_THAT(ddata(3, {by_alias(10, 5)}), IsEmpty());
    EXPECT_EQ(host->figures().before_birth, 1u);
    EXPECT_EQ(rebirths(), 1u);
    ms = 20;
    EXPECT_EQ(dbirth(4).size(), 2u);
    EXPECT_EQ(host->figures().devices_online, 1u);
}

TEST_F(HostTest, data_before_the_birth_asks_for_it_and_not_too_often) {
    EXPECT_THAT(ddata(5, {number("level", 1)}), IsEmpty());
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].topic, "spBv1.0/g/NCMD/e");
    EXPECT_EQ(sent[0].qos, 0);
    EXPECT_FALSE(sent[0].retain);
    const auto asked = decode(as_bytes(sent[0].payload));
    ASSERT_TRUE(asked.has_value());
    EXPECT_EQ(*asked, (Payload{.timestamp = t0,
                               .metrics = {{.name = "Node Control/Rebirth",
                                            .timestamp = t0,
                                            .datatype = DataType::boolean,
                                            .value = true}}}));
    ms = 9999;
    ddata(6, {number("level", 1)});
    EXPECT_EQ(rebirths(), 1u);
    tick_after(0);
    EXPECT_EQ(rebirths(), 1u);
    tick_after(1);
    EXPECT_EQ(rebirths(), 2u);
    tick_after(100'000);
    EXPECT_EQ(rebirths(), 2u);
    EXPECT_EQ(host->figures().before_birth, 2u);
}

TEST_F(HostTest, unknown_aliases_ask_for_a_rebirth) {
    born();
    EXPECT_THAT(ddata(2, {by_alias(99, 1), by_alias(10, 4)}),
                ElementsAre(Row{"g/e/d/level", 4.0, t0}));
    EXPECT_EQ(host->figures().unknown_metrics, 1u);
    EXPECT_EQ(rebirths(), 1u);
}

TEST_F(HostTest, messages_out_of_order_are_put_in_order) {
    born();
    EXPECT_THAT(ddata(4, {by_alias(10, 4)}), IsEmpty());
    EXPECT_THAT(ddata(3, {by_alias(10, 3)}), IsEmpty());
    EXPECT_EQ(host->figures().held, 2u);
    const auto got = ddata(2, {by_alias(10, 2)});
    ASSERT_EQ(got.size(), 3u);
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(got[i].value, PointValue(2.0 + static_cast<double>(i)));
    EXPECT_EQ(host->figures().reordered, 2u);
    EXPECT_EQ(host->figures().held, 0u);
    tick_after(60'000);
    EXPECT_EQ(rebirths(), 0u);
}

TEST_F(HostTest, a_gap_that_stays_asks_for_a_rebirth_and_loses_nothing) {
    born();
    ddata(3, {by_alias(10, 3)});
    ms = 3000;
    ddata(5, {by_alias(10, 5)});
    EXPECT_THAT(tick_after(1999), IsEmpty());
    const auto got = tick_after(1);
    EXPECT_THAT(got, ElementsAre(Row{"g/e/d/level", 3.0, t0}, Row{"g/e/d/level", 5.0, t0 + 3000}));
    EXPECT_EQ(host->figures().sequence_gaps, 1u);
    EXPECT_EQ(rebirths(), 1u);
    EXPECT_EQ(ddata(6, {by_alias(10, 6)}).size(), 1u);
}

TEST_F(HostTest, without_a_time_out_a_gap_is_told_at_once) {
    settings.reorder_timeout = {};
    host = std::make_unique<Host>(settings, *this);
    born();
    EXPECT_EQ(ddata(3, {by_alias(10, 3)}).size(), 1u);
    EXPECT_EQ(rebirths(), 1u);
}

TEST_F(HostTest, what_is_held_is_limited) {
    settings.held_messages_limit = 3;
    host = std::make_unique<Host>(settings, *this);
    born();
    for (uint64_t seq = 3; seq <= 5; ++seq)
        EXPECT_THAT(ddata(seq, {by_alias(10, 1)}), IsEmpty());
    EXPECT_EQ(ddata(6, {by_alias(10, 1)}).size(), 4u);
    EXPECT_EQ(host->figures().sequence_gaps, 1u);
}

TEST_F(HostTest, what_is_held_of_all_is_limited) {
    settings.held_total_bytes_limit = 100;
    host = std::make_unique<Host>(settings, *this);
    born();
    EXPECT_THAT(ddata(3, {by_alias(10, 1)}), IsEmpty());
    size_t applied = 0;
    for (uint64_t seq = 4; seq < 20; ++seq)
        applied += ddata(seq, {by_alias(10, 1)}).size();
    EXPECT_EQ(applied, 17u);
    EXPECT_EQ(host->figures().sequence_gaps, 1u);
    EXPECT_EQ(host->figures().held, 0u);
}

TEST_F(HostTest, the_sequence_wraps) {
    born();
    for (uint64_t seq = 2; seq < 600; ++seq)
        EXPECT_EQ(ddata(seq % 256, {by_alias(10, 1)}).size(), 1u);
    EXPECT_EQ(host->figures().sequence_gaps, 0u);
    EXPECT_EQ(ddata(90, {by_alias(10, 1)}).size(), 0u);  // 88 is due
    EXPECT_EQ(ddata(89, {by_alias(10, 1)}).size(), 0u);
    EXPECT_EQ(ddata(88, {by_alias(10, 1)}).size(), 3u);
}

TEST_F(HostTest, what_overtakes_the_birth_belongs_to_it) {
    born();
    ms = 1000;
    const uint64_t later = t0 + 1001;
    Payload early = payload(1, {number("level", 7, 10)});
    early.timestamp = later;
    EXPECT_THAT(send("spBv1.0/g/DBIRTH/e/d", early), IsEmpty());
    const auto got = nbirth();
    EXPECT_THAT(got, testing::Contains(Row{"g/e/d/level", 7.0, later}));
    EXPECT_EQ(host->figures().held, 0u);
    // And one of before the birth that comes after it is dropped.
    Payload late = payload(77, {by_alias(10, 1)});
    late.timestamp = t0 + 500;
    EXPECT_THAT(send("spBv1.0/g/DDATA/e/d", late), IsEmpty());
    EXPECT_EQ(host->figures().old_session, 1u);
}

TEST_F(HostTest, a_new_session_takes_its_devices_offline) {
    born();
    ms = 100;
    EXPECT_EQ(nbirth(1).size(), 2u);
    EXPECT_EQ(host->figures().devices_online, 0u);
}

TEST_F(HostTest, a_rebirth_does_not_unless_the_device_stays_away) {
    born();
    ms = 100;
    EXPECT_THAT(nbirth(0), IsEmpty());
    EXPECT_EQ(host->figures().devices_online, 1u);
    EXPECT_EQ(tick_after(4999).size(), 0u);
    EXPECT_EQ(tick_after(1).size(), 2u);
    EXPECT_EQ(host->figures().devices_online, 0u);
    nbirth(0);
    dbirth(1);
    nbirth(0);
    dbirth(1);
    EXPECT_EQ(tick_after(60'000).size(), 0u);
}

TEST_F(HostTest, metrics_that_are_born_no_more_turn_bad) {
    born();
    ms = 100;
    const auto got = send("spBv1.0/g/DBIRTH/e/d", payload(2, {number("level", 5, 3)}));
    EXPECT_THAT(got, ElementsAre(Row{"g/e/d/level", 5.0, t0 + 100},
                                 Row{"g/e/d/flow", 2.0, t0 + 100, Quality::offline}));
    EXPECT_FALSE(host->knows("g/e/d/flow"));
    EXPECT_TRUE(host->knows("g/e/d/level"));
    EXPECT_THAT(ddata(3, {by_alias(10, 1)}), IsEmpty());
    EXPECT_EQ(ddata(4, {by_alias(3, 1)}).size(), 1u);
}

TEST_F(HostTest, quality_null_and_history) {
    born();
    Metric bad = by_alias(10, 7);
    bad.properties.properties = {{.key = "Quality", .type = DataType::int32, .value = 0u}};
    Metric stale = bad;
    stale.properties.properties[0].value = 500u;
    EXPECT_THAT(ddata(2, {bad}), ElementsAre(Row{"g/e/d/level", 7.0, t0, Quality::bad}));
    EXPECT_THAT(ddata(3, {stale}), ElementsAre(Row{"g/e/d/level", 7.0, t0, Quality::stale}));
    EXPECT_THAT(ddata(4, {{.alias = 10, .is_null = true}}),
                ElementsAre(Row{"g/e/d/level", 7.0, t0, Quality::bad}));
    EXPECT_THAT(
        ddata(5, {{.alias = 10, .timestamp = t0 - 5000, .is_historical = true, .value = 3.0}}),
        ElementsAre(Row{"g/e/d/level", 3.0, t0 - 5000, Quality::good, true}));
    ms = 50;
    // The live value was not touched by it.
    EXPECT_THAT(ndeath(0), testing::Contains(Row{"g/e/d/level", 7.0, t0 + 50, Quality::offline}));
}

TEST_F(HostTest, template_instances_are_points_below_them) {
    Template definition{.is_definition = true};
    definition.metrics = {number("speed", 0)};
    Template pump{.template_ref = "Pump"};
    pump.metrics = {number("speed", 1450),
                    {.name = "on", .datatype = DataType::boolean, .value = true}};
    Template inner{.template_ref = "Motor"};
    inner.metrics = {number("current", 12)};
    pump.metrics.push_back({.name = "motor", .datatype = DataType::template_type, .value = inner});
    EXPECT_THAT(
        nbirth(0, {{.name = "Pump", .datatype = DataType::template_type, .value = definition},
                   {.name = "P1", .alias = 5, .datatype = DataType::template_type, .value = pump}}),
        ElementsAre(Row{"g/e/P1/speed", 1450.0, t0}, Row{"g/e/P1/on", true, t0},
                    Row{"g/e/P1/motor/current", 12.0, t0}));
    Template change{.template_ref = "Pump"};
    inner.metrics = {{.name = "current", .value = 13.0}};
    change.metrics = {{.name = "speed", .value = 1500.0}, {.name = "motor", .value = inner}};
    EXPECT_THAT(
        send("spBv1.0/g/NDATA/e", payload(1, {{.alias = 5, .value = change}})),
        ElementsAre(Row{"g/e/P1/speed", 1500.0, t0}, Row{"g/e/P1/motor/current", 13.0, t0}));
    const auto written = host->command("g/e/P1/speed", 1.0, now());
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code(), ErrorCode::unsupported);
}

TEST_F(HostTest, commands_go_by_alias_and_type) {
    nbirth(0, {{.name = "setpoint", .datatype = DataType::int16, .value = 5u}});
    dbirth(1);
    ASSERT_TRUE(host->command("g/e/d/level", int64_t{3}, now()).has_value());
    ASSERT_TRUE(host->command("g/e/setpoint", -2.0, now()).has_value());
    ASSERT_TRUE(host->command("g/e/Node Control/Rebirth", true, now()).has_value());
    ASSERT_EQ(sent.size(), 3u);
    EXPECT_EQ(sent[0].topic, "spBv1.0/g/DCMD/e/d");
    EXPECT_EQ(
        decode(as_bytes(sent[0].payload)),
        (Payload{
            .timestamp = t0,
            .metrics = {
                {.alias = 10, .timestamp = t0, .datatype = DataType::float64, .value = 3.0}}}));
    EXPECT_EQ(sent[1].topic, "spBv1.0/g/NCMD/e");
    EXPECT_EQ(decode(as_bytes(sent[1].payload))->metrics[0], (Metric{.name = "setpoint",
                                                                     .timestamp = t0,
                                                                     .datatype = DataType::int16,
                                                                     .value = 0xffff'fffeu}));
    const auto code = [&](std::string_view path, const PointValue& value) {
        const auto done = host->command(path, value, now());
        EXPECT_FALSE(done.has_value());
        return done ? ErrorCode::io_failed : done.error().code();
    };
    EXPECT_EQ(code("g/e/nothing", 1.0), ErrorCode::not_found);
    EXPECT_EQ(code("g/e/setpoint", int64_t{70'000}), ErrorCode::invalid_argument);
    send("spBv1.0/g/DDEATH/e/d", payload(2));
    EXPECT_EQ(code("g/e/d/level", 1.0), ErrorCode::unavailable);
    ndeath(0);
    EXPECT_EQ(code("g/e/setpoint", int64_t{7}), ErrorCode::unavailable);
    EXPECT_EQ(sent.size(), 3u);
    EXPECT_EQ(host->figures().commands, 3u);
}

TEST_F(HostTest, says_its_state_and_does_not_let_others_say_it) {
    host->start(now());
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].topic, "spBv1.0/STATE/headworks");
    EXPECT_EQ(sent[0].payload, R"({"online":true,"timestamp":1700000000000})");
    EXPECT_EQ(sent[0].qos, 1);
    EXPECT_TRUE(sent[0].retain);
    ms = 1000;
    raw("spBv1.0/STATE/other", format_state({false, t0}));
    raw("spBv1.0/STATE/headworks", format_state({true, t0}));
    EXPECT_EQ(sent.size(), 1u);
    raw("spBv1.0/STATE/headworks", format_state({false, t0 - 5}));
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[1].payload, sent[0].payload);
    host->stop(now());
    EXPECT_EQ(sent.at(2).payload, R"({"online":false,"timestamp":1700000001000})");
    raw("spBv1.0/STATE/headworks", sent[2].payload);
    EXPECT_EQ(sent.size(), 3u);
}

TEST_F(HostTest, malformed_payloads_are_counted) {
    born();
    EXPECT_THAT(raw("spBv1.0/g/DDATA/e/d", "nonsense"), IsEmpty());
    EXPECT_EQ(host->figures().malformed, 1u);
    EXPECT_EQ(rebirths(), 1u);
    EXPECT_THAT(ddata(300, {by_alias(10, 1)}), IsEmpty());
    EXPECT_EQ(host->figures().malformed, 2u);
    // A metric whose value does not go with its type leaves the others be.
    EXPECT_EQ(ddata(2, {{.alias = 10, .value = true}, by_alias(11, 1)}).size(), 1u);
    EXPECT_EQ(host->figures().malformed, 3u);
    EXPECT_THAT(raw("spBv1.0/g/NDEATH/unheard", "nonsense"), IsEmpty());
    EXPECT_THAT(raw("spBv1.0/nonsense", ""), IsEmpty());
    EXPECT_EQ(host->figures().nodes, 1u);
}

TEST_F(HostTest, nodes_and_metrics_are_limited) {
    settings.nodes_limit = 2;
    settings.metrics_limit = 4;
    host = std::make_unique<Host>(settings, *this);
    send("spBv1.0/g/NDATA/a", payload(0, {number("x", 1)}));
    born();
    EXPECT_EQ(host->figures().metrics, 4u);
    EXPECT_EQ(host->figures().refused, 0u);
    // The one that was never born makes room.
    send("spBv1.0/g/NBIRTH/b", payload(0, {bd_seq(0)}));
    EXPECT_EQ(host->figures().nodes, 2u);
    EXPECT_EQ(host->figures().refused, 1u);
    send("spBv1.0/g/NBIRTH/c", payload(0, {bd_seq(0)}));
    EXPECT_EQ(host->figures().refused, 2u);
    EXPECT_EQ(host->figures().nodes, 2u);
}

}  // namespace
}  // namespace hw::sparkplug
