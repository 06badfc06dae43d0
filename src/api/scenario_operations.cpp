#include "api/scenario_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/adder.h"
#include "api/answers.h"
#include "api/twin_operations.h"
#include "base/json_writer.h"
#include "io/http_client.h"
#include "scenario/member_reader.h"
#include "sql/json.h"

namespace hw::api {

namespace {

using scenario::ScenarioStore;
using scenario::StoredScenario;

constexpr std::string_view errors =
    "400 application/problem+json Wrong, and what; 404 application/problem+json There is none; "
    "409 application/problem+json It is there already, or runs";
constexpr std::string_view one_answer = "200 application/json#Scenario The scenario; ";

void write_scenario(JsonWriter& json, const StoredScenario& scenario) {
    json.begin_object();
    scenario::write_scenario_members(json, scenario.spec);
    json.member("created_at", scenario.created);
    json.member("updated_at", scenario.updated);
    json.member("updated_by", scenario.actor);
    json.member("state", to_string(scenario.state));
    json.member("run", scenario.run);
    json.key("progress");
    json.raw(fmt::format("{:.3f}", scenario.progress));
    if (!scenario.error.empty()) json.member("error", scenario.error);
    if (scenario.started.ns != 0) json.member("started_at", scenario.started);
    if (scenario.ended.ns != 0) json.member("ended_at", scenario.ended);
    json.end_object();
}

void answer(Exchange& exchange, const Result<StoredScenario>& scenario, unsigned status = 200) {
    if (!scenario) return exchange.fail(scenario.error());
    std::string body;
    JsonWriter json(body);
    write_scenario(json, *scenario);
    auto response = json_response(std::move(body), status);
    if (status == 201)
        response.headers.emplace_back("location",
                                      "/api/v1/scenarios/" + io::percent_encode(scenario->spec.id));
    exchange.respond(std::move(response));
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        if (comma > 0) parts.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

// A field of CSV (RFC 4180).
std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_number(double value) {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string();
}

std::string csv_of(const scenario::ModelResult& with, const scenario::ModelResult& base) {
    std::string body = "time,twin,path,unit,value,base\r\n";
    for (const auto& series : with.series) {
        const auto* other = base.find(series.key);
        const std::string head = fmt::format("{},{},{},", csv_field(series.twin),
                                             csv_field(series.path), csv_field(series.unit));
        for (size_t row = 0; row < series.values.size(); ++row) {
            const Time time = with.start + Duration{with.step.ns * static_cast<int64_t>(row)};
            const bool known = other != nullptr && row < other->values.size();
            body += fmt::format("{},{}{},{}\r\n", format_rfc3339(time), head,
                                csv_number(series.values[row]),
                                known ? csv_number(other->values[row]) : std::string());
        }
    }
    return body;
}

// Only the series of one twin, or one path of it.
void narrow(scenario::ModelResult& result, std::string_view twin, std::string_view path) {
    std::erase_if(result.series, [&](const auto& series) {
        return (!twin.empty() && series.twin != twin) || (!path.empty() && series.path != path);
    });
}

Result<scenario::ScenarioManager::CalibrationOrder> order_of(const std::string& body, Time now) {
    sql::JsonReader parser;
    const auto root = HW_TRY(parser.read(body));
    scenario::MemberReader reader(root, "");
    scenario::ScenarioManager::CalibrationOrder order;
    order.site = reader.text("site");
    if (order.site.empty()) reader.flaw("site", "must be given: the id of the twin at the root");
    order.model = reader.text("model", order.model);
    for (const auto& [name, to] : {std::pair{"from", &order.from}, std::pair{"to", &order.to}})
        if (const auto text = reader.text(name); !text.empty()) {
            const auto time = parse_time(text, now);
            if (!time)
                reader.flaw(name, time.error().text());
            else
                *to = *time;
        }
    if (const auto* parameters = reader.take("parameters")) {
        if (!parameters->is_object()) reader.flaw("parameters", "must be an object");
        order.parameters = *parameters;
    }
    HW_TRY(reader.finish());
    return order;
}

void write_calibration(JsonWriter& json, const scenario::StoredCalibration& calibration) {
    json.begin_object();
    json.member("site", calibration.site);
    json.member("model", calibration.model);
    json.member("time", calibration.time);
    json.member("confidence", calibration.confidence);
    json.key("calibration");
    json.raw(calibration.json);
    json.end_object();
}

void answer_calibration(Exchange& exchange,
                        const Result<scenario::StoredCalibration>& calibration) {
    if (!calibration) return exchange.fail(calibration.error());
    std::string body;
    JsonWriter json(body);
    write_calibration(json, *calibration);
    exchange.respond(json_response(std::move(body)));
}

}  // namespace

void ScenarioOperations::add_to(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/scenarios";
    const std::string one = base + "/{id}";
    to.add("GET", base, "listScenarios", "All scenarios and how their last run did",
           "200 application/json#ScenarioList The scenarios",
           [this](Exchange exchange) { list(std::move(exchange)); });
    to.add("POST", base, "createScenario", "Describe a \"what if\"; with run=true it runs at once",
           joined("201 application/json#Scenario Created; ", errors),
           [this](Exchange exchange) { create(std::move(exchange)); },
           "application/json#ScenarioSpec", "The site, the model, the start and what is set",
           {{"run", "boolean", "Whether it is run at once; default false"}});
    to.add("GET", one, "getScenario", "A scenario and how its last run did",
           joined(one_answer, errors), [this](Exchange exchange) { get(std::move(exchange)); });
    to.add(
        "PUT", one, "putScenario", "Create or replace a scenario; the last result stays",
        joined(one_answer, errors), [this](Exchange exchange) { replace(std::move(exchange)); },
        "application/json#ScenarioSpec", "The scenario");
    to.add("DELETE", one, "deleteScenario", "Remove a scenario with its results",
           joined("204 - Removed; ", errors),
           [this](Exchange exchange) { remove(std::move(exchange)); });
    add_runs(operations);
}

void ScenarioOperations::add_runs(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::string base = "/api/v1/scenarios";
    const std::string one = base + "/{id}";
    to.add("POST", one + "/run", "runScenario", "Put a scenario in the queue to run",
           joined("202 application/json#Scenario It waits or runs; ", errors),
           [this](Exchange exchange) { run(std::move(exchange)); });
    to.add("POST", one + "/cancel", "cancelScenario", "Stop a run",
           joined("202 application/json#Scenario It stops; ", errors),
           [this](Exchange exchange) { cancel(std::move(exchange)); });
    to.add("GET", one + "/result", "getScenarioResult", "What the last run found",
           joined("200 application/json#ScenarioResult,text/csv The result; ", errors),
           [this](Exchange exchange) { result(std::move(exchange)); }, "", "",
           {{"twin", "string", "Only the series of this twin"},
            {"path", "string", "Only the series of this path"},
            {"base", "boolean", "The run with nothing set instead"},
            {"format", "string", "json (default) or csv"}});
    to.add("GET", base + "/compare", "compareScenarios",
           "Results side by side, differences against the first; one alone against its own base",
           joined("200 application/json#ScenarioComparison The differences; ", errors),
           [this](Exchange exchange) { compare(std::move(exchange)); }, "", "",
           {{"ids", "string", "Ids of scenarios by commas", true},
            {"base", "boolean", "Compare with the first one's base"}});
    to.add(
        "POST", base + "/calibrate", "calibrateScenarioModel",
        "Find a model's parameters in a site's history and keep them for runs",
        joined("200 application/json#ScenarioCalibration What was found; ", errors),
        [this](Exchange exchange) { calibrate(std::move(exchange)); },
        "application/json#ScenarioCalibrationOrder", "The site and the range of history");
    to.add("GET", base + "/calibration", "getScenarioCalibration", "The kept parameters of a site",
           joined("200 application/json#ScenarioCalibration The parameters; ", errors),
           [this](Exchange exchange) { calibration(std::move(exchange)); }, "", "",
           {{"site", "string", "The twin at the root", true},
            {"model", "string", "Default: waterworks"}});
    to.add("GET", base + "/models", "listScenarioModels",
           "The models; with a site also what may be set there",
           joined("200 application/json#ScenarioModelList The models; ", errors),
           [this](Exchange exchange) { models(std::move(exchange)); }, "", "",
           {{"site", "string", "The twin at the root"}, {"model", "string", "Only this one"}});
}

void ScenarioOperations::list(Exchange exchange) const {
    answer_list(exchange, rooms_.manager.list(), write_scenario);
}

void ScenarioOperations::get(Exchange exchange) const {
    answer(exchange, rooms_.manager.get(exchange.place("id")));
}

void ScenarioOperations::create(Exchange exchange) {
    const auto run_now = bool_parameter(exchange.request, "run");
    if (!run_now) return exchange.fail(run_now.error());
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = scenario::read_scenario(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    auto made = rooms_.manager.create(std::move(*spec), *change);
    if (made && run_now->value_or(false)) made = rooms_.manager.run(made->spec.id, *change);
    answer(exchange, made, 201);
}

void ScenarioOperations::replace(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = scenario::read_scenario(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    const auto& id = exchange.place("id");
    if (!spec->id.empty() && spec->id != id)
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   fmt::format("the body's id is '{}', the path's '{}'; they must "
                                               "be the same",
                                               spec->id, id)));
    spec->id = id;
    // The path is checked as an id of a body would be.
    if (const auto checked = scenario::read_scenario(scenario::scenario_text(*spec)); !checked)
        return exchange.fail(checked.error());
    bool created = false;
    const auto made = rooms_.manager.replace(std::move(*spec), *change, created);
    answer(exchange, made, created ? 201 : 200);
}

void ScenarioOperations::remove(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (const auto done = rooms_.manager.remove(exchange.place("id"), *change); !done)
        return exchange.fail(done.error());
    exchange.respond({204, {}, ""});
}

void ScenarioOperations::run(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.manager.run(exchange.place("id"), *change), 202);
}

void ScenarioOperations::cancel(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.manager.cancel(exchange.place("id"), *change), 202);
}

void ScenarioOperations::result(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known =
            check_parameters(request, std::vector<std::string>{"twin", "path", "base", "format"});
        !known)
        return exchange.fail(known.error());
    const auto base = bool_parameter(request, "base");
    if (!base) return exchange.fail(base.error());
    const auto format = wanted_format(request);
    if (!format) return exchange.fail(format.error());
    const auto& id = exchange.place("id");
    const auto which =
        base->value_or(false) ? ScenarioStore::Which::base : ScenarioStore::Which::with;
    const auto twin = request.parameter("twin").value_or("");
    const auto path = request.parameter("path").value_or("");
    if (*format == Format::json && twin.empty() && path.empty()) {
        auto text = rooms_.manager.result_text(id, which);
        if (!text) return exchange.fail(text.error());
        return exchange.respond(json_response(std::move(*text)));
    }
    auto found = rooms_.manager.result(id, which);
    if (!found) return exchange.fail(found.error());
    narrow(*found, twin, path);
    if (*format == Format::json) {
        std::string body;
        JsonWriter json(body);
        scenario::write_result(json, *found);
        return exchange.respond(json_response(std::move(body)));
    }
    const auto other = rooms_.manager.result(id, ScenarioStore::Which::base);
    if (!other) return exchange.fail(other.error());
    exchange.respond(
        {200, {{"content-type", std::string(content_type(Format::csv))}}, csv_of(*found, *other)});
}

void ScenarioOperations::compare(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"ids", "base"}); !known)
        return exchange.fail(known.error());
    const auto base = bool_parameter(request, "base");
    if (!base) return exchange.fail(base.error());
    const auto made = rooms_.manager.compare_runs(split(request.parameter("ids").value_or("")),
                                                  base->value_or(false));
    if (!made) return exchange.fail(made.error());
    std::string body;
    JsonWriter json(body);
    scenario::write_comparison(json, *made);
    exchange.respond(json_response(std::move(body)));
}

void ScenarioOperations::calibrate(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto order = order_of(exchange.request.body, rooms_.clock.now());
    if (!order) return exchange.fail(order.error());
    answer_calibration(exchange, rooms_.manager.calibrate(*order, *change));
}

void ScenarioOperations::calibration(Exchange exchange) const {
    const auto& request = exchange.request;
    const auto site = request.parameter("site").value_or("");
    if (site.empty())
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   "'site' must be given: the id of the twin at the root"));
    answer_calibration(exchange, rooms_.manager.calibration(
                                     site, request.parameter("model").value_or("waterworks")));
}

void ScenarioOperations::models(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"site", "model"}); !known)
        return exchange.fail(known.error());
    const auto site = request.parameter("site").value_or("");
    const auto only = request.parameter("model").value_or("");
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& model : rooms_.manager.models().all()) {
        if (!only.empty() && model->name() != only) continue;
        json.begin_object();
        json.member("name", model->name());
        json.member("help", model->help());
        json.key("parameters");
        json.begin_array();
        for (const auto& [name, help] : model->parameters()) {
            json.begin_object();
            json.member("name", name);
            json.member("help", help);
            json.end_object();
        }
        json.end_array();
        if (!site.empty()) {
            const auto found = rooms_.manager.inputs(std::string(site), std::string(model->name()));
            if (!found) return exchange.fail(found.error());
            json.key("inputs");
            json.begin_array();
            for (const auto& input : found->first) {
                json.begin_object();
                json.member("twin", input.twin);
                json.member("path", input.path);
                json.member("unit", input.unit);
                json.member("help", input.help);
                json.end_object();
            }
            json.end_array();
            json.key("bound");
            json.raw(found->second);
        }
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
