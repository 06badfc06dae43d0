// What /openapi.json and the router know of the gateway's operations.

#include "api/adder.h"
#include "api/gateway_operations.h"

namespace hw::api {

namespace {

constexpr std::string_view device =
    "200 application/json#Device The device, ETag is its revision; ";
constexpr std::string_view tag_answer =
    "200 application/json#Tag The tag, ETag is the device's revision; ";
constexpr std::string_view group_answer =
    "200 application/json#Group The group, ETag is the device's revision; ";
constexpr std::string_view errors =
    "404 application/problem+json No such device, group or tag; "
    "409 application/problem+json Exists already, is of a file, or another device has the point; "
    "412 application/problem+json If-Match names another revision; "
    "422 application/problem+json What is wrong, all of it in 'errors'";

const Parameter filter_parameter = {"filter", "string", "MQTT filter of the names; default #"};
const Parameter limit_parameter = {"limit", "integer",
                                   "Rows in a page; default http.page_limit_default"};
const Parameter cursor_parameter = {"cursor", "string", "The 'next' of the page before"};
const Parameter format_parameter = {"format", "string", "json, ndjson or csv; else by Accept"};
const Parameter dry_run_parameter = {"dry_run", "boolean", "Only say what would happen"};
const Parameter mode_parameter = {
    "mode", "string", "skip: bad rows are left out (default); all_or_nothing: nothing is taken"};

}  // namespace

void GatewayOperations::add_to(std::vector<Operation>& operations) {
    add_devices(operations);
    add_parts(operations);
    add_actions(operations);
    add_bulk(operations);
    add_templates(operations);
    add_drivers(operations);
    add_points(operations);
}

void GatewayOperations::add_devices(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/devices";
    to.add("GET", base, "listDevices", "Devices with their state, in order of their names",
           "200 application/json#DeviceList,application/x-ndjson A page",
           [this](Exchange exchange) { list(std::move(exchange)); }, "", "",
           {filter_parameter,
            {"driver", "string", "Those of this driver only"},
            limit_parameter,
            cursor_parameter,
            {"format", "string", "json or ndjson; else by Accept"}});
    to.add(
        "POST", base, "createDevice", "Create a device; it runs at once",
        joined("201 application/json#Device Created, Location is its address; ", errors),
        [this](Exchange exchange) { create(std::move(exchange)); }, "application/json#DeviceSpec",
        "The device");
    to.add("GET", base + "/{name}", "getDevice", "A device with its configuration and state",
           joined(device, "404 application/problem+json No such device"),
           [this](Exchange exchange) { get(std::move(exchange)); });
    to.add(
        "PUT", base + "/{name}", "putDevice", "Create or replace a device",
        joined(joined(device, "201 application/json#Device Created; "), errors),
        [this](Exchange exchange) { replace(std::move(exchange)); }, "application/json#DeviceSpec",
        "The whole device; If-Match guards it");
    to.add(
        "PATCH", base + "/{name}", "patchDevice",
        "Change members of a device (RFC 7396); another name renames it", joined(device, errors),
        [this](Exchange exchange) { patch(std::move(exchange)); },
        "application/json#DeviceSpec,application/merge-patch+json#DeviceSpec",
        "Members to change; null is the default; groups are replaced as a whole");
    to.add("DELETE", base + "/{name}", "deleteDevice",
           "Remove a device; the history of its points stays", joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove(std::move(exchange)); });
}

void GatewayOperations::add_parts(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string group = "/api/v1/devices/{name}/groups/{group}";
    const std::string tag = group + "/tags/{tag}";
    to.add("GET", group, "getGroup", "A group with its tags",
           "200 application/json#Group The group; 404 application/problem+json No such group",
           [this](Exchange exchange) { get_group(std::move(exchange)); });
    to.add(
        "PUT", group, "putGroup", "Create or replace a group with its tags",
        joined(group_answer, errors), [this](Exchange exchange) { put_group(std::move(exchange)); },
        "application/json#Group", "The group");
    to.add("DELETE", group, "deleteGroup", "Remove a group with its tags",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove_group(std::move(exchange)); });
    to.add("GET", tag, "getTag", "The configuration of a tag",
           "200 application/json#Tag The tag; 404 application/problem+json No such tag",
           [this](Exchange exchange) { get_tag(std::move(exchange)); });
    to.add(
        "PUT", tag, "putTag", "Create or replace a tag; others are not disturbed",
        joined(tag_answer, errors), [this](Exchange exchange) { put_tag(std::move(exchange)); },
        "application/json#Tag", "The tag");
    to.add(
        "PATCH", tag, "patchTag",
        "Change members of a tag; another name renames it, 'group' moves it",
        joined(tag_answer, errors), [this](Exchange exchange) { patch_tag(std::move(exchange)); },
        "application/json#TagPatch,application/merge-patch+json#TagPatch", "Members to change");
    to.add("DELETE", tag, "deleteTag", "Remove a tag; the history of its point stays",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove_tag(std::move(exchange)); });
}

void GatewayOperations::add_actions(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/devices/{name}";
    to.add("GET", base + "/state", "getDeviceState", "How a device does: link, figures, units",
           "200 application/json#DeviceState The state; 404 application/problem+json No such "
           "device; 503 application/problem+json It does not run",
           [this](Exchange exchange) { state(std::move(exchange)); });
    to.add("GET", base + "/tags", "listDeviceTags", "Tags of a device with their last values",
           "200 application/json#TagList,application/x-ndjson,text/csv A page; "
           "404 application/problem+json No such device",
           [this](Exchange exchange) { tags(std::move(exchange)); }, "", "",
           {{"filter", "string", "MQTT filter of the points; default #"},
            {"group", "string", "Those of this group only"},
            {"quality", "string", "good or bad: those only; never read counts as bad"},
            limit_parameter,
            cursor_parameter,
            format_parameter});
    to.add("POST", base + "/read", "readAddress",
           "Read one address now, as a test before a tag is saved",
           "200 application/json#Reading The value; 422 application/problem+json The address is "
           "wrong; 502 application/problem+json What the device said; "
           "503 application/problem+json The link is down; 504 application/problem+json No answer",
           [this](Exchange exchange) { read(std::move(exchange)); }, "application/json#TagProbe",
           "Address, type and what else a tag has",
           {{"timeout_ms", "integer", "Wait at most so long; default 5000"}});
    to.add("POST", base + "/enable", "enableDevice", "Run a device", joined(device, errors),
           [this](Exchange exchange) { set_enabled(std::move(exchange), true); });
    to.add("POST", base + "/disable", "disableDevice", "Close a device's link and leave it so",
           joined(device, errors),
           [this](Exchange exchange) { set_enabled(std::move(exchange), false); });
    to.add(
        "POST", base + "/copy", "copyDevice", "Make a device like this one",
        joined("201 application/json#Device Created; ", errors),
        [this](Exchange exchange) { copy(std::move(exchange)); }, "application/json#DeviceSpec",
        "The name of the copy, and members that shall differ");
}

void GatewayOperations::add_bulk(std::vector<Operation>& operations) {
    Adder to(operations);
    to.add("POST", "/api/v1/devices/import", "importDevices",
           "Take devices (JSON) or tags of devices (CSV); dry_run only says what would happen",
           "200 application/json#ImportReport What was taken and what not; "
           "400 application/problem+json The body cannot be read; "
           "422 application/problem+json With all_or_nothing: what is wrong",
           [this](Exchange exchange) { import_devices(std::move(exchange)); },
           "application/json#DeviceExport,text/csv", "Devices, or a table of tags",
           {dry_run_parameter,
            mode_parameter,
            {"device", "string", "The device of rows that name none"}});
    to.add("GET", "/api/v1/devices/export", "exportDevices",
           "Devices as importDevices takes them: JSON, or the tags as CSV",
           "200 application/json#DeviceExport,application/x-ndjson,text/csv Devices or tags",
           [this](Exchange exchange) { export_devices(std::move(exchange)); }, "", "",
           {filter_parameter, format_parameter});
    to.add("GET", "/api/v1/audit", "listAudit", "What was changed, by whom; the newest first",
           "200 application/json#AuditList,application/x-ndjson,text/csv A page",
           [this](Exchange exchange) { audit(std::move(exchange)); }, "", "",
           {{"filter", "string", "MQTT filter of the targets; default #"},
            {"from", "string", "RFC 3339, epoch number or now-6h"},
            {"to", "string", "End, not included"},
            {"actor", "string", "Of this user or client only"},
            {"action", "string", "This action only; with a '.' at the end all that begin so"},
            limit_parameter,
            cursor_parameter,
            format_parameter});
}

void GatewayOperations::add_templates(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/templates";
    to.add("GET", base, "listTemplates", "Templates of devices",
           "200 application/json#TemplateList All of them",
           [this](Exchange exchange) { list_templates(std::move(exchange)); });
    to.add("GET", base + "/{name}", "getTemplate", "A template",
           "200 application/json#Template The template; 404 application/problem+json No such one",
           [this](Exchange exchange) { get_template(std::move(exchange)); });
    to.add(
        "PUT", base + "/{name}", "putTemplate", "Create or replace a template",
        "200 application/json#Template Replaced; 201 application/json#Template Created; "
        "400 application/problem+json It is wrong",
        [this](Exchange exchange) { put_template(std::move(exchange)); },
        "application/json#Template", "The template");
    to.add("DELETE", base + "/{name}", "deleteTemplate",
           "Remove a template; devices made of it stay",
           "204 - Removed; 404 application/problem+json No such one",
           [this](Exchange exchange) { remove_template(std::move(exchange)); });
    to.add("POST", base + "/{name}/instances", "makeInstances",
           "Make devices of a template: a list, or a CSV table with a column for each parameter",
           "200 application/json#ImportReport What was made and what not; "
           "404 application/problem+json No such template; "
           "422 application/problem+json With all_or_nothing: what is wrong",
           [this](Exchange exchange) { make_instances(std::move(exchange)); },
           "application/json#TemplateInstances,text/csv", "Names and values of parameters",
           {dry_run_parameter, mode_parameter});
}

void GatewayOperations::add_drivers(std::vector<Operation>& operations) {
    Adder to(operations);
    to.add("GET", "/api/v1/drivers", "listDrivers", "Drivers there are",
           "200 application/json#DriverList All of them",
           [this](Exchange exchange) { list_drivers(std::move(exchange)); });
    to.add("GET", "/api/v1/drivers/{name}", "getDriver",
           "A driver: its settings, types and forms of addresses",
           "200 application/json#Driver The driver; 404 application/problem+json No such one",
           [this](Exchange exchange) { get_driver(std::move(exchange)); });
}

void GatewayOperations::add_points(std::vector<Operation>& operations) {
    Adder to(operations);
    to.add(
        "POST", "/api/v1/points/{path}/write", "writePoint",
        "Write a value to the device that has the point; the answer is the device's",
        "200 application/json#Written The device took it; "
        "400 application/problem+json The value does not fit the tag; "
        "403 application/problem+json The tag is not for writing; "
        "404 application/problem+json No device has the point; "
        "502 application/problem+json What the device said; "
        "503 application/problem+json The link is down; 504 application/problem+json No answer",
        [this](Exchange exchange) { write(std::move(exchange)); }, "application/json#WriteOrder",
        "The value");
}

}  // namespace hw::api
