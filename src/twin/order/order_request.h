#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::twin {

// What somebody asks for, by HTTP or MQTT. No I/O; any thread. Texts longer than this are refused.
constexpr size_t order_bytes_limit = 1 << 20;

struct DesiredRequest {
    std::string twin, path;  // in lists only
    sql::Datum value;
    std::optional<Duration> timeout;  // 0: for ever
    Duration wait{};
    std::string reason;
    bool keep = false;
};
// {"value":40,"timeout":"10m","wait":"5s","reason":"...","keep":true}; durations are texts or
// seconds. Errors name the member.
Result<DesiredRequest> read_desired_request(std::string_view json);
// [{"twin":"...","path":"...","value":...}, ...] or {"items":[...]}, at most `limit`.
Result<std::vector<DesiredRequest>> read_desired_list(std::string_view json, size_t limit);
// A message: the object above, or a plain value: JSON, else a text.
Result<DesiredRequest> read_desired_message(std::string_view payload);

struct CommandRequest {
    sql::Datum request;  // null: none
    std::string id;      // empty: it gets one
    std::optional<Duration> timeout;
    std::string reason;
};
// A message: {"request":...,"id":"...","timeout":"30s","reason":"..."} where it has no other
// members, else the request itself; nothing at all is no request.
Result<CommandRequest> read_command_message(std::string_view payload);

struct CommandResponse {
    std::string id;  // empty: the correlation data says it
    sql::Datum response;
    std::optional<std::string> error;  // the device's no
};
// {"id":"...","response":...} or {"id":"...","error":"..."} where it has no other members, else the
// response itself; nothing at all is a null one. Error: corrupt.
Result<CommandResponse> read_command_response(std::string_view payload);

// What a device gets. `deadline` 0: none.
std::string desired_message(const sql::Datum& value, std::string_view id, Time deadline);
std::string command_message(const sql::Datum& request, std::string_view id, Time deadline);

// An id that a caller gives to a command: 1 to 128 bytes of UTF-8 without control characters.
Result<void> check_order_id(std::string_view id);
// "10s", "1h30m".
Result<Duration> read_order_duration(std::string_view text, std::string_view name, Duration most);

}  // namespace hw::twin
