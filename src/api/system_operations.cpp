#include "api/system_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/adder.h"
#include "api/answers.h"
#include "api/tar.h"
#include "base/json_writer.h"
#include "base/log_ring.h"
#include "io/compression.h"

namespace hw::api {

namespace {

const std::vector<std::string> log_parameters = {"level", "after", "limit"};
const std::vector<std::string> figure_parameters = {"last"};
constexpr Duration figures_longest = seconds(3600);

double in_seconds(Duration duration) {
    return static_cast<double>(duration.ns) / 1e9;
}

void write_process(JsonWriter& json, const SystemFacts& facts) {
    json.key("process");
    json.begin_object();
    json.member("pid", facts.pid);
    json.member("cpu_cores", facts.cpu_cores);
    json.member("memory_bytes", facts.memory_bytes);
    json.member("threads", facts.threads);
    json.member("open_files", facts.open_files);
    json.member("open_files_limit", facts.open_files_limit);
    json.end_object();
    json.key("machine");
    json.begin_object();
    json.member("host", facts.host);
    json.member("cores", facts.cores);
    json.member("load_1m", facts.load_1m);
    json.member("memory_bytes", facts.machine_memory_bytes);
    json.member("memory_available_bytes", facts.machine_memory_available_bytes);
    json.end_object();
    json.key("storage");
    json.begin_object();
    json.member("folder", facts.data_folder);
    json.member("data_bytes", facts.data_bytes);
    json.member("disk_free_bytes", facts.disk_free_bytes);
    json.member("disk_total_bytes", facts.disk_total_bytes);
    json.end_object();
}

void write_history(JsonWriter& json, const SystemFacts::History& history) {
    json.key("history");
    json.begin_object();
    json.member("health", history.health);
    json.member("reason", history.reason);
    json.member("points", history.points);
    json.member("points_limit", history.points_limit);
    json.member("samples_committed", history.samples_committed);
    json.member("samples_refused", history.samples_refused);
    json.member("journal_bytes", history.journal_bytes);
    json.member("chunk_bytes", history.chunk_bytes);
    json.member("memory_bytes", history.memory_bytes);
    json.key("oldest_sample");
    if (history.oldest_sample)
        json.value(*history.oldest_sample);
    else
        json.null();
    json.key("retention");
    json.begin_array();
    for (const auto& rule : history.retention) {
        json.begin_object();
        json.member("filter", rule.filter);
        json.member("keep", rule.keep);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

void write_pressure(JsonWriter& json, const SystemFacts& facts) {
    json.key("queues");
    json.begin_array();
    for (const auto& queue : facts.queues) {
        json.begin_object();
        json.member("name", queue.name);
        json.member("unit", queue.unit);
        json.member("depth", queue.depth);
        json.member("limit", queue.limit);
        json.end_object();
    }
    json.end_array();
    json.key("dropped");
    json.begin_array();
    for (const auto& count : facts.dropped) {
        json.begin_object();
        json.member("name", count.name);
        json.member("help", count.help);
        json.member("count", count.count);
        json.end_object();
    }
    json.end_array();
    json.key("reactors");
    json.begin_array();
    for (const auto& reactor : facts.reactors) {
        json.begin_object();
        json.member("name", reactor.name);
        json.member("lag_ms", reactor.last_ms);
        json.member("lag_ms_worst", reactor.worst_ms);
        json.end_object();
    }
    json.end_array();
}

std::string facts_json(const SystemFacts& facts) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("version", facts.version);
    json.member("build", facts.build);
    json.member("time", facts.time);
    json.member("started", facts.started);
    json.member("uptime_s", in_seconds(facts.uptime));
    write_process(json, facts);
    write_history(json, facts.history);
    write_pressure(json, facts);
    json.key("clock");
    json.begin_object();
    json.member("synchronised", facts.clock.synchronised);
    json.member("error_ms", facts.clock.error_ms);
    json.member("error_ms_most", facts.clock.error_ms_most);
    json.end_object();
    json.end_object();
    return body;
}

std::string settings_json(const std::vector<SettingRow>& rows) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& row : rows) {
        const auto& property = row.property;
        json.begin_object();
        json.member("key", property.key);
        json.member("type", to_string(property.type));
        json.member("value", row.value);
        json.member("default", property.default_value);
        json.member("origin", row.origin);
        json.member("where", row.where);
        json.member("help", property.help);
        json.member("needs_restart", property.needs_restart);
        if (property.most > property.least) {
            json.member("least", property.least);
            json.member("most", property.most);
        }
        write_choices(json, "choices", property.choices);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return body;
}

std::string log_json(const std::vector<LogLine>& lines, uint64_t after) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& line : lines) {
        json.begin_object();
        json.member("number", line.number);
        json.member("time", line.time);
        json.member("level", to_string(line.level));
        json.member("room", line.room);
        json.member("message", line.message);
        json.end_object();
    }
    json.end_array();
    json.member("last", lines.empty() ? after : lines.back().number);
    json.end_object();
    return body;
}

void write_number(JsonWriter& json, double value) {
    if (!std::isfinite(value)) return json.null();
    // Six digits draw any line.
    if (value == std::floor(value) && std::abs(value) < 1e15)
        json.value(static_cast<int64_t>(value));
    else
        json.raw(fmt::format("{:.6g}", value));
}

std::string figures_json(const FigureTable& table) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("times");
    json.begin_array();
    for (const auto time : table.times)
        json.value(time.ns / milliseconds(1).ns);
    json.end_array();
    json.key("figures");
    json.begin_object();
    for (size_t i = 0; i < table.names.size(); ++i) {
        json.key(table.names[i]);
        json.begin_array();
        for (const double value : table.columns[i])
            write_number(json, value);
        json.end_array();
    }
    json.end_object();
    json.end_object();
    return body;
}

std::string log_text() {
    std::string out;
    for (const auto& line : recent_log(LogLevel::debug, 0, log_ring_lines))
        out += fmt::format("{} {:<7} {}: {}\n", format_rfc3339(line.time), to_string(line.level),
                           line.room, line.message);
    return out;
}

}  // namespace

void SystemOperations::add_to(std::vector<Operation>& operations) {
    Adder to(operations);
    constexpr std::string_view wrong = "400 application/problem+json A parameter is wrong";
    to.add("GET", "/api/v1/system", "getSystem",
           "The server's version, process, machine, storage, queues and clock",
           "200 application/json#System The facts",
           [this](Exchange exchange) { facts(std::move(exchange)); });
    to.add("GET", "/api/v1/settings", "listSettings",
           "Every property of the configuration as it is in force",
           "200 application/json#SettingList The properties; secrets are left out",
           [this](Exchange exchange) { settings(std::move(exchange)); });
    to.add("GET", "/api/v1/system/log", "listLog", "The last lines of the log, the newest last",
           joined("200 application/json#LogList The lines; ", wrong),
           [this](Exchange exchange) { log(std::move(exchange)); }, "", "",
           {{"level", "string", "debug, info, warning or error, and above; default debug"},
            {"after", "integer", "Those after this number, the 'last' of the answer before"},
            {"limit", "integer", "Lines at most; default and most 1,000"}});
    to.add("GET", "/api/v1/system/figures", "listSystemFigures",
           "Key figures of the last hour, one of each every 5 s",
           joined("200 application/json#SystemFigures Columns; ", wrong),
           [this](Exchange exchange) { figures(std::move(exchange)); }, "", "",
           {{"last", "string", "How far back, a duration up to 1h; default 1h"}});
    to.add("GET", "/api/v1/system/bundle", "getSupportBundle",
           "What support asks for: facts, settings, log, figures; without secrets",
           "200 application/gzip A tar.gz",
           [this](Exchange exchange) { bundle(std::move(exchange)); });
}

void SystemOperations::facts(Exchange exchange) const {
    exchange.respond(json_response(facts_json(system_.facts())));
}

void SystemOperations::settings(Exchange exchange) const {
    exchange.respond(json_response(settings_json(system_.settings())));
}

void SystemOperations::log(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, log_parameters); !known)
        return exchange.fail(known.error());
    const auto level = parse_log_level(request.parameter("level").value_or("debug"));
    if (!level) return exchange.fail(level.error());
    const auto after = number_parameter(request, "after", 0, INT64_MAX);
    if (!after) return exchange.fail(after.error());
    const auto limit = number_parameter(request, "limit", 1, log_ring_lines);
    if (!limit) return exchange.fail(limit.error());
    exchange.respond(json_response(
        log_json(recent_log(*level, after->value_or(0), limit->value_or(log_ring_lines)),
                 after->value_or(0))));
}

void SystemOperations::figures(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, figure_parameters); !known)
        return exchange.fail(known.error());
    Duration last = figures_longest;
    if (const auto text = request.parameter("last")) {
        const auto read = parse_duration(*text);
        if (!read) return exchange.fail(read.error().within("last"));
        last = std::min(last, *read);
    }
    exchange.respond(json_response(figures_json(system_.figures(last))));
}

void SystemOperations::bundle(Exchange exchange) const {
    const Time now = system_.now();
    const std::string folder =
        fmt::format("headworks-{}/", format_rfc3339({now.ns / 1'000'000'000 * 1'000'000'000}));
    TarWriter tar;
    const auto add = [&](std::string_view name, std::string_view content) {
        tar.add(folder + std::string(name), content, now);
    };
    add("system.json", facts_json(system_.facts()));
    add("settings.json", settings_json(system_.settings()));
    add("figures.json", figures_json(system_.figures(figures_longest)));
    add("log.txt", log_text());
    add("metrics.txt", metrics_.render());
    exchange.respond({200,
                      {{"content-type", "application/gzip"},
                       {"content-disposition", "attachment; filename=\"headworks-support.tar.gz\""},
                       {"cache-control", "no-store"}},
                      io::gzip(tar.finish())});
}

}  // namespace hw::api
