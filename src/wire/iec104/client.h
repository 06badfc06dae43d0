#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "wire/iec104/asdu.h"
#include "wire/iec104/link.h"

namespace hw::iec104 {

// Chosen by the caller, for its own bookkeeping.
using OrderId = Strong<uint64_t, struct OrderIdTag>;

// What is done with every station (common address) on the link: one after the other, in this order.
enum class Procedure : uint8_t { clock, interrogation, counters };
std::string_view name_of(Procedure procedure);  // "clock synchronisation", ...

struct ClientSettings {
    LinkSettings link{};
    uint8_t originator = 0;
    Duration zone{};                         // the stations' wall clock ahead of UTC
    Duration interrogation_interval{};       // 0: only after a start and an initialisation
    Duration counter_interval{};             // 0: never
    bool clock_at_start = false;             // synchronise after each start
    Duration clock_interval{};               // and then again; 0: never
    Duration confirm_timeout = seconds(10);  // of a command, a read, an interrogation
    Duration silence_timeout = seconds(30);  // within an interrogation that was confirmed
    Duration retry_interval = seconds(60);   // after an interrogation that failed
    bool await_termination = false;  // a command is done at its termination, else confirmation
    size_t orders_limit = 256;       // commands and reads under way
};

// A command to one object. The element's select bit is set by the client.
struct Command {
    uint16_t common_address = 1;
    TypeId type = TypeId::c_sc_na;  // with a time tag: filled in when it leaves
    uint32_t object_address = 0;
    Element element;
    bool select_first = false;  // select before operate
};

class ClientHandler {
  public:
    virtual ~ClientHandler() = default;
    virtual void on_started() = 0;
    virtual void on_stopped() = 0;
    // Monitored information, in the order received.
    virtual void on_object(const AsduHeader& header, const Object& object) = 0;
    // End of initialisation: the station restarted. An interrogation follows by itself.
    virtual void on_initialized(uint16_t common_address, const EndOfInitialization& how) = 0;
    // With the time from the order to its confirmation. Errors: timed_out without a confirmation,
    // unavailable without a termination, cancelled when the link went, not_found where the station
    // does not know its address, conflict and unsupported where it refused.
    virtual void on_procedure(uint16_t common_address, Procedure procedure,
                              Result<Duration> result) = 0;
    // Once for each command() and read() that was taken. A read's object was given to on_object
    // before. The duration is the time to the last confirmation.
    virtual void on_answer(OrderId id, Result<Duration> result) = 0;
    // An ASDU that is malformed, unknown, or has the test bit; the link goes on.
    virtual void on_discarded(const Error& why) = 0;
};

// The controlling station of one connection. Bytes to send are appended to `out`. An error from
// feed() or tick() is final: the orders under way have been answered, close the connection; then
// connected() begins anew. One thread. Handlers may give orders from within, not feed.
class Client {
  public:
    // The clock outlives the client: monotonic() for timers, now() for what is told to stations.
    Client(const ClientSettings& settings, const Clock& clock);

    // The stations from now on; may be called at any time. New ones are interrogated.
    void set_stations(std::span<const uint16_t> common_addresses, std::string& out);
    // Interrogates the station again, as soon as what is under way there is done.
    void interrogate(uint16_t common_address, std::string& out);

    void connected(std::string& out);
    // The connection has gone: orders are answered (unavailable).
    void disconnected(const Error& why, ClientHandler& handler);
    Result<void> feed(BytesView bytes, ClientHandler& handler, std::string& out);
    Result<void> tick(ClientHandler& handler, std::string& out);
    std::optional<Time> deadline() const;

    // Fails at once, without on_answer(), where the link is not started or the limit is reached.
    // Orders for the same object and type wait for one another.
    Result<void> command(OrderId id, const Command& command, std::string& out);
    Result<void> read(OrderId id, uint16_t common_address, uint32_t object_address,
                      std::string& out);

    bool started() const { return link_.started(); }
    const LinkFigures& figures() const { return link_.figures(); }

  private:
    static constexpr size_t procedures = 3;
    enum class Stage : uint8_t { waiting, selecting, executing, terminating };
    struct Station {
        uint16_t address = 0;
        std::array<std::optional<Time>, procedures> due{};
        std::optional<Procedure> active{};
        bool confirmed = false;
        Time asked_at{};
        Time deadline{};
        Duration round_trip{};
    };
    struct Order {
        OrderId id;
        Command command;
        Stage stage = Stage::waiting;
        Time asked_at{};
        Time deadline{};
    };
    class Ears;

    Station* find_station(uint16_t address);
    void schedule_start(Station& station);
    void run_due(Time now, std::string& out);
    void begin(Station& station, Procedure procedure, Time now, std::string& out);
    void finish(Station& station, Result<Duration> result, ClientHandler& handler);
    Result<void> expire(Time now, ClientHandler& handler, std::string& out);

    Result<void> enlist(Order order, std::string& out);
    bool blocked(size_t index) const;
    void advance(Order& order, Time now, std::string& out);
    void answer(size_t index, Result<Duration> result, ClientHandler& handler, std::string& out);
    void fail_all(const Error& why, ClientHandler& handler);

    void hear(BytesView bytes, ClientHandler& handler, std::string& out);
    void hear_monitored(const Asdu& asdu, ClientHandler& handler, std::string& out);
    void hear_procedure(const Asdu& asdu, Procedure procedure, ClientHandler& handler);
    void hear_command(const Asdu& asdu, ClientHandler& handler, std::string& out);

    ClientSettings settings_;
    const Clock& clock_;
    Link link_;
    std::vector<Station> stations_;
    std::vector<Order> orders_;  // in the order they were given
};

}  // namespace hw::iec104
