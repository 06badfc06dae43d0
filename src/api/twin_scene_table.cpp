// The operations of scenes and assets, and their schemas.

#include "api/adder.h"
#include "api/twin_scene.h"

namespace hw::api {

namespace {

constexpr std::string_view not_found =
    "404 application/problem+json There is none; the nearest is named";
constexpr std::string_view errors =
    "404 application/problem+json There is none; 409 application/problem+json It is in use; "
    "412 application/problem+json If-Match names another revision; "
    "422 application/problem+json#SceneProblem Every flaw with its path";
constexpr std::string_view change_answer = "200 application/json#SceneChange Changed; ";

const std::vector<Parameter> export_query = {
    {"at", "string", "Values of this time; default: now"},
    {"live", "boolean", "false: as it is described, without values"},
    {"lod", "string", "How fine round things are: low, medium or high"},
    {"assets", "string", "embed them, or only their names and digests: reference"}};

constexpr std::string_view schemas = R"json(
"Scene":{"type":"object","required":["format"],"description":
"headworks-scene/1, see docs/twin_scene.md","properties":{
"format":{"const":"headworks-scene/1"},"name":{"$ref":"#/components/schemas/LocalText"},
"description":{"$ref":"#/components/schemas/LocalText"},
"site":{"type":"string"},"units":{"const":"m"},"up":{"type":"string","enum":["y","z"]},
"georeference":{"type":"object"},"environment":{"type":"object"},"quality":{"type":"object"},
"views":{"type":"array","maxItems":100,"items":{"type":"object"}},
"layers":{"type":"array","maxItems":100,"items":{"type":"object"}},
"schematic":{"type":"object"},"extras":{"type":"object"},
"nodes":{"type":"array","maxItems":20000,"items":{"$ref":"#/components/schemas/SceneNode"}}},
"additionalProperties":false},
"SceneNode":{"type":"object","properties":{"id":{"type":"string","maxLength":128},
"name":{"$ref":"#/components/schemas/LocalText"},"parent":{"type":"string"},
"layer":{"type":"string"},
"twin":{"type":"string"},"position":{"$ref":"#/components/schemas/Vector3"},
"rotation":{"$ref":"#/components/schemas/Vector3"},
"quaternion":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4},
"scale":{"oneOf":[{"type":"number"},{"$ref":"#/components/schemas/Vector3"}]},
"visible":{"type":"boolean"},"selectable":{"type":"boolean"},
"shape":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}},
"additionalProperties":true},
"bindings":{"type":"array","maxItems":64,"items":{"type":"object","required":["kind","property"],
"properties":{"kind":{"type":"string","enum":["colour","fill","spin","visible","flow","label",
"badge"]},"property":{"type":"string"},"twin":{"type":"string"}},"additionalProperties":true}},
"schematic":{"type":"object"},"extras":{"type":"object"}},"additionalProperties":false},
"Vector3":{"type":"array","items":{"type":"number"},"minItems":3,"maxItems":3},
"LocalText":{"description":"A text, or the same in several languages",
"oneOf":[{"type":"string"},{"type":"object","additionalProperties":{"type":"string"}}]},
"SceneFlaw":{"type":"object","properties":{"field":{"type":"string","description":"JSON pointer"},
"node":{"type":"string"},"text":{"type":"string"}}},
"SceneProblem":{"type":"object","properties":{"status":{"type":"integer"},
"code":{"type":"string"},"detail":{"type":"string"},
"errors":{"type":"array","items":{"$ref":"#/components/schemas/SceneFlaw"}},
"more":{"type":"integer"}}},
"SceneEntry":{"type":"object","properties":{"site":{"type":"string"},
"name":{"$ref":"#/components/schemas/LocalText"},
"revision":{"type":"integer"},"updated_at":{"type":"string","format":"date-time"},
"updated_by":{"type":"string"},"nodes":{"type":"integer"}}},
"SceneList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/SceneEntry"}}}},
"SceneChange":{"type":"object","properties":{"site":{"type":"string"},
"revision":{"type":"integer"},"created_at":{"type":"string","format":"date-time"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"},
"nodes":{"type":"integer"},"node":{"$ref":"#/components/schemas/SceneNode"},
"warnings":{"type":"array","items":{"$ref":"#/components/schemas/SceneFlaw"}},
"more":{"type":"integer","description":"Warnings beyond those told"}}},
"TwinAsset":{"type":"object","properties":{"name":{"type":"string"},
"digest":{"type":"string","description":"SHA-256"},"media_type":{"type":"string"},
"bytes":{"type":"integer"},"revision":{"type":"integer"},
"updated_at":{"type":"string","format":"date-time"},"updated_by":{"type":"string"}}},
"TwinAssetList":{"type":"object","properties":{"items":{"type":"array","items":{
"$ref":"#/components/schemas/TwinAsset"}}}}
)json";

}  // namespace

std::string_view twin_scene_schemas() {
    return schemas;
}

void TwinSceneOperations::add_to(std::vector<Operation>& operations) {
    add_scenes(operations);
    add_assets(operations);
}

void TwinSceneOperations::add_scenes(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string one = "/api/v1/twins/{id}/scene";
    const std::string node = one + "/nodes/{node}";
    to.add("GET", "/api/v1/twin/scenes", "listScenes", "Every scene there is",
           "200 application/json#SceneList The scenes",
           [this](Exchange exchange) { list(std::move(exchange)); });
    to.add("GET", one, "getScene", "The scene of a site",
           joined("200 application/json#Scene The scene; ", not_found),
           [this](Exchange exchange) { get(std::move(exchange)); });
    to.add(
        "PUT", one, "putScene", "Create or replace a scene",
        joined("201 application/json#SceneChange Created; ", joined(change_answer, errors)),
        [this](Exchange exchange) { put(std::move(exchange)); }, "application/json#Scene",
        "The scene, at most 8 MiB");
    to.add(
        "PATCH", one, "patchScene", "Change all but the nodes, by a merge patch (RFC 7396)",
        joined(change_answer, errors), [this](Exchange exchange) { patch(std::move(exchange)); },
        "application/merge-patch+json,application/json#Scene", "The members to change");
    to.add("DELETE", one, "deleteScene", "Remove a scene", joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove(std::move(exchange)); });
    to.add(
        "POST", one + "/check", "checkScene", "Check a scene, keep nothing",
        joined("200 application/json#SceneChange It is sound, with warnings; ", errors),
        [this](Exchange exchange) { check(std::move(exchange)); }, "application/json#Scene",
        "The scene");
    to.add("GET", node, "getSceneNode", "One node",
           joined("200 application/json#SceneNode The node; ", not_found),
           [this](Exchange exchange) { get_node(std::move(exchange)); });
    to.add(
        "PUT", node, "putSceneNode", "Create or replace a node",
        joined("201 application/json#SceneChange Created; ", joined(change_answer, errors)),
        [this](Exchange exchange) { put_node(std::move(exchange), false); },
        "application/json#SceneNode", "The node");
    to.add(
        "PATCH", node, "patchSceneNode", "Change a node by a merge patch (RFC 7396)",
        joined(change_answer, errors),
        [this](Exchange exchange) { put_node(std::move(exchange), true); },
        "application/merge-patch+json,application/json#SceneNode", "The members to change");
    to.add("DELETE", node, "deleteSceneNode", "Remove a node", joined(change_answer, errors),
           [this](Exchange exchange) { remove_node(std::move(exchange)); }, "", "",
           {{"cascade", "boolean", "With all that is below it"}});
    to.add(
        "GET", one + ".gltf", "exportSceneGltf", "The scene as glTF 2.0 with values",
        joined("200 model/gltf+json The file; ", not_found),
        [this](Exchange exchange) { exported(std::move(exchange), false); }, "", "", export_query);
    to.add(
        "GET", one + ".glb", "exportSceneGlb", "The scene as binary glTF 2.0 with values",
        joined("200 model/gltf-binary The file; ", not_found),
        [this](Exchange exchange) { exported(std::move(exchange), true); }, "", "", export_query);
}

void TwinSceneOperations::add_assets(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/twin/assets";
    const std::string one = base + "/{name}";
    to.add("GET", base, "listTwinAssets", "Uploaded glTF files",
           "200 application/json#TwinAssetList The assets",
           [this](Exchange exchange) { list_assets(std::move(exchange)); });
    to.add("GET", one, "getTwinAsset", "An uploaded file",
           joined("200 model/gltf-binary,model/gltf+json The file; ", not_found),
           [this](Exchange exchange) { get_asset(std::move(exchange)); });
    to.add(
        "PUT", one, "putTwinAsset", "Upload a glTF 2.0 file, alone or replacing",
        joined("200 application/json#TwinAsset Replaced; 201 application/json#TwinAsset Created; ",
               errors),
        [this](Exchange exchange) { put_asset(std::move(exchange)); },
        "model/gltf-binary,model/gltf+json", "GLB, or glTF with all embedded; 64 MiB in all");
    to.add("DELETE", one, "deleteTwinAsset", "Remove an asset that no scene uses",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove_asset(std::move(exchange)); });
}

}  // namespace hw::api
