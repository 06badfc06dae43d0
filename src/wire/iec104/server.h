#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/iec104/asdu.h"
#include "wire/iec104/link.h"

namespace hw::iec104 {

struct ServerSettings {
    LinkSettings link{};
    Duration zone{};                        // of the stations' wall clock
    Duration select_timeout = seconds(10);  // a select without an execute lapses
    size_t selects_limit = 16;              // objects selected at the same time
    size_t answers_limit = 16;              // interrogations under way
};

// One object as it is reported.
struct Report {
    TypeId type = TypeId::m_sp_na;
    Object object;
};

enum class Verdict : uint8_t {
    accepted,        // confirmed, and terminated at once
    refused,         // negative confirmation
    unknown_type,    // not a command that this object takes
    unknown_object,  // no such object
};

// What stands behind the stations of a link: their objects and what commands do. Called from within
// feed(). Not to call the server from within, but for report().
class ServerHandler {
  public:
    virtual ~ServerHandler() = default;
    // The common addresses that there are.
    virtual std::span<const uint16_t> stations() = 0;
    virtual void on_started() = 0;
    virtual void on_stopped() = 0;
    // The objects of an interrogation, 20 for all, 21 to 36 for a group; nullopt: no such group.
    // Objects of one type that follow one another in address travel cheapest.
    virtual std::optional<std::vector<Report>> interrogated(uint16_t common_address,
                                                            uint8_t qualifier) = 0;
    // The counters; QCC's freeze bits are the handler's to obey.
    virtual std::optional<std::vector<Report>> counted(uint16_t common_address,
                                                       uint8_t qualifier) = 0;
    virtual std::optional<Report> asked(uint16_t common_address, uint32_t object_address) = 0;
    virtual Verdict selected(uint16_t common_address, TypeId type, const Object& object) = 0;
    // after_select: the same object was selected before, and in time.
    virtual Verdict executed(uint16_t common_address, TypeId type, const Object& object,
                             bool after_select) = 0;
    // nullopt: the time given is none. False: refused.
    virtual bool clock_set(uint16_t common_address, std::optional<Time> time) = 0;
    virtual bool reset(uint16_t common_address, uint8_t qualifier) = 0;
};

// The controlled station of one connection, for one or several common addresses. Bytes to send are
// appended to `out`. An error from feed() or tick() is final: close the connection. One thread.
class Server {
  public:
    // The clock outlives the server.
    Server(const ServerSettings& settings, const Clock& clock);

    void connected();
    Result<void> feed(BytesView bytes, ServerHandler& handler, std::string& out);
    Result<void> tick(std::string& out);
    std::optional<Time> deadline() const;

    // A change, or what is sent now and then; all of one type. Fails where the controlling station
    // has not started the data flow, or does not acknowledge and the queue is full.
    Result<void> report(uint16_t common_address, TypeId type, std::span<const Object> objects,
                        Cause cause, std::string& out);

    bool started() const { return link_.started(); }
    const LinkFigures& figures() const { return link_.figures(); }

  private:
    struct Selection {
        uint16_t common_address = 0;
        TypeId type = TypeId::c_sc_na;
        uint32_t object_address = 0;
        Time deadline{};
    };
    // An interrogation's answer: told as far as `next`, then the termination.
    struct Answer {
        AsduHeader header;
        std::vector<Report> reports;
        size_t next = 0;
        std::string termination;
    };
    class Ears;

    void hear(BytesView bytes, ServerHandler& handler, std::string& out);
    void serve(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out);
    void interrogate(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out);
    void read(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out);
    void operate(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out);
    bool select(const Selection& selection);
    bool unselect(const Selection& selection);
    void mirror(BytesView bytes, Cause cause, bool negative, std::string& out);
    void send(std::string asdu, std::string& out);
    void drain(std::string& out);

    ServerSettings settings_;
    const Clock& clock_;
    Link link_;
    std::vector<Selection> selections_;
    std::deque<Answer> answers_;
};

}  // namespace hw::iec104
