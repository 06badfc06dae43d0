#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"

namespace hw::broker {

// Numbers the rounds in which something was kept; grows by one.
using Ticket = uint64_t;

// Whoever keeps messages (ingest and history). The broker acknowledges a kept QoS 1 or 2 message
// only when its round's ticket has been committed, in the order the messages came. All calls on the
// broker's thread.
class Keeper {
  public:
    virtual ~Keeper() = default;

    // How to keep messages of this topic: 0 for not at all, else any number that means something to
    // the keeper. Asked once per topic while the topic stays in the broker's route cache.
    virtual uint64_t classify(std::string_view topic) = 0;

    // Offers one message; `plan` is what classify said (never 0). True: it is part of the current
    // round, so its acknowledgement waits. False: nothing of it was kept (it could not be decoded),
    // so it is acknowledged at once; it flows to subscribers all the same.
    virtual bool keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) = 0;

    // The round is over: everything kept since the last call goes out under this ticket. Called
    // only if keep() said true at least once. Broker::committed(ticket, result) answers later, on
    // the broker's thread, in order of tickets.
    virtual void submit(Ticket ticket) = 0;

    // True while publishers should be paused (the broker stops reading their sockets).
    virtual bool overloaded() const = 0;
};

}  // namespace hw::broker
