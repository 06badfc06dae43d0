#include "wire/hj212/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hw::hj212 {
namespace {

constexpr std::string_view answer_system = "91";  // ST of what a centre sends beside commands
constexpr std::string_view succeeded = "1";       // QnRtn, ExeRtn

std::string_view value_of(const std::vector<Item>& items, std::string_view name) {
    const auto found = std::ranges::find_if(
        items, [&](const Item& item) { return item.factor == name && item.field.empty(); });
    return found != items.end() ? found->value : std::string_view();
}

}  // namespace

bool is_report(uint16_t command) {
    switch (static_cast<Command>(command)) {
        case Command::realtime:
        case Command::equipment_status:
        case Command::day:
        case Command::running_time:
        case Command::minute:
        case Command::hour:
            return true;
        default:
            return false;
    }
}

Receiver::Receiver(ReceiverSettings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {}

Result<void> Receiver::feed(BytesView bytes, ReceiverHandler& handler, std::string& out) {
    reader_.feed(bytes);
    const uint64_t damaged = reader_.damaged();
    while (const std::optional<std::string_view> data = HW_TRY(reader_.next())) {
        const Result<Packet> packet = parse_data(*data);
        if (packet)
            take(*packet, handler, out);
        else
            handler.on_rejected({}, packet.error());
    }
    if (reader_.damaged() > damaged)
        handler.on_rejected(
            {}, Error(ErrorCode::corrupt, fmt::format("{} packets with a wrong CRC since the "
                                                      "connection was made",
                                                      reader_.damaged())));
    return {};
}

void Receiver::take(const Packet& packet, ReceiverHandler& handler, std::string& out) {
    if (!settings_.password.empty() && packet.password != settings_.password)
        return handler.on_rejected(
            packet.station,
            Error(ErrorCode::permission_denied, "the password PW is not the one that is set"));
    if (std::ranges::find(stations_, packet.station) == stations_.end()) {
        if (stations_.size() >= settings_.stations_limit)
            return handler.on_rejected(
                packet.station, Error(ErrorCode::limit_exceeded,
                                      fmt::format("a connection speaks for at most {} stations",
                                                  settings_.stations_limit)));
        stations_.emplace_back(packet.station);
        if (settings_.set_clock) set_clock(packet, out);
    }
    handler.on_heard(packet.station);
    const auto command = static_cast<Command>(packet.command);
    switch (command) {
        case Command::request_answer:
        case Command::result:
            return take_answer(packet, handler);
        case Command::notice_answer:
        case Command::data_answer:
            return;
        // The station wants the time; the answer is the time.
        case Command::clock_request:
            answer(packet, Command::notice_answer, out);
            return set_clock(packet, out);
        default:
            break;
    }
    answer(packet, is_report(packet.command) ? Command::data_answer : Command::notice_answer, out);
    if (is_report(packet.command)) take_report(packet, handler);
}

void Receiver::answer(const Packet& packet, Command command, std::string& out) {
    if (!packet.flag.answer) return;
    out += write_packet({.request = packet.request,
                         .system = answer_system,
                         .command = static_cast<uint16_t>(command),
                         .password = packet.password,
                         .station = packet.station,
                         .flag = {.version = packet.flag.version},
                         .parameters = {}});
}

void Receiver::set_clock(const Packet& packet, std::string& out) {
    const Time now = clock_.now();
    const std::string request = format_milliseconds(now, settings_.zone);
    const std::string parameters = "SystemTime=" + format_seconds(now, settings_.zone);
    out += write_packet({.request = request,
                         .system = packet.system,
                         .command = static_cast<uint16_t>(Command::clock_set),
                         .password = packet.password,
                         .station = packet.station,
                         .flag = {.answer = true, .version = packet.flag.version},
                         .parameters = parameters});
}

void Receiver::take_answer(const Packet& packet, ReceiverHandler& handler) {
    const std::vector<Item> items = parse_parameters(packet.parameters);
    const bool last = packet.command == static_cast<uint16_t>(Command::result);
    const std::string_view code = value_of(items, last ? "ExeRtn" : "QnRtn");
    // Nothing else is ever asked of a station.
    if (code == succeeded && !last) return;
    if (code == succeeded) return handler.on_clock_set(packet.station, {});
    handler.on_clock_set(
        packet.station,
        fail(ErrorCode::conflict, fmt::format("the station did not take the time: {} {}",
                                              last ? "ExeRtn" : "QnRtn", code.substr(0, 16))));
}

void Receiver::take_report(const Packet& packet, ReceiverHandler& handler) {
    if (packet.flag.split && packet.parts > 1) return take_part(packet, handler);
    report(packet.station, packet.command, packet.parameters, handler);
}

void Receiver::take_part(const Packet& packet, ReceiverHandler& handler) {
    if (packet.parts > settings_.parts_limit)
        return handler.on_rejected(
            packet.station,
            Error(ErrorCode::limit_exceeded, fmt::format("a report of {} packets, at most {} are "
                                                         "taken",
                                                         packet.parts, settings_.parts_limit)));
    auto found = std::ranges::find_if(unfinished_, [&](const Unfinished& one) {
        // Some give each packet a QN of its own; then a part that is there begins a new report.
        return one.station == packet.station && one.command == packet.command &&
               one.count == packet.parts &&
               (one.request == packet.request || !one.parts.contains(packet.part));
    });
    if (found == unfinished_.end()) {
        if (unfinished_.size() >= settings_.reports_limit) {
            handler.on_rejected(unfinished_.front().station,
                                Error(ErrorCode::limit_exceeded,
                                      fmt::format("more than {} reports are incomplete; the oldest "
                                                  "was dropped",
                                                  settings_.reports_limit)));
            unfinished_.erase(unfinished_.begin());
        }
        unfinished_.push_back({.station = std::string(packet.station),
                               .command = packet.command,
                               .request = std::string(packet.request),
                               .parts = {},
                               .count = packet.parts,
                               .deadline = clock_.monotonic() + settings_.parts_timeout});
        found = std::prev(unfinished_.end());
    }
    // A packet that was sent again replaces itself.
    std::string& part = found->parts[packet.part];
    found->bytes += packet.parameters.size() - part.size();
    part = packet.parameters;
    if (found->bytes > settings_.report_bytes_limit) {
        unfinished_.erase(found);
        return handler.on_rejected(
            packet.station,
            Error(ErrorCode::limit_exceeded,
                  fmt::format("a report of more than {} bytes", settings_.report_bytes_limit)));
    }
    if (found->parts.size() < found->count) return;
    const Unfinished whole = std::move(*found);
    unfinished_.erase(found);
    std::string parameters;
    for (const auto& [number, text] : whole.parts) {
        if (!parameters.empty()) parameters += ';';
        parameters += text;
    }
    report(whole.station, whole.command, parameters, handler);
}

void Receiver::report(std::string_view station, uint16_t command, std::string_view parameters,
                      ReceiverHandler& handler) {
    Report report{.station = station,
                  .command = static_cast<Command>(command),
                  .time = {},
                  .items = parse_parameters(parameters)};
    report.time = parse_local_time(value_of(report.items, "DataTime"), settings_.zone);
    handler.on_report(report);
}

void Receiver::tick(ReceiverHandler& handler) {
    const Time now = clock_.monotonic();
    while (!unfinished_.empty() && now >= unfinished_.front().deadline) {
        const Unfinished late = std::move(unfinished_.front());
        unfinished_.erase(unfinished_.begin());
        handler.on_rejected(
            late.station,
            Error(ErrorCode::timed_out,
                  fmt::format("{} of {} packets of a report came within {}", late.parts.size(),
                              late.count, format_duration(settings_.parts_timeout))));
    }
}

std::optional<Time> Receiver::deadline() const {
    if (unfinished_.empty()) return std::nullopt;
    return unfinished_.front().deadline;
}

}  // namespace hw::hj212
