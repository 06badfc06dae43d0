#pragma once

#include "gateway/manager.h"
#include "io/http.h"

namespace hw::api {

// Who asks for a change, as the audit will have it.
gateway::Change change_of(const io::HttpRequest& request);
// The revision of If-Match, where there is one.
Result<void> read_if_match(const io::HttpRequest& request, gateway::Change& change);

}  // namespace hw::api
