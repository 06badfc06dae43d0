#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "io/http.h"

namespace hw::api {

unsigned http_status(ErrorCode code);

// Problem details (RFC 9457): type, title, status, detail, code.
io::HttpResponse problem(unsigned status, std::string_view code, std::string_view detail);
io::HttpResponse problem(const Error& error);

io::HttpResponse json_response(std::string body, unsigned status = 200);

}  // namespace hw::api
