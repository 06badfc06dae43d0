#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/iec104/apci.h"

namespace hw::iec104 {

// IEC 60870-5-104, 9.6. t0, the time to connect, belongs to whoever opens the socket.
struct LinkSettings {
    Duration t1 = seconds(15);  // an answer (of a sent I or U frame) must be there
    Duration t2 = seconds(10);  // received I frames are acknowledged at the latest; below t1
    Duration t3 = seconds(20);  // silence after which the link is tested
    uint16_t k = 12;            // sent I frames without acknowledgement, at most
    uint16_t w = 8;             // received I frames before they are acknowledged; at most 2/3 k
    size_t queue_limit = 4096;  // ASDUs that wait for the window
};

enum class LinkRole : uint8_t { controlling, controlled };

class LinkHandler {
  public:
    virtual ~LinkHandler() = default;
    virtual void on_started() = 0;  // data may flow
    virtual void on_stopped() = 0;  // by STOPDT; the connection stays
    virtual void on_asdu(BytesView asdu) = 0;
};

struct LinkFigures {
    uint64_t sent = 0;      // I frames
    uint64_t received = 0;  // I frames
    uint64_t dropped = 0;   // ASDUs that the queue had no room for
    uint64_t tests = 0;     // TESTFR sent
};

// The transport interface of one connection, either side: frames, sequence numbers, windows and
// timers (IEC 60870-5-104, 5). Bytes to send are appended to `out`. An error from feed() or tick()
// is final: the connection must be closed; the text is the reason. Holds at most k + queue_limit
// ASDUs of 249 bytes. One thread. Handlers may send() from within.
class Link {
  public:
    Link(LinkRole role, const LinkSettings& settings) : role_(role), settings_(settings) {}

    // A connection has been made: everything starts at 0, nothing flows yet.
    void reset(Time now);
    // STARTDT act, STOPDT act: the controlling side's. Ignored while one is under way.
    void start(Time now, std::string& out);
    void stop(Time now, std::string& out);

    Result<void> feed(BytesView bytes, Time now, LinkHandler& handler, std::string& out);
    Result<void> tick(Time now, std::string& out);
    std::optional<Time> deadline() const;

    // Goes out now, or when the window opens. Fails where the data flow is not started
    // (unavailable) or the queue is full (limit_exceeded).
    Result<void> send(std::string asdu, Time now, std::string& out);

    bool started() const { return started_; }
    // ASDUs that may be sent at once; for producers that rather wait than fill the queue.
    size_t room() const;
    size_t queued() const { return queue_.size(); }
    const LinkFigures& figures() const { return figures_; }

  private:
    Result<void> take(const Frame& frame, Time now, LinkHandler& handler, std::string& out);
    Result<void> take_information(const Frame& frame, Time now, LinkHandler& handler,
                                  std::string& out);
    Result<void> take_function(Function function, Time now, LinkHandler& handler, std::string& out);
    Result<void> acknowledged(uint16_t receive, Time now, std::string& out);
    void activate(Function function, Time now, std::string& out);
    void acknowledge(std::string& out);
    void drop_queue();
    void drain(Time now, std::string& out);

    LinkRole role_;
    LinkSettings settings_;
    bool started_ = false;
    bool failed_ = false;
    std::string rest_;          // the beginning of a frame, below 255 bytes
    uint16_t send_ = 0;         // V(S)
    uint16_t receive_ = 0;      // V(R)
    std::deque<Time> unacked_;  // when each sent I frame left; the oldest is send_ - size
    std::deque<std::string> queue_;
    uint16_t unacknowledged_ = 0;     // received I frames that we owe an acknowledgement
    std::optional<Time> owed_since_;  // the first of them
    std::optional<Function> asked_;   // STARTDT or STOPDT act that waits
    Time asked_at_{};
    std::optional<Time> tested_at_;  // TESTFR act that waits
    Time heard_at_{};
    LinkFigures figures_;
};

}  // namespace hw::iec104
