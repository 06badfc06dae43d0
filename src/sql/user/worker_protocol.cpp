#include "sql/user/worker_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/json_writer.h"
#include "sql/user/library.h"
#include "sql/user/marked_json.h"

namespace hw::sql::user {

namespace {

constexpr int64_t protocol_version = 1;
constexpr size_t length_bytes = 4;
constexpr size_t text_bytes_limit = 4096;
// {"type":"call","calls":[]} around them.
constexpr size_t envelope_bytes = 64;

Error breach(std::string what) {
    return Error(ErrorCode::invalid_argument, std::move(what));
}

std::string text_of(const Datum& object, std::string_view key) {
    const Datum* const found = object.find(key);
    if (found == nullptr || !found->is_text()) return {};
    return std::string(found->as_text().substr(0, text_bytes_limit));
}

bool flag_of(const Datum& object, std::string_view key) {
    const Datum* const found = object.find(key);
    return found != nullptr && found->kind() == Kind::boolean && found->as_boolean();
}

// A count of arguments; -1 where it is none.
int64_t count_of(const Datum& object, std::string_view key, int64_t otherwise) {
    const Datum* const found = object.find(key);
    if (found == nullptr || found->is_null()) return otherwise;
    if (found->kind() != Kind::int64) return -1;
    return found->as_integer() > 255 ? -1 : found->as_integer();
}

Result<WorkerFunctionInfo> read_function(const Datum& entry) {
    WorkerFunctionInfo info;
    info.name = text_of(entry, "name");
    if (!is_function_name(info.name))
        return fail(breach(fmt::format(
            "its function '{}' has no name of lower case letters, digits and '_', at most 64",
            info.name.substr(0, 64))));
    info.signature = text_of(entry, "signature");
    if (!info.signature.starts_with(info.name + "(")) info.signature = info.name + "(...)";
    info.help = text_of(entry, "help");
    if (info.help.empty()) info.help = "A worker's function.";
    const int64_t least = count_of(entry, "least", 0);
    const int64_t most = count_of(entry, "most", 255);
    if (least < 0 || most < least)
        return fail(breach(fmt::format(
            "its function {} has no counts of arguments: least and most must be 0 to 255",
            info.name)));
    info.least_arguments = static_cast<uint8_t>(least);
    info.most_arguments = static_cast<uint8_t>(most);
    info.sees_nulls = flag_of(entry, "nulls");
    info.pure = flag_of(entry, "pure");
    return info;
}

}  // namespace

WorkerProtocol::WorkerProtocol(const WorkerLimits& limits)
    : limits_(limits), reader_(limits.frame_bytes) {}

Result<uint64_t> WorkerProtocol::call(std::string_view function, std::span<const Datum> arguments) {
    if (waiting_.size() >= limits_.calls)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} calls are under way; no more are allowed", waiting_.size()));
    const uint64_t id = last_id_ + 1;
    std::string json = fmt::format("{{\"id\":{},\"function\":", id);
    append_json_string(json, function);
    json += ",\"arguments\":[";
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (i > 0) json += ',';
        append_marked(json, arguments[i]);
        if (json.size() + envelope_bytes > limits_.frame_bytes)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the arguments are larger than a frame of {} bytes",
                                    limits_.frame_bytes));
    }
    json += "]}";
    last_id_ = id;
    waiting_.emplace(id, true);
    calls_.push_back(std::move(json));
    return id;
}

void WorkerProtocol::forget(uint64_t id) {
    if (const auto at = waiting_.find(id); at != waiting_.end()) at->second = false;
}

void WorkerProtocol::append_frame(std::string& out, std::string_view json) const {
    ByteWriter(out).big(static_cast<uint32_t>(json.size()));
    out += json;
}

std::string WorkerProtocol::take_output() {
    std::string out;
    if (!std::exchange(begun_, true)) {
        append_frame(out,
                     fmt::format("{{\"type\":\"hello\",\"protocol\":{},\"frame_bytes_limit\":{},"
                                 "\"calls_limit\":{}}}",
                                 protocol_version, limits_.frame_bytes, limits_.calls));
    }
    if (!greeted_) return out;
    std::string frame;
    for (const auto& call : std::exchange(calls_, {})) {
        if (!frame.empty() && frame.size() + call.size() + envelope_bytes > limits_.frame_bytes) {
            append_frame(out, frame + "]}");
            frame.clear();
        }
        frame += frame.empty() ? "{\"type\":\"call\",\"calls\":[" : ",";
        frame += call;
    }
    if (!frame.empty()) append_frame(out, frame + "]}");
    return out;
}

Result<void> WorkerProtocol::receive(BytesView bytes, std::vector<Event>& events) {
    input_ += as_text(bytes);
    size_t at = 0;
    while (input_.size() - at >= length_bytes) {
        ByteReader reader(as_bytes(std::string_view(input_).substr(at)));
        const size_t size = reader.big<uint32_t>();
        if (size > limits_.frame_bytes)
            return fail(breach(fmt::format(
                "it sends a frame of {} bytes; at most {} are allowed, so it may have written "
                "something else to its standard output",
                size, limits_.frame_bytes)));
        if (reader.remaining() < size) break;
        HW_TRY(receive_frame(reader.text(size), events));
        at += length_bytes + size;
    }
    input_.erase(0, at);
    return {};
}

Result<void> WorkerProtocol::receive_frame(std::string_view json, std::vector<Event>& events) {
    const auto frame = reader_.read(json);
    if (!frame)
        return fail(breach(fmt::format("it sends a frame that is {}", frame.error().text())));
    const std::string type = text_of(*frame, "type");
    if (type == "hello" && !greeted_) return receive_hello(*frame, events);
    if (type == "result" && greeted_) return receive_results(*frame, events);
    return fail(breach(fmt::format("it sends a frame of the type '{}' {} its hello",
                                   type.substr(0, 32), greeted_ ? "after" : "before")));
}

Result<void> WorkerProtocol::receive_hello(const Datum& frame, std::vector<Event>& events) {
    const Datum* const version = frame.find("protocol");
    if (version == nullptr || !(*version == Datum::integer(protocol_version)))
        return fail(
            breach(fmt::format("it does not speak version {} of the protocol", protocol_version)));
    const Datum* const functions = frame.find("functions");
    if (functions == nullptr || !functions->is_array() ||
        functions->items().size() > limits_.functions)
        return fail(breach(
            fmt::format("its hello has no array of at most {} functions", limits_.functions)));
    Hello hello{text_of(frame, "name"), {}};
    std::set<std::string> names;
    for (const auto& entry : functions->items()) {
        hello.functions.push_back(HW_TRY(read_function(entry)));
        if (!names.insert(hello.functions.back().name).second)
            return fail(
                breach(fmt::format("its function {} is there twice", hello.functions.back().name)));
    }
    greeted_ = true;
    events.emplace_back(std::move(hello));
    return {};
}

Result<void> WorkerProtocol::receive_results(const Datum& frame, std::vector<Event>& events) {
    const Datum* const results = frame.find("results");
    if (results == nullptr || !results->is_array())
        return fail(breach("it sends results that are no array"));
    for (const auto& result : results->items()) {
        const Datum* const id = result.find("id");
        const auto at = id == nullptr || id->kind() != Kind::int64
                            ? waiting_.end()
                            : waiting_.find(static_cast<uint64_t>(id->as_integer()));
        if (at == waiting_.end()) return fail(breach("it answers a call that is not under way"));
        const bool wanted = at->second;
        Answer answer{at->first, {}};
        waiting_.erase(at);
        if (!wanted) {
            ++late_;
            continue;
        }
        const Datum* const value = result.find("value");
        const Datum* const error = result.find("error");
        if (error != nullptr && error->is_text()) {
            answer.value = fail(ErrorCode::invalid_argument, text_of(result, "error"));
        } else if (value != nullptr) {
            answer.value = without_marks(*value);
        } else {
            return fail(breach("it answers with neither a value nor an error"));
        }
        events.emplace_back(std::move(answer));
    }
    return {};
}

}  // namespace hw::sql::user
