// One turn of the thread: take in, keep, act.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "sql/json.h"
#include "twin/order/orders.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr Duration retry_after = seconds(1);
constexpr Duration upkeep_every = seconds(60);

std::optional<model::Value> point_value(const Datum& value) {
    switch (value.kind()) {
        case sql::Kind::boolean:
            return model::Value(value.as_boolean());
        case sql::Kind::int64:
            return model::Value(value.as_integer());
        case sql::Kind::float64:
            return model::Value(value.as_real());
        case sql::Kind::text:
            return model::Value(std::string(value.as_text()));
        default:
            return std::nullopt;  // no point holds it
    }
}

std::string desired_topic(std::string_view twin, std::string_view path) {
    return fmt::format("$hw/twin/{}/desired/{}", twin, path);
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void append(OrderDesk::Outputs& to, OrderDesk::Outputs from) {
    append(to.desired, from.desired);
    append(to.commands, from.commands);
    append(to.clears, from.clears);
    append(to.writes, from.writes);
    append(to.messages, from.messages);
}

std::string_view audit_result(DesiredState state) {
    return state == DesiredState::refused || state == DesiredState::timed_out ? to_string(state)
                                                                              : "ok";
}
std::string_view audit_result(CommandState state) {
    return state == CommandState::done || state == CommandState::cancelled ? "ok"
                                                                           : to_string(state);
}

}  // namespace

void Orders::run_once() {
    Round round{rooms_.clock.now(), {}, {}, {}, {}};
    for (auto& input : inbox_->take()) {
        if (!input.is_ask) keep_asks(round);
        input.run(round);
    }
    keep_asks(round);
    take_reports(round);
    finish(round);
    end_waits(round.now, false);
    ask_interests(round.now);
    upkeep(round.now);
    figures_.desired = desk_.desired_count();
    figures_.commands = desk_.command_count();
    figures_.writes = desk_.writes_under_way();
}

Time Orders::next_time() const {
    Time next = disk_fails_ ? retry_at_ : desk_.next_wake();
    if (!ask_again_.empty()) next = std::min(next, ask_again_at_);
    for (const auto& [seq, waiter] : waiters_)
        next = std::min(next, waiter.until);
    return std::min(next, upkeep_at_);
}

void Orders::upkeep(Time now) {
    if (now < upkeep_at_ || disk_fails_) return;
    upkeep_at_ = now + upkeep_every;
    const auto removed =
        store_->remove_old(now - settings_.orders_retention, settings_.orders_kept);
    if (!removed) log_warning("twin", fmt::format("old orders stay: {}", removed.error().text()));
}

// ---- asks

void Orders::take(DesiredAsk ask, const Change& change, Duration wait, DesiredDone done,
                  Round& round) {
    const auto target = ask.twin + "/" + ask.path;
    if (auto same = unchanged(ask)) {
        note(change, "twin.desired.set", target, sql::to_json(same->reported),
             sql::to_json(same->value), "ok", "it is applied already");
        round.answers.push_back(
            [done = std::move(done), same = std::move(*same)](const Error* error) mutable {
                error == nullptr ? done(std::move(same)) : done(fail(*error));
            });
        return;
    }
    auto desired = made(ask, change, round.now);
    if (desired)
        if (auto taken = desk_.ask(*desired, round.now, round.asks); !taken)
            desired = fail(taken.error());
    if (!desired) {
        note_refused(change, "twin.desired.set", target, ask.value, desired.error());
        return done(fail(desired.error()));
    }
    // As the desk has it, with its revision.
    Desired taken = round.asks.desired.back().desired;
    round.answers.push_back([this, change, target, wait, taken = std::move(taken),
                             done = std::move(done), now = round.now](const Error* error) mutable {
        if (error != nullptr) {
            note_refused(change, "twin.desired.set", target, taken.value, *error);
            return done(fail(*error));
        }
        asked_.add();
        note(change, "twin.desired.set", target, sql::to_json(live(taken.twin, taken.path)),
             sql::to_json(taken.value), "ok", change.reason);
        wait_for(
            taken.seq, wait, taken,
            [done = std::move(done)](const Order& order) mutable {
                done(std::get<Desired>(order));
            },
            now);
    });
}

void Orders::take(CommandAsk ask, const Change& change, Duration wait, CommandDone done,
                  Round& round) {
    const auto target = ask.twin + "/" + ask.name;
    const auto first = asked_before(ask);
    Result<Command> command = first ? Result<Command>(Command()) : fail(first.error());
    const bool again = first && first->has_value();
    if (again) {
        command = **first;
    } else if (first) {
        command = made(ask, change, round.now);
        if (command)
            if (auto taken = desk_.ask(*command, round.asks); !taken) command = fail(taken.error());
    }
    if (!command) {
        note_refused(change, "twin.command.ask", target, ask.request, command.error());
        return done(fail(command.error()));
    }
    round.answers.push_back([this, change, target, wait, again, taken = std::move(*command),
                             done = std::move(done), now = round.now](const Error* error) mutable {
        if (error != nullptr) {
            note_refused(change, "twin.command.ask", target, taken.request, *error);
            return done(fail(*error));
        }
        if (!again) {
            asked_.add();
            note(change, "twin.command.ask", target, "", sql::to_json(taken.request), "ok",
                 change.reason);
        }
        wait_for(
            taken.seq, is_live(taken.state) ? wait : Duration{}, taken,
            [done = std::move(done)](const Order& order) mutable {
                done(std::get<Command>(order));
            },
            now);
    });
}

void Orders::keep_asks(Round& round) {
    if (round.answers.empty()) return;
    auto asks = std::exchange(round.asks, {});
    // What came before must be on disk first, or an older state would overwrite a newer one.
    auto kept = keep_held();
    if (kept) kept = keep(round.out);
    if (kept) {
        auto out = std::exchange(round.out, {});
        act(std::move(out), round.now);
        for (auto& answer : std::exchange(round.kept, {}))
            answer(nullptr);
        kept = keep(asks);
    }
    auto answers = std::exchange(round.answers, {});
    if (!kept) {
        disk_failures_.add();
        desk_.take_back();
        for (auto& answer : answers)
            answer(&kept.error());
        return;
    }
    desk_.settle();
    for (const auto& change : asks.desired)
        if (change.step == OrderDesk::Step::asked)
            follow(change.desired.twin, change.desired.path, round);
    act(std::move(asks), round.now);
    for (auto& answer : answers)
        answer(nullptr);
}

// ---- keep, then act

void Orders::finish(Round& round) {
    // Nothing new is sent while the disk fails, or when the server ends.
    if ((!disk_fails_ || round.now >= retry_at_) && !inbox_->closed())
        desk_.turn(round.now, round.out);
    append(held_, std::move(round.out));
    const auto kept = keep_held();
    for (auto& answer : round.kept)
        answer(kept ? nullptr : &kept.error());
}

Result<void> Orders::keep(const OrderDesk::Outputs& outputs) {
    std::vector<Order> orders;
    orders.reserve(outputs.desired.size() + outputs.commands.size());
    for (const auto& change : outputs.desired)
        orders.emplace_back(change.desired);
    for (const auto& change : outputs.commands)
        orders.emplace_back(change.command);
    return store_->save(orders);
}

Result<void> Orders::keep_held() {
    const Time now = rooms_.clock.now();
    if (held_.empty()) return {};
    auto kept = keep(held_);
    if (!kept) {
        if (!disk_fails_)
            log_error("twin",
                      fmt::format("orders wait, as they cannot be kept: {}", kept.error().text()));
        disk_fails_ = true;
        disk_failures_.add();
        retry_at_ = now + retry_after;
        return kept;
    }
    if (disk_fails_) log_info("twin", "orders are kept again");
    disk_fails_ = false;
    act(std::exchange(held_, {}), now);
    return {};
}

void Orders::act(OrderDesk::Outputs outputs, Time now) {
    for (const auto& change : outputs.desired)
        told(change, now);
    for (const auto& change : outputs.commands)
        told(change, now);
    for (const auto& clear : outputs.clears) {
        OrderMessage message;
        message.topic = desired_topic(clear.twin, clear.path);
        message.retain = true;
        rooms_.ports.publish(std::move(message), [](const Result<void>&) {});
    }
    // What was kept for long may have been given up meanwhile.
    for (auto& write : outputs.writes)
        if (desk_.waits_for(write.ticket)) send(std::move(write));
    for (auto& message : outputs.messages)
        if (desk_.waits_for(message.ticket)) send(std::move(message));
}

void Orders::answer(uint64_t ticket, OrderDesk::WriteAnswer what) {
    inbox_->post([this, ticket, what = std::move(what)](Round& round) {
        desk_.answered(ticket, what, round.now, round.out);
    });
}

void Orders::send(OrderDesk::Write write) {
    auto point = rooms_.twins.point(write.twin, write.path);
    if (!point)
        return answer(write.ticket, fail(ErrorCode::invalid_argument, point.error().text()));
    auto value = point_value(write.value);
    if (point->empty() || !value || !rooms_.ports.write) {
        if (!write.of_command) return announce(write);
        return answer(write.ticket,
                      fail(ErrorCode::unsupported,
                           fmt::format("no point that can be written feeds '{}'", write.path)));
    }
    PointWrite order{std::move(*point), std::move(*value), !write.of_command, write.timeout,
                     write.actor,       write.origin,      write.reason};
    const uint64_t ticket = write.ticket;
    auto shared = std::make_shared<OrderDesk::Write>(std::move(write));
    rooms_.ports.write(std::move(order), [this, inbox = inbox_, ticket,
                                          shared](Result<std::optional<Datum>> result) {
        const bool nobody = !result && result.error().code() == ErrorCode::not_found;
        inbox->post([this, ticket, shared, nobody, result = std::move(result)](Round& round) {
            if (!nobody || shared->of_command)
                desk_.answered(ticket, result, round.now, round.out);
            else if (desk_.waits_for(ticket))
                announce(*shared);
        });
    });
}

void Orders::announce(const OrderDesk::Write& write) {
    if (write.is_announced)
        return inbox_->post([this, ticket = write.ticket](Round& round) {
            desk_.announced(ticket, round.now, round.out);
        });
    OrderMessage message;
    message.topic = desired_topic(write.twin, write.path);
    message.payload = desired_message(write.value, write.id, write.deadline);
    message.retain = true;
    rooms_.ports.publish(
        std::move(message), [this, inbox = inbox_, ticket = write.ticket](Result<void> sent) {
            inbox->post([this, ticket, sent = std::move(sent)](Round& round) {
                if (sent)
                    desk_.announced(ticket, round.now, round.out);
                else
                    desk_.answered(ticket, fail(sent.error()), round.now, round.out);
            });
        });
}

void Orders::send(OrderDesk::Message what) {
    const auto& command = what.command;
    OrderMessage message;
    message.topic = fmt::format("$hw/twin/{}/command/{}", command.twin, command.name);
    message.payload = command_message(command.request, command.id, command.deadline);
    message.must_be_heard = true;
    message.expiry = std::max(command.deadline - rooms_.clock.now(), milliseconds(1));
    message.response_topic = message.topic + "/response";
    message.correlation_data = command.id;
    rooms_.ports.publish(std::move(message),
                         [this, inbox = inbox_, ticket = what.ticket](Result<void> sent) {
                             inbox->post([this, ticket, sent = std::move(sent)](Round& round) {
                                 OrderDesk::WriteAnswer heard = std::nullopt;
                                 if (!sent) heard = fail(sent.error());
                                 desk_.answered(ticket, heard, round.now, round.out);
                             });
                         });
}

// ---- those who are told

void Orders::told(const OrderDesk::DesiredChange& change, Time now) {
    const auto& desired = change.desired;
    if (const auto* name = rooms_.twins.name(desired.twin)) {
        const std::string detail = desired_json(desired);
        rooms_.twins.tell({Happening::Kind::desired, name, desired.path, detail, now});
    }
    const bool over = change.step == OrderDesk::Step::ended;
    if (over || desired.state == DesiredState::drifted)
        note({desired.actor, desired.origin, {}, desired.reason},
             fmt::format("twin.desired.{}", to_string(desired.state)),
             desired.twin + "/" + desired.path,
             desired.reported.is_null() ? "" : sql::to_json(desired.reported),
             sql::to_json(desired.value), audit_result(desired.state), desired.detail);
    if (!is_live(desired.state) && desk_.number(desired.twin, desired.path) == 0)
        unfollow(desired.twin, desired.path);
    tell_waiters(desired.seq, desired, over || desired.state == DesiredState::drifted);
}

void Orders::told(const OrderDesk::CommandChange& change, Time now) {
    const auto& command = change.command;
    if (const auto* name = rooms_.twins.name(command.twin)) {
        const std::string detail = command_json(command);
        rooms_.twins.tell({Happening::Kind::command, name, command.name, detail, now});
    }
    const bool over = change.step == OrderDesk::Step::ended;
    if (over)
        note({command.actor, command.origin, {}, command.reason},
             fmt::format("twin.command.{}", to_string(command.state)),
             command.twin + "/" + command.name,
             command.request.is_null() ? "" : sql::to_json(command.request),
             command.response.is_null() ? "" : sql::to_json(command.response),
             audit_result(command.state), command.detail);
    tell_waiters(command.seq, command, over);
}

void Orders::note(const Change& change, std::string_view action, std::string target,
                  std::string old_value, std::string new_value, std::string_view result,
                  std::string detail) {
    rooms_.audit.append({rooms_.clock.now(), change.actor, change.origin, std::string(action),
                         std::move(target), std::move(old_value), std::move(new_value),
                         std::string(result), std::move(detail)});
}

void Orders::note_refused(const Change& change, std::string_view action, std::string target,
                          const Datum& value, const Error& error) {
    refused_.add();
    std::string detail = error.text();
    if (!change.reason.empty()) detail += fmt::format(" ({})", change.reason);
    note(change, action, std::move(target), "", sql::to_json(value), to_string(error.code()),
         std::move(detail));
}

void Orders::wait_for(int64_t seq, Duration wait, Order order,
                      std::move_only_function<void(const Order&)> done, Time now) {
    if (wait.ns <= 0) return done(order);
    waiters_.emplace(
        seq, Waiter{now + std::min(wait, order_wait_most), std::move(order), std::move(done)});
}

void Orders::tell_waiters(int64_t seq, const Order& order, bool over) {
    const auto [first, last] = waiters_.equal_range(seq);
    for (auto at = first; at != last; ++at)
        at->second.last = order;
    if (!over) return;
    std::vector<Waiter> ended;
    for (auto at = first; at != last; ++at)
        ended.push_back(std::move(at->second));
    waiters_.erase(first, last);
    for (auto& waiter : ended)
        waiter.done(waiter.last);
}

void Orders::end_waits(Time now, bool all) {
    for (auto at = waiters_.begin(); at != waiters_.end();) {
        if (!all && at->second.until > now) {
            ++at;
            continue;
        }
        auto waiter = std::move(at->second);
        at = waiters_.erase(at);
        waiter.done(waiter.last);
    }
}

}  // namespace hw::twin
