#pragma once

#include <optional>

#include "api/operations.h"

namespace hw::api {

// Conditional changes (RFC 9110 section 13): If-Match guards a change by the revision that was
// read, If-None-Match: * lets PUT create and never replace. Operations that answer 412 take them;
// for all others nothing guards the change, so a client that asks for it is refused.
bool takes_if_match(const Operation& operation);
bool takes_if_none_match(const Operation& operation);

// The answer to a request whose conditions the operation does not take.
std::optional<io::HttpResponse> refuse_conditions(const Operation& operation,
                                                  const io::HttpRequest& request);

}  // namespace hw::api
