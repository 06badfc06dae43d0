#include "wire/iec104/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace hw::iec104 {
namespace {

constexpr size_t cause_offset = 2;
constexpr size_t address_offset = 4;
constexpr uint8_t test_bit = 0x80;
constexpr uint8_t negative_bit = 0x40;

// The same ASDU with another cause; the test bit and the originator stay.
std::string mirrored(BytesView bytes, Cause cause, bool negative) {
    std::string text(as_text(bytes));
    const auto test = static_cast<uint8_t>(text[cause_offset]) & test_bit;
    text[cause_offset] =
        static_cast<char>(static_cast<uint8_t>(cause) | (negative ? negative_bit : 0) | test);
    return text;
}

std::string readdressed(BytesView bytes, uint16_t common_address) {
    std::string text(as_text(bytes));
    text[address_offset] = static_cast<char>(common_address);
    text[address_offset + 1] = static_cast<char>(common_address >> 8);
    return text;
}

bool may_be_global(TypeId type) {
    return type == TypeId::c_ic_na || type == TypeId::c_ci_na || type == TypeId::c_cs_na ||
           type == TypeId::c_rp_na;
}

bool is_select(const Element& element) {
    if (const auto* switching = std::get_if<Switching>(&element)) return switching->select;
    if (const auto* set_point = std::get_if<SetPoint>(&element)) return set_point->select;
    return false;
}

// How many of the reports from `first` on go into one ASDU.
size_t batch(std::span<const Report> reports, size_t first) {
    const TypeId type = reports[first].type;
    const size_t in_sequence = objects_limit(type, true);
    const size_t apart = objects_limit(type, false);
    bool sequence = true;
    size_t count = 1;
    while (first + count < reports.size() && reports[first + count].type == type) {
        const bool follows =
            reports[first + count].object.address == reports[first + count - 1].object.address + 1;
        if (sequence && !follows && count + 1 > apart) break;
        sequence = sequence && follows;
        if (count + 1 > (sequence ? in_sequence : apart)) break;
        ++count;
    }
    return count;
}

std::string pack(const AsduHeader& header, std::span<const Report> reports) {
    std::vector<Object> objects;
    objects.reserve(reports.size());
    for (const Report& report : reports)
        objects.push_back(report.object);
    return write_asdu(header, objects);
}

// What answers an interrogation of station, a group, or counters.
Cause answer_cause(TypeId type, uint8_t qualifier) {
    if (type == TypeId::c_ic_na) return static_cast<Cause>(qualifier);
    const uint8_t group = qualifier & 0x3f;
    return static_cast<Cause>(37 + (group >= 1 && group <= 4 ? group : 0));
}

}  // namespace

class Server::Ears final : public LinkHandler {
  public:
    Ears(Server& server, ServerHandler& handler, std::string& out)
        : server_(server), handler_(handler), out_(out) {}

    void on_started() override { handler_.on_started(); }
    void on_stopped() override {
        server_.answers_.clear();
        server_.selections_.clear();
        handler_.on_stopped();
    }
    void on_asdu(BytesView asdu) override { server_.hear(asdu, handler_, out_); }

  private:
    Server& server_;
    ServerHandler& handler_;
    std::string& out_;
};

Server::Server(const ServerSettings& settings, const Clock& clock)
    : settings_(settings), clock_(clock), link_(LinkRole::controlled, settings.link) {}

void Server::connected() {
    link_.reset(clock_.monotonic());
    selections_.clear();
    answers_.clear();
}

Result<void> Server::feed(BytesView bytes, ServerHandler& handler, std::string& out) {
    Ears ears(*this, handler, out);
    HW_TRY(link_.feed(bytes, clock_.monotonic(), ears, out));
    drain(out);
    return {};
}

Result<void> Server::tick(std::string& out) {
    const Time now = clock_.monotonic();
    HW_TRY(link_.tick(now, out));
    std::erase_if(selections_, [&](const Selection& s) { return now >= s.deadline; });
    return {};
}

std::optional<Time> Server::deadline() const {
    std::optional<Time> first = link_.deadline();
    for (const Selection& selection : selections_)
        first = first ? std::min(*first, selection.deadline) : selection.deadline;
    return first;
}

Result<void> Server::report(uint16_t common_address, TypeId type, std::span<const Object> objects,
                            Cause cause, std::string& out) {
    const AsduHeader header{.type = type, .cause = cause, .common_address = common_address};
    const size_t limit = objects_limit(type, false);
    for (size_t at = 0; at < objects.size(); at += limit) {
        const size_t count = std::min(limit, objects.size() - at);
        HW_TRY(link_.send(write_asdu(header, objects.subspan(at, count)), clock_.monotonic(), out));
    }
    return {};
}

void Server::send(std::string asdu, std::string& out) {
    // What the queue has no room for is counted by the link.
    (void)link_.send(std::move(asdu), clock_.monotonic(), out);
}

void Server::mirror(BytesView bytes, Cause cause, bool negative, std::string& out) {
    send(mirrored(bytes, cause, negative), out);
}

void Server::drain(std::string& out) {
    while (!answers_.empty() && link_.room() > 0) {
        Answer& answer = answers_.front();
        if (answer.next == answer.reports.size()) {
            send(std::move(answer.termination), out);
            answers_.pop_front();
            continue;
        }
        const size_t count = batch(answer.reports, answer.next);
        AsduHeader header = answer.header;
        header.type = answer.reports[answer.next].type;
        send(pack(header, std::span(answer.reports).subspan(answer.next, count)), out);
        answer.next += count;
    }
}

void Server::hear(BytesView bytes, ServerHandler& handler, std::string& out) {
    const Result<AsduHeader> header = parse_header(bytes);
    // Too short to be answered.
    if (!header) return;
    const Result<Asdu> asdu = parse_asdu(bytes);
    if (!asdu || is_monitored(header->type)) {
        const bool unknown = asdu || asdu.error().code() == ErrorCode::unsupported;
        return mirror(bytes, unknown ? Cause::unknown_type : Cause::unknown_cause, true, out);
    }
    const bool cause_fits =
        header->type == TypeId::c_rd_na
            ? header->cause == Cause::request
            : header->cause == Cause::activation || header->cause == Cause::deactivation;
    if (!cause_fits) return mirror(bytes, Cause::unknown_cause, true, out);
    if (asdu->objects.size() != 1 || header->test)
        return mirror(bytes, Cause::activation_confirmation, true, out);
    const std::span<const uint16_t> stations = handler.stations();
    if (header->common_address == global_address && may_be_global(header->type)) {
        for (const uint16_t station : stations) {
            Asdu own = *asdu;
            own.header.common_address = station;
            serve(own, as_bytes(readdressed(bytes, station)), handler, out);
        }
        return;
    }
    if (std::ranges::find(stations, header->common_address) == stations.end())
        return mirror(bytes, Cause::unknown_common_address, true, out);
    serve(*asdu, bytes, handler, out);
}

void Server::serve(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out) {
    const AsduHeader& header = asdu.header;
    const Object& object = asdu.objects.front();
    const auto confirm = [&](bool accepted) {
        mirror(bytes, Cause::activation_confirmation, !accepted, out);
    };
    switch (header.type) {
        case TypeId::c_ic_na:
        case TypeId::c_ci_na:
            return interrogate(asdu, bytes, handler, out);
        case TypeId::c_rd_na:
            return read(asdu, bytes, handler, out);
        case TypeId::c_cs_na: {
            const auto time = time_from_tag(*object.time, settings_.zone, clock_.now());
            return confirm(handler.clock_set(header.common_address, time));
        }
        case TypeId::c_rp_na:
            return confirm(
                handler.reset(header.common_address, std::get<Qualifier>(object.element).value));
        case TypeId::c_ts_na:
        case TypeId::c_ts_ta:
            return confirm(true);
        default:
            return operate(asdu, bytes, handler, out);
    }
}

void Server::interrogate(const Asdu& asdu, BytesView bytes, ServerHandler& handler,
                         std::string& out) {
    const AsduHeader& header = asdu.header;
    const uint8_t qualifier = std::get<Qualifier>(asdu.objects.front().element).value;
    if (header.cause == Cause::deactivation) {
        const size_t before = answers_.size();
        std::erase_if(answers_, [&](const Answer& answer) {
            return answer.header.common_address == header.common_address;
        });
        return mirror(bytes, Cause::deactivation_confirmation, answers_.size() == before, out);
    }
    const bool general = header.type == TypeId::c_ic_na;
    const bool known = !general || (qualifier >= station_interrogation && qualifier <= 36);
    auto reports = !known || answers_.size() >= settings_.answers_limit ? std::nullopt
                   : general ? handler.interrogated(header.common_address, qualifier)
                             : handler.counted(header.common_address, qualifier);
    mirror(bytes, Cause::activation_confirmation, !reports, out);
    if (!reports) return;
    answers_.push_back({.header = {.cause = answer_cause(header.type, qualifier),
                                   .originator = header.originator,
                                   .common_address = header.common_address},
                        .reports = std::move(*reports),
                        .termination = mirrored(bytes, Cause::activation_termination, false)});
    drain(out);
}

void Server::read(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out) {
    const AsduHeader& header = asdu.header;
    const auto report = handler.asked(header.common_address, asdu.objects.front().address);
    if (!report) return mirror(bytes, Cause::unknown_object_address, true, out);
    send(pack({.type = report->type,
               .cause = Cause::request,
               .originator = header.originator,
               .common_address = header.common_address},
              {&*report, 1}),
         out);
}

bool Server::unselect(const Selection& selection) {
    const auto same = [&](const Selection& other) {
        return other.common_address == selection.common_address && other.type == selection.type &&
               other.object_address == selection.object_address;
    };
    const auto found = std::ranges::find_if(selections_, same);
    if (found == selections_.end()) return false;
    const bool in_time = clock_.monotonic() < found->deadline;
    selections_.erase(found);
    return in_time;
}

bool Server::select(const Selection& selection) {
    unselect(selection);
    if (selections_.size() >= settings_.selects_limit) return false;
    selections_.push_back(selection);
    return true;
}

void Server::operate(const Asdu& asdu, BytesView bytes, ServerHandler& handler, std::string& out) {
    const AsduHeader& header = asdu.header;
    const Object& object = asdu.objects.front();
    const Selection selection{.common_address = header.common_address,
                              .type = header.type,
                              .object_address = object.address,
                              .deadline = clock_.monotonic() + settings_.select_timeout};
    if (header.cause == Cause::deactivation)
        return mirror(bytes, Cause::deactivation_confirmation, !unselect(selection), out);
    const bool selecting = is_select(object.element);
    Verdict verdict = selecting ? handler.selected(header.common_address, header.type, object)
                                : handler.executed(header.common_address, header.type, object,
                                                   unselect(selection));
    if (selecting && verdict == Verdict::accepted && !select(selection)) verdict = Verdict::refused;
    switch (verdict) {
        case Verdict::accepted:
            mirror(bytes, Cause::activation_confirmation, false, out);
            if (!selecting) mirror(bytes, Cause::activation_termination, false, out);
            return;
        case Verdict::refused:
            return mirror(bytes, Cause::activation_confirmation, true, out);
        case Verdict::unknown_type:
            return mirror(bytes, Cause::unknown_type, true, out);
        case Verdict::unknown_object:
            return mirror(bytes, Cause::unknown_object_address, true, out);
    }
}

}  // namespace hw::iec104
