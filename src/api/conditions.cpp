#include "api/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hw::api {

namespace {

// Those of a whole thing with a revision of its own; the others' parts have that of the whole.
constexpr std::array<std::string_view, 6> creating = {
    "putTwin", "putRule", "putDevice", "putScene", "putTwinAsset", "putTwinSubscription"};

bool changes(std::string_view method) {
    return method == "PUT" || method == "PATCH" || method == "DELETE";
}

}  // namespace

bool takes_if_match(const Operation& operation) {
    return changes(operation.method) && operation.responses.contains("412 application/problem");
}

bool takes_if_none_match(const Operation& operation) {
    return std::find(creating.begin(), creating.end(), operation.id) != creating.end();
}

std::optional<io::HttpResponse> refuse_conditions(const Operation& operation,
                                                  const io::HttpRequest& request) {
    if (!changes(request.method)) return std::nullopt;
    const auto refuse = [&](std::string_view header) {
        return problem(
            400, "invalid_argument",
            fmt::format("{} {} takes no {}: nothing would guard the change; leave it out",
                        operation.method, operation.path, header));
    };
    if (request.header("if-match") && !takes_if_match(operation)) return refuse("If-Match");
    if (request.header("if-none-match") && !takes_if_none_match(operation))
        return refuse("If-None-Match");
    return std::nullopt;
}

}  // namespace hw::api
