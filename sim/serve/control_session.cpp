#include "sim/serve/control_session.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "sim/plant/units.h"
#include "sim/publish/payload.h"

namespace hw::sim {

namespace {

constexpr std::string_view help_text =
    "fault on NAME TARGET [AMOUNT]   switches a fault on\n"
    "fault off NAME|all [TARGET]     ends it\n"
    "fault list                      those that are on\n"
    "faults                          what there is\n"
    "list                            what may be read and set\n"
    "get PATH                        reads a point or set-point\n"
    "set PATH VALUE                  writes a set-point\n"
    "status                          the works at a glance\n"
    "quit                            ends the connection\n";

// Cuts the first word off.
std::string_view next_word(std::string_view& text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return text = {};
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

Result<double> parse_number(std::string_view text) {
    if (text == "true" || text == "on") return 1.0;
    if (text == "false" || text == "off") return 0.0;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is not a number, true or false", text));
    return value;
}

std::string line_of(const Fault& fault) {
    const auto& about = info(fault.kind);
    auto text = fmt::format("{} {}", about.name, fault.target);
    if (!about.unit.empty()) text += fmt::format(" {} {}", fault.amount, about.unit);
    return text + " since " + format_rfc3339(fault.since) + "\n";
}

}  // namespace

std::string describe_faults() {
    std::string text;
    for (size_t i = 0; i < fault_kind_count; ++i) {
        const auto& about = info(static_cast<FaultKind>(i));
        text += fmt::format("{} at {}", about.name, about.target);
        if (!about.unit.empty())
            text += fmt::format(", {} to {} {}, {} where none is given", about.least, about.most,
                                about.unit, about.amount);
        text += fmt::format(": {}\n", about.effect);
    }
    return text;
}

Result<void> ControlSession::received(BytesView bytes, std::string& out) {
    for (const char c : as_text(bytes)) {
        if (c != '\n') {
            if (line_.size() >= line_limit)
                return fail(ErrorCode::limit_exceeded, "a command is longer than 1024 bytes");
            line_ += c;
            continue;
        }
        if (line_.ends_with('\r')) line_.pop_back();
        const auto line = std::exchange(line_, {});
        if (line.empty()) continue;
        if (line == "quit") return fail(ErrorCode::cancelled, "quit");
        const auto answer = obey(line);
        out += answer ? *answer + "ok\n" : "error " + answer.error().text() + "\n";
    }
    return {};
}

Result<std::string> ControlSession::obey(std::string_view line) {
    auto rest = line;
    const auto command = next_word(rest);
    if (command == "fault") return obey_fault(rest);
    if (command == "faults") return describe_faults();
    if (command == "list") return list_variables();
    if (command == "status") return status();
    if (command == "help") return std::string(help_text);
    if (command == "get") return get(next_word(rest));
    if (command == "set") {
        const auto path = next_word(rest);
        return set(path, next_word(rest));
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("there is no command '{}'; say help", command));
}

Result<std::string> ControlSession::obey_fault(std::string_view words) {
    const auto verb = next_word(words);
    if (verb == "list") return list_faults();
    auto& faults = works_.faults();
    const auto name = next_word(words);
    const auto target = next_word(words);
    if (verb == "off" && name == "all") {
        faults.clear();
        return std::string();
    }
    if (verb != "on" && verb != "off")
        return fail(ErrorCode::invalid_argument,
                    fmt::format("fault '{}' is not on, off or list", verb));
    const auto kind = HW_TRY(parse_fault_kind(name));
    if (verb == "off") {
        HW_TRY(faults.turn_off(kind, target));
        return std::string();
    }
    std::optional<double> amount;
    if (const auto number = next_word(words); !number.empty())
        amount = HW_TRY(parse_number(number));
    const auto* fault = HW_TRY(faults.turn_on(kind, target, amount, works_.now()));
    return line_of(*fault);
}

std::string ControlSession::list_faults() const {
    std::string text;
    for (const auto& fault : works_.faults().active())
        text += line_of(fault);
    return text;
}

std::string ControlSession::list_variables() const {
    std::string text;
    for (size_t i = 0; i < variables_.list().size(); ++i) {
        const auto& variable = variables_.list()[i];
        text += fmt::format("{} {} {}", variable.path, to_string(variable.protocol),
                            variable.unit.empty() ? "-" : variable.unit);
        if (variable.writable())
            text += fmt::format(" {} to {}", variables_.least(i), variables_.most(i));
        text += '\n';
    }
    return text;
}

Result<std::string> ControlSession::get(std::string_view path) const {
    const auto variable = variables_.find(path);
    if (!variable)
        return fail(ErrorCode::not_found,
                    fmt::format("there is no '{}'; list tells what there is", path));
    const auto reading = variables_.read(*variable);
    std::string text;
    append_value(reading, text);
    return fmt::format("{} {} {}\n", path, text, to_string(reading.trust));
}

Result<std::string> ControlSession::set(std::string_view path, std::string_view value) {
    const auto variable = variables_.find(path);
    if (!variable)
        return fail(ErrorCode::not_found,
                    fmt::format("there is no '{}'; list tells what there is", path));
    const double number = HW_TRY(parse_number(value));
    HW_TRY(variables_.write(*variable, number));
    return get(path);
}

std::string ControlSession::status() const {
    return fmt::format(
        "time {}\nraw {:.1f} l/s {:.1f} NTU\nclear well {:.2f} m {:.2f} mg/l\ntower {:.2f} m\n"
        "zone {:.1f} l/s\nfaults {}\n",
        format_rfc3339(works_.now()), works_.raw_flow() * litres_per_m3, works_.river().turbidity(),
        works_.clear_well().tank().level(), works_.clear_well().chlorine(),
        works_.zone().tower().level(), works_.zone().demand() * litres_per_m3,
        works_.faults().active().size());
}

}  // namespace hw::sim
