// Who may do what: the operations whose role, or whose part of the paths, does not follow from
// their method.

#include <algorithm>
#include <span>

#include "api/operations.h"

namespace hw::api {

namespace {

using access::Role;

struct Rule {
    std::string_view id;
    std::optional<Role> role;
    Scoping scoping = Scoping::whole;
};

// What is not here needs all paths. Changes of the configuration do: a rule or a device reaches
// what it wants to.

constexpr Rule rules[] = {
    // Asking is reading, although the question is a body.
    {"query", Role::viewer},
    {"queryTwins", Role::viewer},
    {"cancelQuery", Role::operating},
    // Operating the plant.
    {"writePoint", Role::operating, Scoping::place},
    {"publish", Role::operating, Scoping::own},
    {"pushMessage", Role::operating},
    {"writeLines", Role::operating},
    {"writeLinesV2", Role::operating},
    {"putTwinDesired", Role::operating, Scoping::place},
    {"cancelTwinDesired", Role::operating, Scoping::place},
    {"putTwinDesiredList", Role::operating},
    {"commandTwin", Role::operating, Scoping::place},
    {"cancelTwinCommand", Role::operating},
    {"createScenario", Role::operating},
    {"putScenario", Role::operating},
    {"deleteScenario", Role::operating},
    {"runScenario", Role::operating},
    {"cancelScenario", Role::operating},
    // Notes look for themselves who may see and touch them.
    {"listNotes", {}, Scoping::own},
    {"getNote", {}, Scoping::own},
    {"createNote", Role::operating, Scoping::own},
    {"patchNote", Role::operating, Scoping::own},
    {"deleteNote", Role::operating, Scoping::own},
    {"restoreNote", Role::operating, Scoping::own},
    // The server itself.
    {"backUp", Role::administrator},
    {"compact", Role::administrator},
    {"listSettings", Role::administrator},
    {"getSupportBundle", Role::administrator},
    {"listLog", Role::engineer},
    // What others send and receive over MQTT.
    {"listRetainedMessages", {}, Scoping::filter},
    {"listMqttTraceRecords", Role::engineer},
    // Values by path.
    {"listPoints", {}, Scoping::filter},
    {"readHistory", {}, Scoping::filter},
    {"followLive", {}, Scoping::filter},
    {"listAudit", {}, Scoping::filter},
    {"listTwins", {}, Scoping::filter},
    {"exportTwins", {}, Scoping::filter},
    {"diffTwins", {}, Scoping::filter},
    {"listTwinsEvents", {}, Scoping::filter},
    {"followTwins", {}, Scoping::filter},
    {"getTwin", {}, Scoping::place},
    {"getTwinDescription", {}, Scoping::place},
    {"getTwinProperty", {}, Scoping::place},
    {"getTwinHistory", {}, Scoping::place},
    {"getTwinDesired", {}, Scoping::place},
    {"listTwinDesired", {}, Scoping::place},
    {"listTwinCommands", {}, Scoping::place},
    {"listTwinEvents", {}, Scoping::place},
    {"listTwinVersions", {}, Scoping::place},
    {"diffTwin", {}, Scoping::place},
    {"getThingDescription", {}, Scoping::place},
    {"listRelationships", {}, Scoping::place},
    {"getRelationship", {}, Scoping::place},
    {"getScene", {}, Scoping::place},
    {"getSceneNode", {}, Scoping::place},
    {"exportSceneGlb", {}, Scoping::place},
    {"exportSceneGltf", {}, Scoping::place},
    {"listScenes", {}, Scoping::own},
    {"search", {}, Scoping::own},
    // Notes, by what they are about.
    {"listNotes", {}, Scoping::own},
    {"getNote", {}, Scoping::own},
    {"createNote", Role::operating, Scoping::own},
    {"patchNote", Role::operating, Scoping::own},
    {"deleteNote", Role::operating, Scoping::own},
    {"restoreNote", Role::operating, Scoping::own},
    // Devices, by their names.
    {"listDevices", {}, Scoping::filter},
    {"exportDevices", {}, Scoping::filter},
    {"getDevice", {}, Scoping::place},
    {"getGroup", {}, Scoping::place},
    {"getTag", {}, Scoping::place},
    {"getDeviceState", {}, Scoping::place},
    {"listDeviceTags", {}, Scoping::place},  // and looks at the tags' points
    // What the program can do, and what twins and pictures are made of.
    {"listConnectorKinds", {}, Scoping::free},
    {"listDrivers", {}, Scoping::free},
    {"getDriver", {}, Scoping::free},
    {"listFunctions", {}, Scoping::free},
    {"listModels", {}, Scoping::free},
    {"getModel", {}, Scoping::free},
    {"getModelLibrary", {}, Scoping::free},
    {"getTwinAsset", {}, Scoping::free},
};

bool is_page(const Operation& operation) {
    return operation.method == "GET" && !operation.path.starts_with("/api/") &&
           operation.id != "readMetrics";
}

}  // namespace

void apply_access_rules(std::vector<Operation>& operations, bool metrics_public) {
    for (auto& operation : operations) {
        if (operation.role || operation.open) continue;
        if (is_page(operation) || (operation.id == "readMetrics" && metrics_public)) {
            operation.open = true;
            continue;
        }
        const auto rule = std::find_if(std::begin(rules), std::end(rules),
                                       [&](const Rule& one) { return one.id == operation.id; });
        if (rule != std::end(rules)) {
            operation.role = rule->role;
            operation.scoping = rule->scoping;
        }
        if (!operation.role)
            operation.role = operation.method == "GET" ? Role::viewer : Role::engineer;
    }
}

access::Role role_of(const Operation& operation) {
    return operation.role.value_or(operation.method == "GET" ? Role::viewer : Role::engineer);
}

}  // namespace hw::api
