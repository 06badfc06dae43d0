#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "model/value.h"

namespace hw::gateway {

// One order to change a point. `value` is in the tag's own terms (after scale and offset): a number
// for numeric types, a boolean (or 0 and 1) for bits, a text for strings, bytes for bytes.
struct WriteOrder {
    std::string point;
    // Where the point is empty: the tag of that name of that device.
    std::string device;
    std::string tag;
    model::Value value;
    bool verify = false;  // read back where it can be read, and fail where it differs
    Duration timeout = seconds(5);
    std::string actor;   // who: user or client id
    std::string origin;  // from where: "http 127.0.0.1:50211", "mqtt scada1"
    std::string reason;  // why, as the person said
};

struct WriteResult {
    std::optional<model::Value> old_value;  // the last value known before
    std::optional<model::Value> read_back;
    Duration took{};
};

// Every order, when it has been answered, well or not. Called on the gateway's thread.
struct WriteRecord {
    Time time;
    WriteOrder order;
    std::string device;
    std::string tag;
    Result<WriteResult> result;
};

template <class T>
using Answer = std::move_only_function<void(Result<T>)>;

}  // namespace hw::gateway
