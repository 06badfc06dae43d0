#include "api/operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the gateway's operations take and give.
constexpr std::string_view schemas = R"json(
"Tag":{"type":"object","properties":{"name":{"type":"string","description":
"Its name within the device; may hold / to make levels"},"address":{"type":"string",
"description":"In the driver's grammar"},"type":{"type":"string","description":
"bool, bit, int8 ... uint64, float, double, string, bytes, word, dword, lword, time, date_and_time"
,"default":"float"},"access":{"description":"read, write, on_change, by commas or as a list"
,"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}],"default":"read"},
"scale":{"type":"number","description":"value = raw * scale + offset + bias","default":1},
"offset":{"type":"number","default":0},"bias":{"type":"number","description":
"The correction of the last calibration","default":0},"precision":{"type":"integer",
"description":"Decimal places that are kept; -1: all","default":-1,"minimum":-1,"maximum":17
},"deadband":{"type":"number","description":"A smaller change is no change","default":0},
"deadband_percent":{"type":"number","description":"The same in percent of max - min",
"default":0,"minimum":0,"maximum":100},"min":{"type":["number","null"],"description":
"Below it a value read is uncertain, one written is refused"},"max":{"type":["number","null"
]},"unit":{"type":"string","description":"Unit of the value"},"description":{"type":"string"
},"point":{"type":"string","description":"Path of its point; empty: <device>/<name>"}},
"required":["address"]},"TagPatch":{"type":"object","properties":{"name":{"type":"string",
"description":"Its name within the device; may hold / to make levels"},"address":{"type":
"string","description":"In the driver's grammar"},"type":{"type":"string","description":
"bool, bit, int8 ... uint64, float, double, string, bytes, word, dword, lword, time, date_and_time"
,"default":"float"},"access":{"description":"read, write, on_change, by commas or as a list"
,"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}],"default":"read"},
"scale":{"type":"number","description":"value = raw * scale + offset + bias","default":1},
"offset":{"type":"number","default":0},"bias":{"type":"number","description":
"The correction of the last calibration","default":0},"precision":{"type":"integer",
"description":"Decimal places that are kept; -1: all","default":-1,"minimum":-1,"maximum":17
},"deadband":{"type":"number","description":"A smaller change is no change","default":0},
"deadband_percent":{"type":"number","description":"The same in percent of max - min",
"default":0,"minimum":0,"maximum":100},"min":{"type":["number","null"],"description":
"Below it a value read is uncertain, one written is refused"},"max":{"type":["number","null"
]},"unit":{"type":"string","description":"Unit of the value"},"description":{"type":"string"
},"point":{"type":"string","description":"Path of its point; empty: <device>/<name>"},
"group":{"type":"string","description":"Move the tag to this group"}}},"TagProbe":{"type":
"object","properties":{"name":{"type":"string","description":
"Its name within the device; may hold / to make levels"},"address":{"type":"string",
"description":"In the driver's grammar"},"type":{"type":"string","description":
"bool, bit, int8 ... uint64, float, double, string, bytes, word, dword, lword, time, date_and_time"
,"default":"float"},"access":{"description":"read, write, on_change, by commas or as a list"
,"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}],"default":"read"},
"scale":{"type":"number","description":"value = raw * scale + offset + bias","default":1},
"offset":{"type":"number","default":0},"bias":{"type":"number","description":
"The correction of the last calibration","default":0},"precision":{"type":"integer",
"description":"Decimal places that are kept; -1: all","default":-1,"minimum":-1,"maximum":17
},"deadband":{"type":"number","description":"A smaller change is no change","default":0},
"deadband_percent":{"type":"number","description":"The same in percent of max - min",
"default":0,"minimum":0,"maximum":100},"min":{"type":["number","null"],"description":
"Below it a value read is uncertain, one written is refused"},"max":{"type":["number","null"
]},"unit":{"type":"string","description":"Unit of the value"},"description":{"type":"string"
},"point":{"type":"string","description":"Path of its point; empty: <device>/<name>"}},
"required":["address"]},"Group":{"type":"object","properties":{"name":{"type":"string"},
"interval_ms":{"type":"integer","description":"Milliseconds between reads","default":1000,
"minimum":30},"interval":{"type":"string","description":"The same as text: 1s, 250ms"},
"tags":{"type":"array","items":{"$ref":"#/components/schemas/Tag"}}}},"DeviceSpec":{"type":
"object","properties":{"name":{"type":"string","description":"A path: works/plc1"},"driver":
{"type":"string","description":"One of listDrivers"},"description":{"type":"string"},
"enabled":{"type":"boolean","default":true},"settings":{"type":"object","description":
"Settings of the driver","additionalProperties":{"type":["string","number","boolean"]}},
"groups":{"type":"array","items":{"$ref":"#/components/schemas/Group"}}}},"Device":{"type":
"object","properties":{"name":{"type":"string","description":"A path: works/plc1"},"driver":
{"type":"string","description":"One of listDrivers"},"description":{"type":"string"},
"enabled":{"type":"boolean","default":true},"settings":{"type":"object","description":
"Settings of the driver","additionalProperties":{"type":["string","number","boolean"]}},
"groups":{"type":"array","items":{"$ref":"#/components/schemas/Group"}},"origin":{"type":
"string","description":"api, or the file that defines the device"},"revision":{"type":
"integer","description":"Grows with each change; the ETag"},"problem":{"type":"string",
"description":"Why the device does not run; empty: it does"},"state":{"oneOf":[{"$ref":
"#/components/schemas/DeviceState"},{"type":"null"}]}},"required":["name","driver",
"revision"]},"DeviceSummary":{"type":"object","properties":{"name":{"type":"string"},
"driver":{"type":"string"},"description":{"type":"string"},"enabled":{"type":"boolean"},
"groups":{"type":"integer"},"tags":{"type":"integer"},"origin":{"type":"string",
"description":"api, or the file that defines the device"},"revision":{"type":"integer",
"description":"Grows with each change; the ETag"},"problem":{"type":"string","description":
"Why the device does not run; empty: it does"},"state":{"oneOf":[{"$ref":
"#/components/schemas/DeviceState"},{"type":"null"}]}},"required":["name","driver"]},
"DeviceList":{"type":"object","properties":{"items":{"type":"array","items":{"$ref":
"#/components/schemas/DeviceSummary"}},"next":{"type":["string","null"],"description":
"Cursor of the next page"}},"required":["items"]},"DeviceExport":{"type":"object",
"properties":{"devices":{"type":"array","items":{"$ref":"#/components/schemas/DeviceSpec"}}}
,"required":["devices"]},"DeviceState":{"type":"object","properties":{"link":{"type":
"string","enum":["disabled","connecting","connected","down","listening"]},"since":{"type":[
"string","null"],"format":"date-time"},"connections":{"type":"integer"},"round_trip_ms":{
"type":"number"},"samples":{"type":"integer"},"reads":{"type":"integer"},"read_errors":{
"type":"integer"},"writes":{"type":"integer"},"write_errors":{"type":"integer"},"reconnects"
:{"type":"integer"},"received_bytes":{"type":"integer"},"sent_bytes":{"type":"integer"},
"tags":{"type":"integer"},"tags_bad":{"type":"integer","description":
"Of bad quality now, or never read"},"last_error":{"type":"string"},"last_error_time":{
"type":["string","null"],"format":"date-time"},"groups":{"type":"array","items":{"$ref":
"#/components/schemas/GroupState"}},"units":{"type":"array","items":{"$ref":
"#/components/schemas/UnitState"}}},"required":["link"]},"GroupState":{"type":"object",
"properties":{"name":{"type":"string"},"interval_ms":{"type":"integer"},"tags":{"type":
"integer"},"polls":{"type":"integer"},"overruns":{"type":"integer"},"last_duration_ms":{
"type":"number"},"last_poll":{"type":["string","null"],"format":"date-time"}}},"UnitState":{
"type":"object","properties":{"unit":{"type":"string"},"up":{"type":"boolean"},"since":{
"type":["string","null"],"format":"date-time"},"round_trip_ms":{"type":"number"},"exchanges"
:{"type":"integer"},"errors":{"type":"integer"},"last_error":{"type":"string"},
"last_error_time":{"type":["string","null"],"format":"date-time"}}},"TagState":{"type":
"object","properties":{"group":{"type":"string"},"name":{"type":"string"},"point":{"type":
"string"},"address":{"type":"string"},"type":{"type":"string"},"access":{"type":"string"},
"unit":{"type":"string"},"value":{"description":"Boolean, number or text; bytes as base64",
"type":["boolean","number","string","null"]},"quality":{"type":["string","null"],
"description":"good, uncertain..., bad..."},"time":{"type":["string","null"],"format":
"date-time"},"error":{"type":"string","description":"Of the last failed read"}},"required":[
"group","name","point"]},"TagList":{"type":"object","properties":{"items":{"type":"array",
"items":{"$ref":"#/components/schemas/TagState"}},"next":{"type":["string","null"]}},
"required":["items"]},"Reading":{"type":"object","properties":{"value":{"description":
"Boolean, number or text; bytes as base64","type":["boolean","number","string","null"]},
"quality":{"type":"string"},"time":{"type":"string","format":"date-time"}},"required":[
"value"]},"WriteOrder":{"type":"object","properties":{"value":{"description":
"Boolean, number or text; bytes as base64","type":["boolean","number","string","null"]},
"verify":{"type":"boolean","description":"Read it back, and fail where it differs","default"
:false},"timeout_ms":{"type":"integer","default":5000,"minimum":1},"reason":{"type":"string"
,"description":"For the audit"}},"required":["value"]},"Written":{"type":"object",
"properties":{"point":{"type":"string"},"value":{"description":
"Boolean, number or text; bytes as base64","type":["boolean","number","string","null"]},
"old_value":{"description":"Boolean, number or text; bytes as base64","type":["boolean",
"number","string","null"]},"read_back":{"description":
"Boolean, number or text; bytes as base64","type":["boolean","number","string","null"]},
"took_ms":{"type":"number"}},"required":["point","value"]},"RowError":{"type":"object",
"properties":{"line":{"type":["integer","null"]},"device":{"type":"string"},"group":{"type":
"string"},"tag":{"type":"string"},"field":{"type":"string"},"text":{"type":"string"}},
"required":["text"]},"ImportReport":{"type":"object","properties":{"dry_run":{"type":
"boolean"},"applied":{"type":"boolean","description":"Something was changed"},
"devices_created":{"type":"integer"},"devices_changed":{"type":"integer"},
"devices_unchanged":{"type":"integer"},"tags_added":{"type":"integer"},"tags_changed":{
"type":"integer"},"tags_unchanged":{"type":"integer"},"tags_removed":{"type":"integer"},
"errors_total":{"type":"integer"},"errors":{"type":"array","items":{"$ref":
"#/components/schemas/RowError"}}},"required":["applied","errors"]},"TemplateParameter":{
"type":"object","properties":{"name":{"type":"string"},"description":{"type":"string"},
"default":{"type":["string","number","boolean","null"]}},"required":["name"]},"Template":{
"type":"object","properties":{"name":{"type":"string"},"description":{"type":"string"},
"parameters":{"type":"array","items":{"$ref":"#/components/schemas/TemplateParameter"}},
"device":{"type":"object","description":"A DeviceSpec with ${parameter} in its texts"}},
"required":["device"]},"TemplateList":{"type":"object","properties":{"items":{"type":"array"
,"items":{"$ref":"#/components/schemas/Template"}}},"required":["items"]},"TemplateInstance"
:{"type":"object","properties":{"name":{"type":"string","description":"Of the new device"},
"parameters":{"type":"object","additionalProperties":{"type":["string","number","boolean"]}}
},"required":["name"]},"TemplateInstances":{"oneOf":[{"$ref":
"#/components/schemas/TemplateInstance"},{"type":"array","items":{"$ref":
"#/components/schemas/TemplateInstance"}}]},"DriverSetting":{"type":"object","properties":{
"name":{"type":"string"},"type":{"type":"string"},"default":{"type":"string"},"help":{"type"
:"string"},"min":{"type":"number"},"max":{"type":"number"},"choices":{"type":"array","items"
:{"type":"string"}}},"required":["name","type"]},"Driver":{"type":"object","properties":{
"name":{"type":"string"},"title":{"type":"string"},"help":{"type":"string"},"link":{"type":
"string","enum":["tcp_client","serial","tcp_server"]},"settings":{"type":"array","items":{
"$ref":"#/components/schemas/DriverSetting"}},"types":{"type":"array","items":{"type":
"string"}},"addresses":{"type":"array","items":{"type":"object","properties":{"form":{"type"
:"string"},"example":{"type":"string"},"help":{"type":"string"}}}}},"required":["name"]},
"DriverList":{"type":"object","properties":{"items":{"type":"array","items":{"$ref":
"#/components/schemas/Driver"}}},"required":["items"]},"AuditRecord":{"type":"object",
"properties":{"time":{"type":"string","format":"date-time"},"actor":{"type":"string"},
"origin":{"type":"string"},"action":{"type":"string"},"target":{"type":"string"},"old":{},
"new":{},"result":{"type":"string","description":"ok, or the code of the error"},"detail":{
"type":"string"}},"required":["time","action","target","result"]},"AuditList":{"type":
"object","properties":{"items":{"type":"array","items":{"$ref":
"#/components/schemas/AuditRecord"}},"next":{"type":["string","null"]}},"required":["items"]
},"Problem":{"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"
},"status":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},"errors":{
"type":"array","items":{"type":"object","properties":{"line":{"type":["integer","null"]},
"device":{"type":"string"},"group":{"type":"string"},"tag":{"type":"string"},"field":{"type"
:"string"},"text":{"type":"string"}}}}},"required":["status","code","detail"],"description":
"RFC 9457; errors where there can be several"},
"Query":{"type":"object","properties":{"sql":{"type":"string","description":
"One statement in DuckDB's SQL"},"params":{"description":"For $1 and ?, or for $name","oneOf":[{
"type":"array"},{"type":"object"}]},"format":{"type":"string","enum":["json","ndjson","csv",
"arrow","parquet"]},"id":{"type":"string"},"limit":{"type":"integer","minimum":0},"timeout":{
"type":["string","number"],"description":"10s, or seconds"}},"required":["sql"]},
"QueryResult":{"type":"object","properties":{"columns":{"type":"array","items":{"type":"object",
"properties":{"name":{"type":"string"},"type":{"type":"string"}},"required":["name","type"]}},
"rows":{"type":"array","items":{"type":"array"}},"count":{"type":"integer"},"cut":{"type":
"boolean","description":"There were more rows than the limit"},"elapsed_ms":{"type":"number"}},
"required":["columns","rows","count","cut"]},"QueryList":{"type":"object","properties":{"items":{
"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"sql":{"type":
"string"},"since":{"type":"string","format":"date-time"},"rows":{"type":"integer"}},"required":[
"id","sql","since","rows"]}}},"required":["items"]},"SampleImport":{"type":"object","properties":{
"taken":{"type":"integer"},"refused":{"type":"integer"},"errors":{"type":"array","items":{"type":
"object","properties":{"line":{"type":"integer"},"text":{"type":"string"}}}}},"required":["taken",
"refused","errors"]}
)json";

}  // namespace

std::string_view openapi_schemas() {
    return schemas;
}

}  // namespace hw::api
