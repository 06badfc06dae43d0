#include "twin/derive/snapshot_deriver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sql/functions/functions.h"
#include "sql/json.h"
#include "twin/derive/slot_value.h"

namespace hw::twin {
namespace {

using model::Quality;
using sql::Datum;

struct Property {
    std::string name;
    SchemaKind kind = SchemaKind::float64;
    std::string expression = {};
};

InterfacePtr interface_of(std::string id, const std::vector<Property>& properties) {
    auto made = std::make_shared<Interface>();
    made->id = std::move(id);
    for (const auto& property : properties) {
        auto schema = std::make_shared<Schema>();
        schema->kind = property.kind;
        Content content;
        content.name = property.name;
        content.schema = std::move(schema);
        content.expression = property.expression;
        made->contents.push_back(std::move(content));
    }
    for (size_t i = 0; i < properties.size(); ++i) {
        made->slots.push_back({properties[i].name, &made->contents[i]});
        made->slot_index[properties[i].name] = i;
    }
    return made;
}

class SnapshotDeriverTest : public testing::Test {
  protected:
    SnapshotDeriverTest() {
        sql::add_builtin_functions(functions_);
        snapshot_.time = Time{1'000};
    }

    TwinState& twin(const std::string& id, const InterfacePtr& model) {
        TwinState made;
        made.id = id;
        made.model = model;
        for (const auto& slot : model->slots)
            made.properties.push_back({.path = slot.path, .point = {}, .live = {}});
        snapshot_.twins.push_back(std::move(made));
        std::ranges::sort(snapshot_.twins, {}, &TwinState::id);
        return at(id);
    }
    TwinState& at(const std::string& id) {
        return *std::ranges::find(snapshot_.twins, id, &TwinState::id);
    }
    LiveValue& live(const std::string& id, const std::string& path) {
        return std::ranges::find(at(id).properties, path, &PropertyState::path)->live;
    }
    void set(const std::string& id, const std::string& path, Datum value, int64_t time = 1,
             Quality quality = Quality::good, bool stale = false) {
        live(id, path) = {std::move(value), Time{time}, quality, stale, Origin::point};
    }
    void relate(const std::string& source, const std::string& name, const std::string& target) {
        at(source).relationships.push_back({.source = source, .name = name, .target = target});
    }
    std::string value(const std::string& id, const std::string& path) {
        return sql::to_json(live(id, path).value);
    }
    void derive(size_t hops = 64) {
        SnapshotDeriver deriver(functions_, hops);
        deriver.derive(snapshot_);
    }

    sql::FunctionTable functions_;
    Snapshot snapshot_;
};

TEST_F(SnapshotDeriverTest, own_properties) {
    const auto pump =
        interface_of("dtmi:x:Pump;1", {{"flow"},
                                       {"power"},
                                       {"energy", SchemaKind::float64, "power / flow"},
                                       {"twice", SchemaKind::int64, "energy * 2"}});
    twin("p1", pump);
    set("p1", "flow", Datum::real(2), 5);
    set("p1", "power", Datum::real(6), 9, Quality::uncertain_last_usable, true);
    derive();
    EXPECT_EQ(value("p1", "energy"), "3.0");
    EXPECT_EQ(live("p1", "energy").time, Time{9});
    EXPECT_EQ(live("p1", "energy").quality, Quality::uncertain_last_usable);
    EXPECT_TRUE(live("p1", "energy").stale);
    EXPECT_EQ(live("p1", "energy").origin, Origin::derived);
    EXPECT_EQ(value("p1", "twice"), "6");
    EXPECT_EQ(live("p1", "flow").origin, Origin::point);

    set("p1", "flow", Datum::real(0), 5);
    derive();
    EXPECT_EQ(value("p1", "energy"), "null");
    EXPECT_EQ(live("p1", "energy").quality, Quality::bad_configuration);
}

TEST_F(SnapshotDeriverTest, a_components_expression_speaks_of_the_component) {
    const auto pump =
        interface_of("dtmi:x:Pump;1", {{"speed"},
                                       {"drive/speed"},
                                       {"drive/power"},
                                       {"drive/torque", SchemaKind::float64, "power / speed"},
                                       {"half", SchemaKind::float64, "drive.torque / 2"}});
    twin("p1", pump);
    set("p1", "speed", Datum::real(100));
    set("p1", "drive/speed", Datum::real(2));
    set("p1", "drive/power", Datum::real(6));
    derive();
    EXPECT_EQ(value("p1", "drive/torque"), "3.0");
    EXPECT_EQ(value("p1", "half"), "1.5");
}

TEST_F(SnapshotDeriverTest, what_was_never_known_is_null_and_waits) {
    const auto pump =
        interface_of("dtmi:x:Pump;1", {{"flow"}, {"twice", SchemaKind::float64, "flow * 2"}});
    twin("p1", pump);
    derive();
    EXPECT_EQ(value("p1", "twice"), "null");
    EXPECT_EQ(live("p1", "twice").quality, Quality::bad_waiting_for_initial_data);
}

TEST_F(SnapshotDeriverTest, roll_ups_along_and_against_relationships) {
    const auto works = interface_of(
        "dtmi:x:Works;1",
        {{"inflow", SchemaKind::float64, "sum(intakes.flow)"},
         {"pumps", SchemaKind::int64, "count(incoming.partOf) FILTER (WHERE incoming.partOf.on)"},
         {"parts", SchemaKind::int64, "count(incoming.partOf)"}});
    const auto intake = interface_of("dtmi:x:Intake;1", {{"flow"}});
    const auto pump = interface_of("dtmi:x:Pump;1", {{"on", SchemaKind::boolean}});
    twin("w", works);
    for (const auto* id : {"i1", "i2", "i3"})
        twin(id, intake);
    for (const auto* id : {"p1", "p2"}) {
        twin(id, pump);
        relate(id, "partOf", "w");
    }
    relate("w", "intakes", "i1");
    relate("w", "intakes", "i2");
    relate("w", "other", "i3");
    set("i1", "flow", Datum::real(1.5), 7);
    set("i2", "flow", Datum::real(2), 9);
    set("i3", "flow", Datum::real(100), 11);
    set("p1", "on", Datum::boolean(true));
    set("p2", "on", Datum::boolean(false));
    derive();
    EXPECT_EQ(value("w", "inflow"), "3.5");
    EXPECT_EQ(live("w", "inflow").time, Time{9});
    EXPECT_EQ(live("w", "inflow").quality, Quality::good);
    EXPECT_EQ(value("w", "pumps"), "1");
    EXPECT_EQ(value("w", "parts"), "2");
    // One that is not here is unknown; one without the property says nothing.
    relate("w", "intakes", "gone");
    relate("w", "intakes", "p1");
    derive();
    EXPECT_EQ(value("w", "inflow"), "3.5");
    EXPECT_EQ(live("w", "inflow").quality, Quality::uncertain_sub_normal);
}

TEST_F(SnapshotDeriverTest, derived_of_derived_over_levels) {
    const auto unit = interface_of(
        "dtmi:x:Unit;1",
        {{"own"}, {"total", SchemaKind::float64, "coalesce(own, 0) + sum(contains.total)"}});
    for (int i = 0; i < 40; ++i) {
        twin("u" + std::to_string(100 + i), unit);
        set("u" + std::to_string(100 + i), "own", Datum::real(1), i);
    }
    for (int i = 0; i + 1 < 40; ++i)
        relate("u" + std::to_string(100 + i), "contains", "u" + std::to_string(101 + i));
    derive();
    EXPECT_EQ(value("u100", "total"), "40.0");
    EXPECT_EQ(value("u139", "total"), "1.0");
    EXPECT_EQ(live("u100", "total").time, Time{39});
    // Beyond the limit of hops nothing is told.
    derive(10);
    EXPECT_EQ(value("u130", "total"), "10.0");
    EXPECT_EQ(value("u129", "total"), "null");
    EXPECT_EQ(live("u129", "total").quality, Quality::bad_configuration);
    EXPECT_EQ(live("u100", "total").quality, Quality::bad_configuration);
}

TEST_F(SnapshotDeriverTest, rings_that_do_not_settle_are_null) {
    const auto unit =
        interface_of("dtmi:x:Unit;1", {{"a", SchemaKind::float64, "coalesce(b, 0) + 1"},
                                       {"b", SchemaKind::float64, "a * 1"},
                                       {"self", SchemaKind::float64, "coalesce(self, 0) + 1"},
                                       {"after", SchemaKind::float64, "coalesce(a, 5)"},
                                       {"apart", SchemaKind::float64, "2"},
                                       {"settles", SchemaKind::float64,
                                        "CASE WHEN settles = 3 THEN 3 ELSE "
                                        "coalesce(settles, 0) + 1 END"}});
    twin("u", unit);
    derive();
    for (const auto* path : {"a", "b", "self", "after"}) {
        EXPECT_EQ(value("u", path), "null") << path;
        EXPECT_EQ(live("u", path).quality, Quality::bad_configuration) << path;
    }
    EXPECT_EQ(value("u", "apart"), "2.0");
    EXPECT_EQ(live("u", "apart").quality, Quality::good);
    EXPECT_EQ(value("u", "settles"), "3.0");
}

TEST_F(SnapshotDeriverTest, two_twins_that_need_each_other) {
    const auto unit =
        interface_of("dtmi:x:Unit;1", {{"sum", SchemaKind::float64, "1 + sum(next.sum)"}});
    twin("a", unit);
    twin("b", unit);
    twin("c", unit);
    relate("a", "next", "b");
    relate("b", "next", "a");
    relate("c", "next", "c");
    derive();
    // A sum leaves out what is bad, and so all are settled: of none that is known.
    for (const auto* id : {"a", "b", "c"}) {
        EXPECT_EQ(value(id, "sum"), "1.0") << id;
        EXPECT_EQ(live(id, "sum").quality, Quality::bad) << id;
    }
}

TEST_F(SnapshotDeriverTest, what_is_fixed_stays_and_is_an_input) {
    const auto pump = interface_of("dtmi:x:Pump;1", {{"flow"},
                                                     {"twice", SchemaKind::float64, "flow * 2"},
                                                     {"more", SchemaKind::float64, "twice + 1"}});
    twin("p", pump);
    set("p", "flow", Datum::real(1));
    live("p", "twice") = {Datum::real(50), Time{3}, Quality::good, false, Origin::fixed};
    derive();
    EXPECT_EQ(value("p", "twice"), "50.0");
    EXPECT_EQ(value("p", "more"), "51.0");
}

TEST_F(SnapshotDeriverTest, expressions_that_cannot_be_are_bad_configuration) {
    const auto pump = interface_of("dtmi:x:Pump;1", {{"flow"},
                                                     {"no", SchemaKind::float64, "flow +"},
                                                     {"none", SchemaKind::float64, "flot * 2"},
                                                     {"text", SchemaKind::float64, "'x'"}});
    twin("p", pump);
    set("p", "flow", Datum::real(1));
    derive();
    for (const auto* path : {"no", "none", "text"})
        EXPECT_EQ(live("p", path).quality, Quality::bad_configuration) << path;
}

TEST_F(SnapshotDeriverTest, a_second_call_starts_anew) {
    const auto pump =
        interface_of("dtmi:x:Pump;1", {{"flow"}, {"twice", SchemaKind::float64, "flow * 2"}});
    SnapshotDeriver deriver(functions_);
    twin("p", pump);
    set("p", "flow", Datum::real(1));
    deriver.derive(snapshot_);
    EXPECT_EQ(value("p", "twice"), "2.0");
    set("p", "flow", Datum::real(4));
    deriver.derive(snapshot_);
    EXPECT_EQ(value("p", "twice"), "8.0");
    Snapshot none;
    deriver.derive(none);
}

TEST(SlotValueTest, values_become_what_the_schema_says) {
    const auto fitted = [](SchemaKind kind, Datum value) {
        auto schema = std::make_shared<Schema>();
        schema->kind = kind;
        Content content;
        content.schema = std::move(schema);
        return fit_to_slot(content, value) ? sql::to_json(value) : "unfit " + sql::to_json(value);
    };
    EXPECT_EQ(fitted(SchemaKind::float64, Datum::integer(5)), "5.0");
    EXPECT_EQ(fitted(SchemaKind::float64, Datum::boolean(true)), "1.0");
    EXPECT_EQ(fitted(SchemaKind::float64, Datum::text("5")), "unfit \"5\"");
    EXPECT_EQ(fitted(SchemaKind::int32, Datum::real(5)), "5");
    EXPECT_EQ(fitted(SchemaKind::int32, Datum::real(5.5)), "unfit 5.5");
    EXPECT_EQ(fitted(SchemaKind::int32, Datum::integer(1ll << 31)), "unfit 2147483648");
    EXPECT_EQ(fitted(SchemaKind::int64, Datum::integer(INT64_MAX)), "9223372036854775807");
    EXPECT_EQ(fitted(SchemaKind::int64, Datum::real(0x1p63)), "unfit 9223372036854775808.0");
    EXPECT_EQ(fitted(SchemaKind::boolean, Datum::integer(1)), "true");
    EXPECT_EQ(fitted(SchemaKind::boolean, Datum::integer(2)), "unfit 2");
    EXPECT_EQ(fitted(SchemaKind::string, Datum::text("x")), "\"x\"");
    EXPECT_EQ(fitted(SchemaKind::string, Datum()), "null");
}

}  // namespace
}  // namespace hw::twin
