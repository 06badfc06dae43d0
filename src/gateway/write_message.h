#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gateway/orders.h"

namespace hw::gateway {

// Orders as MQTT messages. No I/O; any thread.

// On `$hw/write/<point>`: a plain value ("12.5", "true", a text with or without
// quotes), or
// {"value":12.5,"verify":true,"reason":"...","timeout_ms":5000}. Fills the order's value, verify,
// reason and timeout. Errors name the member.
Result<void> read_write_message(std::string_view payload, WriteOrder& order);
// {"point":"a/b","result":"ok","value":12.5,"old_value":10,"read_back":12.5,"took_ms":1.2} or
// {"point":"a/b","result":"failed","code":"unavailable","error":"..."}
std::string write_answer(const WriteOrder& order, const Result<WriteResult>& result);

// Neuron's write request: {"uuid":...,"node":...,"group":...,"tag":...,"value":...} or with
// "tags":[{"tag":...,"value":...}]. The node is the device's name.
struct NeuronRequest {
    std::string uuid;
    std::string node;
    struct Item {
        std::string tag;
        model::Value value;
    };
    std::vector<Item> items;  // at most 1,000
};
Result<NeuronRequest> read_neuron_request(std::string_view payload);
// Neuron's number for an error: 0 for none, 2201 unknown tag, 2204 value of a wrong type, 3001
// refused by the device, 3002 not connected, 3004 not for writing.
int neuron_code(const Result<WriteResult>& result);
constexpr int neuron_body_wrong = 1002;
constexpr int neuron_write_failure = 3001;
// {"uuid":"...","error":0}
std::string neuron_answer(std::string_view uuid, int code);

// A value as JSON; of bytes only their number.
void append_value_json(std::string& out, const model::Value& value);

}  // namespace hw::gateway
