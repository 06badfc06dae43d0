#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "twin/model/state.h"

namespace hw::twin {

// A twin's name in the running server. Its address is good until the server ends, also when the
// twin has gone; a twin that is made again under the same id has the same one.
struct TwinName {
    std::string id;
    uint32_t index = 0;  // dense
};

// What befalls twins beside new values.
struct Happening {
    enum class Kind : uint8_t {
        twin_created,
        twin_updated,  // its description
        twin_removed,
        relationship_added,
        relationship_changed,
        relationship_removed,
        model_changed,  // texts of it; `detail` is its DTMI, `twin` null
        stale,          // a slot has become stale: nothing came for too long
        desired,        // a desired value's state changed; told by twin/order
        command,        // a command's state changed; told by twin/order
    };
    Kind kind = Kind::twin_updated;
    const TwinName* twin = nullptr;
    std::string_view path = {};    // of the slot; the relationship's or command's name
    std::string_view detail = {};  // the relationship's target; JSON of desired and command
    Time time = {};
};
std::string_view to_string(Happening::Kind kind);  // "twin_created", ...

// Somebody within the process who follows the twins: subscriptions, orders that wait for their
// read-back. Calls come on one thread at a time, under the lock of the live state: they take notes
// for later, call nothing of Twins but Reader's, and are quick.
class Follower {
  public:
    virtual ~Follower() = default;
    // What is wanted of a slot: 0 nothing, else what changed() gets. Asked when the twin is made or
    // changes, and for every slot anew after Twins::ask_again().
    virtual uint32_t interest(const TwinName& twin, const Interface& model, size_t slot) = 0;
    // A slot has a new value (also the same one again, with a new time).
    virtual void changed(uint32_t interest, const TwinName& twin, size_t slot,
                         const LiveValue& value) = 0;
    virtual void happened(const Happening& happening) = 0;
    // A piece of work is over, or some of them. Others may read meanwhile, nobody writes.
    virtual void round_end() = 0;
};

}  // namespace hw::twin
