#include "api/gateway_json.h"

#include <algorithm>

#include "api/answers.h"
#include "api/row_writer.h"
#include "gateway/device_json.h"
#include "model/sample_batch.h"
#include "sql/json.h"

namespace hw::api {

namespace {

constexpr size_t errors_shown_limit = 1000;

void write_time(JsonWriter& json, std::string_view name, Time time) {
    json.key(name);
    if (time.ns == 0) {
        json.null();
    } else {
        json.value(time);
    }
}

void write_unit(JsonWriter& json, const gateway::UnitState& unit) {
    json.begin_object();
    json.member("unit", unit.unit);
    json.member("up", unit.up);
    write_time(json, "since", unit.since);
    json.member("round_trip_ms", milliseconds_of(unit.round_trip));
    json.member("exchanges", unit.exchanges);
    json.member("errors", unit.errors);
    json.member("last_error", unit.last_error);
    write_time(json, "last_error_time", unit.last_error_time);
    json.end_object();
}

void write_group_state(JsonWriter& json, const gateway::GroupState& group) {
    json.begin_object();
    json.member("name", group.name);
    json.member("interval_ms", group.interval.ns / 1'000'000);
    json.member("tags", group.tags);
    json.member("polls", group.polls);
    json.member("overruns", group.overruns);
    json.member("last_duration_ms", milliseconds_of(group.last_duration));
    write_time(json, "last_poll", group.last_poll);
    json.end_object();
}

}  // namespace

double milliseconds_of(Duration duration) {
    return static_cast<double>(duration.ns / 1000) / 1000;
}

void append_value(std::string& out, const model::Value& value) {
    model::SampleBatch batch;
    batch.add(model::PointId(0), {Time{}, value, model::Quality::good});
    append_value_json(out, batch, 0);
}

void write_state(JsonWriter& json, const gateway::DeviceState& state, bool whole) {
    json.begin_object();
    json.member("link", gateway::to_string(state.link));
    write_time(json, "since", state.since);
    json.member("connections", state.connections);
    json.member("round_trip_ms", milliseconds_of(state.round_trip));
    json.member("samples", state.samples);
    json.member("reads", state.reads);
    json.member("read_errors", state.read_errors);
    json.member("writes", state.writes);
    json.member("write_errors", state.write_errors);
    json.member("reconnects", state.reconnects);
    json.member("received_bytes", state.received_bytes);
    json.member("sent_bytes", state.sent_bytes);
    json.member("tags", state.tags);
    json.member("tags_bad", state.tags_bad);
    json.member("last_error", state.last_error);
    write_time(json, "last_error_time", state.last_error_time);
    if (whole) {
        json.key("groups");
        json.begin_array();
        for (const auto& group : state.groups)
            write_group_state(json, group);
        json.end_array();
        json.key("units");
        json.begin_array();
        for (const auto& unit : state.units)
            write_unit(json, unit);
        json.end_array();
    }
    json.end_object();
}

namespace {

void write_kept(JsonWriter& json, const gateway::StoredDevice& device,
                const gateway::DeviceState* state, bool whole) {
    json.member("origin", device.origin);
    json.member("revision", device.revision);
    json.member("problem", device.problem);
    json.key("state");
    if (state == nullptr) {
        json.null();
    } else {
        write_state(json, *state, whole);
    }
}

}  // namespace

void write_summary(JsonWriter& json, const gateway::StoredDevice& device,
                   const gateway::DeviceState* state) {
    size_t tags = 0;
    for (const auto& group : device.spec.groups)
        tags += group.tags.size();
    json.begin_object();
    json.member("name", device.spec.name);
    json.member("driver", device.spec.driver);
    json.member("description", device.spec.description);
    json.member("enabled", device.spec.enabled);
    json.member("groups", device.spec.groups.size());
    json.member("tags", tags);
    write_kept(json, device, state, false);
    json.end_object();
}

std::string device_body(const gateway::StoredDevice& device, const gateway::DeviceState* state) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    gateway::write_device_members(json, device.spec);
    write_kept(json, device, state, true);
    json.end_object();
    return body;
}

namespace {

void append_tag_csv(std::string& out, const TagRow& row) {
    const auto& state = *row.state;
    for (const std::string_view text :
         {std::string_view(state.group), std::string_view(state.name),
          std::string_view(state.point), std::string_view(state.address)}) {
        append_csv_text(out, text);
        out += ',';
    }
    const auto* spec = row.spec;
    out.append(spec != nullptr ? gateway::to_string(spec->type) : "").append(",");
    append_csv_text(out, spec != nullptr ? gateway::to_string(spec->access) : std::string());
    out += ',';
    append_csv_text(out, spec != nullptr ? spec->unit : std::string());
    out += ',';
    if (state.last) {
        model::SampleBatch batch;
        batch.add(model::PointId(0), *state.last);
        append_value_csv(out, batch, 0);
        out.append(",").append(model::to_string(state.last->quality)).append(",");
        out += format_rfc3339(state.last->time);
    } else {
        out += ",,";
    }
    out += ',';
    append_csv_text(out, state.error);
    out += '\n';
}

}  // namespace

void append_tag_row(std::string& out, const TagRow& row, Format format) {
    if (format == Format::csv) return append_tag_csv(out, row);
    const auto& state = *row.state;
    JsonWriter json(out);
    json.begin_object();
    json.member("group", state.group);
    json.member("name", state.name);
    json.member("point", state.point);
    json.member("address", state.address);
    if (row.spec != nullptr) {
        json.member("type", gateway::to_string(row.spec->type));
        json.member("access", gateway::to_string(row.spec->access));
        json.member("unit", row.spec->unit);
    }
    json.key("value");
    if (state.last) {
        std::string value;
        append_value(value, state.last->value);
        json.raw(value);
        json.member("quality", model::to_string(state.last->quality));
        json.member("time", state.last->time);
    } else {
        json.null();
        json.key("quality");
        json.null();
        json.key("time");
        json.null();
    }
    json.member("error", state.error);
    json.end_object();
    if (format == Format::ndjson) out += '\n';
}

namespace {

std::string_view kind_text(gateway::LinkKind kind) {
    switch (kind) {
        case gateway::LinkKind::tcp_client:
            return "tcp_client";
        case gateway::LinkKind::serial:
            return "serial";
        case gateway::LinkKind::tcp_server:
            return "tcp_server";
    }
    return "";
}

void write_property(JsonWriter& json, const Property& property) {
    json.begin_object();
    json.member("name", property.key);
    json.member("type", to_string(property.type));
    json.member("default", property.default_value);
    json.member("help", property.help);
    if (property.least < property.most) {
        json.member("min", property.least);
        json.member("max", property.most);
    }
    write_choices(json, "choices", property.choices);
    json.end_object();
}

}  // namespace

void write_driver(JsonWriter& json, const gateway::DriverRegistry::Entry& driver, bool whole) {
    const auto& info = *driver.info;
    json.begin_object();
    json.member("name", info.name);
    json.member("title", info.title);
    json.member("help", info.help);
    json.member("link", kind_text(info.link));
    if (whole) {
        json.key("settings");
        json.begin_array();
        for (const auto& property : driver.settings)
            write_property(json, property);
        json.end_array();
        json.key("types");
        json.begin_array();
        for (const auto type : info.types)
            json.value(gateway::to_string(type));
        json.end_array();
        json.key("addresses");
        json.begin_array();
        for (const auto& address : info.addresses) {
            json.begin_object();
            json.member("form", address.form);
            json.member("example", address.example);
            json.member("help", address.help);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_flaws(JsonWriter& json, const std::vector<gateway::Flaw>& flaws) {
    json.key("errors");
    json.begin_array();
    for (const auto& flaw : flaws) {
        json.begin_object();
        json.member("group", flaw.group);
        json.member("tag", flaw.tag);
        json.member("field", flaw.field);
        json.member("text", flaw.text);
        json.end_object();
    }
    json.end_array();
}

void write_row_errors(JsonWriter& json, const std::vector<gateway::RowError>& errors) {
    json.member("errors_total", errors.size());
    json.key("errors");
    json.begin_array();
    for (size_t i = 0; i < std::min(errors.size(), errors_shown_limit); ++i) {
        const auto& error = errors[i];
        json.begin_object();
        json.key("line");
        if (error.line == 0) {
            json.null();
        } else {
            json.value(error.line);
        }
        json.member("device", error.device);
        json.member("group", error.group);
        json.member("tag", error.tag);
        json.member("field", error.field);
        json.member("text", error.text);
        json.end_object();
    }
    json.end_array();
}

std::string import_body(const gateway::ImportReport& report, bool dry_run) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("dry_run", dry_run);
    json.member("applied", report.applied && !dry_run);
    json.member("devices_created", report.devices_created);
    json.member("devices_changed", report.devices_changed);
    json.member("devices_unchanged", report.devices_unchanged);
    json.member("tags_added", report.tags_added);
    json.member("tags_changed", report.tags_changed);
    json.member("tags_unchanged", report.tags_unchanged);
    json.member("tags_removed", report.tags_removed);
    write_row_errors(json, report.errors);
    json.end_object();
    return body;
}

void append_audit_row(std::string& out, const catalog::AuditRecord& record, Format format) {
    if (format == Format::csv) {
        out += format_rfc3339(record.time);
        for (const auto* text :
             {&record.actor, &record.origin, &record.action, &record.target, &record.old_value,
              &record.new_value, &record.result, &record.detail}) {
            out += ',';
            append_csv_text(out, *text);
        }
        out += '\n';
        return;
    }
    const auto optional_json = [](JsonWriter& json, std::string_view name, std::string_view text) {
        json.key(name);
        if (text.empty()) return json.null();
        // Statements of streams are kept as they are.
        if (sql::JsonReader().read(text)) return json.raw(text);
        json.value(text);
    };
    JsonWriter json(out);
    json.begin_object();
    json.member("time", record.time);
    json.member("actor", record.actor);
    json.member("origin", record.origin);
    json.member("action", record.action);
    json.member("target", record.target);
    optional_json(json, "old", record.old_value);
    optional_json(json, "new", record.new_value);
    json.member("result", record.result);
    json.member("detail", record.detail);
    json.end_object();
    if (format == Format::ndjson) out += '\n';
}

}  // namespace hw::api
