#include "sim/serve/iec104_session.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hw::sim {

namespace {

using iec104::Cause;
using iec104::Report;
using iec104::TypeId;
using iec104::Verdict;

TypeId type_of(Kind kind, bool timed) {
    if (kind == Kind::flag) return timed ? TypeId::m_sp_tb : TypeId::m_sp_na;
    if (kind == Kind::whole) return timed ? TypeId::m_it_tb : TypeId::m_it_na;
    return timed ? TypeId::m_me_tf : TypeId::m_me_nc;
}

int32_t counter_of(double value) {
    return static_cast<int32_t>(std::clamp<double>(value, std::numeric_limits<int32_t>::min(),
                                                   std::numeric_limits<int32_t>::max()));
}

// The value of a command; nullopt: no command that such an object takes.
std::optional<double> command_value(Kind kind, const iec104::Element& element) {
    if (const auto* switching = std::get_if<iec104::Switching>(&element))
        return kind == Kind::flag ? std::optional<double>(switching->state) : std::nullopt;
    const auto* set_point = std::get_if<iec104::SetPoint>(&element);
    if (!set_point || kind != Kind::real) return std::nullopt;
    const auto* number = std::get_if<iec104::Short>(&set_point->value);
    return number ? std::optional<double>(number->value) : std::nullopt;
}

}  // namespace

Iec104Session::Iec104Session(const Parts& parts) : parts_(parts), server_({}, parts.clock) {
    server_.connected();
}

Result<void> Iec104Session::received(BytesView bytes, std::string& out) {
    HW_TRY(server_.feed(bytes, *this, out));
    // What a command set is told at once, after its confirmation.
    if (std::exchange(written_, false)) return round(out);
    return {};
}

Result<void> Iec104Session::tick(std::string& out) {
    return server_.tick(out);
}

Result<void> Iec104Session::round(std::string& out) {
    if (!server_.started()) return {};
    for (const Kind kind : {Kind::flag, Kind::real, Kind::whole}) {
        std::vector<iec104::Object> changed;
        for (size_t i = 0; i < parts_.objects.size(); ++i) {
            const auto& object = parts_.objects[i];
            if (object.kind != kind) continue;
            const auto reading = parts_.variables.read(object.variable);
            const Told now{as_number(reading).value_or(0), reading.trust};
            if (told_[i] == now) continue;
            told_[i] = now;
            changed.push_back(report_of(object, true).object);
        }
        if (changed.empty()) continue;
        // A controlling station that does not acknowledge loses changes, as the link counts.
        const auto sent = server_.report(iec104_common_address, type_of(kind, true), changed,
                                         Cause::spontaneous, out);
        if (!sent) return {};
    }
    return {};
}

Report Iec104Session::report_of(const StationObject& object, bool timed) const {
    const auto reading = parts_.variables.read(object.variable);
    const double value = as_number(reading).value_or(0);
    Report report{.type = type_of(object.kind, timed), .object = {}};
    report.object.address = object.address;
    if (object.kind == Kind::flag)
        report.object.element = iec104::Single{value != 0};
    else if (object.kind == Kind::whole)
        report.object.element = iec104::Counter{.value = counter_of(value)};
    else
        report.object.element = iec104::Short{static_cast<float>(value)};
    report.object.quality.invalid = reading.trust == Trust::bad;
    report.object.quality.not_topical = reading.trust == Trust::uncertain;
    if (timed) report.object.time = iec104::tag_from_time(parts_.works.now(), {});
    return report;
}

const StationObject* Iec104Session::find(uint32_t address) const {
    const auto found = std::find_if(parts_.objects.begin(), parts_.objects.end(),
                                    [&](const auto& one) { return one.address == address; });
    return found == parts_.objects.end() ? nullptr : &*found;
}

std::optional<std::vector<Report>> Iec104Session::interrogated(uint16_t /*common_address*/,
                                                               uint8_t qualifier) {
    if (qualifier != iec104::station_interrogation) return std::nullopt;
    std::vector<Report> reports;
    for (const auto& object : parts_.objects)
        if (object.kind != Kind::whole) reports.push_back(report_of(object, false));
    return reports;
}

std::optional<std::vector<Report>> Iec104Session::counted(uint16_t /*common_address*/,
                                                          uint8_t /*qualifier*/) {
    std::vector<Report> reports;
    for (const auto& object : parts_.objects)
        if (object.kind == Kind::whole) reports.push_back(report_of(object, false));
    return reports;
}

std::optional<Report> Iec104Session::asked(uint16_t /*common_address*/, uint32_t object_address) {
    const auto* object = find(object_address);
    if (!object) return std::nullopt;
    return report_of(*object, false);
}

Verdict Iec104Session::check(TypeId /*type*/, const iec104::Object& object, double& value) const {
    const auto* known = find(object.address);
    if (!known) return Verdict::unknown_object;
    const auto wanted = command_value(known->kind, object.element);
    if (!wanted) return Verdict::unknown_type;
    value = *wanted;
    return parts_.variables.check(known->variable, value) ? Verdict::accepted : Verdict::refused;
}

Verdict Iec104Session::selected(uint16_t /*common_address*/, TypeId type,
                                const iec104::Object& object) {
    double value = 0;
    return check(type, object, value);
}

Verdict Iec104Session::executed(uint16_t /*common_address*/, TypeId type,
                                const iec104::Object& object, bool /*after_select*/) {
    double value = 0;
    const auto verdict = check(type, object, value);
    if (verdict != Verdict::accepted) return verdict;
    if (!parts_.variables.write(find(object.address)->variable, value)) return Verdict::refused;
    written_ = true;
    return verdict;
}

bool Iec104Session::clock_set(uint16_t /*common_address*/, std::optional<Time> time) {
    // Confirmed, but the plant keeps its simulated time.
    return time.has_value();
}

bool Iec104Session::reset(uint16_t /*common_address*/, uint8_t /*qualifier*/) {
    return false;
}

}  // namespace hw::sim
