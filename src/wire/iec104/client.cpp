#include "wire/iec104/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::iec104 {
namespace {

constexpr size_t index_of(Procedure procedure) {
    return static_cast<size_t>(procedure);
}

TypeId type_of(Procedure procedure) {
    switch (procedure) {
        case Procedure::clock:
            return TypeId::c_cs_na;
        case Procedure::interrogation:
            return TypeId::c_ic_na;
        case Procedure::counters:
            return TypeId::c_ci_na;
    }
    HW_UNREACHABLE();
}

std::optional<Procedure> procedure_of(TypeId type) {
    if (type == TypeId::c_cs_na) return Procedure::clock;
    if (type == TypeId::c_ic_na) return Procedure::interrogation;
    if (type == TypeId::c_ci_na) return Procedure::counters;
    return std::nullopt;
}

bool is_unknown(Cause cause) {
    return cause >= Cause::unknown_type && cause <= Cause::unknown_object_address;
}

// What the station has against it; nullopt: nothing.
std::optional<Error> refusal(const AsduHeader& header, std::string_view what) {
    if (is_unknown(header.cause)) {
        const bool addressed = header.cause >= Cause::unknown_common_address;
        return Error(addressed ? ErrorCode::not_found : ErrorCode::unsupported,
                     fmt::format("the station refused the {}: {}", what, name_of(header.cause)));
    }
    if (header.negative)
        return Error(ErrorCode::conflict, fmt::format("the station refused the {}: negative {}",
                                                      what, name_of(header.cause)));
    return std::nullopt;
}

void set_select(Element& element, bool select) {
    if (auto* switching = std::get_if<Switching>(&element)) switching->select = select;
    if (auto* set_point = std::get_if<SetPoint>(&element)) set_point->select = select;
}

bool is_select(const Element& element) {
    if (const auto* switching = std::get_if<Switching>(&element)) return switching->select;
    if (const auto* set_point = std::get_if<SetPoint>(&element)) return set_point->select;
    return false;
}

}  // namespace

std::string_view name_of(Procedure procedure) {
    switch (procedure) {
        case Procedure::clock:
            return "clock synchronisation";
        case Procedure::interrogation:
            return "general interrogation";
        case Procedure::counters:
            return "counter interrogation";
    }
    return "procedure";
}

// What the link tells, on its way to the client.
class Client::Ears final : public LinkHandler {
  public:
    Ears(Client& client, ClientHandler& handler, std::string& out)
        : client_(client), handler_(handler), out_(out) {}

    void on_started() override {
        for (Station& station : client_.stations_)
            client_.schedule_start(station);
        handler_.on_started();
        client_.run_due(client_.clock_.monotonic(), out_);
    }
    void on_stopped() override {
        client_.fail_all(Error(ErrorCode::unavailable, "data transfer was stopped"), handler_);
        handler_.on_stopped();
    }
    void on_asdu(BytesView asdu) override { client_.hear(asdu, handler_, out_); }

  private:
    Client& client_;
    ClientHandler& handler_;
    std::string& out_;
};

Client::Client(const ClientSettings& settings, const Clock& clock)
    : settings_(settings), clock_(clock), link_(LinkRole::controlling, settings.link) {}

Client::Station* Client::find_station(uint16_t address) {
    const auto found = std::ranges::find(stations_, address, &Station::address);
    return found != stations_.end() ? &*found : nullptr;
}

void Client::set_stations(std::span<const uint16_t> common_addresses, std::string& out) {
    std::erase_if(stations_, [&](const Station& station) {
        return std::ranges::find(common_addresses, station.address) == common_addresses.end();
    });
    for (const uint16_t address : common_addresses) {
        if (find_station(address) != nullptr) continue;
        stations_.push_back(Station{.address = address});
        if (link_.started()) schedule_start(stations_.back());
    }
    run_due(clock_.monotonic(), out);
}

void Client::interrogate(uint16_t common_address, std::string& out) {
    Station* station = find_station(common_address);
    if (station == nullptr || !link_.started()) return;
    station->due[index_of(Procedure::interrogation)] = clock_.monotonic();
    run_due(clock_.monotonic(), out);
}

void Client::schedule_start(Station& station) {
    const Time now = clock_.monotonic();
    station = Station{.address = station.address};
    if (settings_.clock_at_start) station.due[index_of(Procedure::clock)] = now;
    station.due[index_of(Procedure::interrogation)] = now;
    if (settings_.counter_interval > Duration{}) station.due[index_of(Procedure::counters)] = now;
}

void Client::connected(std::string& out) {
    for (Station& station : stations_)
        station = Station{.address = station.address};
    link_.reset(clock_.monotonic());
    link_.start(clock_.monotonic(), out);
}

void Client::disconnected(const Error& why, ClientHandler& handler) {
    link_.reset(clock_.monotonic());
    for (Station& station : stations_)
        station = Station{.address = station.address};
    fail_all(Error(ErrorCode::unavailable, why.text()), handler);
}

Result<void> Client::feed(BytesView bytes, ClientHandler& handler, std::string& out) {
    Ears ears(*this, handler, out);
    Result<void> fed = link_.feed(bytes, clock_.monotonic(), ears, out);
    if (!fed) fail_all(Error(ErrorCode::unavailable, fed.error().text()), handler);
    return fed;
}

Result<void> Client::tick(ClientHandler& handler, std::string& out) {
    const Time now = clock_.monotonic();
    Result<void> ticked = link_.tick(now, out);
    if (!ticked) {
        fail_all(Error(ErrorCode::unavailable, ticked.error().text()), handler);
        return ticked;
    }
    HW_TRY(expire(now, handler, out));
    run_due(now, out);
    return {};
}

std::optional<Time> Client::deadline() const {
    std::optional<Time> first = link_.deadline();
    const auto consider = [&](Time time) { first = first ? std::min(*first, time) : time; };
    for (const Station& station : stations_) {
        if (station.active) {
            consider(station.deadline);
            continue;
        }
        for (const auto& due : station.due)
            if (due) consider(*due);
    }
    for (const Order& order : orders_)
        if (order.stage != Stage::waiting) consider(order.deadline);
    return first;
}

void Client::run_due(Time now, std::string& out) {
    if (!link_.started()) return;
    for (Station& station : stations_) {
        for (size_t i = 0; i < procedures && !station.active; ++i)
            if (station.due[i] && *station.due[i] <= now)
                begin(station, static_cast<Procedure>(i), now, out);
    }
}

void Client::begin(Station& station, Procedure procedure, Time now, std::string& out) {
    Object object;
    Duration interval{};
    switch (procedure) {
        case Procedure::clock:
            object.time = tag_from_time(clock_.now(), settings_.zone);
            interval = settings_.clock_interval;
            break;
        case Procedure::interrogation:
            object.element = Qualifier{station_interrogation};
            interval = settings_.interrogation_interval;
            break;
        case Procedure::counters:
            object.element = Qualifier{all_counters};
            interval = settings_.counter_interval;
            break;
    }
    auto& due = station.due[index_of(procedure)];
    due.reset();
    if (interval > Duration{}) due = now + interval;
    const AsduHeader header{.type = type_of(procedure),
                            .cause = Cause::activation,
                            .originator = settings_.originator,
                            .common_address = station.address};
    station.active = procedure;
    station.confirmed = false;
    station.asked_at = now;
    station.deadline = now + settings_.confirm_timeout;
    station.round_trip = {};
    // A full queue shows as a missing confirmation.
    (void)link_.send(write_asdu(header, {&object, 1}), now, out);
}

void Client::finish(Station& station, Result<Duration> result, ClientHandler& handler) {
    const Procedure procedure = *station.active;
    const uint16_t address = station.address;
    station.active.reset();
    auto& due = station.due[index_of(procedure)];
    // One that was confirmed brought what there is, also where its termination is missing.
    if (!result && !station.confirmed && procedure != Procedure::clock) {
        const Time again = clock_.monotonic() + settings_.retry_interval;
        due = due ? std::min(*due, again) : again;
    }
    handler.on_procedure(address, procedure, std::move(result));
}

Result<void> Client::expire(Time now, ClientHandler& handler, std::string& out) {
    for (size_t i = 0; i < stations_.size(); ++i) {
        Station& station = stations_[i];
        if (!station.active || now < station.deadline) continue;
        const std::string_view name = name_of(*station.active);
        if (station.confirmed)
            finish(station,
                   fail(ErrorCode::unavailable,
                        fmt::format("no termination of the {} within {} of the last object", name,
                                    format_duration(settings_.silence_timeout))),
                   handler);
        else
            finish(
                station,
                fail(ErrorCode::timed_out, fmt::format("no confirmation of the {} within {}", name,
                                                       format_duration(settings_.confirm_timeout))),
                handler);
    }
    for (size_t i = 0; i < orders_.size();) {
        const Order& order = orders_[i];
        if (order.stage == Stage::waiting || now < order.deadline) {
            ++i;
            continue;
        }
        const std::string_view what = order.stage == Stage::selecting ? "confirmation of the select"
                                      : order.stage == Stage::terminating ? "termination"
                                                                          : "answer";
        answer(i,
               fail(ErrorCode::timed_out,
                    fmt::format("no {} to {} of object {} within {}", what,
                                name_of(order.command.type), order.command.object_address,
                                format_duration(settings_.confirm_timeout))),
               handler, out);
        i = 0;
    }
    return {};
}

Result<void> Client::command(OrderId id, const Command& command, std::string& out) {
    return enlist({.id = id, .command = command}, out);
}

Result<void> Client::read(OrderId id, uint16_t common_address, uint32_t object_address,
                          std::string& out) {
    return enlist({.id = id,
                   .command = {.common_address = common_address,
                               .type = TypeId::c_rd_na,
                               .object_address = object_address,
                               .element = {}}},
                  out);
}

Result<void> Client::enlist(Order order, std::string& out) {
    if (!link_.started())
        return fail(ErrorCode::unavailable, "the station is not connected and started");
    if (orders_.size() >= settings_.orders_limit)
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("{} commands and reads are under way, the limit", settings_.orders_limit));
    orders_.push_back(std::move(order));
    if (!blocked(orders_.size() - 1)) advance(orders_.back(), clock_.monotonic(), out);
    return {};
}

bool Client::blocked(size_t index) const {
    const Command& mine = orders_[index].command;
    for (size_t i = 0; i < index; ++i) {
        const Command& other = orders_[i].command;
        if (other.common_address == mine.common_address && other.type == mine.type &&
            other.object_address == mine.object_address)
            return true;
    }
    return false;
}

// Sends the order's next ASDU: the select, or the execution.
void Client::advance(Order& order, Time now, std::string& out) {
    const Command& command = order.command;
    const bool select = order.stage == Stage::waiting && command.select_first;
    order.stage = select ? Stage::selecting : Stage::executing;
    order.asked_at = now;
    order.deadline = now + settings_.confirm_timeout;
    Object object{
        .address = command.object_address, .element = command.element, .quality = {}, .time = {}};
    set_select(object.element, select);
    const TypeFacts* facts = find_type(command.type);
    HW_ASSERT(facts != nullptr);
    if (facts->time == TimeForm::cp56) object.time = tag_from_time(clock_.now(), settings_.zone);
    const bool read = command.type == TypeId::c_rd_na;
    const AsduHeader header{.type = command.type,
                            .cause = read ? Cause::request : Cause::activation,
                            .originator = settings_.originator,
                            .common_address = command.common_address};
    // A full queue shows as a missing answer.
    (void)link_.send(write_asdu(header, {&object, 1}), now, out);
}

void Client::answer(size_t index, Result<Duration> result, ClientHandler& handler,
                    std::string& out) {
    const OrderId id = orders_[index].id;
    orders_.erase(orders_.begin() + static_cast<std::ptrdiff_t>(index));
    const Time now = clock_.monotonic();
    for (size_t i = index; i < orders_.size(); ++i)
        if (orders_[i].stage == Stage::waiting && !blocked(i)) advance(orders_[i], now, out);
    handler.on_answer(id, std::move(result));
}

void Client::fail_all(const Error& why, ClientHandler& handler) {
    for (Order& order : std::exchange(orders_, {}))
        handler.on_answer(order.id, fail(why));
    for (size_t i = 0; i < stations_.size(); ++i)
        if (stations_[i].active)
            finish(stations_[i], fail(ErrorCode::cancelled, why.text()), handler);
}

void Client::hear(BytesView bytes, ClientHandler& handler, std::string& out) {
    const Result<Asdu> asdu = parse_asdu(bytes);
    if (!asdu) return handler.on_discarded(asdu.error());
    const AsduHeader& header = asdu->header;
    if (header.test)
        return handler.on_discarded(Error(
            ErrorCode::unsupported, fmt::format("{} with the test bit", name_of(header.type))));
    if (is_monitored(header.type)) return hear_monitored(*asdu, handler, out);
    if (const auto procedure = procedure_of(header.type))
        return hear_procedure(*asdu, *procedure, handler), run_due(clock_.monotonic(), out);
    hear_command(*asdu, handler, out);
}

void Client::hear_monitored(const Asdu& asdu, ClientHandler& handler, std::string& out) {
    const AsduHeader& header = asdu.header;
    if (Station* station = find_station(header.common_address); station != nullptr) {
        if (station->active && station->confirmed)
            station->deadline = clock_.monotonic() + settings_.silence_timeout;
    }
    if (header.type == TypeId::m_ei_na) {
        if (asdu.objects.empty()) return;
        handler.on_initialized(header.common_address,
                               std::get<EndOfInitialization>(asdu.objects.front().element));
        Station* station = find_station(header.common_address);
        // One that is under way began after the restart, as STARTDT did.
        if (station != nullptr && station->active != Procedure::interrogation)
            interrogate(header.common_address, out);
        return;
    }
    for (const Object& object : asdu.objects) {
        handler.on_object(header, object);
        if (header.cause != Cause::request) continue;
        const auto asked = std::ranges::find_if(orders_, [&](const Order& order) {
            return order.command.type == TypeId::c_rd_na && order.stage == Stage::executing &&
                   order.command.common_address == header.common_address &&
                   order.command.object_address == object.address;
        });
        if (asked != orders_.end())
            answer(static_cast<size_t>(asked - orders_.begin()),
                   clock_.monotonic() - asked->asked_at, handler, out);
    }
}

void Client::hear_procedure(const Asdu& asdu, Procedure procedure, ClientHandler& handler) {
    const AsduHeader& header = asdu.header;
    Station* station = find_station(header.common_address);
    if (station == nullptr || station->active != procedure) return;
    if (auto error = refusal(header, name_of(procedure)))
        return finish(*station, fail(std::move(*error)), handler);
    const Time now = clock_.monotonic();
    if (header.cause == Cause::activation_confirmation && !station->confirmed) {
        station->confirmed = true;
        station->round_trip = now - station->asked_at;
        station->deadline = now + settings_.silence_timeout;
        if (procedure == Procedure::clock) finish(*station, station->round_trip, handler);
    } else if (header.cause == Cause::activation_termination && station->confirmed) {
        finish(*station, station->round_trip, handler);
    }
}

void Client::hear_command(const Asdu& asdu, ClientHandler& handler, std::string& out) {
    const AsduHeader& header = asdu.header;
    if (asdu.objects.size() != 1) return;
    const Object& object = asdu.objects.front();
    const auto found = std::ranges::find_if(orders_, [&](const Order& order) {
        return order.stage != Stage::waiting && order.command.type == header.type &&
               order.command.common_address == header.common_address &&
               order.command.object_address == object.address;
    });
    if (found == orders_.end()) return;
    Order& order = *found;
    const auto index = static_cast<size_t>(found - orders_.begin());
    const std::string_view what = order.stage == Stage::selecting  ? "select"
                                  : header.type == TypeId::c_rd_na ? "read"
                                                                   : "command";
    if (auto error = refusal(header, what))
        return answer(index, fail(std::move(*error)), handler, out);
    // Some confirm a read before they answer it; only the object is an answer.
    if (header.type == TypeId::c_rd_na) return;
    const Time now = clock_.monotonic();
    if (header.cause == Cause::activation_confirmation) {
        // The mirror of another stage is late or stray.
        if (is_select(object.element) != (order.stage == Stage::selecting)) return;
        if (order.stage == Stage::selecting) return advance(order, now, out);
        if (order.stage == Stage::executing && settings_.await_termination) {
            order.stage = Stage::terminating;
            order.deadline = now + settings_.confirm_timeout;
            return;
        }
        if (order.stage == Stage::executing) answer(index, now - order.asked_at, handler, out);
    } else if (header.cause == Cause::activation_termination && order.stage == Stage::terminating) {
        answer(index, now - order.asked_at, handler, out);
    }
}

}  // namespace hw::iec104
