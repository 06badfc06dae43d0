#include "io/http_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "io/address.h"

namespace hw::io {
namespace {

namespace http = boost::beast::http;

constexpr size_t read_bytes = 256 << 10;

struct Url {
    std::string host;
    uint16_t port = 80;
    std::string target;
};

Result<Url> parse_url(std::string_view text) {
    const auto wrong = [&] {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not a URL like http://127.0.0.1:8080/path", text));
    };
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return wrong();
    std::string_view rest = text.substr(scheme.size());
    const size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, slash);
    Url url;
    url.target = rest.substr(slash);
    if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
    if (url.target.find_first_of(" \r\n") != std::string::npos) return wrong();
    const size_t colon = authority.rfind(':');
    const size_t bracket = authority.rfind(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const std::string_view digits = authority.substr(colon + 1);
        const auto end = digits.data() + digits.size();
        const auto [at, error] = std::from_chars(digits.data(), end, url.port);
        if (error != std::errc() || at != end) return wrong();
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']'))
        authority = authority.substr(1, authority.size() - 2);
    if (authority.empty()) return wrong();
    url.host = authority;
    return url;
}

// Where the parser puts the body, and how the caller ends the transfer early.
struct Transfer {
    HttpClientResponse response;
    const HttpBodySink* sink = nullptr;
    bool stopped = false;
};

// A Beast body that hands its bytes on.
struct SinkBody {
    using value_type = Transfer*;
    class reader {
      public:
        template <bool is_request, class Fields>
        reader(http::header<is_request, Fields>&, value_type& transfer) : transfer_(transfer) {}
        void init(const boost::optional<uint64_t>&, boost::system::error_code& error) {
            error = {};
        }
        template <class Buffers>
        size_t put(const Buffers& buffers, boost::system::error_code& error) {
            error = {};
            size_t total = 0;
            for (auto at = boost::asio::buffer_sequence_begin(buffers);
                 at != boost::asio::buffer_sequence_end(buffers); ++at) {
                const boost::asio::const_buffer buffer(*at);
                deliver({static_cast<const char*>(buffer.data()), buffer.size()});
                total += buffer.size();
            }
            return total;
        }
        void finish(boost::system::error_code& error) { error = {}; }

      private:
        void deliver(std::string_view piece) {
            if (transfer_->stopped || piece.empty()) return;
            if (*transfer_->sink) {
                transfer_->stopped = !(*transfer_->sink)(transfer_->response, piece);
            } else {
                transfer_->response.body.append(piece);
            }
        }
        value_type transfer_;
    };
};

using Parser = http::response_parser<SinkBody>;

class Exchange {
  public:
    Exchange(const HttpClientRequest& request, Url url)
        : request_(request),
          url_(std::move(url)),
          where_(endpoint_text(url_.host, url_.port)),
          socket_(-1) {}

    Result<HttpClientResponse> run(const HttpBodySink& on_body);

  private:
    Result<void> connect();
    Result<void> send(std::string_view bytes);
    Result<void> receive(Parser& parser, Transfer& transfer);
    Result<void> parse(Parser& parser, Transfer& transfer);
    Result<void> wait(short events, std::string_view what);
    std::string head() const;
    std::unexpected<Error> failure(std::string_view what, int number) const;

    const HttpClientRequest& request_;
    Url url_;
    std::string where_;
    Socket socket_;
    std::string inbox_;
};

std::unexpected<Error> Exchange::failure(std::string_view what, int number) const {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot {} {}: {}; is the server running there?", what, where_,
                            std::generic_category().message(number)));
}

Result<void> Exchange::wait(short events, std::string_view what) {
    pollfd ready{socket_.get(), events, 0};
    while (true) {
        const int count = ::poll(&ready, 1, static_cast<int>(request_.timeout.ns / 1'000'000));
        if (count > 0) return {};
        if (count < 0 && errno == EINTR) continue;
        return fail(ErrorCode::timed_out, fmt::format("{} did not {} within {} ms", where_, what,
                                                      request_.timeout.ns / 1'000'000));
    }
}

Result<void> Exchange::connect() {
    const auto addresses = HW_TRY(resolve(url_.host, url_.port, Resolve::names));
    int error = 0;
    for (const Address& address : addresses) {
        socket_ = Socket(::socket(address.storage.ss_family,
                                  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
        if (!socket_.valid()) return failure("open a socket for", errno);
        if (::connect(socket_.get(), address.get(), address.size) != 0) {
            error = errno;
            if (error != EINPROGRESS) continue;
            HW_TRY(wait(POLLOUT, "accept the connection"));
            socklen_t size = sizeof(error);
            ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
            if (error != 0) continue;
        }
        set_stream_options(socket_.get());
        return {};
    }
    return failure("connect to", error);
}

Result<void> Exchange::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            HW_TRY(wait(POLLOUT, "take the request"));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};  // the server answered early (413) and closed; its answer says why
        } else if (errno != EINTR) {
            return failure("send to", errno);
        }
    }
    return {};
}

std::string Exchange::head() const {
    std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                  request_.method, url_.target, where_);
    for (const auto& [name, value] : request_.headers)
        out += fmt::format("{}: {}\r\n", name, value);
    if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT")
        out += fmt::format("Content-Length: {}\r\n", request_.body.size());
    out += "\r\n";
    return out;
}

Result<void> Exchange::parse(Parser& parser, Transfer& transfer) {
    size_t at = 0;
    while (at < inbox_.size() && !parser.is_done() && !transfer.stopped) {
        const bool had_head = parser.is_header_done();
        boost::system::error_code error;
        const size_t used =
            parser.put(boost::asio::buffer(inbox_.data() + at, inbox_.size() - at), error);
        at += used;
        if (error && error != http::error::need_more)
            return fail(ErrorCode::corrupt,
                        fmt::format("{} did not answer in HTTP: {}", where_, error.message()));
        if (!had_head && parser.is_header_done()) {
            const auto& message = parser.get();
            transfer.response.status = message.result_int();
            for (const auto& field : message) {
                std::string name(field.name_string().data(), field.name_string().size());
                std::transform(name.begin(), name.end(), name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
                transfer.response.headers.emplace_back(
                    std::move(name), std::string(field.value().data(), field.value().size()));
            }
            parser.eager(true);
        } else if (used == 0) {
            break;
        }
    }
    inbox_.erase(0, at);
    return {};
}

Result<void> Exchange::receive(Parser& parser, Transfer& transfer) {
    while (!parser.is_done() && !transfer.stopped) {
        HW_TRY(wait(POLLIN, "answer"));
        const size_t before = inbox_.size();
        inbox_.resize(before + read_bytes);
        const ssize_t got = ::recv(socket_.get(), inbox_.data() + before, read_bytes, 0);
        const int error = got < 0 ? errno : 0;
        inbox_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (error == EAGAIN || error == EINTR) continue;
        if (error != 0) return failure("read from", error);
        if (got == 0) {
            boost::system::error_code end;
            if (parser.is_header_done()) parser.put_eof(end);
            if (parser.is_done()) return {};
            return fail(
                ErrorCode::unavailable,
                fmt::format("{} closed the connection before its answer was whole", where_));
        }
        HW_TRY(parse(parser, transfer));
    }
    return {};
}

Result<HttpClientResponse> Exchange::run(const HttpBodySink& on_body) {
    HW_TRY(connect());
    HW_TRY(send(head()));
    HW_TRY(send(request_.body));
    Transfer transfer;
    transfer.sink = &on_body;
    Parser parser(std::piecewise_construct, std::make_tuple(&transfer));
    parser.body_limit(boost::none);
    parser.skip(request_.method == "HEAD");
    HW_TRY(receive(parser, transfer));
    return std::move(transfer.response);
}

}  // namespace

std::optional<std::string_view> HttpClientResponse::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_case_name) return value;
    return std::nullopt;
}

Result<HttpClientResponse> http_fetch(const HttpClientRequest& request,
                                      const HttpBodySink& on_body) {
    Url url = HW_TRY(parse_url(request.url));
    return Exchange(request, std::move(url)).run(on_body);
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

}  // namespace hw::io
