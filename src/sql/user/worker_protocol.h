#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"
#include "sql/json.h"

namespace hw::sql::user {

// What one worker program may do (docs/user_functions.md).
struct WorkerLimits {
    size_t frame_bytes = 4 << 20;  // of one frame, either way
    size_t calls = 1000;           // asked and not answered
    size_t functions = 200;
    Duration hello = seconds(10);  // from its start to its hello
    Duration call = seconds(1);    // from the call to the answer
};

// A function as a worker's hello describes it.
struct WorkerFunctionInfo {
    std::string name, signature, help;
    uint8_t least_arguments = 0;
    uint8_t most_arguments = 255;
    bool sees_nulls = false;
    bool pure = false;
};

// The server's side of the protocol with a worker: bytes and calls in, bytes and events out, no
// I/O. A frame is 4 bytes of length, big endian, then as many bytes of JSON. One thread.
//
// The server sends a hello, the worker answers with its own; then the server sends calls, as many
// in a frame as there are, and the worker answers each in any order and batches.
class WorkerProtocol {
  public:
    struct Hello {
        std::string name;
        std::vector<WorkerFunctionInfo> functions;
    };
    struct Answer {
        uint64_t id = 0;
        Result<Datum> value;  // the error is the worker's text
    };
    using Event = std::variant<Hello, Answer>;

    explicit WorkerProtocol(const WorkerLimits& limits);

    // A call to be sent, whose answer will have this id. limit_exceeded: too many are under way, or
    // its arguments are too large.
    Result<uint64_t> call(std::string_view function, std::span<const Datum> arguments);
    // The answer is not waited for any longer; one that comes is ignored and counted.
    void forget(uint64_t id);

    // What is to be sent now: the hello first; the calls since the last time only behind the
    // worker's hello. May be empty.
    std::string take_output();
    // Bytes from the worker, cut anywhere. An error is a breach of the protocol: the worker is to
    // be ended, and this object with it.
    Result<void> receive(BytesView bytes, std::vector<Event>& events);

    bool greeted() const { return greeted_; }
    size_t under_way() const { return waiting_.size(); }
    uint64_t late_answers() const { return late_; }

  private:
    Result<void> receive_frame(std::string_view json, std::vector<Event>& events);
    Result<void> receive_hello(const Datum& frame, std::vector<Event>& events);
    Result<void> receive_results(const Datum& frame, std::vector<Event>& events);
    void append_frame(std::string& out, std::string_view json) const;

    WorkerLimits limits_;
    JsonReader reader_;
    std::string input_;
    std::vector<std::string> calls_;    // JSON of each, not yet sent
    std::map<uint64_t, bool> waiting_;  // by id; whether somebody still wants it
    uint64_t last_id_ = 0;
    uint64_t late_ = 0;
    bool begun_ = false;
    bool greeted_ = false;
};

}  // namespace hw::sql::user
