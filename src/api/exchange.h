#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/principal.h"
#include "api/problem.h"
#include "base/error.h"
#include "io/http.h"

namespace hw::api {

// One request on its way to its answer. Movable from the reactor to a worker.
struct Exchange {
    io::HttpRequest request;
    std::unique_ptr<io::HttpResponder> responder;
    // What stood in the places of the operation's path, decoded.
    std::vector<std::pair<std::string, std::string>> places = {};
    // What whoever asks has been granted; null where nobody was asked (tests).
    access::GrantPtr grant = {};

    // The place must be in the path; anything else is a bug in us.
    const std::string& place(std::string_view name) const;
    // Who asks; where nobody was asked, somebody who may everything.
    const access::Principal& principal() const;
    void respond(io::HttpResponse response) { responder->respond(std::move(response)); }
    void fail(const Error& error) { responder->respond(problem(error)); }
};

// Typed readers of query parameters. Errors name the parameter, its value and what is allowed.
Result<std::optional<uint64_t>> number_parameter(const io::HttpRequest& request,
                                                 std::string_view name, uint64_t least,
                                                 uint64_t most);
Result<std::optional<bool>> bool_parameter(const io::HttpRequest& request, std::string_view name);
// RFC 3339, an epoch number, or relative to `now` ("now-6h").
Result<std::optional<Time>> time_parameter(const io::HttpRequest& request, std::string_view name,
                                           Time now);
// A parameter nobody knows is a slip: refused, with the nearest known name.
Result<void> check_parameters(const io::HttpRequest& request, std::span<const std::string> known);

// What the client wants of the formats a table can take.
enum class Format { json, ndjson, csv };
// By `format=` first, then by Accept; JSON where nothing is said.
Result<Format> wanted_format(const io::HttpRequest& request);
// Answers 406 where Accept names nothing that we have; true: answered.
bool refuse_accept(Exchange& exchange);
std::string_view content_type(Format format);

// Cursors are opaque to clients: base64url of our own text.
std::string encode_cursor(std::string_view text);
Result<std::string> decode_cursor(std::string_view cursor);

}  // namespace hw::api
