#include <thread>

#include "connector/http/client.h"
#include "connector/http/parts.h"
#include "connector/push_hub.h"
#include "connector/stop_flag.h"
#include "sql/json.h"

namespace hw::connector::http {

namespace {

struct Pull {
    Request request;
    Duration interval;
    bool incremental = false;
    bool split = true;
};

// Asks again and again; its thread waits in between.
class HttpPull final : public SourceLink {
  public:
    HttpPull(Pull pull, ClientSettings client, const Clock& clock)
        : pull_(std::move(pull)), clock_(clock), settings_(std::move(client)), client_(settings_) {}
    ~HttpPull() override { stop(); }

    Result<void> test() override {
        Client client(settings_);
        return check(client.perform(pull_.request));
    }
    void start(Receiver& receiver) override {
        stop_.reset();
        client_.resume();
        thread_ = std::thread([this, &receiver] { run(receiver); });
    }
    void stop() override {
        stop_.set();
        client_.cancel();
        if (thread_.joinable()) thread_.join();
    }

  private:
    static Result<void> check(const Result<Response>& response) {
        if (!response) return fail(response.error());
        if (response->status == 304 || (response->status >= 200 && response->status < 300))
            return {};
        return fail(ErrorCode::unavailable, response_text(*response));
    }
    void run(Receiver& receiver);
    Result<void> ask(Receiver& receiver);
    std::vector<Received> messages_of(std::string body) const;

    const Pull pull_;
    const Clock& clock_;
    const ClientSettings settings_;
    Client client_;
    StopFlag stop_;
    std::thread thread_;
    std::string last_body_, last_etag_;
};

void HttpPull::run(Receiver& receiver) {
    do {
        const auto asked = ask(receiver);
        if (stop_.is_set()) return;
        receiver.state(asked.has_value(), asked ? std::string() : asked.error().text());
    } while (stop_.wait(pull_.interval));
}

Result<void> HttpPull::ask(Receiver& receiver) {
    Request request = pull_.request;
    if (pull_.incremental && !last_etag_.empty())
        request.headers.emplace_back("If-None-Match", last_etag_);
    auto response = client_.perform(request);
    HW_TRY(check(response));
    if (response->status == 304) return {};
    last_etag_ = response->etag;
    if (pull_.incremental) {
        if (response->body == last_body_) return {};
        last_body_ = response->body;
    }
    auto messages = messages_of(std::move(response->body));
    if (messages.empty()) return {};
    while (!receiver.offer(messages, [] {}))
        if (!stop_.wait(milliseconds(100))) return {};
    return {};
}

std::vector<Received> HttpPull::messages_of(std::string body) const {
    std::vector<Received> messages;
    const auto add = [&](std::string payload) {
        messages.push_back(
            {pull_.request.url, std::move(payload), clock_.now(), sql::Datum::object({})});
    };
    if (pull_.split) {
        sql::JsonReader reader;
        if (const auto read = reader.read(body); read && read->is_array()) {
            for (const sql::Datum& element : read->items())
                add(sql::to_json(element));
            return messages;
        }
    }
    add(std::move(body));
    return messages;
}

// Registered with the hub while it runs; the server's HTTP side calls the receiver.
class HttpPush final : public SourceLink {
  public:
    HttpPush(PushHub& hub, std::string path) : hub_(hub), path_(std::move(path)) {}
    ~HttpPush() override { stop(); }

    Result<void> test() override { return {}; }
    void start(Receiver& receiver) override {
        const auto added = hub_.add(path_, receiver);
        added_ = added.has_value();
        receiver.state(added_, added ? std::string() : added.error().text());
    }
    void stop() override {
        if (added_) hub_.remove(path_);
        added_ = false;
    }

  private:
    PushHub& hub_;
    const std::string path_;
    bool added_ = false;
};

}  // namespace

Result<std::unique_ptr<SourceLink>> make_pull(const Config::Table& settings, const Rooms& rooms) {
    Pull pull;
    pull.request.url = HW_TRY(needed(settings, "url"));
    pull.request.method = setting(settings, "method").as_text();
    pull.request.body = setting(settings, "body").as_text();
    for (const auto& [name, value] : HW_TRY(named_templates(settings, "headers"))) {
        const auto constant = value.constant();
        if (!constant)
            return fail(ErrorCode::invalid_argument,
                        "headers: there is no row here to fill placeholders in");
        pull.request.headers.emplace_back(name, header_value(std::string(*constant)));
    }
    pull.interval = setting(settings, "interval").as_duration();
    pull.incremental = setting(settings, "incremental").as_boolean();
    pull.split = setting(settings, "split").as_boolean();
    ClientSettings client = HW_TRY(client_settings(settings, rooms));
    client.follow_redirects = setting(settings, "follow_redirects").as_boolean();
    return std::make_unique<HttpPull>(std::move(pull), std::move(client), rooms.clock);
}

Result<std::unique_ptr<SourceLink>> make_push(const Config::Table& settings, const Rooms& rooms) {
    HW_TRY(needed(settings, "path"));
    const std::string& path = setting(settings, "path").as_text();
    if (!path.starts_with('/') || path.size() < 2)
        return fail(ErrorCode::invalid_argument,
                    "path: '" + path + "' does not begin with '/' and a name; write e.g. /plant1");
    if (rooms.push == nullptr)
        return fail(ErrorCode::unavailable, "this server takes no pushed messages");
    return std::make_unique<HttpPush>(*rooms.push, path);
}

}  // namespace hw::connector::http
