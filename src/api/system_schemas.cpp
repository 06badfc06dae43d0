#include "api/system_operations.h"

namespace hw::api {

namespace {

// Kept as it is served: JSON Schema (2020-12) of what the operations give.
constexpr std::string_view schemas = R"json(
"System":{"type":"object","required":["version","build","time","started","uptime_s","process",
"machine","storage","history","queues","dropped","reactors","clock"],"properties":{
"version":{"type":"string"},"build":{"type":"string"},
"time":{"type":"string","format":"date-time","description":"The server's clock"},
"started":{"type":"string","format":"date-time"},"uptime_s":{"type":"number"},
"process":{"type":"object","required":["pid","cpu_cores","memory_bytes","threads","open_files",
"open_files_limit"],"properties":{"pid":{"type":"integer"},
"cpu_cores":{"type":"number","description":"Used over the last 10 s; 1 is one core"},
"memory_bytes":{"type":"integer"},"threads":{"type":"integer"},"open_files":{"type":"integer"},
"open_files_limit":{"type":"integer"}}},
"machine":{"type":"object","required":["host","cores","load_1m","memory_bytes",
"memory_available_bytes"],"properties":{"host":{"type":"string"},"cores":{"type":"integer"},
"load_1m":{"type":"number"},"memory_bytes":{"type":"integer"},
"memory_available_bytes":{"type":"integer"}}},
"storage":{"type":"object","required":["folder","data_bytes","disk_free_bytes",
"disk_total_bytes"],"properties":{"folder":{"type":"string"},"data_bytes":{"type":"integer"},
"disk_free_bytes":{"type":"integer"},"disk_total_bytes":{"type":"integer"}}},
"history":{"type":"object","required":["health","reason","points","points_limit",
"samples_committed","samples_refused","journal_bytes","chunk_bytes","memory_bytes",
"oldest_sample","retention"],"properties":{
"health":{"type":"string","enum":["ok","disk_full","failing"]},"reason":{"type":"string"},
"points":{"type":"integer"},"points_limit":{"type":"integer"},
"samples_committed":{"type":"integer","description":"Since the start"},
"samples_refused":{"type":"integer"},"journal_bytes":{"type":"integer"},
"chunk_bytes":{"type":"integer"},"memory_bytes":{"type":"integer"},
"oldest_sample":{"type":["string","null"],"format":"date-time"},
"retention":{"type":"array","items":{"type":"object","required":["filter","keep"],
"properties":{"filter":{"type":"string"},"keep":{"type":"string"}}}}}},
"queues":{"type":"array","items":{"type":"object","required":["name","unit","depth","limit"],
"properties":{"name":{"type":"string"},"unit":{"type":"string"},"depth":{"type":"number"},
"limit":{"type":"number","description":"0: none"}}}},
"dropped":{"type":"array","description":"Counted since the start","items":{"type":"object",
"required":["name","help","count"],"properties":{"name":{"type":"string"},
"help":{"type":"string"},"count":{"type":"number"}}}},
"reactors":{"type":"array","items":{"type":"object","required":["name","lag_ms",
"lag_ms_worst"],"properties":{"name":{"type":"string"},
"lag_ms":{"type":"number","description":"How late its last task was"},
"lag_ms_worst":{"type":"number","description":"Of the last minute"}}}},
"clock":{"type":"object","required":["synchronised","error_ms","error_ms_most"],"properties":{
"synchronised":{"type":"boolean","description":"The kernel is told so by a time service"},
"error_ms":{"type":"number"},"error_ms_most":{"type":"number"}}}}},
"Setting":{"type":"object","required":["key","type","value","default","origin","where","help",
"needs_restart"],"properties":{"key":{"type":"string"},"type":{"type":"string"},
"value":{"type":"string"},"default":{"type":"string"},
"origin":{"type":"string","enum":["default","file","conf.d","environment","flag"]},
"where":{"type":"string"},"help":{"type":"string"},"needs_restart":{"type":"boolean"},
"least":{"type":"number","description":"Of a number; of a duration in seconds"},
"most":{"type":"number"},"choices":{"type":"array","items":{"type":"string"}}}},
"SettingList":{"type":"object","required":["items"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Setting"}}}},
"LogLine":{"type":"object","required":["number","time","level","room","message"],"properties":{
"number":{"type":"integer"},"time":{"type":"string","format":"date-time"},
"level":{"type":"string","enum":["debug","info","warning","error"]},
"room":{"type":"string"},"message":{"type":"string"}}},
"LogList":{"type":"object","required":["items","last"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/LogLine"}},
"last":{"type":"integer"}}},
"SystemFigures":{"type":"object","required":["times","figures"],"properties":{
"times":{"type":"array","items":{"type":"integer"},"description":"ms since 1970"},
"figures":{"type":"object","description":"A column of the same length each: messages_in_rate, ...",
"additionalProperties":{"type":"array","items":{"type":["number","null"]}}}}}
)json";

}  // namespace

std::string_view system_schemas() {
    return schemas;
}

}  // namespace hw::api
