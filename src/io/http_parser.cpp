#include "io/http_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <utility>

#include "base/assert.h"
#include "io/compression.h"
#include "io/http_target.h"

namespace hw::io {
namespace http = boost::beast::http;

struct HttpParser::Beast {
    http::request_parser<http::string_body> parser;
};

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

HttpParser::HttpParser(const HttpSettings& settings) : settings_(settings) {}
HttpParser::~HttpParser() = default;

void HttpParser::take(BytesView bytes) {
    HW_ASSERT(view_.empty());
    if (inbox_.empty()) {
        view_ = as_text(bytes);
        return;
    }
    inbox_.erase(0, std::exchange(inbox_at_, 0));
    inbox_.append(as_text(bytes));
}

void HttpParser::keep() {
    if (!view_.empty()) inbox_.assign(view_);
    view_ = {};
}

std::string HttpParser::take_rest() {
    std::string rest(unread());
    consume(rest.size());
    return rest;
}

std::string_view HttpParser::unread() const {
    return inbox_.empty() ? view_ : std::string_view(inbox_).substr(inbox_at_);
}

void HttpParser::consume(size_t count) {
    if (inbox_.empty()) {
        view_.remove_prefix(count);
        return;
    }
    inbox_at_ += count;
    if (inbox_at_ < inbox_.size()) return;
    inbox_ = std::string();
    inbox_at_ = 0;
}

HttpParser::Event HttpParser::next() {
    if (failed_status_ != 0) return Event::failed;
    while (!unread().empty()) {
        if (!beast_) begin();
        const size_t before = unread().size();
        const Event event = step();
        if (event != Event::need_more) return event;
        if (unread().size() == before) break;
    }
    return Event::need_more;
}

void HttpParser::begin() {
    beast_ = std::make_unique<Beast>();
    beast_->parser.header_limit(static_cast<uint32_t>(settings_.header_bytes_limit));
    beast_->parser.body_limit(settings_.body_bytes_limit);
    phase_ = Phase::headers;
}

// One call of Beast's parser on what is unread. It stops after the headers, and where it lacks
// bytes.
HttpParser::Event HttpParser::step() {
    auto& parser = beast_->parser;
    const std::string_view bytes = unread();
    boost::system::error_code error;
    consume(parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error));
    if (error == http::error::header_limit)
        return fail_with(431, fmt::format("the request's headers exceed {} bytes",
                                          settings_.header_bytes_limit));
    if (error == http::error::body_limit)
        return fail_with(413, fmt::format("the request's body exceeds {} bytes; send smaller "
                                          "batches or raise the limit",
                                          settings_.body_bytes_limit));
    if (error == http::error::bad_version)
        return fail_with(505, "only HTTP/1.0 and 1.1 are served");
    if (error && error != http::error::need_more)
        return fail_with(400, fmt::format("malformed request: {}", error.message()));
    if (parser.is_header_done() && phase_ == Phase::headers) {
        const Event event = end_of_headers();
        if (event != Event::need_more) return event;
    }
    return parser.is_done() ? end_of_request() : Event::need_more;
}

HttpParser::Event HttpParser::end_of_headers() {
    auto& parser = beast_->parser;
    const auto& message = parser.get();
    phase_ = Phase::body;
    parser.eager(true);
    version_11_ = message.version() >= 11;
    keep_alive_ = message.keep_alive();
    if (version_11_ && message.count(http::field::host) != 1)
        return fail_with(400, "an HTTP/1.1 request needs exactly one Host header");
    // What is not chunked has no length that both sides agree on.
    if (message.count(http::field::transfer_encoding) != 0 && !parser.chunked())
        return fail_with(501, "of the transfer encodings, only 'chunked' is served");
    if (parser.is_done() || !version_11_) return Event::need_more;
    const bool waits = http::token_list(message[http::field::expect]).exists("100-continue");
    return waits && unread().empty() ? Event::wants_continue : Event::need_more;
}

HttpParser::Event HttpParser::end_of_request() {
    auto message = beast_->parser.release();
    beast_.reset();
    phase_ = Phase::between;
    request_ = HttpRequest();
    request_.method = view(message.method_string());
    request_.target = view(message.target());
    std::string encoding;
    for (const auto& field : message) {
        request_.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
        if (field.name() == http::field::content_encoding)
            encoding = lower(request_.headers.back().second);
    }
    request_.body = std::move(message.body());
    if (!decode_target(request_.target, request_))
        return fail_with(400, "the request's target is not a path with valid % escapes");
    if (request_.body.empty() || encoding.empty() || encoding == "identity") return Event::request;
    if (encoding != "gzip" && encoding != "x-gzip" && encoding != "deflate")
        return fail_with(415, fmt::format("content encoding '{}' is not known; send gzip, deflate "
                                          "or none",
                                          encoding));
    auto body = inflate(request_.body, settings_.body_bytes_limit);
    if (!body)
        return fail_with(body.error().code() == ErrorCode::limit_exceeded ? 413 : 400,
                         body.error().text());
    request_.body = std::move(*body);
    return Event::request;
}

HttpParser::Event HttpParser::fail_with(unsigned status, std::string detail) {
    failed_status_ = status;
    failed_detail_ = std::move(detail);
    beast_.reset();
    return Event::failed;
}

HttpRequest HttpParser::request() {
    return std::move(request_);
}

}  // namespace hw::io
