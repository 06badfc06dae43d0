#include "connector/clickhouse/clickhouse_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "connector/http/client.h"
#include "connector/send_in_halves.h"
#include "connector/settings_text.h"

namespace hw::connector::clickhouse {

namespace {

using enum PropertyType;

constexpr Property address[] = {
    {"url", text, "http://127.0.0.1:8123", "Address of the HTTP interface", 0, 0, false},
    {"database", text, "default", "Database", 0, 0, false},
};

constexpr Property sink[] = {
    {"table", text, "", "Table to insert into", 0, 0, false},
    {"body", text, "${.}",
     "A row as a JSON object with the columns' names, a template, e.g. {\"ts\":${json:@time_ms}}",
     0, 0, false},
    {"skip_unknown", boolean, "true", "Whether members that are no column are left out", 0, 0,
     false},
    {"undefined_as", text, "null", "What stands for a value that a row does not have", 0, 0, false,
     "undefined|null|empty|reject"},
};

struct Target {
    std::string url, database, table;
    std::vector<std::pair<std::string, std::string>> headers;
};

// `name` in backquotes.
std::string quoted(std::string_view name) {
    std::string out = "`";
    for (const char c : name) {
        if (c == '`' || c == '\\') out += '\\';
        out += c;
    }
    return out + "`";
}

// The number in "Code: 117, e.displayText() = ..."; 0 where there is none.
int exception_code(std::string_view body) {
    constexpr std::string_view mark = "Code: ";
    const size_t at = body.find(mark);
    int code = 0;
    if (at != std::string_view::npos)
        std::from_chars(body.data() + at + mark.size(), body.data() + body.size(), code);
    return code;
}

// Errors of the data itself, which come with status 400 or 500 by version: values that cannot be
// read as their column's type, unknown members, broken JSON.
bool is_of_data(int code) {
    constexpr std::array codes = {6,  25, 26, 27, 28,  31,  32,  33,  38,  41,
                                  53, 69, 70, 72, 117, 131, 321, 349, 441, 469};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Sent verdict_on(const http::Response& response) {
    Sent sent = http::sent_of(response);
    if (sent.outcome == Sent::Outcome::sent) return sent;
    const int code = exception_code(response.body);
    // Without a code something before ClickHouse answered; the status says enough.
    if (code != 0) sent.outcome = is_of_data(code) ? Sent::Outcome::rejected : Sent::Outcome::retry;
    return sent;
}

class ClickHouseSink final : public Sink {
  public:
    ClickHouseSink(Target target, Template body, Missing missing, http::ClientSettings client)
        : target_(std::move(target)),
          body_(std::move(body)),
          renderer_(missing),
          client_(std::move(client)) {
        insert_url_ = target_.url + "&query=";
        append_percent_encoded(insert_url_,
                               fmt::format("INSERT INTO {}.{} FORMAT JSONEachRow",
                                           quoted(target_.database), quoted(target_.table)));
    }

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;
    void cancel() override { client_.cancel(); }

  private:
    Sent send_all(std::span<const Item> items);

    const Target target_;
    const Template body_;
    std::string insert_url_;
    Renderer renderer_;
    http::Client client_;
};

Result<void> ClickHouseSink::test() {
    const std::string question =
        fmt::format("EXISTS TABLE {}.{}", quoted(target_.database), quoted(target_.table));
    const auto answer = HW_TRY(client_.perform({"POST", target_.url, target_.headers, question}));
    if (answer.status >= 300)
        return fail(ErrorCode::unavailable,
                    http::response_text(answer) + "; check url, username and password_file");
    if (!answer.body.starts_with('1'))
        return fail(ErrorCode::not_found, fmt::format("there is no table {}.{}; create it",
                                                      target_.database, target_.table));
    return {};
}

Sent ClickHouseSink::send(std::span<const Item> items) {
    return send_in_halves(items, [&](std::span<const Item> some) { return send_all(some); });
}

Sent ClickHouseSink::send_all(std::span<const Item> items) {
    std::string body;
    for (const Item& item : items) {
        if (const auto added = renderer_.append(body, body_, item); !added)
            return {Sent::Outcome::rejected, 0, added.error().text()};
        body += '\n';
    }
    const auto response = client_.perform({"POST", insert_url_, target_.headers, std::move(body)});
    return response ? verdict_on(*response) : http::sent_of(response.error());
}

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    http::ClientSettings client = HW_TRY(http::client_settings(settings, rooms));
    Target target;
    target.database = HW_TRY(needed(settings, "database"));
    target.table = HW_TRY(needed(settings, "table"));
    std::string url = HW_TRY(needed(settings, "url"));
    while (url.ends_with('/'))
        url.pop_back();
    const bool skip = setting(settings, "skip_unknown").as_boolean();
    target.url =
        fmt::format("{}/?input_format_skip_unknown_fields={}&date_time_input_format=best_effort",
                    url, skip ? 1 : 0);
    // Its own headers, since basic authentication came to it late.
    if (!client.username.empty()) {
        target.headers.emplace_back("X-ClickHouse-User", client.username);
        target.headers.emplace_back("X-ClickHouse-Key", client.password);
        client.username.clear();
    }
    Template body = HW_TRY(template_setting(settings, "body"));
    return std::make_unique<ClickHouseSink>(std::move(target), std::move(body),
                                            missing_of(setting(settings, "undefined_as").as_text()),
                                            std::move(client));
}

}  // namespace

const Kind& kind() {
    static const std::vector<Property> connection = joined({address, http::client_properties()});
    static const Kind made = {
        "clickhouse", "ClickHouse", "Inserts rows into a table of ClickHouse.",
        connection,   sink,         {},
        {},           make_sink,    nullptr,
        nullptr,
    };
    return made;
}

}  // namespace hw::connector::clickhouse
