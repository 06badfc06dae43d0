#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "scenario/fork.h"
#include "twin/model/library.h"
#include "twin/model/models.h"

namespace hw::scenario {

// A works of twins of the water library, as a snapshot, for tests.
class TestSite {
  public:
    TestSite() {
        std::vector<twin::ModelFlaw> flaws;
        models_ = twin::Models::none()->with(twin::model_library(), flaws);
        EXPECT_TRUE(flaws.empty()) << flaws.front().full_text();
    }
    explicit TestSite(size_t raw_pumps, size_t lift_pumps, size_t filters) : TestSite() {
        add("w", "Site");
        add("w/intake", "Intake");
        for (size_t i = 1; i <= raw_pumps; ++i)
            join("w/intake", "pumps",
                 add("w/intake/pump" + std::to_string(i), "VariableSpeedPump"));
        add("w/intake/header", "FlowControlledMain");
        add("w/intake/screen", "Screen");
        for (size_t i = 1; i <= filters; ++i)
            add("w/filter" + std::to_string(i), "RapidFilter");
        add("w/backwash", "Backwash");
        fix(add("w/well", "ClearWell"), {{"mostLevel", 4}, {"level_setpoint", 2.8}});
        add("w/lift", "PumpStation");
        for (size_t i = 1; i <= lift_pumps; ++i)
            join("w/lift", "pumps", add("w/lift/pump" + std::to_string(i), "VariableSpeedPump"));
        add("w/lift/header", "PressureControlledMain");
        fix(add("w/tower", "WaterTower"), {{"mostLevel", 6}});
        add("w/town", "DemandPoint");
        add("w/meter", "WorksEnergyMeter");
    }

    std::string add(const std::string& id, const std::string& model) {
        twin::TwinState state;
        state.id = id;
        state.name = id;
        state.model = models_->find("dtmi:headworks:water:" + model + ";1");
        EXPECT_NE(state.model, nullptr) << model;
        for (const auto& slot : state.model->slots)
            state.properties.push_back(
                {.path = slot.path, .point = id + "/" + slot.path, .live = {}});
        snapshot_.twins.push_back(std::move(state));
        return id;
    }
    void fix(const std::string& id, const std::vector<std::pair<std::string, double>>& values) {
        for (auto& state : snapshot_.twins)
            for (auto& property : state.properties)
                for (const auto& [path, value] : values)
                    if (state.id == id && property.path == path)
                        property.live = {.value = sql::Datum::real(value),
                                         .time = {},
                                         .quality = model::Quality::good,
                                         .stale = false,
                                         .origin = twin::Origin::fixed};
    }
    void join(const std::string& source, const std::string& name, const std::string& target) {
        for (auto& state : snapshot_.twins)
            if (state.id == source)
                state.relationships.push_back({.source = source, .name = name, .target = target});
    }
    twin::Snapshot snapshot() const {
        auto copy = snapshot_;
        std::sort(copy.twins.begin(), copy.twins.end(),
                  [](const auto& a, const auto& b) { return a.id < b.id; });
        return copy;
    }
    Fork fork(Time start = {}) const {
        return {std::make_shared<const twin::Snapshot>(snapshot()), start};
    }

  private:
    std::shared_ptr<const twin::Models> models_;
    twin::Snapshot snapshot_;
};

}  // namespace hw::scenario
