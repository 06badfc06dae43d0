// Desired values, and what they share with commands: turns, tickets, wake-ups.

#include "twin/order/order_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr Time never{INT64_MAX};

bool may_pass(ErrorCode code) {
    return code == ErrorCode::unavailable || code == ErrorCode::timed_out ||
           code == ErrorCode::limit_exceeded;
}

}  // namespace

std::string OrderDesk::key_of(std::string_view twin, std::string_view path) {
    std::string key(twin);
    key += '\0';
    key += path;
    return key;
}

OrderDesk::Slot* OrderDesk::find_slot(std::string_view twin, std::string_view path) {
    const auto at = slots_.find(key_of(twin, path));
    return at == slots_.end() ? nullptr : &at->second;
}

uint32_t OrderDesk::number(std::string_view twin, std::string_view path) const {
    const auto at = slots_.find(key_of(twin, path));
    return at == slots_.end() ? 0 : at->second.number;
}

const Desired* OrderDesk::find(std::string_view twin, std::string_view path) const {
    const auto at = slots_.find(key_of(twin, path));
    return at == slots_.end() || !at->second.current ? nullptr : &*at->second.current;
}

void OrderDesk::each_desired(const std::function<void(const Desired&)>& call) const {
    for (const auto& [key, slot] : slots_)
        call(*slot.current);
}

OrderDesk::Slot& OrderDesk::slot_of(const Desired& desired) {
    auto key = key_of(desired.twin, desired.path);
    auto& slot = slots_[key];
    if (slot.number == 0) {
        slot.number = ++last_number_;
        slot.key = std::move(key);
        by_number_.emplace(slot.number, &slot);
    }
    return slot;
}

void OrderDesk::erase(Slot& slot) {
    schedule(job_of(slot), slot.wake, {});
    by_number_.erase(slot.number);
    slots_.erase(std::string(slot.key));
}

// ---- turns and tickets

void OrderDesk::schedule(Job job, Time& wake, Time next) {
    if (wake == next) return;
    if (wake.ns != 0) wakes_.erase({wake.ns, job});
    wake = next;
    if (next.ns != 0) wakes_.insert({next.ns, job});
}

void OrderDesk::plan(Slot& slot) {
    int64_t next = never.ns;
    const auto& desired = *slot.current;
    const bool open = desired.state == DesiredState::pending || desired.state == DesiredState::sent;
    // The answer of a write that is under way comes first.
    if (open && slot.ticket == 0 && desired.deadline.ns != 0) next = desired.deadline.ns;
    if (desired.state == DesiredState::pending && !slot.queued)
        next = std::min(next, desired.next_attempt.ns);
    if (desired.state == DesiredState::sent && slot.announced && slot.ticket == 0 && !slot.queued)
        next = std::min(next, slot.look_again.ns);
    if (desired.state == DesiredState::applied && slot.drift_since.ns != 0)
        next = std::min(next, (slot.drift_since + limits_.drift_grace).ns);
    schedule(job_of(slot), slot.wake, next == never.ns ? Time{} : Time{std::max<int64_t>(next, 1)});
}

Time OrderDesk::next_wake() const {
    int64_t next = never.ns;
    if (!wakes_.empty()) next = wakes_.begin()->first;
    if (!give_ups_.empty()) next = std::min(next, give_ups_.begin()->first);
    if (!ready_.empty() && tickets_.size() < limits_.writes) next = 0;
    return {next};
}

uint64_t OrderDesk::begin(Job job, bool& queued, const std::string& key, std::string_view order,
                          Time give_up) {
    if (tickets_.size() >= limits_.writes) {
        queued = true;
        ready_.push_back(job);
        return 0;
    }
    if (!key.empty()) {
        const auto [at, free] = busy_.try_emplace(key);
        if (!free) {
            queued = true;
            at->second.waiting.push_back(job);
            return 0;
        }
    }
    const uint64_t ticket = ++last_ticket_;
    tickets_.emplace(ticket, Ticket{job, std::string(order), key, give_up});
    give_ups_.insert({give_up.ns, ticket});
    return ticket;
}

std::optional<OrderDesk::Ticket> OrderDesk::end(uint64_t ticket) {
    auto node = tickets_.extract(ticket);
    if (!node) return std::nullopt;
    give_ups_.erase({node.mapped().give_up.ns, ticket});
    if (!node.mapped().key.empty()) {
        auto busy = busy_.extract(node.mapped().key);
        HW_ASSERT(busy);
        for (const Job job : busy.mapped().waiting)
            ready_.push_back(job);
    }
    return std::move(node.mapped());
}

void OrderDesk::expire_tickets(Time now, Outputs& out) {
    while (!give_ups_.empty() && give_ups_.begin()->first <= now.ns)
        answered(give_ups_.begin()->second,
                 fail(ErrorCode::timed_out, "the write was never answered"), now, out);
}

void OrderDesk::turn(Time now, Outputs& out) {
    expire_tickets(now, out);
    while (!wakes_.empty() && wakes_.begin()->first <= now.ns) {
        const Job job = wakes_.begin()->second;
        run(job, now, out);
    }
    while (!ready_.empty() && tickets_.size() < limits_.writes) {
        const Job job = ready_.front();
        ready_.pop_front();
        if (const auto at = commands_.find(job); at != commands_.end()) at->second.queued = false;
        if (const auto at = by_number_.find(number_of(job)); is_slot(job) && at != by_number_.end())
            at->second->queued = false;
        run(job, now, out);
    }
}

void OrderDesk::run(Job job, Time now, Outputs& out) {
    if (is_slot(job)) {
        const auto at = by_number_.find(number_of(job));
        if (at != by_number_.end()) run(*at->second, now, out);
    } else if (const auto at = commands_.find(job); at != commands_.end()) {
        run(at->second, now, out);
    }
}

void OrderDesk::answered(uint64_t ticket, const WriteAnswer& answer, Time now, Outputs& out) {
    const auto ended = end(ticket);
    if (!ended) return;
    if (is_slot(ended->job)) {
        const auto at = by_number_.find(number_of(ended->job));
        // What a newer desired value has superseded is of no interest any more.
        if (at != by_number_.end() && at->second->ticket == ticket)
            answered(*at->second, answer, now, out);
    } else if (const auto at = commands_.find(ended->job);
               at != commands_.end() && at->second.ticket == ticket) {
        answered(at->second, answer, now, out);
    }
}

Duration OrderDesk::back_off(uint32_t failures, Duration most) const {
    Duration wait = limits_.back_off_least;
    for (uint32_t i = 1; i < failures && wait < most; ++i)
        wait.ns *= 2;
    return std::min(wait, most);
}

// ---- asking

Result<void> OrderDesk::ask(Desired desired, Time now, Outputs& out) {
    const auto* known = find_slot(desired.twin, desired.path);
    if (known == nullptr && slots_.size() >= limits_.desired)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} desired values are followed already, the limit "
                                "twin.desired_limit; cancel what is no longer wanted",
                                slots_.size()));
    Slot& slot = slot_of(desired);
    asked_.push_back({job_of(slot), slot.current, slot.announced});
    if (slot.current) {
        Desired old = *slot.current;
        desired.revision = std::max(desired.revision, old.revision + 1);
        if (slot.announced) out.clears.push_back({old.twin, old.path});
        old.detail =
            fmt::format("revision {} came while it was {}", desired.revision, to_string(old.state));
        old.state = DesiredState::superseded;
        old.next_attempt = {};
        old.changed_at = now;
        out.desired.push_back({std::move(old), Step::ended});
    }
    slot.announced = false;
    desired.state = DesiredState::pending;
    desired.changed_at = desired.next_attempt = now;
    out.desired.push_back({desired, Step::asked});
    slot.current = std::move(desired);
    return {};
}

void OrderDesk::settle() {
    for (const auto& asked : asked_) {
        if (!is_slot(asked.job)) {
            plan(commands_.at(asked.job));
            continue;
        }
        Slot& slot = *by_number_.at(number_of(asked.job));
        slot.ticket = 0;
        slot.failures = slot.quarrels = 0;
        slot.down = false;
        slot.drift_since = {};
        slot.confirmed = {};
        plan(slot);
    }
    asked_.clear();
}

void OrderDesk::take_back() {
    for (auto asked = asked_.rbegin(); asked != asked_.rend(); ++asked) {
        if (!is_slot(asked->job)) {
            erase(commands_.at(asked->job));
            continue;
        }
        Slot& slot = *by_number_.at(number_of(asked->job));
        slot.current = std::move(asked->before);
        slot.announced = asked->announced;
        if (!slot.current) erase(slot);
    }
    asked_.clear();
}

void OrderDesk::restore(Desired desired, Time now) {
    if (!is_live(desired.state)) return;
    Slot& slot = slot_of(desired);
    slot.current = std::move(desired);
    auto& current = *slot.current;
    if (current.state == DesiredState::sent && !current.written) {
        current.state = DesiredState::pending;
        current.detail = "the server ended before it was confirmed; it is sent again";
    }
    if (current.state == DesiredState::pending) current.next_attempt = now;
    if (current.state == DesiredState::applied) slot.confirmed = current.reported;
    plan(slot);
}

bool OrderDesk::cancel(std::string_view twin, std::string_view path, std::string_view why, Time now,
                       Outputs& out) {
    Slot* slot = find_slot(twin, path);
    if (slot == nullptr) return false;
    finish(*slot, DesiredState::cancelled,
           fmt::format("{} while it was {}{}", why, to_string(slot->current->state),
                       slot->ticket != 0 ? "; a write is under way and may still be done" : ""),
           now, out);
    return true;
}

void OrderDesk::twin_removed(std::string_view twin, Time now, Outputs& out) {
    std::string key = key_of(twin, "");
    std::vector<std::string> paths;
    for (auto at = slots_.lower_bound(key); at != slots_.end() && at->first.starts_with(key); ++at)
        paths.push_back(at->second.current->path);
    for (const auto& path : paths)
        cancel(twin, path, "the twin was removed", now, out);
    std::vector<std::string> ids;
    for (const auto& [seq, open] : commands_)
        if (open.command.twin == twin && open.command.state == CommandState::accepted)
            ids.push_back(open.command.id);
    for (const auto& id : ids)
        (void)cancel_command(id, "the twin was removed", now, out);
}

// ---- the life of a desired value

void OrderDesk::moved(Slot& slot, DesiredState state, std::string detail, Time now, Outputs& out) {
    auto& desired = *slot.current;
    if (desired.state != state) desired.changed_at = now;
    desired.state = state;
    desired.detail = std::move(detail);
    if (state != DesiredState::pending) desired.next_attempt = {};
    out.desired.push_back({desired, state == DesiredState::applied ? Step::ended : Step::moved});
}

void OrderDesk::finish(Slot& slot, DesiredState state, std::string detail, Time now, Outputs& out) {
    auto& desired = *slot.current;
    if (slot.announced) out.clears.push_back({desired.twin, desired.path});
    desired.state = state;
    desired.detail = std::move(detail);
    desired.changed_at = now;
    desired.next_attempt = {};
    out.desired.push_back({std::move(desired), Step::ended});
    erase(slot);
}

void OrderDesk::run(Slot& slot, Time now, Outputs& out) {
    auto& desired = *slot.current;
    const bool open = desired.state == DesiredState::pending || desired.state == DesiredState::sent;
    if (open && slot.ticket == 0 && desired.deadline.ns != 0 && desired.deadline <= now) {
        std::string detail =
            fmt::format("{} within {}",
                        desired.state == DesiredState::pending ? "not delivered" : "not confirmed",
                        format_duration(desired.deadline - desired.asked_at));
        if (!desired.detail.empty()) detail += ": " + desired.detail;
        return finish(slot, DesiredState::timed_out, std::move(detail), now, out);
    }
    const bool look_again =
        desired.state == DesiredState::sent && slot.announced && slot.look_again <= now;
    if (!slot.queued && slot.ticket == 0 &&
        (look_again || (desired.state == DesiredState::pending && desired.next_attempt <= now)))
        attempt(slot, now, out);
    else if (desired.state == DesiredState::applied && slot.drift_since.ns != 0 &&
             slot.drift_since + limits_.drift_grace <= now)
        drift(slot, now, out);
    plan(slot);
}

void OrderDesk::attempt(Slot& slot, Time now, Outputs& out) {
    auto& desired = *slot.current;
    Duration timeout = limits_.attempt_timeout;
    if (desired.deadline.ns != 0) timeout = std::min(timeout, desired.deadline - now);
    const uint64_t ticket = begin(job_of(slot), slot.queued, slot.key, desired.id,
                                  now + timeout + limits_.answer_slack);
    if (ticket == 0) return;
    slot.ticket = ticket;
    const bool announced = slot.announced && desired.state == DesiredState::sent;
    if (!announced) {
        ++desired.attempts;
        desired.last_attempt = now;
        moved(slot, DesiredState::sent, "", now, out);
    }
    out.writes.push_back({ticket, false, announced, desired.id, desired.twin, desired.path,
                          desired.value, timeout, desired.deadline, desired.actor, desired.origin,
                          desired.reason});
}

void OrderDesk::answered(Slot& slot, const WriteAnswer& answer, Time now, Outputs& out) {
    auto& desired = *slot.current;
    slot.ticket = 0;
    if (std::exchange(slot.announced, false)) out.clears.push_back({desired.twin, desired.path});
    if (answer) {
        slot.failures = 0;
        slot.down = false;
        desired.written = true;
        if (*answer) {
            apply(slot, **answer, now, now, out);
        } else if (confirms(slot)) {
            apply(slot, slot.seen, slot.seen_at, now, out);
        } else {
            moved(slot, DesiredState::sent, "written; waits until the value is reported", now, out);
        }
    } else if (may_pass(answer.error().code())) {
        slot.down = true;
        desired.next_attempt = now + back_off(++slot.failures, limits_.back_off_most);
        moved(slot, DesiredState::pending, answer.error().text(), now, out);
    } else {
        return finish(slot, DesiredState::refused, answer.error().text(), now, out);
    }
    plan(slot);
}

void OrderDesk::announced(uint64_t ticket, Time now, Outputs& out) {
    const auto ended = end(ticket);
    if (!ended) return;
    HW_ASSERT(is_slot(ended->job));
    const auto at = by_number_.find(number_of(ended->job));
    if (at == by_number_.end() || at->second->ticket != ticket) {
        // Superseded or cancelled meanwhile: its message must not stay.
        const size_t zero = ended->key.find('\0');
        out.clears.push_back({ended->key.substr(0, zero), ended->key.substr(zero + 1)});
        return;
    }
    Slot& slot = *at->second;
    slot.ticket = 0;
    const bool again = std::exchange(slot.announced, true);
    if (!again) slot.failures = 0;
    slot.look_again = now + back_off(++slot.failures, limits_.back_off_most);
    slot.down = false;
    if (confirms(slot))
        apply(slot, slot.seen, slot.seen_at, now, out);
    else if (!again)
        moved(slot, DesiredState::sent, "sent as a message; waits until the value is reported", now,
              out);
    plan(slot);
}

void OrderDesk::apply(Slot& slot, const Datum& value, Time time, Time now, Outputs& out) {
    auto& desired = *slot.current;
    if (slot.announced) out.clears.push_back({desired.twin, desired.path});
    slot.announced = false;
    slot.drift_since = {};
    slot.confirmed = desired.reported = value;
    desired.reported_at = time;
    desired.applied_at = now;
    desired.deadline = {};
    desired.written = true;
    moved(slot, DesiredState::applied, "", now, out);
    plan(slot);
}

bool OrderDesk::confirms(const Slot& slot) {
    if (slot.seen.is_null()) return false;
    return agrees(slot.current->value, slot.seen) ||
           (!slot.confirmed.is_null() && agrees(slot.confirmed, slot.seen));
}

void OrderDesk::reported(uint32_t number, const Datum& value, Time time, Time now, Outputs& out) {
    const auto at = by_number_.find(number);
    if (at == by_number_.end()) return;
    Slot& slot = *at->second;
    auto& desired = *slot.current;
    slot.seen = value;
    slot.seen_at = time;
    switch (desired.state) {
        case DesiredState::pending:
            if (time > desired.asked_at && confirms(slot))
                return apply(slot, value, time, now, out);
            // Somebody is there again.
            if (slot.down)
                desired.next_attempt =
                    std::min(desired.next_attempt,
                             std::max(now, desired.last_attempt + limits_.back_off_least));
            break;
        case DesiredState::sent:
            if (slot.ticket == 0 && confirms(slot)) return apply(slot, value, time, now, out);
            break;
        case DesiredState::applied:
            if (confirms(slot))
                slot.drift_since = {};
            else if (time > desired.applied_at && slot.drift_since.ns == 0)
                slot.drift_since = now;
            break;
        case DesiredState::drifted:
            if (confirms(slot)) return apply(slot, value, time, now, out);
            break;
        default:
            break;
    }
    plan(slot);
}

void OrderDesk::drift(Slot& slot, Time now, Outputs& out) {
    auto& desired = *slot.current;
    slot.drift_since = {};
    desired.reported = slot.seen;
    desired.reported_at = slot.seen_at;
    std::string detail = fmt::format("{} was applied, but {} is reported",
                                     sql::to_json(desired.value), sql::to_json(slot.seen));
    moved(slot, DesiredState::drifted, detail, now, out);
    if (!desired.keep) return;
    // Somebody else may insist as well: the longer they quarrel, the slower it goes.
    if (now - desired.applied_at > limits_.back_off_most) slot.quarrels = 0;
    desired.written = false;
    desired.next_attempt = now;
    if (slot.quarrels++ > 0)
        desired.next_attempt = now + back_off(slot.quarrels - 1, limits_.back_off_most);
    moved(slot, DesiredState::pending, detail + "; it is written again", now, out);
}

void OrderDesk::link_up(
    const std::function<bool(std::string_view twin, std::string_view path)>& concerned, Time now) {
    for (auto& [key, slot] : slots_) {
        auto& desired = *slot.current;
        const bool waits = desired.state == DesiredState::pending && slot.down;
        const bool announced = desired.state == DesiredState::sent && slot.announced;
        if ((!waits && !announced) || !concerned(desired.twin, desired.path)) continue;
        (waits ? desired.next_attempt : slot.look_again) = now;
        plan(slot);
    }
    for (auto& [seq, open] : commands_) {
        auto& command = open.command;
        if (command.state != CommandState::accepted || command.writes.empty() ||
            !concerned(command.twin, command.writes.front().path))
            continue;
        open.next_attempt = now;
        plan(open);
    }
}

}  // namespace hw::twin
