#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "io/http.h"

namespace hw::io {

// How a response's body is delimited.
enum class BodyFraming {
    length,       // Content-Length
    chunked,      // HTTP/1.1 streams
    until_close,  // HTTP/1.0 streams
};

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Time now);

// Status line and headers with Date, framing and Connection, up to the empty line. Characters that
// would end a header are left out of values, so that data in a header cannot forge another.
std::string response_head(const HttpResponse& response, BodyFraming framing, bool keep_alive,
                          std::string_view date);

// A piece of a chunked body.
std::string chunk(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// Whether "Accept-Encoding: ..." allows gzip.
bool accepts_gzip(std::string_view accept_encoding);

// Packs the body with gzip where it is text of over 1 KiB. Any thread.
void pack_body(HttpResponse& response);

}  // namespace hw::io
