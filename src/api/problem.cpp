#include "api/problem.h"

#include "base/assert.h"
#include "base/json_writer.h"

namespace hw::api {

namespace {

std::string_view title_of(unsigned status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 507:
            return "Insufficient Storage";
        default:
            return "Internal Server Error";
    }
}

}  // namespace

unsigned http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return 400;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::limit_exceeded:
            return 422;
        case ErrorCode::permission_denied:
            return 403;
        case ErrorCode::unavailable:
        case ErrorCode::cancelled:
            return 503;
        case ErrorCode::timed_out:
            return 504;
        case ErrorCode::unsupported:
            return 501;
        case ErrorCode::no_space:
            return 507;
        case ErrorCode::corrupt:
        case ErrorCode::io_failed:
            return 500;
    }
    HW_UNREACHABLE();
}

io::HttpResponse problem(unsigned status, std::string_view code, std::string_view detail) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", title_of(status));
    json.member("status", static_cast<int64_t>(status));
    json.member("code", code);
    json.member("detail", detail);
    json.end_object();
    return {status, {{"content-type", "application/problem+json"}}, std::move(body)};
}

io::HttpResponse problem(const Error& error) {
    return problem(http_status(error.code()), to_string(error.code()), error.text());
}

io::HttpResponse json_response(std::string body, unsigned status) {
    return {status, {{"content-type", "application/json"}}, std::move(body)};
}

}  // namespace hw::api
