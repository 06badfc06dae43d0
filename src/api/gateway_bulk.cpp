// Many devices at once: imports, exports, templates; and the audit.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/gateway_json.h"
#include "api/gateway_operations.h"
#include "api/gateway_request.h"
#include "gateway/device_csv.h"
#include "gateway/device_json.h"
#include "gateway/template.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

const std::vector<std::string> import_parameters = {"dry_run", "mode", "device"};
const std::vector<std::string> export_parameters = {"filter", "format"};
const std::vector<std::string> instances_parameters = {"dry_run", "mode"};
const std::vector<std::string> audit_parameters = {"filter", "from",  "to",     "actor",
                                                   "action", "limit", "cursor", "format"};

bool is_csv(const io::HttpRequest& request) {
    const auto type = request.header("content-type").value_or("");
    return type.starts_with("text/csv") || type.starts_with("text/tab-separated-values");
}

Result<gateway::ImportOptions> import_options(const io::HttpRequest& request) {
    gateway::ImportOptions options;
    options.dry_run = HW_TRY(bool_parameter(request, "dry_run")).value_or(false);
    const auto mode = request.parameter("mode").value_or("skip");
    if (mode != "skip" && mode != "all_or_nothing")
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("mode='{}' is neither skip nor all_or_nothing", mode));
    options.all_or_nothing = mode == "all_or_nothing";
    return options;
}

void answer_import(Exchange& exchange, const Result<gateway::ImportReport>& report,
                   const gateway::ImportOptions& options) {
    if (!report) return exchange.fail(report.error());
    if (!options.all_or_nothing || report->errors.empty() || options.dry_run)
        return exchange.respond(json_response(import_body(*report, options.dry_run)));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", "Unprocessable Content");
    json.member("status", 422);
    json.member("code", "invalid_argument");
    json.member("detail", fmt::format("{} rows are wrong, so nothing was taken; the first: {}",
                                      report->errors.size(), report->errors.front().text));
    write_row_errors(json, report->errors);
    json.end_object();
    exchange.respond({422, {{"content-type", "application/problem+json"}}, std::move(body)});
}

}  // namespace

void GatewayOperations::import_devices(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, import_parameters); !known)
        return exchange.fail(known.error());
    const auto options = import_options(request);
    if (!options) return exchange.fail(options.error());
    auto change = change_of(request);
    if (is_csv(request))
        return answer_import(
            exchange,
            rooms_.devices->import_tags(request.body, request.parameter("device").value_or(""),
                                        *options, change),
            *options);
    answer_import(exchange, rooms_.devices->import_devices(request.body, *options, change),
                  *options);
}

void GatewayOperations::export_devices(Exchange exchange) const {
    const auto& request = exchange.request;
    if (refuse_accept(exchange)) return;
    if (auto known = check_parameters(request, export_parameters); !known)
        return exchange.fail(known.error());
    const auto format = wanted_format(request);
    if (!format) return exchange.fail(format.error());
    const std::string filter(request.parameter("filter").value_or("#"));
    if (auto good = model::check_filter(filter); !good) return exchange.fail(good.error());
    const auto devices = rooms_.devices->list(filter);
    std::string body;
    if (*format == Format::csv) {
        std::vector<const gateway::DeviceSpec*> specs;
        for (const auto& device : devices)
            specs.push_back(&device->spec);
        body = gateway::write_tag_table(specs);
    } else {
        const bool lines = *format == Format::ndjson;
        body = lines ? "" : "{\"devices\":[";
        for (size_t i = 0; i < devices.size(); ++i) {
            if (i > 0 && !lines) body += ",\n";
            JsonWriter json(body);
            gateway::write_device(json, devices[i]->spec);
            if (lines) body += '\n';
        }
        if (!lines) body += "]}\n";
    }
    exchange.respond({200,
                      {{"content-type", std::string(content_type(*format))},
                       {"content-disposition", *format == Format::csv
                                                   ? "attachment; filename=\"tags.csv\""
                                                   : "attachment; filename=\"devices.json\""}},
                      std::move(body)});
}

void GatewayOperations::list_templates(Exchange exchange) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& what : rooms_.devices->templates())
        gateway::write_template(json, what);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void GatewayOperations::get_template(Exchange exchange) const {
    const auto what = rooms_.devices->get_template(exchange.place("name"));
    if (!what) return exchange.fail(what.error());
    exchange.respond(json_response(gateway::template_text(*what)));
}

void GatewayOperations::put_template(Exchange exchange) {
    const auto& name = exchange.place("name");
    const auto what = gateway::read_template(exchange.request.body, name);
    if (!what) return exchange.fail(what.error());
    if (what->name != name)
        return exchange.fail(Error(
            ErrorCode::invalid_argument,
            fmt::format("the body is of template '{}', the address of '{}'", what->name, name)));
    auto change = change_of(exchange.request);
    bool created = false;
    if (auto put = rooms_.devices->put_template(*what, change, created); !put)
        return exchange.fail(put.error());
    exchange.respond(json_response(gateway::template_text(*what), created ? 201 : 200));
}

void GatewayOperations::remove_template(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto removed = rooms_.devices->remove_template(exchange.place("name"), change); !removed)
        return exchange.fail(removed.error());
    exchange.respond({204, {}, ""});
}

void GatewayOperations::make_instances(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, instances_parameters); !known)
        return exchange.fail(known.error());
    const auto options = import_options(request);
    if (!options) return exchange.fail(options.error());
    const auto what = rooms_.devices->get_template(exchange.place("name"));
    if (!what) return exchange.fail(what.error());
    const auto instances = is_csv(request) ? gateway::read_instance_table(request.body, *what)
                                           : gateway::read_instances(request.body);
    if (!instances) return exchange.fail(instances.error());
    auto change = change_of(request);
    answer_import(exchange,
                  rooms_.devices->make_instances(what->name, *instances, *options, change),
                  *options);
}

namespace {

Result<catalog::AuditQuery> read_audit_request(const io::HttpRequest& request,
                                               const Settings& settings, Time now) {
    catalog::AuditQuery query;
    HW_TRY(check_parameters(request, audit_parameters));
    query.filter = std::string(request.parameter("filter").value_or("#"));
    query.from = HW_TRY(time_parameter(request, "from", now));
    query.to = HW_TRY(time_parameter(request, "to", now));
    query.actor = std::string(request.parameter("actor").value_or(""));
    query.action = std::string(request.parameter("action").value_or(""));
    query.limit = HW_TRY(number_parameter(request, "limit", 1, settings.page_limit_max))
                      .value_or(settings.page_limit_default);
    if (const auto cursor = request.parameter("cursor")) {
        io::HttpRequest inner;
        inner.query.emplace_back("cursor", HW_TRY(decode_cursor(*cursor)));
        const auto before = HW_TRY(number_parameter(inner, "cursor", 0, INT64_MAX));
        query.before = static_cast<int64_t>(before.value_or(0));
    }
    return query;
}

}  // namespace

void GatewayOperations::audit(Exchange exchange) const {
    if (refuse_accept(exchange)) return;
    const auto format = wanted_format(exchange.request);
    if (!format) return exchange.fail(format.error());
    auto query = read_audit_request(exchange.request, settings_, rooms_.clock.now());
    if (!query) return exchange.fail(query.error());
    query->access = exchange.principal().may(access::Verb::administer);
    // What was done before this question is seen by its answer.
    rooms_.audit->flush();
    const auto page = rooms_.audit->query(*query);
    if (!page) return exchange.fail(page.error());
    const bool json = *format == Format::json;
    std::string body = json ? "{\"items\":[" : "";
    if (*format == Format::csv) body = fmt::format("{}\n", audit_columns);
    for (size_t i = 0; i < page->records.size(); ++i) {
        if (i > 0 && json) body += ",\n";
        append_audit_row(body, page->records[i], *format);
    }
    const std::string next = page->next ? encode_cursor(fmt::format("{}", *page->next)) : "";
    if (json)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{
        200, {{"content-type", std::string(content_type(*format))}}, std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

}  // namespace hw::api
