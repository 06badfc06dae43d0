#include "scenario/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/member_reader.h"
#include "sql/json.h"

namespace hw::scenario {

namespace {

using sql::Datum;

constexpr Duration longest_horizon = seconds(366 * 86'400);

Moment moment_of(MemberReader& reader, std::string_view name, Moment otherwise) {
    const auto text = reader.text(name);
    if (text.empty()) return otherwise;
    const auto moment = parse_moment(text);
    if (moment) return *moment;
    reader.flaw(name, moment.error().text());
    return otherwise;
}

Result<Override> override_of(const Datum& json, std::string path) {
    MemberReader reader(json, std::move(path));
    Override one;
    one.twin = reader.text("twin");
    one.path = reader.text("path");
    if (one.twin.empty()) reader.flaw("twin", "must be given: the id of a twin");
    if (one.path.empty()) reader.flaw("path", "must be given, e.g. \"flow_setpoint\"");
    if (const auto* value = reader.take("value"))
        one.value = *value;
    else
        reader.flaw("value", "must be given and not null");
    one.from = moment_of(reader, "from", one.from);
    one.to = moment_of(reader, "to", one.to);
    if (one.from.relative && one.to.relative && one.to.ns <= one.from.ns)
        reader.flaw("to", "must be later than 'from'");
    HW_TRY(reader.finish());
    return one;
}

bool good_id(std::string_view id) {
    return id.size() <= ScenarioSpec::id_limit && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

// Members that the API's answers have beside a scenario's own, so that an answer can be sent back.
constexpr std::string_view shown_members[] = {"created_at", "updated_at",  "updated_by", "state",
                                              "error",      "progress",    "started_at", "ended_at",
                                              "run",        "result_bytes"};

void check_texts(MemberReader& reader, const ScenarioSpec& spec) {
    if (!good_id(spec.id))
        reader.flaw("id", fmt::format("has up to {} letters, digits, '-', '_' and '.'",
                                      ScenarioSpec::id_limit));
    if (spec.name.size() > ScenarioSpec::text_limit)
        reader.flaw("name", fmt::format("has {} bytes, at most {}", spec.name.size(),
                                        ScenarioSpec::text_limit));
    if (spec.description.size() > ScenarioSpec::text_limit)
        reader.flaw("description", fmt::format("has {} bytes, at most {}", spec.description.size(),
                                               ScenarioSpec::text_limit));
    if (spec.site.empty()) reader.flaw("site", "must be given: the id of the twin at the root");
    if (spec.start != "now")
        if (const auto start = parse_time(spec.start, Time{}); !start)
            reader.flaw("start", start.error().text());
    if (spec.horizon < seconds(60) || spec.horizon > longest_horizon)
        reader.flaw("horizon", "must be from 1m to 366d");
    if (spec.step < seconds(1) || spec.step > spec.horizon)
        reader.flaw("step", "must be from 1s to the horizon");
}

}  // namespace

Result<Moment> parse_moment(std::string_view text) {
    const std::string_view plain = text.starts_with('+') ? text.substr(1) : text;
    if (const auto span = parse_duration(plain)) return Moment{.relative = true, .ns = span->ns};
    if (!text.starts_with("now") && !text.starts_with('+'))
        if (const auto time = parse_time(text, Time{}))
            return Moment{.relative = false, .ns = time->ns};
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' is neither a time after the start (\"+6h\") nor a time", text));
}

std::string format_moment(const Moment& moment) {
    if (!moment.relative) return format_rfc3339(Time{moment.ns});
    return "+" + format_duration(Duration{moment.ns});
}

Result<ScenarioSpec> read_scenario(std::string_view json) {
    sql::JsonReader parser;
    const Datum root = HW_TRY(parser.read(json));
    MemberReader reader(root, "");
    ScenarioSpec spec;
    spec.id = reader.text("id");
    spec.name = reader.text("name");
    spec.description = reader.text("description");
    spec.site = reader.text("site");
    spec.model = reader.text("model", spec.model);
    spec.start = reader.text("start", spec.start);
    spec.horizon = reader.duration("horizon", spec.horizon);
    spec.step = reader.duration("step", spec.step);
    if (const auto* overrides = reader.take("overrides")) {
        if (!overrides->is_array() || overrides->items().size() > ScenarioSpec::overrides_limit) {
            reader.flaw("overrides",
                        fmt::format("must be a list of up to {}", ScenarioSpec::overrides_limit));
        } else {
            for (const auto& one : overrides->items()) {
                auto made =
                    HW_TRY(override_of(one, fmt::format("overrides[{}]", spec.overrides.size())));
                spec.overrides.push_back(std::move(made));
            }
        }
    }
    if (const auto* parameters = reader.take("parameters")) {
        if (!parameters->is_object() ||
            sql::to_json(*parameters).size() > ScenarioSpec::parameters_limit)
            reader.flaw("parameters", fmt::format("must be an object of up to {} bytes",
                                                  ScenarioSpec::parameters_limit));
        else
            spec.parameters = *parameters;
    }
    for (const auto name : shown_members)
        reader.ignore(name);
    check_texts(reader, spec);
    HW_TRY(reader.finish());
    return spec;
}

void write_scenario_members(JsonWriter& json, const ScenarioSpec& spec) {
    json.member("id", spec.id);
    json.member("name", spec.name);
    json.member("description", spec.description);
    json.member("site", spec.site);
    json.member("model", spec.model);
    json.member("start", spec.start);
    json.member("horizon", format_duration(spec.horizon));
    json.member("step", format_duration(spec.step));
    json.key("overrides");
    json.begin_array();
    for (const auto& one : spec.overrides) {
        json.begin_object();
        json.member("twin", one.twin);
        json.member("path", one.path);
        json.key("value");
        json.raw(sql::to_json(one.value));
        if (one.from != Override{}.from) json.member("from", format_moment(one.from));
        if (one.to != Override{}.to) json.member("to", format_moment(one.to));
        json.end_object();
    }
    json.end_array();
    json.key("parameters");
    json.raw(sql::to_json(spec.parameters));
}

std::string scenario_text(const ScenarioSpec& spec) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_scenario_members(json, spec);
    json.end_object();
    return text;
}

}  // namespace hw::scenario
