#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "io/http.h"

namespace hw::io {

// HTTP/1.x requests from bytes, without I/O. Bytes go in by take(); next() says what came of them.
// A body's bytes are copied once, from the caller's buffer into the request. One thread.
class HttpParser {
  public:
    enum class Event {
        need_more,
        wants_continue,  // the client waits for "100 Continue" before it sends the body
        request,         // take it by request()
        failed,          // see failed_status(); nothing after it can be read
    };

    // `settings` must outlive the parser.
    explicit HttpParser(const HttpSettings& settings);
    ~HttpParser();

    // The bytes must stay valid until keep().
    void take(BytesView bytes);
    Event next();
    // Copies what next() did not use, so that the caller's buffer is free again.
    void keep();

    // After Event::request, once.
    HttpRequest request();
    bool keep_alive() const { return keep_alive_; }
    bool version_11() const { return version_11_; }

    unsigned failed_status() const { return failed_status_; }
    const std::string& failed_detail() const { return failed_detail_; }

    // Where it stands, for the time-outs.
    enum class Phase { between, headers, body };
    Phase phase() const { return phase_; }
    size_t held_bytes() const { return inbox_.size() - inbox_at_ + view_.size(); }
    // What came after the last request (an upgrade's first bytes).
    std::string take_rest();

  private:
    struct Beast;
    void begin();
    Event step();
    Event end_of_headers();
    Event end_of_request();
    Event fail_with(unsigned status, std::string detail);
    std::string_view unread() const;
    void consume(size_t count);

    const HttpSettings& settings_;
    std::unique_ptr<Beast> beast_;  // only while a request is being read
    std::string inbox_;
    size_t inbox_at_ = 0;
    std::string_view view_;
    HttpRequest request_;
    Phase phase_ = Phase::between;
    bool keep_alive_ = false;
    bool version_11_ = true;
    unsigned failed_status_ = 0;
    std::string failed_detail_;
};

}  // namespace hw::io
