#include <algorithm>

#include "connector/http/client.h"
#include "connector/http/parts.h"
#include "connector/send_in_halves.h"

namespace hw::connector::http {

namespace {

enum class BatchFormat : uint8_t { each, array, lines };

struct Form {
    Template url, body;
    NamedTemplates headers;
    std::string method, content_type;
    BatchFormat batch = BatchFormat::each;
    Missing missing = Missing::undefined;
};

class HttpSink final : public Sink {
  public:
    HttpSink(Form form, ClientSettings client)
        : form_(std::move(form)), renderer_(form_.missing), client_(std::move(client)) {}

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;
    void cancel() override { client_.cancel(); }

  private:
    Result<Request> head_of(const Item& item);
    Sent send_each(std::span<const Item> items);
    Sent send_together(std::span<const Item> items);
    Sent send_run(std::span<const Item> items, const Request& head);
    Result<void> append_body(std::string& out, const Item& item, bool first);

    const Form form_;
    Renderer renderer_;
    Client client_;
};

// Anything that answers is there: the path may well take nothing but rows.
Result<void> HttpSink::test() {
    std::string url;
    for (const auto& part : form_.url.parts()) {
        if (part.of != Template::Of::literal) break;
        url += part.text;
    }
    // An address that rows bring.
    if (url.empty()) return {};
    const auto response = client_.perform({"HEAD", url, {}, {}});
    if (!response) return fail(response.error());
    if (response->status == 401 || response->status == 407)
        return fail(ErrorCode::permission_denied, url + ": " + response_text(*response) +
                                                      "; check username, password_file and "
                                                      "token_file");
    return {};
}

// The request without its body.
Result<Request> HttpSink::head_of(const Item& item) {
    Request request;
    request.method = form_.method;
    request.url = HW_TRY(renderer_.render(form_.url, item));
    for (const auto& [name, value] : form_.headers)
        request.headers.emplace_back(name, header_value(HW_TRY(renderer_.render(value, item))));
    if (!form_.content_type.empty() && request.method != "GET")
        request.headers.emplace_back("Content-Type", form_.content_type);
    return request;
}

Sent HttpSink::send(std::span<const Item> items) {
    return form_.batch == BatchFormat::each ? send_each(items) : send_together(items);
}

Sent HttpSink::send_each(std::span<const Item> items) {
    for (size_t i = 0; i < items.size(); ++i) {
        auto request = head_of(items[i]);
        if (request && form_.method != "GET") {
            const auto rendered = renderer_.append(request->body, form_.body, items[i]);
            if (!rendered) request = fail(rendered.error());
        }
        if (!request) return {Sent::Outcome::rejected, i, request.error().text()};
        const auto response = client_.perform(*request);
        Sent sent = response ? sent_of(*response) : sent_of(response.error());
        sent.done += i;
        if (sent.outcome != Sent::Outcome::sent) return sent;
    }
    return {Sent::Outcome::sent, items.size(), {}};
}

// Rows of the same address and headers go as one request.
Sent HttpSink::send_together(std::span<const Item> items) {
    size_t done = 0;
    while (done < items.size()) {
        const auto head = head_of(items[done]);
        if (!head) return {Sent::Outcome::rejected, done, head.error().text()};
        size_t end = done + 1;
        while (end < items.size()) {
            const auto next = head_of(items[end]);
            if (!next || next->url != head->url || next->headers != head->headers) break;
            ++end;
        }
        const Sent sent =
            send_in_halves(items.subspan(done, end - done),
                           [&](std::span<const Item> some) { return send_run(some, *head); });
        if (sent.outcome != Sent::Outcome::sent)
            return {sent.outcome, done + sent.done, sent.reason};
        done = end;
    }
    return {Sent::Outcome::sent, done, {}};
}

Result<void> HttpSink::append_body(std::string& out, const Item& item, bool first) {
    if (!first && form_.batch == BatchFormat::array) out += ',';
    HW_TRY(renderer_.append(out, form_.body, item));
    if (form_.batch == BatchFormat::lines) out += '\n';
    return {};
}

Sent HttpSink::send_run(std::span<const Item> items, const Request& head) {
    Request request = head;
    if (form_.batch == BatchFormat::array) request.body += '[';
    for (size_t i = 0; i < items.size(); ++i)
        if (const auto added = append_body(request.body, items[i], i == 0); !added)
            return {Sent::Outcome::rejected, 0, added.error().text()};
    if (form_.batch == BatchFormat::array) request.body += ']';
    const auto response = client_.perform(request);
    return response ? sent_of(*response) : sent_of(response.error());
}

}  // namespace

std::string header_value(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    return text;
}

Result<Template> url_template(const Config::Table& settings, std::string_view more) {
    const std::string text = HW_TRY(needed(settings, "url")) + std::string(more);
    auto plain = Template::compile(text);
    if (!plain) return fail(plain.error().within("url"));
    const auto parts = plain->parts();
    const bool whole = !parts.empty() && parts.front().of != Template::Of::literal;
    if (whole && parts.size() == 1) return plain;
    if (whole)
        return fail(ErrorCode::invalid_argument,
                    "url: a placeholder at its beginning brings the whole address, so nothing may "
                    "follow it; begin with http://");
    return Template::compile(text, Put::url);
}

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    Form form;
    form.url = HW_TRY(url_template(settings, setting(settings, "path").as_text()));
    form.body = HW_TRY(template_setting(settings, "body"));
    form.headers = HW_TRY(named_templates(settings, "headers"));
    form.method = setting(settings, "method").as_text();
    form.content_type = setting(settings, "content_type").as_text();
    const std::string& batch = setting(settings, "batch_format").as_text();
    if (batch == "array") form.batch = BatchFormat::array;
    if (batch == "lines") form.batch = BatchFormat::lines;
    form.missing = missing_of(setting(settings, "undefined_as").as_text());
    ClientSettings client = HW_TRY(client_settings(settings, rooms));
    client.follow_redirects = setting(settings, "follow_redirects").as_boolean();
    return std::make_unique<HttpSink>(std::move(form), std::move(client));
}

}  // namespace hw::connector::http
