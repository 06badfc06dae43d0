#include "connector/influxdb/influxdb_kind.h"

#include <fmt/format.h>

#include "connector/http/client.h"
#include "connector/influxdb/line_form.h"
#include "connector/send_in_halves.h"
#include "connector/settings_text.h"

namespace hw::connector::influxdb {

namespace {

using enum PropertyType;

constexpr Property address[] = {
    {"url", text, "http://127.0.0.1:8086", "Address of the server", 0, 0, false},
    {"api", text, "v2", "Which write API: v1 (database) or v2 (org and bucket)", 0, 0, false,
     "v1|v2"},
    {"database", text, "", "Database, v1", 0, 0, false},
    {"retention_policy", text, "", "Retention policy, v1; empty: the database's own", 0, 0, false},
    {"org", text, "", "Organisation, v2", 0, 0, false},
    {"bucket", text, "", "Bucket, v2", 0, 0, false},
};

constexpr Property sink[] = {
    {"measurement", text, "headworks", "Measurement, a template", 0, 0, false},
    {"tags", text_list, "", "Tags as name=template", 0, 0, false},
    {"fields", text_list, "",
     "Fields as name=template; behind a placeholder i makes an integer, u an unsigned, quotes "
     "around it a string; empty: every number, boolean and text of the row",
     0, 0, false},
    {"timestamp", text, "",
     "Template of a datetime, or of a number in the precision; empty: the row's time", 0, 0, false},
    {"write_syntax", text, "",
     "A whole line with placeholders, instead of measurement, tags, fields and timestamp", 0, 0,
     false},
    {"precision", text, "ns", "Unit of timestamps", 0, 0, false, "ns|us|ms|s"},
};

struct Target {
    std::string write_url, ping_url;
    std::vector<std::pair<std::string, std::string>> headers;
};

class InfluxSink final : public Sink {
  public:
    InfluxSink(Target target, LineForm form, http::ClientSettings client)
        : target_(std::move(target)),
          form_(std::move(form)),
          renderer_(Missing::empty),
          client_(std::move(client)) {}

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;
    void cancel() override { client_.cancel(); }

  private:
    Result<http::Response> write(const std::string& lines) {
        return client_.perform({"POST", target_.write_url, target_.headers, lines});
    }

    const Target target_;
    const LineForm form_;
    Renderer renderer_;
    http::Client client_;
};

// An empty write is checked by the server for the database and the rights, and changes nothing.
Result<void> InfluxSink::test() {
    const auto ping = HW_TRY(client_.perform({"GET", target_.ping_url, target_.headers, {}}));
    if (ping.status >= 300)
        return fail(ErrorCode::unavailable,
                    target_.ping_url + ": " + http::response_text(ping) + "; is it InfluxDB?");
    const auto written = HW_TRY(write("\n"));
    if (written.status == 401 || written.status == 403)
        return fail(ErrorCode::permission_denied, http::response_text(written) +
                                                      "; check username, password_file and "
                                                      "token_file");
    if (written.status == 404)
        return fail(ErrorCode::not_found,
                    http::response_text(written) + "; check database, or org and bucket");
    return {};
}

Sent InfluxSink::send(std::span<const Item> items) {
    // Up to the first row that makes no line; it is rejected by the next call.
    std::vector<std::string> lines;
    std::string reason;
    for (const Item& item : items) {
        std::string line;
        if (const auto made = form_.append(line, item, renderer_); !made) {
            reason = made.error().text();
            break;
        }
        lines.push_back(std::move(line));
    }
    if (lines.empty()) return {Sent::Outcome::rejected, 0, reason};
    const Sent sent = send_in_halves(items.first(lines.size()), [&](std::span<const Item> some) {
        std::string body;
        const auto from = static_cast<size_t>(some.data() - items.data());
        for (size_t i = from; i < from + some.size(); ++i)
            body += lines[i];
        const auto response = write(body);
        if (!response) return http::sent_of(response.error());
        // A database that is missing is not the rows' fault.
        if (response->status == 404)
            return Sent{Sent::Outcome::retry, 0, http::response_text(*response)};
        return http::sent_of(*response);
    });
    if (sent.outcome != Sent::Outcome::sent || lines.size() == items.size()) return sent;
    return {Sent::Outcome::rejected, lines.size(), reason};
}

Result<Target> target_of(const Config::Table& settings, const http::ClientSettings& client) {
    std::string url = HW_TRY(needed(settings, "url"));
    while (url.ends_with('/'))
        url.pop_back();
    const bool v1 = setting(settings, "api").as_text() == "v1";
    const std::string& precision = setting(settings, "precision").as_text();
    Target target;
    target.ping_url = url + "/ping";
    std::string query;
    const auto add = [&](std::string_view name, std::string_view value) {
        query += query.empty() ? '?' : '&';
        query += name;
        query += '=';
        append_percent_encoded(query, value);
    };
    if (v1) {
        add("db", HW_TRY(needed(settings, "database")));
        const std::string& policy = setting(settings, "retention_policy").as_text();
        if (!policy.empty()) add("rp", policy);
        add("precision", precision == "us" ? "u" : std::string_view(precision));
    } else {
        add("org", HW_TRY(needed(settings, "org")));
        add("bucket", HW_TRY(needed(settings, "bucket")));
        add("precision", precision);
        if (!client.token.empty())
            target.headers.emplace_back("Authorization", "Token " + client.token);
    }
    target.write_url = url + (v1 ? "/write" : "/api/v2/write") + query;
    target.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    return target;
}

Result<LineForm> form_of(const Config::Table& settings) {
    LineForm::Settings form;
    const std::string& syntax = setting(settings, "write_syntax").as_text();
    if (!syntax.empty()) {
        form = HW_TRY(LineForm::parse(syntax));
    } else {
        form.measurement = HW_TRY(template_setting(settings, "measurement"));
        form.tags = HW_TRY(named_templates(settings, "tags"));
        form.timestamp = HW_TRY(template_setting(settings, "timestamp"));
        for (const std::string& entry : setting(settings, "fields").as_text_list()) {
            const size_t equals = entry.find('=');
            if (equals == 0 || equals == std::string::npos)
                return fail(ErrorCode::invalid_argument,
                            fmt::format("fields: '{}' is not name=value", entry));
            auto field = LineForm::field(entry.substr(0, equals),
                                         std::string_view(entry).substr(equals + 1));
            if (!field) return fail(field.error().within("fields " + entry.substr(0, equals)));
            form.fields.push_back(*std::move(field));
        }
    }
    form.precision = precision_of(setting(settings, "precision").as_text());
    return LineForm(std::move(form));
}

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    http::ClientSettings client = HW_TRY(http::client_settings(settings, rooms));
    Target target = HW_TRY(target_of(settings, client));
    // v2 names its scheme Token, not Bearer.
    client.token.clear();
    LineForm form = HW_TRY(form_of(settings));
    return std::make_unique<InfluxSink>(std::move(target), std::move(form), std::move(client));
}

}  // namespace

const Kind& kind() {
    static const std::vector<Property> connection = joined({address, http::client_properties()});
    static const Kind made = {
        "influxdb",
        "InfluxDB",
        "Writes rows to InfluxDB 1.x or 2.x, or what speaks their write API.",
        connection,
        sink,
        {},
        {},
        make_sink,
        nullptr,
        nullptr,
    };
    return made;
}

}  // namespace hw::connector::influxdb
