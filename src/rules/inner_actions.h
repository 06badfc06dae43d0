#pragma once

#include <memory>

#include "base/error.h"
#include "rules/action.h"

namespace hw::rules {

// The actions that stay within the server. Errors: a setting, by name.

// {"topic":"t/${x}","payload":"${.}","qos":0,"retain":false,"direct":false,
//  "user_properties":{"a":"${b}"}}: qos and retain may be templates; user_properties too, one of an
// object. Without a payload: the whole row as JSON.
Result<std::unique_ptr<Action>> make_republish(const ActionSpec& spec);
// {"point":"plant1/${name}","value":"${v}","time":"${ts}","quality":"${q}","unit":"m3/h"}: one
// sample a row; or {"prefix":"plant1/calc"}: one for each member of the row, members of members
// below them. The time, where it is not told, is that of the row: the event's or the window's end.
Result<std::unique_ptr<Action>> make_keep(const ActionSpec& spec);
// {"point":"plant1/pump1/setpoint","value":"${v}"}
Result<std::unique_ptr<Action>> make_write(const ActionSpec& spec);
// {"text":"${.}"}: a line in the log.
Result<std::unique_ptr<Action>> make_console(const ActionSpec& spec);

}  // namespace hw::rules
