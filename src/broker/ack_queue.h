#pragma once

#include <cstdint>

#include "broker/keeper.h"
#include "broker/ring.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

// The PUBACKs and PUBRECs that one session is owed and that wait for the disk, in the order the
// messages came (MQTT 5 4.6.0-2 and -3). One that need not wait goes behind those that do. Four
// bytes each. One thread.
class AckQueue {
  public:
    struct Ack {
        uint16_t id = 0;
        uint8_t reason = 0;
        bool second : 1 = false;  // PUBREC rather than PUBACK
        bool kept : 1 = false;    // fails if its round does; others merely go behind it
    };

    bool empty() const { return acks_.empty(); }
    size_t size() const { return acks_.size(); }
    // Tickets never go back.
    void push(Ack ack, Ticket ticket);
    // The newest ticket waited for; only if not empty.
    Ticket newest() const { return groups_[groups_.size() - 1].ticket; }

    // Calls with each acknowledgement that waits for `ticket` or an earlier one, in order, and
    // forgets them. `mute`: it belongs to a connection that is gone.
    template <class Call>
    void release(Ticket ticket, Call&& call) {
        while (!groups_.empty() && groups_.front().ticket <= ticket) {
            const Group group = groups_.front();
            groups_.pop_front();
            for (uint32_t i = 0; i < group.count; ++i) {
                const Ack ack = acks_.front();
                acks_.pop_front();
                call(ack, group.mute);
            }
        }
    }
    // The connection went: what waits now is not to be sent on the next.
    void mute();

  private:
    struct Group {
        Ticket ticket = 0;
        uint32_t count = 0;
        bool mute = false;
    };

    Ring<Ack> acks_;
    Ring<Group> groups_;
};

}  // namespace hw::broker
