#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::io {

// A small blocking client for the command line: one request, one connection, no redirects, no TLS.

struct HttpClientRequest {
    std::string method = "GET";
    std::string url;  // "http://host:port/path?query", already percent-encoded
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Duration timeout = seconds(30);  // for connecting, and for each wait for the next bytes
};

struct HttpClientResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;                                          // empty where it went to `on_body`

    std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

// Pieces of the body as they come, with what is known so far (status and headers). False ends the
// transfer: the call returns what there is.
using HttpBodySink = std::function<bool(const HttpClientResponse& head, std::string_view piece)>;

// Any status is a success here; errors are unavailable (nobody listens there, or the name is
// unknown), timed_out, invalid_argument (the URL) and corrupt (the answer is not HTTP). The body is
// kept whole without `on_body`.
Result<HttpClientResponse> http_fetch(const HttpClientRequest& request,
                                      const HttpBodySink& on_body = nullptr);

// "plant1/filter 3" to "plant1%2Ffilter%203": all but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

}  // namespace hw::io
