#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "rules/rule.h"

namespace hw::rules {

// Rules as JSON, EMQX's form:
//   {"id":"r1","sql":"SELECT ...","actions":[{"type":"republish","topic":"...","payload":"..."}],
//    "enable":true,"description":"","tags":[],"late_actions":[],
//    "options":{"event_time":false,"timestamp":"","late_tolerance":"1s","allowed_lateness":"0s",
//      "qos":"none","dialect":"emqx","rows_limit":1000000,"bytes_limit":"64MiB",
//      "groups_limit":1000000},
//    "schedule":{"cron":"0 6 * * *","duration":"8h","ranges":[{"begin":"...","end":"..."}],
//      "time_zone":"Europe/London"}}
// An action may be {"function":"republish","args":{...}}, as EMQX writes it, or its type's name
// alone; members that are not common to all actions are the type's settings. qos also as 0, 1, 2.
// Errors name the path of the member, what is wrong, and the nearest name.
Result<RuleSpec> read_rule(std::string_view json);
Result<RuleSpec> rule_of(const sql::Datum& json);
// Members over what is there; null is the default.
Result<void> patch_rule(std::string_view json, RuleSpec& rule);
Result<ActionSpec> action_of(const sql::Datum& json, std::string_view path);
Result<RuleOptions> options_of(const sql::Datum& json, std::string_view path);

// Every member but those of the API's own; what is default is left out of options, schedule and
// actions.
void write_rule_members(JsonWriter& json, const RuleSpec& rule);
void write_action(JsonWriter& json, const ActionSpec& action);
std::string rule_text(const RuleSpec& rule);    // in one line
std::string rule_pretty(const RuleSpec& rule);  // a member a line, for diffs

// `name`: where the document has none.
Result<ConnectorSpec> connector_of(const sql::Datum& json, std::string_view name = "");
// Members whose names say password, token or secret are shown as "******" unless they are
// "file:...".
void write_connector_members(JsonWriter& json, const ConnectorSpec& connector, bool hide_secrets);

// Whether a setting of that name is one.
bool is_secret(std::string_view setting);

}  // namespace hw::rules
