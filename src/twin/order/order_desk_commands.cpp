// The life of a command.

#include <fmt/format.h>

#include <algorithm>

#include "twin/order/order_desk.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr Time never{INT64_MAX};

size_t done_writes(const Command& command) {
    return static_cast<size_t>(std::count_if(command.writes.begin(), command.writes.end(),
                                             [](const auto& write) { return write.done; }));
}

// "2 of 3 writes were done (a, b)"; empty where none was.
std::string done_text(const Command& command) {
    const size_t done = done_writes(command);
    if (done == 0) return {};
    std::string paths;
    for (const auto& write : command.writes)
        if (write.done) paths += (paths.empty() ? "" : ", ") + write.path;
    return fmt::format("{} of {} writes {} done ({})", done, command.writes.size(),
                       done == 1 ? "was" : "were", paths);
}

std::string with_done(const Command& command, std::string text) {
    const std::string done = done_text(command);
    return done.empty() ? text : fmt::format("{}; {}", text, done);
}

}  // namespace

const Command* OrderDesk::find_command(std::string_view id) const {
    const auto at = command_ids_.find(id);
    return at == command_ids_.end() ? nullptr : &commands_.at(at->second).command;
}

void OrderDesk::erase(Open& open) {
    const int64_t seq = open.command.seq;
    schedule(seq, open.wake, {});
    const auto of_twin = commands_of_.find(open.command.twin);
    if (--of_twin->second == 0) commands_of_.erase(of_twin);
    command_ids_.erase(open.command.id);
    commands_.erase(seq);
}

void OrderDesk::plan(Open& open) {
    const auto& command = open.command;
    int64_t next = never.ns;
    // The answer of a write that is under way comes first.
    if (open.ticket == 0 || command.writes.empty()) next = command.deadline.ns;
    if (command.state == CommandState::accepted && !open.queued && open.ticket == 0)
        next = std::min(next, open.next_attempt.ns);
    schedule(command.seq, open.wake, next == never.ns ? Time{} : Time{std::max<int64_t>(next, 1)});
}

Result<void> OrderDesk::ask(Command command, Outputs& out) {
    if (commands_.size() >= limits_.commands)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} commands are open already, the limit twin.commands_limit; wait "
                                "until some have ended",
                                commands_.size()));
    auto& of_twin = commands_of_[command.twin];
    if (of_twin >= limits_.commands_per_twin)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} commands of '{}' are open already, the limit "
                                "twin.commands_per_twin_limit; wait until some have ended",
                                of_twin, command.twin));
    ++of_twin;
    const int64_t seq = command.seq;
    out.commands.push_back({command, Step::asked});
    command_ids_.emplace(command.id, seq);
    Open& open = commands_[seq];
    open.next_attempt = command.asked_at;
    open.command = std::move(command);
    asked_.push_back({seq, {}, false});
    return {};
}

void OrderDesk::restore(Command command, Time now, Outputs& out) {
    if (!is_live(command.state)) return;
    const int64_t seq = command.seq;
    ++commands_of_[command.twin];
    command_ids_.emplace(command.id, seq);
    Open& open = commands_[seq];
    open.command = std::move(command);
    open.next_attempt = now;
    if (open.command.state == CommandState::sent)
        return finish(open, CommandState::timed_out,
                      with_done(open.command,
                                "the server ended while it was under way, so whether "
                                "it was done is not known"),
                      now, out);
    plan(open);
}

Result<void> OrderDesk::cancel_command(std::string_view id, std::string_view why, Time now,
                                       Outputs& out) {
    const auto at = command_ids_.find(id);
    if (at == command_ids_.end())
        return fail(ErrorCode::not_found, fmt::format("no command '{}' is open", id));
    Open& open = commands_.at(at->second);
    if (open.command.state != CommandState::accepted)
        return fail(ErrorCode::conflict,
                    fmt::format("command '{}' is {} already; only what was not sent can be "
                                "cancelled",
                                id, to_string(open.command.state)));
    finish(open, CommandState::cancelled, std::string(why), now, out);
    return {};
}

void OrderDesk::finish(Open& open, CommandState state, std::string detail, Time now, Outputs& out) {
    auto& command = open.command;
    command.state = state;
    command.detail = std::move(detail);
    command.ended_at = now;
    out.commands.push_back({command, Step::ended});
    erase(open);
}

void OrderDesk::run(Open& open, Time now, Outputs& out) {
    auto& command = open.command;
    const bool writing = open.ticket != 0 && !command.writes.empty();
    if (!writing && command.deadline <= now) {
        std::string detail = fmt::format(
            "{} within {}",
            command.state == CommandState::accepted ? "not delivered" : "no response came",
            format_duration(command.deadline - command.asked_at));
        if (!command.detail.empty()) detail += ": " + command.detail;
        return finish(open, CommandState::timed_out, with_done(command, std::move(detail)), now,
                      out);
    }
    const bool next_write =
        command.state == CommandState::sent && !command.writes.empty() && open.ticket == 0;
    if (!open.queued && open.ticket == 0 &&
        (next_write || (command.state == CommandState::accepted && open.next_attempt <= now)))
        attempt(open, now, out);
    plan(open);
}

void OrderDesk::attempt(Open& open, Time now, Outputs& out) {
    auto& command = open.command;
    const size_t next = done_writes(command);
    const bool message = command.writes.empty();
    const Duration timeout = std::min(limits_.attempt_timeout, command.deadline - now);
    const std::string key =
        message ? std::string() : key_of(command.twin, command.writes[next].path);
    const uint64_t ticket =
        begin(command.seq, open.queued, key, command.id, now + timeout + limits_.answer_slack);
    if (ticket == 0) return;
    open.ticket = ticket;
    if (command.state == CommandState::accepted) {
        command.state = CommandState::sent;
        command.sent_at = now;
        command.detail.clear();
        ++command.attempts;
        out.commands.push_back({command, Step::moved});
    }
    if (message) {
        out.messages.push_back({ticket, command});
        return;
    }
    const auto& write = command.writes[next];
    out.writes.push_back({ticket, true, false, command.id, command.twin, write.path, write.value,
                          timeout, command.deadline, command.actor, command.origin,
                          command.reason});
}

void OrderDesk::answered(Open& open, const WriteAnswer& answer, Time now, Outputs& out) {
    auto& command = open.command;
    open.ticket = 0;
    if (!answer) return write_failed(open, answer.error(), now, out);
    open.failures = 0;
    if (command.writes.empty()) {  // it was heard; the response is waited for
        plan(open);
        return;
    }
    const size_t next = done_writes(command);
    command.writes[next].done = true;
    if (next + 1 == command.writes.size()) return finish(open, CommandState::done, "", now, out);
    out.commands.push_back({command, Step::moved});
    open.queued = true;
    ready_.push_back(command.seq);
    plan(open);
}

void OrderDesk::write_failed(Open& open, const Error& error, Time now, Outputs& out) {
    auto& command = open.command;
    const bool message = command.writes.empty();
    const bool begun = done_writes(command) > 0;
    const auto code = error.code();
    // Nothing was done: it goes back to those that wait. Who has the point may not have come yet.
    if (!begun && (code == ErrorCode::unavailable || code == ErrorCode::limit_exceeded ||
                   code == ErrorCode::not_found)) {
        ++open.failures;
        open.next_attempt = now + back_off(open.failures, message ? limits_.listener_back_off
                                                                  : limits_.back_off_most);
        command.state = CommandState::accepted;
        command.detail = error.text();
        out.commands.push_back({command, Step::moved});
        plan(open);
        return;
    }
    if (message) return finish(open, CommandState::failed, error.text(), now, out);
    const auto& write = command.writes[done_writes(command)];
    std::string text = fmt::format("{}: {}", write.path, error.text());
    if (code == ErrorCode::timed_out)
        return finish(open, CommandState::timed_out,
                      with_done(command, text + "; whether it was done is not known"), now, out);
    finish(open, begun ? CommandState::failed : CommandState::refused,
           with_done(command, std::move(text)), now, out);
}

void OrderDesk::responded(std::string_view id, Result<Datum> response, Time now, Outputs& out) {
    const auto at = command_ids_.find(id);
    if (at == command_ids_.end()) return;
    Open& open = commands_.at(at->second);
    if (!open.command.writes.empty() || open.command.attempts == 0) return;
    if (response) {
        open.command.response = std::move(*response);
        return finish(open, CommandState::done, "", now, out);
    }
    const bool broken = response.error().code() == ErrorCode::corrupt;
    finish(open, broken ? CommandState::failed : CommandState::refused, response.error().text(),
           now, out);
}

}  // namespace hw::twin
