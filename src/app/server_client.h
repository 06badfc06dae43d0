#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "io/http_client.h"

namespace CLI {
class App;
}

namespace hw::app {

// --url, or HEADWORKS_URL, or the server on this machine; and the file with an API key, where the
// server wants one. The key itself may be in HEADWORKS_API_KEY, but never in a flag.
struct ServerAddress {
    std::string url = "http://127.0.0.1:8080";
    std::string key_file = {};
};
void add_url_option(CLI::App& app, ServerAddress& address);

// "?a=1&b=x%2Fy", grown parameter by parameter; empty values are left out.
class QueryText {
  public:
    QueryText& add(std::string_view name, std::string_view value);
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

enum class OutputFormat { table, csv, ndjson, json };

struct OutputOptions {
    std::string output;  // empty: table on a terminal, else CSV
    bool json = false;

    OutputFormat format() const;
};
void add_output_options(CLI::App& app, OutputOptions& options);

// One request. A problem that the server reports becomes our error: its code and its text.
// `target` begins with '/'. Pieces of a good answer go to `on_body` where it is given.
Result<io::HttpClientResponse> ask_server(const ServerAddress& address, std::string_view method,
                                          const std::string& target, std::string_view accept,
                                          const io::HttpBodySink& on_body = nullptr);

// What goes up with a request.
struct RequestBody {
    std::string text;
    std::string type = "application/json";
};
// As ask_server, with a body; the audit of the server gets the name of the user that runs this. A
// refusal lists every flaw that the server names, one a line behind the error's text.
Result<io::HttpClientResponse> send_to_server(const ServerAddress& address, std::string_view method,
                                              const std::string& target, RequestBody body,
                                              std::string_view accept = "application/json",
                                              const io::HttpBodySink& on_body = nullptr);

// The error that an answer of that status stands for; `body` may hold problem details (RFC 9457).
Error problem_error(unsigned status, std::string_view body);

// Rows of NDJSON, piece by piece, as the one JSON object {"items":[...],"next":null}, so that
// --json is the same however many pages the server had.
class JsonItems {
  public:
    // What to print for this piece.
    std::string feed(std::string_view ndjson);
    std::string finish();

  private:
    std::string partial_;
    bool begun_ = false;
    bool first_ = true;
};

}  // namespace hw::app
