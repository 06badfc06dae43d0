// The model library, the example's template and the points of the simulated works together:
// testdata/waterworks_points.json is what `headworks-sim --list --json` prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "sql/functions/functions.h"
#include "twin/bulk/template.h"
#include "twin/derive/derivation.h"
#include "twin/derive/snapshot_deriver.h"
#include "twin/model/library.h"

namespace hw::twin {

namespace {

using sql::Datum;

std::string file_text(const std::string& path) {
    std::ifstream in(std::string(HEADWORKS_SOURCE_DIR) + path);
    EXPECT_TRUE(in) << path;
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

std::shared_ptr<const Models> library() {
    static const auto models = [] {
        std::vector<ModelFlaw> flaws;
        return Models::none()->with(model_library(), flaws);
    }();
    return models;
}

const BulkTwin* find(const Bulk& bulk, std::string_view id) {
    const auto found = std::ranges::find(
        bulk.twins, id, [](const BulkTwin& twin) { return std::string_view(twin.spec.id); });
    return found == bulk.twins.end() ? nullptr : &*found;
}

bool has_edge(const Bulk& bulk, std::string_view source, std::string_view name,
              std::string_view target) {
    return std::ranges::any_of(bulk.relationships, [&](const BulkRelationship& edge) {
        return edge.spec.source == source && edge.spec.name == name && edge.spec.target == target;
    });
}

TemplateResult waterworks() {
    const auto what = read_twin_template(file_text("/examples/waterworks/twins.json"));
    EXPECT_TRUE(what) << (what ? "" : what.error().text());
    const auto points = read_points(file_text("/src/twin/bulk/testdata/waterworks_points.json"));
    EXPECT_TRUE(points) << (points ? "" : points.error().text());
    auto made = apply_template(*what, *points, {}, *library());
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return std::move(*made);
}

// The twins as the server would have them, with no values but fixed ones.
Snapshot snapshot_of(const Bulk& bulk) {
    Snapshot out;
    for (const auto& row : bulk.twins) {
        TwinState twin;
        twin.id = row.spec.id;
        twin.model = library()->find(row.spec.model);
        for (const auto& slot : twin.model->slots) {
            PropertyState property;
            property.path = slot.path;
            if (const Datum* value = row.spec.properties.find(slot.path))
                property.live = {*value, {}, model::Quality::good, false, Origin::fixed};
            twin.properties.push_back(std::move(property));
        }
        for (const auto& edge : bulk.relationships)
            if (edge.spec.source == twin.id) twin.relationships.push_back(edge.spec);
        std::ranges::sort(twin.relationships, {},
                          [](const auto& e) { return std::tie(e.name, e.target); });
        out.twins.push_back(std::move(twin));
    }
    std::ranges::sort(out.twins, {}, &TwinState::id);
    return out;
}

void set(Snapshot& snapshot, std::string_view id, std::string_view path, Datum value) {
    for (auto& twin : snapshot.twins) {
        if (twin.id != id) continue;
        for (auto& property : twin.properties) {
            if (property.path != path) continue;
            property.live = {std::move(value), Time{1}, model::Quality::good, false, Origin::point};
            return;
        }
    }
    ADD_FAILURE() << id << " " << path;
}

double number(const Snapshot& snapshot, std::string_view id, std::string_view path) {
    const auto* twin = snapshot.find(id);
    const auto* property = twin == nullptr ? nullptr : twin->find(path);
    if (property == nullptr || !property->live.value.is_number()) {
        ADD_FAILURE() << id << " " << path << " has no number";
        return -1;
    }
    return property->live.value.as_number();
}

}  // namespace

TEST(Waterworks, TakesEveryPointOfTheSimulatedWorks) {
    const auto made = waterworks();
    const auto& report = made.report;
    ASSERT_EQ(report.points, 409U);
    for (const auto& error : made.bulk.errors)
        ADD_FAILURE() << error.what << ": " << error.text;
    for (const auto& point : report.untaken_points)
        ADD_FAILURE() << point << " is taken by no rule";
    for (const auto& one : report.points_without_slot)
        ADD_FAILURE() << one.point << " has no slot in " << one.model;
    for (const auto& one : report.unit_differences)
        ADD_FAILURE() << one.point << " is in " << one.unit << ", the slot in " << one.slot_unit;
    EXPECT_EQ(report.taken, 409U);
    EXPECT_EQ(made.bulk.twins.size(), 253U);  // 238 assets, 15 places
    // No slot needs a binding: the points are where the models look for them.
    std::set<std::string> ids;
    for (const auto& twin : made.bulk.twins) {
        ids.insert(twin.spec.id);
        EXPECT_TRUE(twin.spec.bindings.empty()) << twin.spec.id;
        const auto model = library()->find(twin.spec.model);
        for (const auto& [key, value] : twin.spec.properties.members()) {
            const auto slot = model->slot(key.as_text());
            ASSERT_TRUE(slot) << twin.spec.id << " " << key.as_text();
            const auto good = check_value(*model->slots[*slot].content->schema, value);
            EXPECT_TRUE(good) << twin.spec.id << " " << (good ? "" : good.error().text());
        }
    }
    for (const auto& edge : made.bulk.relationships) {
        const auto& spec = edge.spec;
        ASSERT_TRUE(ids.contains(spec.source)) << spec.source;
        ASSERT_TRUE(ids.contains(spec.target)) << spec.target;
        const auto source = library()->find(find(made.bulk, spec.source)->spec.model);
        const auto target = library()->find(find(made.bulk, spec.target)->spec.model);
        const auto* content = source->find(spec.name);
        ASSERT_NE(content, nullptr) << source->id << " " << spec.name;
        EXPECT_TRUE(content->target.empty() || target->is_a(content->target))
            << spec.source << " " << spec.name << " " << spec.target;
    }
    EXPECT_TRUE(
        has_edge(made.bulk, "bluewater/plant1", "intakes", "bluewater/plant1/intake/header"));
    EXPECT_TRUE(has_edge(made.bulk, "bluewater/zone1/districts/d1", "meters",
                         "bluewater/zone1/meters/m0001"));
    EXPECT_EQ(find(made.bulk, "bluewater/zone1/meters/m0004")
                  ->spec.properties.find("customerClass")
                  ->as_text(),
              "flats");
}

// Each expression compiles, and names what is there: own slots, relationships, and slots of the
// models at their other ends.
TEST(ModelLibrary, ExpressionsAreSound) {
    sql::FunctionTable functions;
    sql::add_builtin_functions(functions);
    sql::Services services;
    size_t expressions = 0;
    for (const auto& [id, model] : library()->all()) {
        for (const auto& slot : model->slots) {
            if (slot.content->expression.empty()) continue;
            ++expressions;
            const auto made = Derivation::compile(slot.content->expression, functions, services);
            ASSERT_TRUE(made) << id << " " << slot.path << ": " << made.error().text();
            for (const auto& path : (*made)->own())
                EXPECT_TRUE(model->slot(path)) << id << " " << slot.path << ": " << path;
            for (const auto& roll_up : (*made)->roll_ups()) {
                if (roll_up.incoming) continue;
                const auto* edge = model->find(roll_up.relationship);
                ASSERT_NE(edge, nullptr) << id << " " << roll_up.relationship;
                const auto target = library()->find(edge->target);
                ASSERT_NE(target, nullptr) << id << " " << roll_up.relationship;
                for (const auto& path : roll_up.paths)
                    EXPECT_TRUE(target->slot(path)) << id << " " << slot.path << ": " << path;
            }
        }
    }
    EXPECT_GE(expressions, 200U);
}

TEST(Waterworks, FiguresRollUp) {
    auto snapshot = snapshot_of(waterworks().bulk);
    const std::string works = "bluewater/plant1", zone = "bluewater/zone1";
    for (int i = 1; i <= 3; ++i) {
        const std::string pump = works + "/intake/pump" + std::to_string(i);
        set(snapshot, pump, "running", Datum::boolean(i < 3));
        set(snapshot, pump, "flow", Datum::real(i < 3 ? 120 : 0));
        set(snapshot, pump, "head", Datum::real(18));
        set(snapshot, pump, "power", Datum::real(i < 3 ? 28 : 0));
    }
    set(snapshot, works + "/intake/header", "flow", Datum::real(240));
    set(snapshot, works + "/highlift/header", "flow", Datum::real(250));
    set(snapshot, works + "/clearwell/well", "volume", Datum::real(2700));
    set(snapshot, works + "/energy/main", "power", Datum::real(270));
    set(snapshot, zone + "/network/tower", "flow", Datum::real(10));
    set(snapshot, zone + "/network/tower", "volume", Datum::real(1200));
    set(snapshot, zone + "/network/town", "pressure", Datum::real(4.1));
    set(snapshot, zone + "/network/critical", "pressure", Datum::real(2.2));
    for (int i = 1; i <= 6; ++i) {
        const std::string filter = works + "/filtration/filter" + std::to_string(i);
        set(snapshot, filter, "headloss", Datum::real(i * 0.3));
        set(snapshot, filter, "state", Datum::text(i == 2 ? "backwash" : "filtering"));
        set(snapshot, filter, "flow", Datum::real(40));
    }
    for (int i = 1; i <= 200; ++i) {
        std::string digits = std::to_string(i);
        digits.insert(0, 4 - digits.size(), '0');
        set(snapshot, zone + "/meters/m" + digits, "volume", Datum::integer(i * 1000));
    }
    sql::FunctionTable functions;
    sql::add_builtin_functions(functions);
    SnapshotDeriver(functions).derive(snapshot);

    EXPECT_DOUBLE_EQ(number(snapshot, works + "/intake", "flow"), 240);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/intake", "power"), 56);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/intake", "pumps_running"), 2);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/intake", "pumps_installed"), 3);
    EXPECT_NEAR(number(snapshot, works + "/intake/pump1", "efficiency"),
                9.81 * 0.120 * 18 / 28 * 100, 1e-9);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "inflow"), 240);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "outflow"), 250);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "net_flow"), -10);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "power"), 270);
    EXPECT_NEAR(number(snapshot, works, "specific_energy"), 270 / (250 * 3.6), 1e-12);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "worst_headloss"), 6 * 0.3);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "storage"), 2700);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "storage_hours"), 2700 / (250 * 3.6));
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/clearwell/well", "hours_left"), 3);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/clearwell/well", "fill"), 67.5);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/filtration", "filters_running"), 5);
    EXPECT_DOUBLE_EQ(number(snapshot, works + "/filtration/filter1", "rate"), 40 * 3.6 / 25);
    EXPECT_DOUBLE_EQ(number(snapshot, zone, "demand"), 240);
    EXPECT_DOUBLE_EQ(number(snapshot, zone, "lowest_pressure"), 2.2);
    EXPECT_DOUBLE_EQ(number(snapshot, zone + "/districts/d1", "metered_volume"), 20'100);
    EXPECT_DOUBLE_EQ(number(snapshot, "bluewater", "supply"), 250);
    EXPECT_DOUBLE_EQ(number(snapshot, "bluewater", "storage"), 3900);
    EXPECT_DOUBLE_EQ(number(snapshot, "bluewater", "lowest_pressure"), 2.2);
    EXPECT_DOUBLE_EQ(number(snapshot, works, "parts"), 9);
}

}  // namespace hw::twin
