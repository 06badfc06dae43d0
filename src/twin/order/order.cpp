#include "twin/order/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;
using sql::Kind;

constexpr std::array<std::string_view, 8> desired_names = {
    "pending", "sent", "applied", "refused", "timed_out", "superseded", "cancelled", "drifted"};
constexpr std::array<std::string_view, 7> command_names = {
    "accepted", "sent", "done", "refused", "failed", "timed_out", "cancelled"};

template <class State, size_t n>
std::optional<State> find_state(const std::array<std::string_view, n>& names,
                                std::string_view text) {
    const auto at = std::find(names.begin(), names.end(), text);
    if (at == names.end()) return std::nullopt;
    return static_cast<State>(at - names.begin());
}

void member(JsonWriter& json, std::string_view name, const Datum& value) {
    json.key(name);
    json.raw(sql::to_json(value));
}
void member(JsonWriter& json, std::string_view name, Time time) {
    if (time.ns != 0) json.member(name, time);
}
void member(JsonWriter& json, std::string_view name, const std::string& text) {
    if (!text.empty()) json.member(name, std::string_view(text));
}

// Reads members of what this program wrote; the first that is not as it should be is the error.
class Members {
  public:
    explicit Members(const Datum& json) : json_(json) {}

    std::string text(std::string_view name) {
        const auto* found = json_.find(name);
        if (found == nullptr) return {};
        if (!found->is_text()) return wrong(name), std::string();
        return std::string(found->as_text());
    }
    int64_t number(std::string_view name) {
        const auto* found = json_.find(name);
        if (found == nullptr) return 0;
        if (found->kind() != Kind::int64) return wrong(name), 0;
        return found->as_integer();
    }
    bool flag(std::string_view name) {
        const auto* found = json_.find(name);
        if (found == nullptr) return false;
        if (found->kind() != Kind::boolean) return wrong(name), false;
        return found->as_boolean();
    }
    Time time(std::string_view name) {
        const std::string written = text(name);
        if (written.empty()) return {};
        const auto time = parse_rfc3339(written);
        if (!time) return wrong(name), Time();
        return *time;
    }
    Datum value(std::string_view name) {
        const auto* found = json_.find(name);
        return found == nullptr ? Datum() : *found;
    }
    void wrong(std::string_view name) {
        if (flaw_.empty()) flaw_ = name;
    }
    Result<void> end(std::string_view what) const {
        if (flaw_.empty()) return {};
        return fail(ErrorCode::corrupt,
                    fmt::format("member '{}' of a kept {} cannot be read", flaw_, what));
    }

  private:
    const Datum& json_;
    std::string flaw_;
};

}  // namespace

std::string_view to_string(DesiredState state) {
    return desired_names[static_cast<size_t>(state)];
}
std::string_view to_string(CommandState state) {
    return command_names[static_cast<size_t>(state)];
}
std::optional<DesiredState> parse_desired_state(std::string_view text) {
    return find_state<DesiredState>(desired_names, text);
}
std::optional<CommandState> parse_command_state(std::string_view text) {
    return find_state<CommandState>(command_names, text);
}

bool is_live(DesiredState state) {
    return state == DesiredState::pending || state == DesiredState::sent ||
           state == DesiredState::applied || state == DesiredState::drifted;
}
bool is_live(CommandState state) {
    return state == CommandState::accepted || state == CommandState::sent;
}

void write_desired(JsonWriter& json, const Desired& desired) {
    json.begin_object();
    json.member("kind", "desired");
    json.member("id", std::string_view(desired.id));
    json.member("twin", std::string_view(desired.twin));
    json.member("path", std::string_view(desired.path));
    json.member("revision", desired.revision);
    member(json, "value", desired.value);
    json.member("state", to_string(desired.state));
    member(json, "detail", desired.detail);
    json.member("keep", desired.keep);
    if (desired.written) json.member("written", true);
    json.member("asked_at", desired.asked_at);
    member(json, "deadline", desired.deadline);
    json.member("attempts", desired.attempts);
    member(json, "last_attempt", desired.last_attempt);
    member(json, "next_attempt", desired.next_attempt);
    member(json, "applied_at", desired.applied_at);
    member(json, "changed_at", desired.changed_at);
    if (!desired.reported.is_null()) {
        member(json, "reported", desired.reported);
        member(json, "reported_at", desired.reported_at);
    }
    member(json, "actor", desired.actor);
    member(json, "origin", desired.origin);
    member(json, "reason", desired.reason);
    json.end_object();
}

void write_command(JsonWriter& json, const Command& command) {
    json.begin_object();
    json.member("kind", "command");
    json.member("id", std::string_view(command.id));
    json.member("twin", std::string_view(command.twin));
    json.member("command", std::string_view(command.name));
    json.member("state", to_string(command.state));
    member(json, "detail", command.detail);
    if (!command.request.is_null()) member(json, "request", command.request);
    if (!command.response.is_null()) member(json, "response", command.response);
    if (!command.writes.empty()) {
        json.key("writes");
        json.begin_array();
        for (const auto& write : command.writes) {
            json.begin_object();
            json.member("path", std::string_view(write.path));
            member(json, "value", write.value);
            json.member("done", write.done);
            json.end_object();
        }
        json.end_array();
    }
    json.member("asked_at", command.asked_at);
    json.member("deadline", command.deadline);
    json.member("attempts", command.attempts);
    member(json, "sent_at", command.sent_at);
    member(json, "ended_at", command.ended_at);
    member(json, "actor", command.actor);
    member(json, "origin", command.origin);
    member(json, "reason", command.reason);
    json.end_object();
}

std::string desired_json(const Desired& desired) {
    std::string out;
    JsonWriter json(out);
    write_desired(json, desired);
    return out;
}
std::string command_json(const Command& command) {
    std::string out;
    JsonWriter json(out);
    write_command(json, command);
    return out;
}

Result<Desired> read_desired(const Datum& json) {
    Members from(json);
    Desired desired;
    desired.id = from.text("id");
    desired.twin = from.text("twin");
    desired.path = from.text("path");
    desired.revision = from.number("revision");
    desired.value = from.value("value");
    desired.keep = from.flag("keep");
    if (const auto state = parse_desired_state(from.text("state")))
        desired.state = *state;
    else
        from.wrong("state");
    desired.written = from.flag("written");
    desired.asked_at = from.time("asked_at");
    desired.deadline = from.time("deadline");
    desired.attempts = static_cast<uint32_t>(from.number("attempts"));
    desired.last_attempt = from.time("last_attempt");
    desired.next_attempt = from.time("next_attempt");
    desired.applied_at = from.time("applied_at");
    desired.changed_at = from.time("changed_at");
    desired.reported = from.value("reported");
    desired.reported_at = from.time("reported_at");
    desired.detail = from.text("detail");
    desired.actor = from.text("actor");
    desired.origin = from.text("origin");
    desired.reason = from.text("reason");
    HW_TRY(from.end("desired value"));
    return desired;
}

Result<Command> read_command(const Datum& json) {
    Members from(json);
    Command command;
    command.id = from.text("id");
    command.twin = from.text("twin");
    command.name = from.text("command");
    if (const auto state = parse_command_state(from.text("state")))
        command.state = *state;
    else
        from.wrong("state");
    command.request = from.value("request");
    command.response = from.value("response");
    if (const Datum writes = from.value("writes"); writes.is_array())
        for (const auto& write : writes.items()) {
            Members inner(write);
            command.writes.push_back(
                {inner.text("path"), inner.value("value"), inner.flag("done")});
            HW_TRY(inner.end("command's write"));
        }
    command.asked_at = from.time("asked_at");
    command.deadline = from.time("deadline");
    command.attempts = static_cast<uint32_t>(from.number("attempts"));
    command.sent_at = from.time("sent_at");
    command.ended_at = from.time("ended_at");
    command.detail = from.text("detail");
    command.actor = from.text("actor");
    command.origin = from.text("origin");
    command.reason = from.text("reason");
    HW_TRY(from.end("command"));
    return command;
}

bool agrees(const Datum& wanted, const Datum& reported, double resolution) {
    if (wanted == reported) return true;
    const auto number = [](const Datum& value) -> std::optional<double> {
        if (value.kind() == Kind::boolean) return value.as_boolean() ? 1.0 : 0.0;
        if (value.is_number()) return value.as_number();
        return std::nullopt;
    };
    const auto a = number(wanted);
    const auto b = number(reported);
    if (!a || !b) return false;
    // Whole numbers and booleans are exact.
    if (wanted.kind() != Kind::float64 && reported.kind() != Kind::float64) return *a == *b;
    return std::abs(*a - *b) <= std::max({std::abs(*a) * 1e-6, resolution, 1e-9});
}

}  // namespace hw::twin
