#pragma once

#include "connector/connector.h"

namespace hw::connector::http {

// "http": requests for rows, a pulled URL as source, and as lookup.
const Kind& kind();
// "http_push": what is sent to this server's own HTTP port, as source.
const Kind& push_kind();

}  // namespace hw::connector::http
