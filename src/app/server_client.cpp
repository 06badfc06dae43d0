#include "app/server_client.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/terminal.h"
#include "base/secret_file.h"

namespace hw::app {

namespace {

ErrorCode code_of(unsigned status) {
    switch (status) {
        case 404:
            return ErrorCode::not_found;
        case 401:
        case 403:
            return ErrorCode::permission_denied;
        case 409:
        case 412:
            return ErrorCode::conflict;
        case 413:
        case 422:
        case 429:
            return ErrorCode::limit_exceeded;
        case 501:
            return ErrorCode::unsupported;
        case 502:
        case 503:
            return ErrorCode::unavailable;
        case 504:
            return ErrorCode::timed_out;
        case 507:
            return ErrorCode::no_space;
        default:
            return status < 500 ? ErrorCode::invalid_argument : ErrorCode::io_failed;
    }
}

}  // namespace

void add_url_option(CLI::App& app, ServerAddress& address) {
    app.add_option("--url", address.url, "The server; also HEADWORKS_URL")
        ->envname("HEADWORKS_URL")
        ->capture_default_str();
    app.add_option("--key-file", address.key_file,
                   "File with the API key, where the server asks who you are; else "
                   "HEADWORKS_API_KEY has the key")
        ->envname("HEADWORKS_API_KEY_FILE");
}

void add_output_options(CLI::App& app, OutputOptions& options) {
    app.add_option("--output", options.output,
                   "table, csv, ndjson or json; a table on a terminal, else csv")
        ->check(CLI::IsMember({"table", "csv", "ndjson", "json"}));
    app.add_flag("--json", options.json, "The same as --output json; errors too are JSON");
}

OutputFormat OutputOptions::format() const {
    if (json || output == "json") return OutputFormat::json;
    if (output == "csv") return OutputFormat::csv;
    if (output == "ndjson") return OutputFormat::ndjson;
    if (output == "table") return OutputFormat::table;
    return is_terminal(STDOUT_FILENO) ? OutputFormat::table : OutputFormat::csv;
}

QueryText& QueryText::add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_.append(text_.empty() ? "?" : "&").append(name).append("=");
    text_.append(io::percent_encode(value));
    return *this;
}

namespace {

std::string_view member(const simdjson::dom::element& object, std::string_view name) {
    std::string_view text;
    if (object[name].get(text) != simdjson::SUCCESS) return "";
    return text;
}

// "\n  line 4, group 'fast', tag 'flow', address: ..." of each entry of "errors".
std::string flaws_of(const simdjson::dom::element& problem) {
    simdjson::dom::array errors;
    if (problem["errors"].get(errors) != simdjson::SUCCESS) return "";
    std::string out;
    for (const simdjson::dom::element error : errors) {
        out += "\n  ";
        uint64_t line = 0;
        if (error["line"].get(line) == simdjson::SUCCESS) out += fmt::format("line {}, ", line);
        for (const std::string_view name : {"device", "group", "tag"})
            if (const auto text = member(error, name); !text.empty())
                out += fmt::format("{} '{}', ", name, text);
        if (const auto field = member(error, "field"); !field.empty())
            out += fmt::format("{}: ", field);
        out += member(error, "text");
    }
    return out;
}

}  // namespace

Error problem_error(unsigned status, std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view detail;
    const simdjson::padded_string padded(body);
    if (parser.parse(padded).get(root) == simdjson::SUCCESS &&
        root["detail"].get(detail) == simdjson::SUCCESS) {
        if (status == 401)
            return {ErrorCode::permission_denied,
                    std::string(detail) +
                        "; name a file with an API key by --key-file (on the server's machine "
                        "local-key in its data folder), or set HEADWORKS_API_KEY"};
        const bool wrong = status == 422 && member(root, "code") == "invalid_argument";
        const std::string flaws = flaws_of(root);
        return {wrong ? ErrorCode::invalid_argument : code_of(status),
                flaws.empty() ? std::string(detail) : "not accepted:" + flaws};
    }
    const std::string text(body.substr(0, std::min<size_t>(body.size(), 200)));
    return {code_of(status),
            fmt::format("the server answered {}{}{}", status, text.empty() ? "" : ": ", text)};
}

namespace {

Result<io::HttpClientRequest> request_to(const ServerAddress& address, std::string_view method,
                                         const std::string& target, std::string_view accept) {
    io::HttpClientRequest request;
    auto key = environment("HEADWORKS_API_KEY");
    if (!address.key_file.empty()) key = HW_TRY(read_secret_file(address.key_file, "--key-file"));
    if (key) request.headers.emplace_back("Authorization", "Bearer " + *key);
    request.method = method;
    request.url = address.url;
    while (request.url.ends_with('/'))
        request.url.pop_back();
    request.url += target;
    request.headers.emplace_back("Accept", accept);
    // A backup, and a query over years, may take their time until the first byte.
    request.timeout = seconds(600);
    return request;
}

}  // namespace

namespace {

// Pieces of a good answer go to `on_body` where it is given; of any other the body is kept.
Result<io::HttpClientResponse> fetch(const io::HttpClientRequest& request,
                                     const io::HttpBodySink& on_body) {
    std::string failure;
    io::HttpBodySink sink;
    if (on_body)
        sink = [&](const io::HttpClientResponse& head, std::string_view piece) {
            if (head.status < 300) return on_body(head, piece);
            failure.append(piece);
            return true;
        };
    auto response = io::http_fetch(request, sink);
    if (!response) return fail(std::move(response).error());
    if (response->status < 300) return response;
    return fail(problem_error(response->status, on_body ? failure : response->body));
}

}  // namespace

Result<io::HttpClientResponse> send_to_server(const ServerAddress& address, std::string_view method,
                                              const std::string& target, RequestBody body,
                                              std::string_view accept,
                                              const io::HttpBodySink& on_body) {
    auto request = HW_TRY(request_to(address, method, target, accept));
    if (!body.text.empty()) request.headers.emplace_back("Content-Type", std::move(body.type));
    if (auto user = environment("USER"))
        request.headers.emplace_back("X-Forwarded-User", std::move(*user));
    request.body = std::move(body.text);
    return fetch(request, on_body);
}

Result<io::HttpClientResponse> ask_server(const ServerAddress& address, std::string_view method,
                                          const std::string& target, std::string_view accept,
                                          const io::HttpBodySink& on_body) {
    return fetch(HW_TRY(request_to(address, method, target, accept)), on_body);
}

std::string JsonItems::feed(std::string_view ndjson) {
    std::string out;
    if (!begun_) out += "{\"items\":[";
    begun_ = true;
    partial_.append(ndjson);
    size_t at = 0;
    for (size_t end = partial_.find('\n'); end != std::string::npos;
         end = partial_.find('\n', at)) {
        if (!first_) out += ",\n";
        first_ = false;
        out.append(partial_, at, end - at);
        at = end + 1;
    }
    partial_.erase(0, at);
    return out;
}

std::string JsonItems::finish() {
    std::string out = feed(partial_.empty() ? "" : "\n");
    return out + "],\"next\":null}\n";
}

}  // namespace hw::app
