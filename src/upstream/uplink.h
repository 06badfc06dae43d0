#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "ingest/batch_message.h"
#include "upstream/backlog_reader.h"
#include "upstream/commands.h"
#include "upstream/lanes.h"
#include "upstream/mqtt_link.h"
#include "upstream/outbox.h"
#include "upstream/settings.h"
#include "upstream/status.h"

namespace hw::upstream {

// The connection to the centre: takes records from the outbox in the order the lanes say, sends
// them, and hears what became of them. All on the reactor's thread.
class Uplink final : private MqttListener {
  public:
    // What the owner is told, on the reactor's thread.
    struct Events {
        std::function<void()> up;
        std::function<void(const std::string& why)> down;
        std::function<void(const std::string& why)> refused;  // and it will be tried again
        std::function<void(const Loss&)> lost;
    };

    Uplink(io::Reactor& reactor, const Settings& settings, mqtt::ClientOptions options,
           io::Disk& disk, Outbox& outbox, model::PointDirectory& points, Figures& figures,
           Events events);
    ~Uplink() override;

    void set_write_handler(WriteHandler& handler) { handler_ = &handler; }
    void open() { link_.open(); }
    void close();
    // Sends what may be sent now, at this round's end. Often: when there is something fresh, and
    // each few milliseconds.
    void wake() { pump_soon_ = true; }
    // Once a second.
    void forget_done();

  private:
    // One order under way: rows that are yet to be sent, and messages yet to be answered.
    struct Transmission {
        Lane lane = Lane::live;
        uint64_t samples = 0;
        model::SampleBatch rows;
        // Of a backlog's rows: the reader's as long as that stands still, then our own.
        const std::vector<std::string>* paths = nullptr;
        std::vector<std::string> own_paths;
        std::deque<std::pair<size_t, size_t>> parts;  // of the rows, to be sent
        size_t unanswered = 0;
        // The last try of a record that is refused: by halves, one at a time, down to the rows that
        // are the trouble. Those are lost.
        bool halving = false;
        std::pair<size_t, size_t> half;  // on its way
        size_t rows_taken = 0;
        size_t rows_refused = 0;
        std::optional<mqtt::Reason> refused;
    };

    // How often a record was refused while the centre took others.
    struct Refusals {
        int count = 0;
        uint64_t taken = 0;  // when it was last counted
        bool messages_fault = false;
    };

    void on_connected(bool session_present) override;
    void on_message(const mqtt::Publish& message) override;
    void on_acknowledged(mqtt::PacketId id, mqtt::Reason reason) override;
    void on_subscribed(BytesView reasons) override;
    void on_lost(const Error& why) override;

    void pump();
    bool take_fresh();
    bool send_live(const Lanes::Order& order);
    bool send_backlog();
    void dispatch(Lane lane, std::vector<RecordSamples> records, Transmission transmission);
    void publish_parts();
    bool publish_part(uint64_t token, Transmission& transmission);
    void make_message(Transmission& transmission, size_t from, size_t to, mqtt::Publish& message);
    void answered_half(uint64_t token, Transmission& transmission, bool refused);
    void finish(uint64_t token);
    void arrived(uint64_t token, const Transmission& transmission);
    void refuse(uint64_t token, const Transmission& transmission, mqtt::Reason reason);
    bool last_try(uint64_t record) const;
    void give_up_rows(uint64_t token, const Transmission& transmission, const std::string& why);
    void hold(const std::string& why);
    void connect_later();
    void reply(const std::string& topic, const std::string& correlation,
               const Result<void>& result);

    io::Reactor& reactor_;
    const Settings settings_;
    const std::string client_id_;
    Outbox& outbox_;
    model::PointDirectory& points_;
    Figures& figures_;
    const Events events_;
    WriteHandler* handler_ = nullptr;
    MqttLink link_;
    Lanes lanes_;
    BacklogReader backlog_;
    Random random_;

    bool connected_ = false;
    bool pump_soon_ = false;
    bool closing_ = false;
    Duration back_off_;  // of connecting
    Duration hold_;      // of sending to a centre that refuses
    Time held_until_;
    std::deque<Outbox::Fresh> live_;  // of the live lane
    std::map<uint64_t, Transmission> transmissions_;
    std::deque<uint64_t> unsent_;  // tokens with parts left
    std::vector<uint64_t> token_of_packet_;
    uint64_t taken_ = 0;                     // transmissions the centre took, this connection
    std::map<uint64_t, Refusals> refusals_;  // by record
    int all_refused_ = 0;                    // last tries of which no row was taken
    std::optional<uint64_t> alone_;          // the transmission beside which nothing else goes
    bool careful_turn_ = false;              // live samples wait for the careful one
    size_t careful_ = 0;  // records in one message since something was refused; 0: no matter

    ingest::BatchEncoder encoder_;
    mqtt::PropertyList properties_;
    std::string topic_, payload_;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hw::upstream
