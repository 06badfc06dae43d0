#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/exchange.h"
#include "base/json_writer.h"
#include "catalog/audit.h"
#include "gateway/device_check.h"
#include "gateway/device_csv.h"
#include "gateway/device_state.h"
#include "gateway/manager.h"
#include "gateway/registry.h"

namespace hw::api {

// How the gateway's things look in answers; openapi schemas of the same names: gateway_schemas.cpp.

// With groups and units, or the sums alone.
void write_state(JsonWriter& json, const gateway::DeviceState& state, bool whole);
// {"driver":...,"state":...} of a list; `state` may be null.
void write_summary(JsonWriter& json, const gateway::StoredDevice& device,
                   const gateway::DeviceState* state);
std::string device_body(const gateway::StoredDevice& device, const gateway::DeviceState* state);

// One row of a device's tags. The spec is null where the device has changed meanwhile.
struct TagRow {
    const gateway::TagState* state = nullptr;
    const gateway::TagSpec* spec = nullptr;
};
void append_tag_row(std::string& out, const TagRow& row, Format format);
inline constexpr std::string_view tag_columns =
    "group,name,point,address,type,access,unit,value,quality,time,error";

void write_driver(JsonWriter& json, const gateway::DriverRegistry::Entry& driver, bool whole);

// "errors":[{"group","tag","field","text"}]
void write_flaws(JsonWriter& json, const std::vector<gateway::Flaw>& flaws);
std::string import_body(const gateway::ImportReport& report, bool dry_run);
void write_row_errors(JsonWriter& json, const std::vector<gateway::RowError>& errors);

void append_audit_row(std::string& out, const catalog::AuditRecord& record, Format format);
inline constexpr std::string_view audit_columns =
    "time,actor,origin,action,target,old,new,result,detail";

double milliseconds_of(Duration duration);
// A value as it stands in JSON; bytes as base64.
void append_value(std::string& out, const model::Value& value);

}  // namespace hw::api
