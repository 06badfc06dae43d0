#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/hj212/packet.h"

namespace hw::hj212 {

struct ReceiverSettings {
    Duration zone = seconds(8 * 3600);       // the stations' clocks ahead of UTC
    std::string password{};                  // PW must be this; empty: any is taken. A secret
    bool set_clock = false;                  // send each station the time when it is first heard
    Duration parts_timeout = seconds(60);    // a report in several packets is whole within this
    size_t parts_limit = 100;                // packets of one report
    size_t reports_limit = 8;                // reports whose packets are incomplete
    size_t report_bytes_limit = 256 * 1024;  // of one report, all packets together
    size_t stations_limit = 64;              // that one connection speaks for
};

// What a station reported: values of one kind and one time. Views, valid during the call.
struct Report {
    std::string_view station;  // MN
    Command command = Command::realtime;
    std::optional<Time> time;  // DataTime
    std::vector<Item> items;
};

class ReceiverHandler {
  public:
    virtual ~ReceiverHandler() = default;
    // Any packet of a station, before what it says.
    virtual void on_heard(std::string_view station) = 0;
    virtual void on_report(const Report& report) = 0;
    // The station took (or did not take) the time that it was sent.
    virtual void on_clock_set(std::string_view station, Result<void> result) = 0;
    // A packet that was not taken, with its station where that is known.
    virtual void on_rejected(std::string_view station, const Error& why) = 0;
};

// The centre's side of one connection: stations report, and are answered where their Flag asks for
// it. A report in several packets is put together again; each packet is answered. Bytes to send are
// appended to `out`. An error from feed() is final: close the connection. One thread.
class Receiver {
  public:
    // The clock outlives the receiver.
    Receiver(ReceiverSettings settings, const Clock& clock);

    Result<void> feed(BytesView bytes, ReceiverHandler& handler, std::string& out);
    // Gives up reports that stay incomplete.
    void tick(ReceiverHandler& handler);
    std::optional<Time> deadline() const;

  private:
    struct Unfinished {
        std::string station;
        uint16_t command = 0;
        std::string request;
        std::map<uint16_t, std::string> parts;
        uint16_t count = 0;
        size_t bytes = 0;
        Time deadline{};
    };

    void take(const Packet& packet, ReceiverHandler& handler, std::string& out);
    void take_report(const Packet& packet, ReceiverHandler& handler);
    void take_part(const Packet& packet, ReceiverHandler& handler);
    void take_answer(const Packet& packet, ReceiverHandler& handler);
    void report(std::string_view station, uint16_t command, std::string_view parameters,
                ReceiverHandler& handler);
    void answer(const Packet& packet, Command command, std::string& out);
    void set_clock(const Packet& packet, std::string& out);

    ReceiverSettings settings_;
    const Clock& clock_;
    PacketReader reader_;
    std::vector<Unfinished> unfinished_;
    std::vector<std::string> stations_;  // heard on this connection
};

bool is_report(uint16_t command);

}  // namespace hw::hj212
