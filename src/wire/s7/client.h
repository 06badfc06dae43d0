#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "wire/s7/pdu.h"
#include "wire/s7/transport.h"

namespace hw::s7 {

struct ClientSettings {
    uint16_t local_tsap = 0x0100;
    uint16_t remote_tsap = 0x0102;
    uint16_t pdu_size = pdu_size_most;  // wanted; the CPU may give less
    uint16_t parallel_jobs = 8;         // wanted; 1 to 8
    Duration response_timeout = seconds(3);
    uint8_t retries = 1;  // times a job is asked again before the link is given up
};

// The user's own number of a job.
using JobToken = Strong<uint64_t, struct JobTokenTag>;

// What the client tells; called from within feed() and tick(). The handler may submit jobs from
// each of them but on_closed().
class ClientHandler {
  public:
    virtual ~ClientHandler() = default;

    // What was agreed: the PDU size, and the jobs in flight (jobs_calling).
    virtual void on_ready(const Negotiation& agreed) = 0;
    // The answer has as many items as were asked for; read them with ReadAnswer::next().
    virtual void on_read(JobToken job, BytesView data, size_t items, Duration round_trip) = 0;
    // One ReturnCode an item.
    virtual void on_written(JobToken job, BytesView codes, Duration round_trip) = 0;
    // The CPU refused the job as a whole.
    virtual void on_refused(JobToken job, const Error& why) = 0;
    // The link is to be closed. No job that was submitted is answered any more.
    virtual void on_closed(const Error& why) = 0;
};

// A request that is kept until it is answered; shared with the user's plan, so that polling it
// copies only what goes to the wire.
struct Job {
    JobToken token;
    std::shared_ptr<const std::string> pdu;  // append_read_request() or append_write_request()
    uint8_t items = 0;
    bool is_write = false;
    bool is_urgent = false;  // goes before those that are not; a write should
};

// The client's side of one connection, without I/O: COTP connect, setup, then jobs, as many in
// flight as agreed, urgent ones first. `out` collects what is to be sent. `now` is monotonic.
// Any breach of the protocol, a disconnect, and a job unanswered after all its retries end the
// connection with a reason. One owner, one thread. Holds at most jobs_limit jobs and what
// TpduReader keeps.
class Client {
  public:
    static constexpr size_t in_flight_most = 8;
    static constexpr size_t jobs_limit = 65'536;  // waiting, urgent and others each
    static constexpr unsigned strays_limit = 64;  // answers nobody asked for, in a row

    explicit Client(const ClientSettings& settings);

    // The stream is there. Ends what was before.
    void connect(Time now, std::string& out);
    void feed(BytesView bytes, Time now, ClientHandler& handler, std::string& out);
    void tick(Time now, ClientHandler& handler, std::string& out);
    std::optional<Time> deadline() const;
    // The stream is gone; jobs are forgotten.
    void lost();

    bool is_ready() const { return state_ == State::ready; }
    const Negotiation& agreed() const { return agreed_; }
    // Takes a job at any time but after the end of the connection; false then, and when too many
    // wait. It goes out at once if it may.
    [[nodiscard]] bool submit(Job job, Time now, std::string& out);
    // Jobs that wait and are not urgent are forgotten; those in flight are still answered.
    void drop_waiting() { others_.clear(); }

    size_t in_flight() const { return in_flight_; }
    size_t waiting() const { return others_.size() + urgent_.size(); }
    uint64_t strays() const { return strays_; }
    uint64_t repeats() const { return repeats_; }
    size_t held_bytes() const { return reader_.held(); }

  private:
    enum class State { closed, connecting, setting_up, ready };
    struct Flight {
        bool used = false;
        uint16_t reference = 0;
        uint8_t asked = 0;
        Time sent{};
        Job job;
    };

    void take(const Tpdu& tpdu, Time now, ClientHandler& handler, std::string& out);
    void take_connect_confirm(const Tpdu& tpdu, Time now, ClientHandler& handler, std::string& out);
    void take_message(BytesView message, Time now, ClientHandler& handler, std::string& out);
    void take_setup(const Pdu& pdu, Time now, ClientHandler& handler, std::string& out);
    void take_answer(const Pdu& pdu, Time now, ClientHandler& handler, std::string& out);
    void take_stray(ClientHandler& handler);
    void send_waiting(Time now, std::string& out);
    void send(Flight& flight, Time now, std::string& out);
    void close(Error why, ClientHandler& handler);

    ClientSettings settings_;
    State state_ = State::closed;
    Negotiation agreed_;
    uint8_t tpdu_size_ = tpdu_size_least;
    Time handshake_deadline_{};
    TpduReader reader_;
    std::array<Flight, in_flight_most> flights_;
    size_t in_flight_ = 0;
    uint16_t last_reference_ = 0;
    unsigned strays_in_a_row_ = 0;
    uint64_t strays_ = 0;
    uint64_t repeats_ = 0;
    std::deque<Job> urgent_;
    std::deque<Job> others_;
};

}  // namespace hw::s7
