// What is asked, checked and followed.

#include "twin/order/orders.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr Duration ask_again_after = milliseconds(100);
constexpr size_t asked_one_by_one = 16;
constexpr size_t asked_all_after = 10'000;

OrderDesk::Limits limits_of(const OrderSettings& settings) {
    OrderDesk::Limits limits;
    limits.attempt_timeout = settings.order_timeout;
    limits.writes = settings.writes_limit;
    limits.desired = settings.desired_limit;
    limits.commands = settings.commands_limit;
    limits.commands_per_twin = settings.commands_per_twin_limit;
    return limits;
}

std::string key_of(std::string_view twin, std::string_view path) {
    std::string key(twin);
    key += '\0';
    key += path;
    return key;
}

Error no_room(bool closed) {
    if (closed) return Error(ErrorCode::unavailable, "the server ends; ask again when it is back");
    return Error(ErrorCode::limit_exceeded,
                 fmt::format("{} orders wait to be taken in already; try again later",
                             OrderInbox<int>::limit));
}

// Its own in each life of a server and of its copies, so that no answer meets a stranger.
std::string new_id(Time now, int64_t seq) {
    return fmt::format("{:x}-{}", now.ns, seq);
}

}  // namespace

Orders::Orders(const OrderSettings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(std::move(rooms)),
      asked_(rooms_.metrics.counter("headworks_twin_orders_asked_total",
                                    "Desired values and commands that were accepted")),
      refused_(rooms_.metrics.counter("headworks_twin_orders_refused_total",
                                      "Desired values and commands that were not accepted")),
      disk_failures_(rooms_.metrics.counter("headworks_twin_orders_disk_failures_total",
                                            "Changes of orders that the catalogue did not take")),
      desk_(limits_of(settings)),
      planner_(rooms_.functions),
      inbox_(std::make_shared<Inbox>()) {
    add_gauges();
}

Result<std::unique_ptr<Orders>> Orders::open(const OrderSettings& settings, Rooms rooms) {
    std::unique_ptr<Orders> made(new Orders(settings, std::move(rooms)));
    made->store_ = HW_TRY(OrderStore::open(made->rooms_.database));
    made->loaded_ = HW_TRY(made->store_->load());
    made->last_seq_ = made->loaded_.last_seq;
    made->rooms_.twins.add_follower(*made);
    return made;
}

Orders::~Orders() {
    stop();
}

void Orders::add_gauges() {
    const auto gauge = [&](std::string_view name, std::string_view help,
                           const std::atomic<uint64_t>& figure) {
        rooms_.metrics.gauge(name, help, [&figure] { return static_cast<double>(figure.load()); });
    };
    gauge("headworks_twin_desired", "Desired values that are followed", figures_.desired);
    gauge("headworks_twin_commands_open", "Commands that are not over", figures_.commands);
    gauge("headworks_twin_order_writes", "Writes of orders that are under way", figures_.writes);
}

void Orders::begin() {
    Round round{rooms_.clock.now(), {}, {}, {}, {}};
    for (auto& desired : loaded_.desired)
        desk_.restore(std::move(desired), round.now);
    for (auto& command : loaded_.commands)
        desk_.restore(std::move(command), round.now, round.out);
    loaded_ = {};
    std::vector<std::pair<std::string, std::string>> slots;
    std::vector<std::string> gone;
    desk_.each_desired([&](const Desired& desired) {
        if (model_of(desired.twin))
            slots.emplace_back(desired.twin, desired.path);
        else
            gone.push_back(desired.twin);
    });
    for (const auto& twin : gone)
        desk_.twin_removed(twin, round.now, round.out);
    for (const auto& [twin, path] : slots)
        follow(twin, path, round);
    upkeep_at_ = round.now + seconds(60);
    finish(round);
}

void Orders::start() {
    HW_ASSERT(!thread_.joinable());
    begin();
    thread_ = std::thread([this] { loop(); });
}

void Orders::loop() {
    pthread_setname_np(pthread_self(), "twin-order");
    while (!inbox_->closed()) {
        run_once();
        const Duration wait = next_time() - rooms_.clock.now();
        // Wall time may jump, so it is looked at now and then.
        if (wait.ns > 0) inbox_->wait(std::min(wait, seconds(5)));
    }
}

void Orders::stop() {
    inbox_->close();
    if (!thread_.joinable()) return;
    thread_.join();
    run_once();
    end_waits(rooms_.clock.now(), true);
}

bool Orders::knows_twin(std::string_view id) const {
    const auto* name = rooms_.twins.name(id);
    return name != nullptr && rooms_.twins.model_of(*name) != nullptr;
}

// ---- asks

void Orders::desire(DesiredAsk ask, Change change, Duration wait, DesiredDone done) {
    // Shared, so that it can still be answered where the inbox takes nothing.
    auto shared = std::make_shared<DesiredDone>(std::move(done));
    Inbox::Input input{true, [this, ask = std::move(ask), change = std::move(change), wait,
                              shared](Round& round) mutable {
                           take(std::move(ask), change, wait, std::move(*shared), round);
                       }};
    if (!inbox_->offer(input)) (*shared)(fail(no_room(inbox_->closed())));
}

void Orders::desire_all(std::vector<DesiredAsk> asks, Change change, DesiredListDone done) {
    struct Job {
        std::vector<Result<Desired>> results;
        size_t left = 0;
        DesiredListDone done;
    };
    auto job = std::make_shared<Job>(Job{{}, asks.size(), std::move(done)});
    if (asks.empty()) return job->done({});
    for (size_t i = 0; i < asks.size(); ++i)
        job->results.push_back(fail(no_room(true)));
    Inbox::Input input{
        true, [this, asks = std::move(asks), change = std::move(change), job](Round& round) {
            for (size_t i = 0; i < asks.size(); ++i)
                take(
                    asks[i], change, {},
                    [job, i](Result<Desired> result) {
                        job->results[i] = std::move(result);
                        if (--job->left == 0) job->done(std::move(job->results));
                    },
                    round);
        }};
    if (inbox_->offer(input)) return;
    for (auto& result : job->results)
        result = fail(no_room(inbox_->closed()));
    job->done(std::move(job->results));
}

void Orders::command(CommandAsk ask, Change change, Duration wait, CommandDone done) {
    auto shared = std::make_shared<CommandDone>(std::move(done));
    Inbox::Input input{true, [this, ask = std::move(ask), change = std::move(change), wait,
                              shared](Round& round) mutable {
                           take(std::move(ask), change, wait, std::move(*shared), round);
                       }};
    if (!inbox_->offer(input)) (*shared)(fail(no_room(inbox_->closed())));
}

void Orders::cancel(std::string twin, std::string path, Change change, DesiredDone done) {
    auto shared = std::make_shared<DesiredDone>(std::move(done));
    Inbox::Input input{
        false, [this, twin = std::move(twin), path = std::move(path), change = std::move(change),
                shared](Round& round) {
            const auto* current = desk_.find(twin, path);
            if (current != nullptr) {
                Desired desired = *current;
                desk_.cancel(twin, path,
                             fmt::format("cancelled by {}",
                                         change.actor.empty() ? "somebody" : change.actor),
                             round.now, round.out);
                note(change, "twin.desired.cancel", twin + "/" + path, sql::to_json(desired.value),
                     "", "ok", change.reason);
                const Desired over = round.out.desired.back().desired;
                round.kept.push_back([shared, over](const Error* error) {
                    error == nullptr ? (*shared)(over) : (*shared)(fail(*error));
                });
                return;
            }
            auto last = store_->desired(twin, path);
            if (!last) return (*shared)(fail(last.error()));
            if (*last)
                return (*shared)(
                    fail(ErrorCode::conflict,
                         fmt::format("the desired value of '{}' is {} already; there is nothing to "
                                     "cancel",
                                     path, to_string((*last)->state))));
            (*shared)(fail(ErrorCode::not_found,
                           fmt::format("'{}' of '{}' has no desired value", path, twin)));
        }};
    if (!inbox_->offer(input)) (*shared)(fail(no_room(inbox_->closed())));
}

void Orders::cancel_command(std::string id, Change change, CommandDone done) {
    auto shared = std::make_shared<CommandDone>(std::move(done));
    Inbox::Input input{
        false, [this, id = std::move(id), change = std::move(change), shared](Round& round) {
            auto cancelled = desk_.cancel_command(
                id,
                fmt::format("cancelled by {}", change.actor.empty() ? "somebody" : change.actor),
                round.now, round.out);
            if (cancelled) {
                const Command over = round.out.commands.back().command;
                note(change, "twin.command.cancel", over.twin + "/" + over.name, "", "", "ok",
                     change.reason);
                round.kept.push_back([shared, over](const Error* error) {
                    error == nullptr ? (*shared)(over) : (*shared)(fail(*error));
                });
                return;
            }
            if (cancelled.error().code() != ErrorCode::not_found)
                return (*shared)(fail(cancelled.error()));
            const auto last = store_->command(id);
            if (!last) return (*shared)(fail(last.error()));
            if (*last)
                return (*shared)(
                    fail(ErrorCode::conflict,
                         fmt::format("command '{}' is {} already", id, to_string((*last)->state))));
            (*shared)(fail(ErrorCode::not_found, fmt::format("there is no command '{}'", id)));
        }};
    if (!inbox_->offer(input)) (*shared)(fail(no_room(inbox_->closed())));
}

void Orders::respond(std::string twin, std::string name, std::string correlation_data,
                     std::string payload) {
    Inbox::Input input{
        false, [this, twin = std::move(twin), name = std::move(name),
                id = std::move(correlation_data), payload = std::move(payload)](Round& round) {
            auto read = read_command_response(payload);
            const std::string& which = id.empty() && read ? read->id : id;
            const auto* command = desk_.find_command(which);
            if (command == nullptr || command->twin != twin || command->name != name) return;
            Result<Datum> response = Datum();
            if (!read) {
                response = fail(read.error());
            } else if (read->error) {
                response = fail(ErrorCode::io_failed, *read->error);
            } else {
                response = std::move(read->response);
                const auto model = model_of(twin);
                const auto found = model ? find_command(*rooms_.twins.models(), *model, name)
                                         : Result<FoundCommand>(fail(model.error()));
                if (found) response = check_response(*found->content, *response);
            }
            desk_.responded(std::string(which), std::move(response), round.now, round.out);
        }};
    if (!inbox_->offer(input))
        log_warning("twin", fmt::format("the response to command '{}' found no room", name));
}

void Orders::link_up() {
    inbox_->post([this](Round& round) {
        desk_.link_up(
            [this](std::string_view twin, std::string_view path) {
                if (!rooms_.ports.has_point) return true;
                const auto point = rooms_.twins.point(twin, path);
                return point && rooms_.ports.has_point(*point);
            },
            round.now);
    });
}

// ---- checks

Result<InterfacePtr> Orders::model_of(std::string_view twin) const {
    const auto* name = rooms_.twins.name(twin);
    auto model = name == nullptr ? nullptr : rooms_.twins.model_of(*name);
    if (model) return model;
    // Its error names the nearest.
    if (const auto spec = rooms_.twins.spec(twin); !spec) return fail(spec.error());
    return fail(ErrorCode::not_found, fmt::format("there is no twin '{}'", twin));
}

Datum Orders::live(std::string_view twin, std::string_view path) const {
    const auto* name = rooms_.twins.name(twin);
    const auto model = name == nullptr ? nullptr : rooms_.twins.model_of(*name);
    const auto slot = model ? model->slot(path) : std::nullopt;
    return slot ? rooms_.twins.peek(*name, *slot).value : Datum();
}

Result<Desired> Orders::made(const DesiredAsk& ask, const Change& change, Time now) {
    const auto model = HW_TRY(model_of(ask.twin));
    Desired desired;
    desired.value = HW_TRY(check_desired(*model, ask.path, ask.value));
    if (desk_.find(ask.twin, ask.path) == nullptr) {
        const auto last = HW_TRY(store_->desired(ask.twin, ask.path));
        if (last) desired.revision = last->revision + 1;
    }
    desired.seq = ++last_seq_;
    desired.id = new_id(now, desired.seq);
    desired.twin = ask.twin;
    desired.path = ask.path;
    desired.keep = ask.keep;
    desired.asked_at = now;
    const Duration timeout = ask.timeout.value_or(settings_.desired_timeout);
    if (timeout.ns > 0) desired.deadline = now + std::min(timeout, desired_timeout_most);
    desired.actor = change.actor;
    desired.origin = change.origin;
    desired.reason = change.reason;
    return desired;
}

std::optional<Desired> Orders::unchanged(const DesiredAsk& ask) const {
    const auto* current = desk_.find(ask.twin, ask.path);
    if (current == nullptr || current->state != DesiredState::applied ||
        current->keep != ask.keep || !(current->value == ask.value))
        return std::nullopt;
    return *current;
}

Result<Command> Orders::made(const CommandAsk& ask, const Change& change, Time now) {
    const auto model = HW_TRY(model_of(ask.twin));
    const auto found = HW_TRY(find_command(*rooms_.twins.models(), model, ask.name));
    Command command;
    command.request = HW_TRY(check_request(*found.content, ask.request));
    command.writes = HW_TRY(planner_.plan(
        *model, found, command.request, [&](std::string_view path) { return live(ask.twin, path); },
        now));
    Duration timeout = settings_.command_timeout;
    if (found.content->timeout.ns > 0) timeout = found.content->timeout;
    if (ask.timeout) timeout = *ask.timeout;
    if (timeout.ns <= 0 || timeout > command_timeout_most)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("a command's timeout must be more than 0 and at most {}",
                                format_duration(command_timeout_most)));
    command.seq = ++last_seq_;
    command.id = ask.id.empty() ? new_id(now, command.seq) : ask.id;
    command.twin = ask.twin;
    command.name = ask.name;
    command.asked_at = now;
    command.deadline = now + timeout;
    command.actor = change.actor;
    command.origin = change.origin;
    command.reason = change.reason;
    return command;
}

Result<std::optional<Command>> Orders::asked_before(const CommandAsk& ask) const {
    if (ask.id.empty()) return std::optional<Command>();
    HW_TRY(check_order_id(ask.id));
    std::optional<Command> first;
    if (const auto* open = desk_.find_command(ask.id))
        first = *open;
    else
        first = HW_TRY(store_->command(ask.id));
    if (first && (first->twin != ask.twin || first->name != ask.name))
        return fail(ErrorCode::conflict,
                    fmt::format("the id '{}' was used for command '{}' of '{}' already", ask.id,
                                first->name, first->twin));
    return first;
}

// ---- reports

uint32_t Orders::interest(const TwinName& twin, const Interface& model, size_t slot) {
    MutexLock lock(notes_mutex_);
    if (twin.index >= followed_twins_.size() || followed_twins_[twin.index] == 0) return 0;
    const auto at = followed_.find(key_of(twin.id, model.slots[slot].path));
    return at == followed_.end() ? 0 : at->second;
}

void Orders::changed(uint32_t interest, const TwinName&, size_t, const LiveValue& value) {
    if (value.value.is_null() || model::family(value.quality) == model::QualityFamily::bad) return;
    MutexLock lock(notes_mutex_);
    notes_.reports[interest] = value;
    notes_.wake = true;
}

void Orders::happened(const Happening& happening) {
    if (happening.kind != Happening::Kind::twin_removed || happening.twin == nullptr) return;
    MutexLock lock(notes_mutex_);
    notes_.removed.push_back(happening.twin->id);
    notes_.wake = true;
}

void Orders::round_end() {
    {
        MutexLock lock(notes_mutex_);
        if (!std::exchange(notes_.wake, false)) return;
    }
    inbox_->wake();
}

void Orders::follow(std::string_view twin, std::string_view path, Round& round) {
    const uint32_t number = desk_.number(twin, path);
    const auto* name = rooms_.twins.name(twin);
    if (number == 0 || name == nullptr) return;
    {
        MutexLock lock(notes_mutex_);
        if (followed_twins_.size() <= name->index) followed_twins_.resize(name->index + 1);
        auto& known = followed_[key_of(twin, path)];
        if (known == 0) ++followed_twins_[name->index];
        if (known == number) return;
        known = number;
    }
    ask_again_.emplace(twin, path);
    ++followed_since_;
    look(twin, path, round);
}

// The value there is now.
void Orders::look(std::string_view twin, std::string_view path, Round& round) {
    const auto* name = rooms_.twins.name(twin);
    const auto model = name == nullptr ? nullptr : rooms_.twins.model_of(*name);
    const auto slot = model ? model->slot(path) : std::nullopt;
    if (!slot) return;
    const auto value = rooms_.twins.peek(*name, *slot);
    if (value.value.is_null() || value.stale ||
        model::family(value.quality) == model::QualityFamily::bad)
        return;
    desk_.reported(desk_.number(twin, path), value.value, value.time, round.now, round.out);
}

// Those who follow still tell of it until they are asked again; such reports are nobody's.
void Orders::unfollow(std::string_view twin, std::string_view path) {
    const auto* name = rooms_.twins.name(twin);
    MutexLock lock(notes_mutex_);
    const auto at = followed_.find(key_of(twin, path));
    if (at == followed_.end()) return;
    followed_.erase(at);
    if (name != nullptr && name->index < followed_twins_.size()) --followed_twins_[name->index];
}

void Orders::ask_interests(Time now) {
    if (ask_again_.empty() || ask_again_at_ > now) return;
    auto slots = std::exchange(ask_again_, {});
    ask_again_at_ = now + ask_again_after;
    // Twins forget old numbers only when all are asked.
    if (slots.size() > asked_one_by_one || followed_since_ > asked_all_after) {
        followed_since_ = 0;
        rooms_.twins.ask_again();
    } else {
        for (const auto& [twin, path] : slots)
            rooms_.twins.ask_again(twin);
    }
    // What was reported before they were asked.
    inbox_->post([this, slots = std::move(slots)](Round& round) {
        for (const auto& [twin, path] : slots)
            look(twin, path, round);
    });
}

void Orders::take_reports(Round& round) {
    Notes notes;
    {
        MutexLock lock(notes_mutex_);
        notes = std::exchange(notes_, {});
    }
    for (const auto& twin : notes.removed)
        desk_.twin_removed(twin, round.now, round.out);
    for (const auto& [number, value] : notes.reports)
        desk_.reported(number, value.value, value.time, round.now, round.out);
}

}  // namespace hw::twin
