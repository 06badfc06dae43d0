#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"
#include "broker/publication.h"
#include "broker/ring.h"
#include "broker/session.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

struct Core;
class Connection;
struct Route;

// Takes messages in: asks the gate, offers them to the keeper, retains, hands them to the courier,
// and owes the acknowledgement until the keeper has committed. One thread.
//
// A message that could not be committed is answered with a failure to a 5.0 publisher; one of
// before cannot be told, so its connection is closed without an acknowledgement, whereupon it
// connects again and repeats what it is missing.
class Inbox {
  public:
    explicit Inbox(Core& core) : core_(core) {}

    using Done = std::move_only_function<void(const Result<void>&)>;

    void receive(Connection& connection, const mqtt::Publish& packet);
    // PUBREL.
    void released(Connection& connection, const mqtt::Ack& ack);
    // A message of our own: a will, the API's, $SYS. Checked by whoever brings it.
    void publish(Publication& publication);
    // As above; `done` is called when it is committed, at once if nobody keeps it.
    void publish(Publication& publication, Done done);
    // A message that was kept before it came here: to subscribers only. False: nobody is there.
    bool announce(Publication& publication);
    // The round is over.
    void submit();
    void committed(Ticket ticket, const Result<void>& result);
    // Tickets handed over and not yet answered.
    size_t uncommitted() const { return rounds_.size(); }

  private:
    // Who waits for one ticket.
    struct Round {
        Ticket ticket = 0;
        std::vector<uint64_t> sessions;
        std::vector<Done> calls;
    };
    struct Outcome {
        mqtt::Reason reason = mqtt::Reason::success;
        bool kept = false;
    };

    Outcome take(Session& session, const mqtt::Publish& packet);
    Outcome hand_round(Publication& publication, Route& route);
    void keep_certificate(const Publication& birth);
    void serve(const Publication& publication, uint32_t service);
    void owe(Connection& connection, const mqtt::Publish& packet, Outcome outcome);
    void answer(Session& session, AckQueue::Ack ack, bool mute, const Result<void>& result);
    void send_ack(Connection& connection, AckQueue::Ack ack);
    void note_waiting(Session& session);

    Core& core_;
    Ticket ticket_ = 1;  // of the current round
    bool kept_in_round_ = false;
    Round current_;
    Ring<Round> rounds_;
    std::vector<Round> spare_;
    mqtt::PropertyList scratch_;
};

}  // namespace hw::broker
