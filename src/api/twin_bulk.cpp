// Many twins at once: imports, exports, templates.

#include <fmt/format.h>

#include <algorithm>

#include "api/twin_operations.h"
#include "base/json_writer.h"
#include "model/point_path.h"
#include "twin/bulk/bulk_reader.h"
#include "twin/bulk/bulk_writer.h"
#include "twin/bulk/template.h"

namespace hw::api {

namespace {

constexpr size_t twins_a_page = 2'000;
constexpr size_t points_a_page = 10'000;
constexpr size_t template_points_limit = 2'000'000;

const std::vector<std::string> import_parameters = {"dry_run", "mode", "format"};
const std::vector<std::string> template_parameters = {"dry_run", "mode", "filter", "source",
                                                      "parameter"};

Result<twin::BulkOptions> bulk_options(const io::HttpRequest& request) {
    twin::BulkOptions options;
    options.dry_run = HW_TRY(bool_parameter(request, "dry_run")).value_or(false);
    const auto mode = request.parameter("mode").value_or("skip");
    if (mode != "skip" && mode != "all_or_nothing")
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("mode='{}' is neither skip nor all_or_nothing", mode));
    options.all_or_nothing = mode == "all_or_nothing";
    return options;
}

void write_counts(JsonWriter& json, std::string_view name, size_t created, size_t changed,
                  size_t unchanged) {
    json.key(name);
    json.begin_object();
    json.member("created", created);
    json.member("changed", changed);
    json.member("unchanged", unchanged);
    json.end_object();
}

void write_report(JsonWriter& json, const twin::BulkReport& report) {
    json.member("applied", report.applied);
    write_counts(json, "twins", report.twins_created, report.twins_changed, report.twins_unchanged);
    write_counts(json, "relationships", report.relationships_created, report.relationships_changed,
                 report.relationships_unchanged);
    json.member("errors_total", report.errors.size() + report.errors_more);
    json.key("errors");
    json.begin_array();
    for (const auto& error : report.errors) {
        json.begin_object();
        json.member("line", error.line);
        json.member("what", error.what);
        json.member("text", error.text);
        json.end_object();
    }
    json.end_array();
}

// 422 where nothing was taken because of a row.
unsigned status_of(const twin::BulkReport& report, const twin::BulkOptions& options) {
    return options.all_or_nothing && !options.dry_run && !report.errors.empty() ? 422 : 200;
}

void begin_problem(JsonWriter& json, const twin::BulkReport& report, unsigned status) {
    json.begin_object();
    if (status == 200) return;
    json.member("type", "about:blank");
    json.member("title", "Unprocessable Content");
    json.member("status", status);
    json.member("code", "invalid_argument");
    json.member("detail",
                fmt::format("{} rows are wrong, so nothing was taken; the first: {}",
                            report.errors.size() + report.errors_more, report.errors.front().text));
}

void answer_report(Exchange& exchange, std::string body, unsigned status) {
    exchange.respond(
        {status,
         {{"content-type", status == 200 ? "application/json" : "application/problem+json"}},
         std::move(body)});
}

// Tags of devices, or all points that are known.
Result<std::vector<twin::PointFacts>> points_for(const io::HttpRequest& request,
                                                 const model::PointDirectory& points,
                                                 const gateway::Manager* devices) {
    const std::string filter(request.parameter("filter").value_or("#"));
    HW_TRY(model::check_filter(filter));
    const auto source = request.parameter("source").value_or("points");
    std::vector<twin::PointFacts> facts;
    if (source == "devices" && devices != nullptr) {
        for (const auto& device : devices->list())
            twin::add_points(facts, device->spec);
        std::erase_if(facts, [&](const auto& one) { return !model::matches(filter, one.point); });
        return facts;
    }
    if (source != "points")
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("source='{}' is neither points nor devices", source));
    std::string after;
    while (true) {
        const auto page = points.match(filter, after, points_a_page);
        for (const auto id : page)
            facts.push_back({std::string(points.path(id))});
        if (facts.size() > template_points_limit)
            return hw::fail(ErrorCode::limit_exceeded,
                            fmt::format("the filter '{}' has more than {} points, which a template "
                                        "takes at most; take them in parts",
                                        filter, template_points_limit));
        if (page.size() < points_a_page) return facts;
        after = points.path(page.back());
    }
}

// name=value, as often as it was given.
Result<twin::Places> template_places(const io::HttpRequest& request) {
    twin::Places places;
    for (const auto& [name, value] : request.query) {
        if (name != "parameter") continue;
        const size_t equals = value.find('=');
        if (equals == std::string::npos)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("parameter='{}' is not name=value", value));
        places[value.substr(0, equals)] = value.substr(equals + 1);
    }
    return places;
}

}  // namespace

void TwinOperations::import_twins(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, import_parameters); !known)
        return exchange.fail(known.error());
    const auto options = bulk_options(request);
    if (!options) return exchange.fail(options.error());
    const auto change = twin_change_of(request);
    if (!change) return exchange.fail(change.error());
    const auto type = request.header("content-type").value_or("");
    const auto hint = request.parameter("format").value_or(type.substr(0, type.find(';')));
    const auto format = twin::find_bulk_format(hint, request.body);
    if (!format) return exchange.fail(format.error());
    auto input = twin::read_bulk(request.body, *format, rooms_.twins.models());
    if (!input) return exchange.fail(input.error());
    if (!input->models.empty() && !options->dry_run) {
        std::vector<twin::ModelFlaw> flaws;
        const std::vector<std::string_view> documents(input->models.begin(), input->models.end());
        if (auto put = rooms_.twins.put_models(documents, *change, flaws); !put)
            return exchange.fail(
                flaws.empty() ? put.error() : Error(put.error().code(), flaws.front().full_text()));
    }
    const auto report = rooms_.twins.apply(std::move(input->bulk), *options, *change);
    if (!report) return exchange.fail(report.error());
    const unsigned status = status_of(*report, *options);
    std::string body;
    JsonWriter json(body);
    begin_problem(json, *report, status);
    write_report(json, *report);
    json.end_object();
    answer_report(exchange, std::move(body), status);
}

void TwinOperations::export_twins(Exchange exchange) const {
    static const auto known = [] {
        std::vector<std::string> names = {"format", "values", "at"};
        for (const auto& parameter : scope_parameters)
            names.emplace_back(parameter.name);
        return names;
    }();
    const auto& request = exchange.request;
    if (auto checked = check_parameters(request, known); !checked)
        return exchange.fail(checked.error());
    auto scope = scope_of(request);
    if (!scope) return exchange.fail(scope.error());
    const auto values = bool_parameter(request, "values");
    if (!values) return exchange.fail(values.error());
    const auto at = time_parameter(request, "at", rooms_.clock.now());
    if (!at) return exchange.fail(at.error());
    const auto format = twin::find_bulk_format(request.parameter("format").value_or("ndjson"), "");
    if (!format) return exchange.fail(format.error());
    // Lines go out page by page; the others are one text.
    const bool paged = *format == twin::BulkFormat::ndjson;
    scope->limit = paged ? twins_a_page : SIZE_MAX;
    const twin::BulkWriteOptions options{.values = values->value_or(false)};
    std::unique_ptr<io::HttpStream> stream;
    while (true) {
        const auto page = snapshot(*scope, *at);
        if (!page && !stream) return exchange.fail(page.error());
        if (!page) return;  // cut off, so that half an answer is not taken for a whole one
        std::string body;
        twin::write_bulk(body, *page, *format, options);
        if (!stream)
            stream = exchange.responder->stream(
                {200,
                 {{"content-type", *format == twin::BulkFormat::ndjson  ? "application/x-ndjson"
                                   : *format == twin::BulkFormat::json  ? "application/json"
                                   : *format == twin::BulkFormat::jsonl ? "application/x-ndjson"
                                                                        : "text/csv"}},
                 ""});
        if (!body.empty() && !stream->write(std::move(body))) return;
        if (page->twins.size() < scope->limit) break;
        scope->after = page->twins.back().id;
    }
    stream->finish();
}

void TwinOperations::apply_template(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, template_parameters); !known)
        return exchange.fail(known.error());
    const auto options = bulk_options(request);
    if (!options) return exchange.fail(options.error());
    const auto change = twin_change_of(request);
    if (!change) return exchange.fail(change.error());
    const auto what = twin::read_twin_template(request.body, "template");
    if (!what) return exchange.fail(what.error());
    const auto points = points_for(request, rooms_.points, rooms_.devices);
    if (!points) return exchange.fail(points.error());
    const auto places = template_places(request);
    if (!places) return exchange.fail(places.error());
    auto made = twin::apply_template(*what, *points, *places, *rooms_.twins.models());
    if (!made) return exchange.fail(made.error());
    const auto report = rooms_.twins.apply(std::move(made->bulk), *options, *change);
    if (!report) return exchange.fail(report.error());
    const unsigned status = status_of(*report, *options);
    std::string body;
    JsonWriter json(body);
    begin_problem(json, *report, status);
    write_report(json, *report);
    json.key("template");
    twin::write_template_report(json, *what, made->report);
    json.end_object();
    answer_report(exchange, std::move(body), status);
}

void TwinOperations::add_bulk(std::vector<Operation>& operations) {
    const std::vector<Parameter> ways = {
        {"dry_run", "boolean", "Only say what would happen"},
        {"mode", "string", "skip (default): wrong rows are left out; or all_or_nothing"}};
    const std::string answers =
        "200 application/json#TwinImport What was taken and what was left out; 400 "
        "application/problem+json The whole cannot be read; 422 application/problem+json A row is "
        "wrong, and nothing was taken";
    auto import_ways = ways;
    import_ways.push_back(
        {"format", "string", "ndjson, csv, relationships, json or jsonl; else by Content-Type"});
    operations.push_back({"POST", "/api/v1/twin/import", "importTwins",
                          "Take twins, relationships and models of a file", import_ways,
                          "application/x-ndjson,text/csv,application/json",
                          "See docs/twins_by_template.md", answers, true,
                          [this](Exchange exchange) { import_twins(std::move(exchange)); }});
    auto export_ways = scope_parameters;
    export_ways.push_back(
        {"format", "string", "ndjson (default), csv, relationships, json, jsonl"});
    export_ways.push_back({"values", "boolean", "Values of points too, as if they were fixed"});
    export_ways.push_back({"at", "string", "As it was at this time"});
    operations.push_back({"GET", "/api/v1/twin/export", "exportTwins",
                          "Twins and relationships, as an import takes them", export_ways, "", "",
                          "200 application/x-ndjson,text/csv,application/json The file", true,
                          [this](Exchange exchange) { export_twins(std::move(exchange)); }});
    auto template_ways = ways;
    template_ways.push_back({"filter", "string", "MQTT filter of the points; default '#'"});
    template_ways.push_back({"source", "string", "points (default), or devices: their tags"});
    template_ways.push_back({"parameter", "string", "name=value of the template; may be repeated"});
    operations.push_back({"POST", "/api/v1/twin/template", "applyTwinTemplate",
                          "Make twins of a list of points", template_ways,
                          "application/json#TwinTemplate", "The template", answers, true,
                          [this](Exchange exchange) { apply_template(std::move(exchange)); }});
}

}  // namespace hw::api
