#include "connector/smtp/smtp_kind.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstring>

#include "connector/settings_text.h"
#include "connector/smtp/mail.h"

namespace hw::connector::smtp {

namespace {

using enum PropertyType;

constexpr Property connection[] = {
    {"server", text, "",
     "Name or address of the mail server, with :port where it is not 25, 465 "
     "or 587 by tls",
     0, 0, false},
    {"tls", text, "starttls",
     "none, starttls (refused where the server has none), or tls from the first byte", 0, 0, false,
     "none|starttls|tls"},
    {"username", text, "", "User name; empty: no authentication", 0, 0, false},
    {"password_file", text, "", "File whose first line is the password", 0, 0, false},
    {"ca_file", text, "", "Certificates of authorities, PEM; empty: the system's", 0, 0, false},
    {"verify", boolean, "true", "Whether the server's certificate must be good and of its name", 0,
     0, false},
    {"connect_timeout", duration, "10s", "Time for connecting", 0.1, 300, false},
    {"request_timeout", duration, "60s", "Time until a mail must be taken", 1, 900, false},
};

constexpr Property sink[] = {
    {"from", text, "", "Sender, as address or Name <address>; a template", 0, 0, false},
    {"to", text_list, "", "Receivers; templates", 0, 0, false},
    {"subject", text, "Headworks: ${@rule}", "Subject, a template", 0, 0, false},
    {"body", text, "${.}", "Text, a template", 0, 0, false},
    {"content_type", text, "text/plain", "What the text is", 0, 0, false, "text/plain|text/html"},
    {"undefined_as", text, "undefined", "What stands for a value that a row does not have", 0, 0,
     false, "undefined|null|empty|reject"},
};

struct Form {
    std::string url, username, password, ca_file;
    bool starttls = false;
    bool verify = true;
    Duration connect_timeout, request_timeout;
    Template from, subject, body;
    std::vector<Template> to;
    std::string content_type;
    Missing missing = Missing::undefined;
};

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Upload {
    std::string_view left;
};

size_t on_read(char* buffer, size_t, size_t size, void* user) {
    auto& upload = *static_cast<Upload*>(user);
    const size_t count = std::min(size, upload.left.size());
    std::memcpy(buffer, upload.left.data(), count);
    upload.left.remove_prefix(count);
    return count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool>*>(user)->load() ? 1 : 0;
}

size_t on_write(char*, size_t, size_t size, void*) {
    return size;
}

// One mail a row over one connection, which is kept open.
class SmtpSink final : public Sink {
  public:
    explicit SmtpSink(Form form)
        : form_(std::move(form)), renderer_(form_.missing), curl_(curl_easy_init()) {}
    ~SmtpSink() override { curl_easy_cleanup(curl_); }
    SmtpSink(const SmtpSink&) = delete;
    SmtpSink& operator=(const SmtpSink&) = delete;

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;
    void cancel() override { cancelled_ = true; }

  private:
    Result<Mail> mail_of(const Item& item);
    Sent send_one(const Mail& mail, const std::string& text);
    void prepare();
    CURLcode perform() {
        error_.front() = '\0';
        return curl_easy_perform(curl_);
    }
    std::string error_text(CURLcode code) const {
        return error_.front() != '\0' ? error_.data() : curl_easy_strerror(code);
    }

    const Form form_;
    Renderer renderer_;
    CURL* const curl_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::atomic<bool> cancelled_{false};
};

void SmtpSink::prepare() {
    const auto text = [this](CURLoption option, const std::string& value) {
        if (!value.empty()) curl_easy_setopt(curl_, option, value.c_str());
    };
    curl_easy_reset(curl_);
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, error_.data());
    text(CURLOPT_URL, form_.url);
    text(CURLOPT_USERNAME, form_.username);
    if (!form_.username.empty()) text(CURLOPT_PASSWORD, form_.password);
    text(CURLOPT_CAINFO, form_.ca_file);
    curl_easy_setopt(curl_, CURLOPT_USE_SSL,
                     static_cast<long>(form_.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYPEER, form_.verify ? 1L : 0L);
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYHOST, form_.verify ? 2L : 0L);
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, form_.connect_timeout.ns / 1'000'000);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, form_.request_timeout.ns / 1'000'000);
    curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &on_progress);
    curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &cancelled_);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &on_write);
}

// Logs in and says NOOP.
Result<void> SmtpSink::test() {
    prepare();
    curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, "NOOP");
    const CURLcode code = perform();
    if (code == CURLE_OK) return {};
    const bool denied = code == CURLE_LOGIN_DENIED;
    return fail(denied ? ErrorCode::permission_denied : ErrorCode::unavailable,
                fmt::format("{}: {}{}", form_.url, error_text(code),
                            denied ? "; check username and password_file" : ""));
}

Result<Mail> SmtpSink::mail_of(const Item& item) {
    Mail mail;
    mail.from = HW_TRY(renderer_.render(form_.from, item));
    for (const Template& one : form_.to)
        for (std::string& address : split_addresses(HW_TRY(renderer_.render(one, item))))
            mail.to.push_back(std::move(address));
    mail.subject = HW_TRY(renderer_.render(form_.subject, item));
    mail.body = HW_TRY(renderer_.render(form_.body, item));
    mail.content_type = form_.content_type;
    std::string rule;
    append_percent_encoded(rule, item.rule_id);
    // The same when a row is repeated, so that mail programs show it once.
    mail.message_id = fmt::format("{}.{}.{}@headworks", rule, item.sequence, item.time.ns);
    mail.date = item.time;
    return mail;
}

Sent SmtpSink::send(std::span<const Item> items) {
    for (size_t i = 0; i < items.size(); ++i) {
        const auto mail = mail_of(items[i]);
        if (!mail) return {Sent::Outcome::rejected, i, mail.error().text()};
        const auto text = mail_text(*mail);
        if (!text) return {Sent::Outcome::rejected, i, text.error().text()};
        Sent sent = send_one(*mail, *text);
        sent.done += i;
        if (sent.outcome != Sent::Outcome::sent) return sent;
    }
    return {Sent::Outcome::sent, items.size(), {}};
}

Sent SmtpSink::send_one(const Mail& mail, const std::string& text) {
    prepare();
    curl_slist* list = nullptr;
    for (const std::string& one : mail.to)
        list = curl_slist_append(list, fmt::format("<{}>", address_of(one)).c_str());
    const std::unique_ptr<curl_slist, FreeList> receivers(list);
    const std::string from = fmt::format("<{}>", address_of(mail.from));
    Upload upload{text};
    curl_easy_setopt(curl_, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl_, CURLOPT_MAIL_RCPT, list);
    curl_easy_setopt(curl_, CURLOPT_READFUNCTION, &on_read);
    curl_easy_setopt(curl_, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(text.size()));
    curl_easy_setopt(curl_, CURLOPT_UPLOAD, 1L);
    const CURLcode code = perform();
    if (code == CURLE_OK) return {};
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    // 5xx: the server will not take this mail, whenever; but a wrong password is not the row's
    // fault.
    const bool refused =
        status >= 500 && status < 600 && code != CURLE_LOGIN_DENIED && code != CURLE_USE_SSL_FAILED;
    return {refused ? Sent::Outcome::rejected : Sent::Outcome::retry, 0,
            fmt::format("{}{}", error_text(code),
                        status > 0 ? fmt::format(" (status {})", status) : std::string())};
}

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    Form form;
    const std::string server = HW_TRY(needed(settings, "server"));
    const std::string& tls = setting(settings, "tls").as_text();
    const std::string_view port = tls == "tls" ? ":465" : tls == "starttls" ? ":587" : ":25";
    const size_t bracket = server.rfind(']');
    const bool has_port =
        server.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
    form.url = fmt::format("{}://{}{}", tls == "tls" ? "smtps" : "smtp", server,
                           has_port ? std::string_view() : port);
    form.starttls = tls == "starttls";
    form.username = setting(settings, "username").as_text();
    form.password = HW_TRY(secret_setting(settings, "password_file", rooms));
    form.ca_file = setting(settings, "ca_file").as_text();
    form.verify = setting(settings, "verify").as_boolean();
    form.connect_timeout = setting(settings, "connect_timeout").as_duration();
    form.request_timeout = setting(settings, "request_timeout").as_duration();
    HW_TRY(needed(settings, "from"));
    form.from = HW_TRY(template_setting(settings, "from"));
    form.subject = HW_TRY(template_setting(settings, "subject"));
    form.body = HW_TRY(template_setting(settings, "body"));
    for (const std::string& one : setting(settings, "to").as_text_list()) {
        auto made = Template::compile(one);
        if (!made) return fail(made.error().within("to"));
        form.to.push_back(*std::move(made));
    }
    if (form.to.empty())
        return fail(ErrorCode::invalid_argument, "to is missing; give one address or more");
    form.content_type = setting(settings, "content_type").as_text();
    form.missing = missing_of(setting(settings, "undefined_as").as_text());
    return std::make_unique<SmtpSink>(std::move(form));
}

constexpr Kind the_kind = {
    "smtp",  "E-mail (SMTP)", "Sends a mail for each row.", connection, sink, {}, {}, make_sink,
    nullptr, nullptr,
};

}  // namespace

const Kind& kind() {
    return the_kind;
}

}  // namespace hw::connector::smtp
