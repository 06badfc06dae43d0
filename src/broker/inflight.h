#pragma once

#include <cstdint>

#include "broker/message.h"
#include "broker/ring.h"

namespace hw::broker {

// The QoS 1 and 2 messages that were sent to a session and are not finished, in the order of
// sending. Packet ids are given out in sequence, so that the table is a ring and an id is found by
// subtraction; 32 bytes a place, nothing when empty. Messages are held only where a later
// connection may need them again. One thread.
class Inflight {
  public:
    enum class State : uint8_t {
        done,
        publish,  // waits for PUBACK or PUBREC
        pubrel,   // waits for PUBCOMP
    };
    struct Entry {
        Queued what;  // message null: not held
        State state = State::done;
    };

    static constexpr size_t ids = 65'535;

    // Room for one more within `window` unfinished ones on this connection.
    bool has_room(size_t window) const {
        return outstanding_ < window && entries_.size() < ids && all_sent();
    }
    // Takes a packet id for what is about to be sent. Only while has_room.
    uint16_t add(Queued what);
    // The unfinished entry of that id, or null.
    Entry* find(uint16_t id);
    void finish(uint16_t id);

    // A new connection: everything unfinished is to be sent again, in order, within the window.
    void restart();
    // The next to send again, or null; its id goes to `id`.
    Entry* next_resend(size_t window, uint16_t& id);

    // Nothing is left to be sent again.
    bool all_sent() const { return cursor_ == entries_.size(); }
    size_t unfinished() const { return unfinished_; }
    bool empty() const { return entries_.empty(); }
    // In order of sending; done ones too.
    size_t size() const { return entries_.size(); }
    Entry& operator[](size_t i) { return entries_[i]; }

  private:
    uint16_t id_at(size_t i) const { return static_cast<uint16_t>((first_ + i) % ids + 1); }

    Ring<Entry> entries_;
    uint32_t first_ = 0;        // id of the front, less one
    uint32_t cursor_ = 0;       // entries from here on are yet to be sent again
    uint32_t outstanding_ = 0;  // sent on this connection and unfinished
    uint32_t unfinished_ = 0;
};

}  // namespace hw::broker
