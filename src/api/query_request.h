#pragma once

#include "base/error.h"
#include "io/http.h"
#include "sql/batch/engine.h"

namespace hw::api {

// A query as it is asked for: JSON {"sql","params","format","id","limit","timeout"}, or the bare
// statement as text (application/sql, text/plain, or a form as curl sends it); the other members
// then as parameters of the address. The format is told by the member, the parameter or Accept.
// Errors name the member.
Result<sql::batch::Request> read_query_request(const io::HttpRequest& request);

}  // namespace hw::api
