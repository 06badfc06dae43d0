#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "wire/modbus/framing.h"
#include "wire/modbus/pdu.h"

namespace hw::modbus {

struct ClientOptions {
    Framing framing = Framing::tcp;
    // Requests under way at once, 1 to 16; more than 1 on tcp only. The standard allows more than
    // one, many devices and gateways lose or mix up the second: so 1 unless it is asked for.
    unsigned pipeline = 1;
    Duration response_timeout = seconds(1);
    unsigned retries = 1;         // of a request that was not answered, beside the first try
    unsigned down_after = 2;      // time-outs in a row after which a unit is down
    Duration request_delay{};     // silence before each request, at least
    size_t writes_limit = 1'000;  // writes and single reads that wait
};

using Token = Strong<uint64_t, struct TokenTag>;

// Which requests go first. Within one urgency the units take turns.
enum class Urgency : uint8_t { write, read, poll };

enum class Outcome : uint8_t {
    answered,
    exception,
    timed_out,
    unit_down,  // not tried: the unit does not answer
    malformed,  // an answer that does not fit the request
    closed,     // the link went away
};

struct Answer {
    Outcome outcome = Outcome::answered;
    ExceptionCode exception = ExceptionCode::illegal_function;  // of outcome exception
    BytesView data = {};                                        // of a read that was answered
    Duration round_trip{};
    std::string why = {};  // empty where it was answered
};

// Told from within feed, tick, run and lost. May call submit, nothing else.
class ClientHandler {
  public:
    virtual ~ClientHandler() = default;
    virtual void on_send(std::string bytes) = 0;
    // Exactly once for each submit() that succeeded, but for polls that were dropped. The data is
    // valid during the call.
    virtual void on_answer(Token token, const Answer& answer) = 0;
    // A unit that answered stopped to, or one that is new or was down answers.
    virtual void on_unit(uint8_t unit, bool up, std::string_view why) = 0;
    // The stream is of no use any more; close it, then call lost().
    virtual void on_close(const Error& why) = 0;
};

struct ClientCounts {
    uint64_t timeouts = 0;
    uint64_t retries = 0;
    uint64_t late_answers = 0;   // answers to requests given up, and other frames nobody asked for
    uint64_t dropped_bytes = 0;  // noise
};

// The master of one link with up to 256 units, without I/O.
//
// A unit that is silent down_after times in a row is down: what waits for it fails at once, and so
// does what comes, but for one request at a time as a probe, without repetition. Where the link has
// slots to spare (pipeline above 1, one unit, or no unit that answers) the next probe may follow at
// once; on a link that the units share it follows after 10 response time-outs, so that all silent
// units together take at most a tenth of the link's time (after at most 30 s, but at least 3
// time-outs: a quarter). Silent units take turns.
//
// Where requests to two units or more in a row time out, three at least and down_after, and nothing
// at all was heard between, it is the link that is dead: all units are down at once, and not one
// after the other. The next answer of each brings it back.
//
// With several units on a pipelined link each may take its share of the slots.
//
// A late answer is told by its transaction number (tcp) and dropped; on RTU and ASCII the line must
// be quiet for a moment after a time-out, and only the unit and function asked for are listened to.
//
// Times are of one monotonic clock. One thread. Memory: about 2 KiB for each unit, 120 bytes for
// each request that waits; the caller bounds polls by asking each once.
class Client {
  public:
    explicit Client(const ClientOptions& options);

    // A fresh stream. What was known about the units stays.
    void connected(Time now);
    // The stream is gone; everything under way and waiting is answered (closed).
    void lost(ClientHandler& handler);

    // Queues a request; run() sends it. `data` of the request is copied. Unit 0 on RTU and ASCII is
    // a broadcast, which is answered when the line is free again; reads of it are refused. Errors:
    // limit_exceeded (writes and single reads), invalid_argument.
    Result<void> submit(uint8_t unit, const Request& request, Urgency urgency, Token token);
    // Forgets polls that wait and does not tell the answers to those under way. Units that are not
    // in `keep` (and that nothing is under way to) are forgotten, so that they no longer count as
    // sharing the link.
    void drop_polls(const std::bitset<256>& keep);

    void feed(BytesView bytes, Time now, ClientHandler& handler);
    void tick(Time now, ClientHandler& handler);
    // Sends what may be sent now. Call after submit().
    void run(Time now, ClientHandler& handler);
    std::optional<Time> deadline() const;

    const ClientCounts& counts() const { return counts_; }
    bool is_down(uint8_t unit) const { return units_[unit] && units_[unit]->down; }
    size_t in_flight() const { return flights_.size(); }
    size_t waiting() const { return waiting_; }

  private:
    struct Job {
        Token token{};
        Urgency urgency = Urgency::poll;
        uint8_t unit = 0;
        unsigned tries = 0;
        Request request;  // without data
        std::string pdu;
    };
    struct Flight {
        Job job;
        uint16_t transaction = 0;
        Time sent;
        Time deadline;
        bool probe = false;
        bool orphan = false;
    };
    struct Unit {
        std::array<std::deque<Job>, 3> queues;  // by urgency
        unsigned silent = 0;                    // time-outs in a row
        unsigned in_flight = 0;
        bool known = false;  // has answered or was told down
        bool down = false;
        Time last_probe{};
        std::optional<Time> last_heard;
        std::string why;  // of the last silence
        bool empty() const { return queues[0].empty() && queues[1].empty() && queues[2].empty(); }
    };

    bool shared_line() const { return options_.framing != Framing::tcp; }
    bool is_broadcast(uint8_t unit) const { return shared_line() && unit == 0; }
    unsigned slots() const { return narrowed_ ? 1 : options_.pipeline; }
    Unit& unit_of(uint8_t number);
    Duration back_off() const;
    bool may_probe(uint8_t number, Time now) const;
    size_t share(const Unit& unit) const;
    bool eligible(uint8_t number, Urgency urgency, Time now) const;
    std::optional<Job> pick(Time now);
    void send(Job job, Time now, ClientHandler& handler);
    bool fail_hopeless(Time now, ClientHandler& handler);
    void answer(const Job& job, bool orphan, Answer answer, ClientHandler& handler);
    void complete(size_t flight, const Frame& frame, Time now, ClientHandler& handler);
    void expire(size_t flight, Time now, ClientHandler& handler);
    void heard(uint8_t number, Time now, ClientHandler& handler);
    void silent(uint8_t number, std::string why, Time now, ClientHandler& handler);
    void turn_down(uint8_t number, std::string_view why, Time now, ClientHandler& handler);
    void look_at_link(uint8_t number, std::string_view why, Time now, ClientHandler& handler);
    Flight take_flight(size_t at);
    void feed_stream(Time now, ClientHandler& handler);
    void on_frame(const Frame& frame, Time now, ClientHandler& handler);
    bool flooded(ClientHandler& handler);
    void close(const Error& why, ClientHandler& handler);

    ClientOptions options_;
    FrameReader reader_;
    std::array<std::unique_ptr<Unit>, 256> units_;
    std::vector<uint8_t> ring_;  // the units we know, in the order they came
    size_t cursor_ = 0;
    std::vector<Flight> flights_;
    size_t waiting_ = 0;
    size_t urgent_waiting_ = 0;
    uint16_t transaction_ = 0;
    bool open_ = false;
    bool narrowed_ = false;  // pipelining went wrong on this connection
    bool probing_ = false;
    Time next_probe_{};
    unsigned mute_ = 0;            // time-outs since anything was heard
    std::bitset<256> mute_units_;  // of these units
    Time not_before_{};
    uint64_t strays_ = 0;         // frames since the last one that was asked for
    uint64_t quiet_dropped_ = 0;  // reader_.dropped_bytes() at the last one
    ClientCounts counts_;
};

}  // namespace hw::modbus
