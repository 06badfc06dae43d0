#include "twin/model/library.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "twin/model/models.h"

namespace hw::twin {

namespace {

std::shared_ptr<const Models> library() {
    static const auto models = [] {
        std::vector<ModelFlaw> flaws;
        auto made = Models::none()->with(model_library(), flaws);
        for (const auto& flaw : flaws)
            ADD_FAILURE() << "document " << flaw.document << ", " << flaw.full_text();
        return made;
    }();
    return models;
}

}  // namespace

TEST(ModelLibrary, IsWithoutFlaws) {
    ASSERT_NE(library(), nullptr);
    EXPECT_GE(library()->all().size(), 80U);
    for (const auto& [id, model] : library()->all()) {
        EXPECT_TRUE(id.starts_with("dtmi:headworks:water:")) << id;
        EXPECT_FALSE(model->display_name.empty()) << id;
        EXPECT_TRUE(model->is_a("dtmi:headworks:water:Entity;1")) << id;
    }
}

TEST(ModelLibrary, TextsAreInBothLanguages) {
    // The same in every language.
    const std::set<std::string> names = {"pH", "CT", "T10", "EN 12952-4"};
    const auto check = [&](const std::string& text, const LanguageTexts& all,
                           const std::string& where) {
        if (text.empty() || names.contains(text)) return;
        EXPECT_NE(text_in("zh", text, all), text) << where << " needs its Chinese: " << text;
    };
    for (const auto& [id, model] : library()->all()) {
        check(model->display_name, model->display_names, id);
        check(model->description, model->descriptions, id);
        for (const auto& content : model->contents) {
            check(content.display_name, content.display_names, id + " " + content.name);
            check(content.description, content.descriptions, id + " " + content.name);
        }
    }
}

TEST(ModelLibrary, TargetsAreThere) {
    for (const auto& [id, model] : library()->all())
        for (const auto& content : model->contents)
            if (content.kind == ContentKind::relationship && !content.target.empty()) {
                EXPECT_NE(library()->find(content.target), nullptr) << id << " " << content.name;
            }
}

TEST(ModelLibrary, CommandsWriteWhatCanBeWritten) {
    size_t commands = 0;
    for (const auto& [id, model] : library()->all()) {
        for (const auto& content : model->contents) {
            if (content.kind != ContentKind::command) continue;
            ++commands;
            EXPECT_FALSE(content.writes.empty()) << id << " " << content.name;
            for (const auto& write : content.writes) {
                const auto slot = model->slot(write.property);
                ASSERT_TRUE(slot) << id << " " << content.name << " " << write.property;
                EXPECT_TRUE(model->slots[*slot].content->writable) << id << " " << write.property;
            }
        }
    }
    EXPECT_GE(commands, 20U);
}

TEST(ModelLibrary, MeasuredValuesHaveUnits) {
    // Numbers that are counts have none.
    for (const auto& [id, model] : library()->all())
        for (const auto& slot : model->slots)
            if (slot.content->schema->kind == SchemaKind::float64) {
                EXPECT_FALSE(slot.content->unit.empty()) << id << " " << slot.path;
            }
}

TEST(ModelLibrary, APumpHasWhatAPumpHas) {
    const auto pump = library()->find("dtmi:headworks:water:VariableSpeedPump;1");
    ASSERT_NE(pump, nullptr);
    for (const char* path :
         {"running", "speed", "flow", "head", "power", "current", "vibration",
          "bearing_temperature", "hours", "starts", "efficiency", "serialNumber", "speed_setpoint"})
        EXPECT_TRUE(pump->slot(path)) << path;
    const auto unit = [&](const char* path) {
        return unit_symbol(pump->slots[*pump->slot(path)].content->unit);
    };
    EXPECT_EQ(unit("flow"), "L/s");
    EXPECT_EQ(unit("vibration"), "mm/s");
    EXPECT_EQ(unit("speed"), "1");
    EXPECT_TRUE(pump->is_a("dtmi:headworks:water:Asset;1"));
    EXPECT_NE(pump->find("SetSpeed"), nullptr);
    EXPECT_NE(pump->find("partOf"), nullptr);
}

}  // namespace hw::twin
