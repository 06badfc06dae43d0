#include "rules/rule_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config.h"
#include "rules/spec_reader.h"
#include "sql/json.h"

namespace hw::rules {

namespace {

using sql::Datum;
using sql::Kind;

constexpr size_t fallback_depth = 3;
constexpr size_t list_limit = 1'000;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

Result<Datum> parse(std::string_view json) {
    sql::JsonReader reader;
    return reader.read(json);
}

constexpr std::string_view common_members[] = {
    "type",   "function",       "args",       "name",        "connector",
    "fields", "only_on_change", "omit_empty", "send_single", "fallback"};

// What an action's members mean to all types; the rest is its type's.
Result<ActionSpec> action_at(const Datum& json, std::string_view path, size_t depth) {
    ActionSpec action;
    if (json.is_text()) {
        action.type = json.as_text();
        if (action.type.empty()) return refuse(fmt::format("'{}' names no type", path));
        action.settings = Datum::object({});
        return action;
    }
    SpecReader reader(json, path);
    action.type = reader.text("type");
    if (action.type.empty()) action.type = reader.text("function");
    if (action.type.empty()) reader.flaw("type", "must be given, e.g. \"republish\"");
    action.name = reader.text("name");
    action.connector = reader.text("connector");
    action.only_on_change = reader.boolean("only_on_change", false);
    action.fields = reader.texts("fields");
    action.omit_empty = reader.boolean("omit_empty", false);
    action.send_single = reader.boolean("send_single", true);
    if (const Datum* fallback = reader.take("fallback")) {
        if (depth >= fallback_depth) return refuse(fmt::format("'{}' is nested too deep", path));
        auto made = action_at(*fallback, reader.path_of("fallback"), depth + 1);
        if (!made) return made;
        action.fallback = std::make_shared<const ActionSpec>(std::move(*made));
    }
    const Datum* args = reader.take("args");
    action.settings = reader.rest();
    if (args != nullptr) {
        if (!args->is_object()) reader.flaw("args", "must be an object");
        // They would be taken for the common ones when it is written as one object.
        for (const auto name : common_members)
            if (args->find(name) != nullptr)
                reader.flaw("args", fmt::format("may not have '{}': it stands beside args", name));
        if (!action.settings.members().empty())
            reader.flaw("args", "may not stand beside settings of the same action");
        action.settings = *args;
    }
    HW_TRY(reader.finish());
    return action;
}

Result<std::vector<ActionSpec>> actions_of(const Datum* json, std::string_view path) {
    std::vector<ActionSpec> actions;
    if (json == nullptr) return actions;
    if (!json->is_array()) return refuse(fmt::format("'{}' must be a list", path));
    if (json->items().size() > list_limit) return refuse(fmt::format("'{}' is too long", path));
    for (const auto& one : json->items())
        actions.push_back(HW_TRY(action_at(one, fmt::format("{}[{}]", path, actions.size()), 0)));
    return actions;
}

Result<Guarantee> guarantee_of(const Datum& json, std::string_view path) {
    std::string text;
    sql::append_plain(text, json);
    for (const Guarantee guarantee :
         {Guarantee::none, Guarantee::at_least_once, Guarantee::exactly_once})
        if (text == to_string(guarantee) || text == std::to_string(static_cast<int>(guarantee)))
            return guarantee;
    return refuse(
        fmt::format("'{}' is none, at_least_once or exactly_once (0, 1, 2), not '{}'", path, text));
}

Result<Schedule> schedule_of(const Datum& json, std::string_view path) {
    Schedule schedule;
    SpecReader reader(json, path);
    schedule.cron = reader.text("cron");
    schedule.duration = reader.duration("duration", {});
    schedule.time_zone = reader.text("time_zone");
    if (const Datum* ranges = reader.take("ranges")) {
        if (!ranges->is_array() || ranges->items().size() > list_limit)
            return refuse(fmt::format("'{}' must be a list of up to {} ranges",
                                      reader.path_of("ranges"), list_limit));
        for (const auto& one : ranges->items()) {
            SpecReader inside(one, fmt::format("{}.ranges[{}]", path, schedule.ranges.size()));
            schedule.ranges.push_back({inside.text("begin"), inside.text("end")});
            HW_TRY(inside.finish());
        }
    }
    HW_TRY(reader.finish());
    return schedule;
}

// Members that a rule's body may have beside its own, since the API's answers have them.
constexpr std::string_view shown_members[] = {"version",    "created", "created_at", "updated",
                                              "updated_at", "actor",   "problem",    "status",
                                              "metrics",    "active",  "name",       "metadata"};

Result<void> read_into(const Datum& json, RuleSpec& rule) {
    SpecReader reader(json, "");
    if (reader.has("id")) rule.id = reader.text("id");
    if (reader.has("sql")) rule.sql = reader.text("sql");
    for (const auto name : {"id", "sql"})
        reader.take(name);
    if (const Datum* all = reader.take("actions"))
        rule.actions = HW_TRY(actions_of(all, "actions"));
    if (const Datum* all = reader.take("late_actions"))
        rule.late_actions = HW_TRY(actions_of(all, "late_actions"));
    rule.enabled = reader.boolean("enabled", rule.enabled);
    rule.enabled = reader.boolean("enable", rule.enabled);
    rule.description = reader.text("description", rule.description);
    if (reader.has("tags")) rule.tags = reader.texts("tags");
    reader.take("tags");
    if (const Datum* options = reader.take("options"))
        rule.options = HW_TRY(options_of(*options, "options"));
    if (const Datum* schedule = reader.take("schedule"))
        rule.schedule = HW_TRY(schedule_of(*schedule, "schedule"));
    for (const auto name : shown_members)
        reader.take(name);
    return reader.finish();
}

// A member that is there and null has its default again.
void reset_nulls(const Datum& json, RuleSpec& rule) {
    const RuleSpec fresh;
    const auto is_null = [&](std::string_view name) {
        const Datum* found = json.find(name);
        return found != nullptr && found->is_null();
    };
    if (is_null("actions")) rule.actions = fresh.actions;
    if (is_null("late_actions")) rule.late_actions = fresh.late_actions;
    if (is_null("enable") || is_null("enabled")) rule.enabled = fresh.enabled;
    if (is_null("description")) rule.description = fresh.description;
    if (is_null("tags")) rule.tags = fresh.tags;
    if (is_null("options")) rule.options = fresh.options;
    if (is_null("schedule")) rule.schedule = fresh.schedule;
}

}  // namespace

Result<ActionSpec> action_of(const Datum& json, std::string_view path) {
    return action_at(json, path, 0);
}

Result<RuleOptions> options_of(const Datum& json, std::string_view path) {
    RuleOptions options;
    SpecReader reader(json, path);
    options.event_time = reader.boolean("event_time", options.event_time);
    options.event_time = reader.boolean("isEventTime", options.event_time);
    options.timestamp_field = reader.text("timestamp");
    options.late_tolerance = reader.duration("late_tolerance", options.late_tolerance);
    options.late_tolerance = reader.duration("lateTolerance", options.late_tolerance);
    options.allowed_lateness = reader.duration("allowed_lateness", options.allowed_lateness);
    options.rows_limit = reader.bytes("rows_limit", options.rows_limit);
    options.bytes_limit = reader.bytes("bytes_limit", options.bytes_limit);
    options.groups_limit = reader.bytes("groups_limit", options.groups_limit);
    if (const Datum* qos = reader.take("qos"))
        options.qos = HW_TRY(guarantee_of(*qos, reader.path_of("qos")));
    const std::string dialect = reader.text("dialect");
    if (dialect == "emqx") {
        options.dialect = sql::Dialect::emqx;
    } else if (dialect == "ekuiper") {
        options.dialect = sql::Dialect::ekuiper;
    } else if (!dialect.empty()) {
        reader.flaw("dialect", "is emqx or ekuiper");
    }
    HW_TRY(reader.finish());
    return options;
}

Result<RuleSpec> rule_of(const Datum& json) {
    RuleSpec rule;
    HW_TRY(read_into(json, rule));
    return rule;
}

Result<RuleSpec> read_rule(std::string_view json) {
    const Datum parsed = HW_TRY(parse(json));
    return rule_of(parsed);
}

Result<void> patch_rule(std::string_view json, RuleSpec& rule) {
    const Datum parsed = HW_TRY(parse(json));
    RuleSpec patched = rule;
    reset_nulls(parsed, patched);
    HW_TRY(read_into(parsed, patched));
    rule = std::move(patched);
    return {};
}

namespace {

void write_datum(JsonWriter& json, std::string_view name, const Datum& value) {
    json.key(name);
    json.raw(sql::to_json(value));
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name);
    json.begin_array();
    for (const auto& text : texts)
        json.value(text);
    json.end_array();
}

void write_actions(JsonWriter& json, std::string_view name,
                   const std::vector<ActionSpec>& actions) {
    json.key(name);
    json.begin_array();
    for (const auto& action : actions)
        write_action(json, action);
    json.end_array();
}

void write_options(JsonWriter& json, const RuleOptions& options) {
    const RuleOptions fresh;
    json.key("options");
    json.begin_object();
    if (options.event_time) json.member("event_time", true);
    if (!options.timestamp_field.empty()) json.member("timestamp", options.timestamp_field);
    if (options.late_tolerance != fresh.late_tolerance)
        json.member("late_tolerance", format_duration(options.late_tolerance));
    if (options.allowed_lateness != fresh.allowed_lateness)
        json.member("allowed_lateness", format_duration(options.allowed_lateness));
    if (options.qos != fresh.qos) json.member("qos", to_string(options.qos));
    if (options.dialect)
        json.member("dialect",
                    std::string_view(*options.dialect == sql::Dialect::emqx ? "emqx" : "ekuiper"));
    if (options.rows_limit != fresh.rows_limit) json.member("rows_limit", options.rows_limit);
    if (options.bytes_limit != fresh.bytes_limit) json.member("bytes_limit", options.bytes_limit);
    if (options.groups_limit != fresh.groups_limit)
        json.member("groups_limit", options.groups_limit);
    json.end_object();
}

void write_schedule(JsonWriter& json, const Schedule& schedule) {
    json.key("schedule");
    json.begin_object();
    if (!schedule.cron.empty()) json.member("cron", schedule.cron);
    if (schedule.duration != Duration{})
        json.member("duration", format_duration(schedule.duration));
    if (!schedule.ranges.empty()) {
        json.key("ranges");
        json.begin_array();
        for (const auto& range : schedule.ranges) {
            json.begin_object();
            json.member("begin", range.begin);
            json.member("end", range.end);
            json.end_object();
        }
        json.end_array();
    }
    if (!schedule.time_zone.empty()) json.member("time_zone", schedule.time_zone);
    json.end_object();
}

}  // namespace

void write_action(JsonWriter& json, const ActionSpec& action) {
    json.begin_object();
    json.member("type", action.type);
    if (!action.name.empty()) json.member("name", action.name);
    if (!action.connector.empty()) json.member("connector", action.connector);
    if (action.settings.is_object())
        for (const auto& member : action.settings.members())
            write_datum(json, member.key.as_text(), member.value);
    if (action.only_on_change) json.member("only_on_change", true);
    if (!action.fields.empty()) write_texts(json, "fields", action.fields);
    if (action.omit_empty) json.member("omit_empty", true);
    if (!action.send_single) json.member("send_single", false);
    if (action.fallback) {
        json.key("fallback");
        write_action(json, *action.fallback);
    }
    json.end_object();
}

void write_rule_members(JsonWriter& json, const RuleSpec& rule) {
    json.member("id", rule.id);
    json.member("sql", rule.sql);
    write_actions(json, "actions", rule.actions);
    if (!rule.late_actions.empty()) write_actions(json, "late_actions", rule.late_actions);
    json.member("enable", rule.enabled);
    json.member("description", rule.description);
    write_texts(json, "tags", rule.tags);
    write_options(json, rule.options);
    if (!rule.schedule.empty()) write_schedule(json, rule.schedule);
}

std::string rule_text(const RuleSpec& rule) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_rule_members(json, rule);
    json.end_object();
    return text;
}

namespace {

void append_pretty(std::string& out, const Datum& value, size_t depth) {
    const std::string indent(2 * depth + 2, ' ');
    const bool object = value.is_object();
    if ((!object && !value.is_array()) || (object && value.members().empty()) ||
        (!object && value.items().empty()))
        return sql::append_json(out, value);
    out += object ? "{\n" : "[\n";
    const size_t count = object ? value.members().size() : value.items().size();
    for (size_t i = 0; i < count; ++i) {
        out += indent;
        if (object) {
            sql::append_json(out, value.members()[i].key);
            out += ": ";
        }
        append_pretty(out, object ? value.members()[i].value : value.items()[i], depth + 1);
        out += i + 1 < count ? ",\n" : "\n";
    }
    out.append(2 * depth, ' ');
    out += object ? '}' : ']';
}

}  // namespace

std::string rule_pretty(const RuleSpec& rule) {
    auto parsed = parse(rule_text(rule));
    std::string out;
    if (!parsed) return out;
    // A statement of several lines stands as such: differences are seen line by line.
    Datum shown = std::move(*parsed);
    Datum::Items lines;
    for (std::string_view rest = rule.sql; !rest.empty();) {
        const size_t end = rest.find('\n');
        lines.push_back(Datum::text(rest.substr(0, end)));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    if (lines.size() > 1) shown.put("sql", Datum::array(std::move(lines)));
    append_pretty(out, shown, 0);
    out += '\n';
    return out;
}

Result<ConnectorSpec> connector_of(const Datum& json, std::string_view name) {
    ConnectorSpec connector;
    SpecReader reader(json, "");
    connector.name = reader.text("name");
    if (connector.name.empty()) connector.name = name;
    connector.kind = reader.text("kind");
    if (connector.kind.empty()) connector.kind = reader.text("type");
    connector.description = reader.text("description");
    const Datum* settings = reader.take("settings");
    connector.settings = settings != nullptr ? *settings : reader.rest();
    if (!connector.settings.is_object()) reader.flaw("settings", "must be an object");
    HW_TRY(reader.finish());
    HW_TRY(check_id("connector", connector.name));
    if (connector.kind.empty()) return refuse("'kind' must be given, e.g. \"http\"");
    return connector;
}

void write_connector_members(JsonWriter& json, const ConnectorSpec& connector, bool hide_secrets) {
    json.member("name", connector.name);
    json.member("kind", connector.kind);
    json.member("description", connector.description);
    json.key("settings");
    json.begin_object();
    for (const auto& member : connector.settings.members()) {
        const std::string_view name = member.key.as_text();
        const bool secret = is_secret(name);
        const bool reference =
            member.value.is_text() && member.value.as_text().starts_with("file:");
        if (secret && !reference && hide_secrets) {
            json.member(name, "******");
        } else {
            write_datum(json, name, member.value);
        }
    }
    json.end_object();
}

bool is_secret(std::string_view setting) {
    for (const std::string_view word : {"password", "token", "secret"})
        if (setting.find(word) != std::string_view::npos) return true;
    return false;
}

}  // namespace hw::rules
