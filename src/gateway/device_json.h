#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "gateway/spec_fields.h"
#include "gateway/tag.h"

namespace hw::gateway {

// Devices as JSON:
//   {"name":"works/plc1","driver":"modbus-tcp","description":"","enabled":true,
//    "settings":{"host":"127.0.0.1","port":1502},
//    "groups":[{"name":"fast","interval_ms":1000,"tags":[{"name":"flow","address":"1!400001",
//      "type":"float","access":"read,write","scale":1,"offset":0,"bias":0,"precision":2,
//      "deadband":0.1,"deadband_percent":0,"min":0,"max":100,"unit":"m3/h","description":"",
//      "point":""}]}]}
// "interval":"1s" is taken for "interval_ms":1000, and access as a list of texts. What is left out
// has its default. Errors name the path of the member: "groups[0].tags[3]: 'sclae' is not ...".
// Only the form is checked here; check_device() looks at the meaning.

Result<DeviceSpec> read_device(std::string_view json, Texts texts = Texts::as_written);
// One device, a list of them, or {"devices":[...]}. A device that cannot be read fails alone.
Result<std::vector<Result<DeviceSpec>>> read_devices(std::string_view json);

// Lays the members given over what is there (RFC 7396): null is the default, settings are merged,
// groups and tags are replaced as whole lists.
Result<void> patch_device(std::string_view json, DeviceSpec& device);
Result<void> patch_group(std::string_view json, GroupSpec& group);
// A member "group" is for the tag's move to another group; taken where `group` is given.
Result<void> patch_tag(std::string_view json, TagSpec& tag, std::string* group = nullptr);

// Every member, defaults too, so that a reader need not know them. Settings as texts.
void write_device(JsonWriter& json, const DeviceSpec& device);
void write_group(JsonWriter& json, const GroupSpec& group);
void write_tag(JsonWriter& json, const TagSpec& tag);
// Those of write_device without the braces around, for answers that add members.
void write_device_members(JsonWriter& json, const DeviceSpec& device);

std::string device_text(const DeviceSpec& device);
std::string tag_text(const TagSpec& tag);

}  // namespace hw::gateway
