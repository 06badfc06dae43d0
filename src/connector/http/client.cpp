#include "connector/http/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connector/settings_text.h"

namespace hw::connector::http {

namespace {

constexpr std::array properties = {
    Property{"username", PropertyType::text, "", "User name of basic authentication; empty: none",
             0, 0, false},
    Property{"password_file", PropertyType::text, "", "File whose first line is the password", 0, 0,
             false},
    Property{"token_file", PropertyType::text, "",
             "File whose first line is the token of the Authorization header", 0, 0, false},
    Property{"ca_file", PropertyType::text, "",
             "Certificates of authorities, PEM; empty: the system's", 0, 0, false},
    Property{"certificate_file", PropertyType::text, "",
             "Own certificate, PEM, where the peer asks for one", 0, 0, false},
    Property{"key_file", PropertyType::text, "", "Private key of the certificate, PEM", 0, 0,
             false},
    Property{"verify", PropertyType::boolean, "true",
             "Whether the peer's certificate must be good and of its name", 0, 0, false},
    Property{"connect_timeout", PropertyType::duration, "5s", "Time for connecting", 0.1, 300,
             false},
    Property{"request_timeout", PropertyType::duration, "15s",
             "Time until a request must be answered", 0.1, 900, false},
};

// Once in the process, before the first handle.
bool global_init() {
    static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return done;
}

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Lines = std::unique_ptr<curl_slist, FreeList>;

void add(Lines& lines, const std::string& line) {
    curl_slist* const longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) return;
    (void)lines.release();
    lines.reset(longer);
}

struct Answer {
    Response response;
    size_t limit = 0;
    bool too_long = false;
};

size_t on_body(char* data, size_t, size_t size, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    if (answer.response.body.size() + size > answer.limit) {
        answer.too_long = true;
        return 0;
    }
    answer.response.body.append(data, size);
    return size;
}

size_t on_header(char* data, size_t, size_t size, void* user) {
    constexpr std::string_view etag = "etag:";
    const std::string_view line(data, size);
    const bool is_etag = line.size() > etag.size() &&
                         std::equal(etag.begin(), etag.end(), line.begin(), [](char a, char b) {
                             return a == (b >= 'A' && b <= 'Z' ? b + 32 : b);
                         });
    if (is_etag) {
        std::string value(line.substr(etag.size()));
        std::erase_if(value, [](char c) { return c == ' ' || c == '\r' || c == '\n'; });
        static_cast<Answer*>(user)->response.etag = std::move(value);
    }
    return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool>*>(user)->load() ? 1 : 0;
}

ErrorCode code_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return ErrorCode::timed_out;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return ErrorCode::invalid_argument;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
            return ErrorCode::permission_denied;
        case CURLE_ABORTED_BY_CALLBACK:
            return ErrorCode::cancelled;
        default:
            return ErrorCode::unavailable;
    }
}

}  // namespace

struct Client::Handle {
    CURL* curl = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};

    Handle() : curl(global_init() ? curl_easy_init() : nullptr) {}
    ~Handle() { curl_easy_cleanup(curl); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(curl, option, value);
    }
    void set(CURLoption option, const std::string& value) {
        if (!value.empty()) curl_easy_setopt(curl, option, value.c_str());
    }
    void prepare(const ClientSettings& settings);
};

// What stays the same over requests.
void Client::Handle::prepare(const ClientSettings& settings) {
    const auto milliseconds_of = [](Duration time) {
        return static_cast<long>(std::max<int64_t>(time.ns / 1'000'000, 1));
    };
    curl_easy_reset(curl);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, settings.follow_redirects ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, 5L);
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds_of(settings.connect_timeout));
    set(CURLOPT_TIMEOUT_MS, milliseconds_of(settings.request_timeout));
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_ACCEPT_ENCODING, "");
    set(CURLOPT_CAINFO, settings.ca_file);
    set(CURLOPT_SSLCERT, settings.certificate_file);
    set(CURLOPT_SSLKEY, settings.key_file);
    set(CURLOPT_SSL_VERIFYPEER, settings.verify ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, settings.verify ? 2L : 0L);
    if (!settings.username.empty()) {
        set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set(CURLOPT_USERNAME, settings.username);
        set(CURLOPT_PASSWORD, settings.password);
    }
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
}

Client::Client(ClientSettings settings)
    : settings_(std::move(settings)), handle_(std::make_unique<Handle>()) {}
Client::~Client() = default;

Result<Response> Client::perform(const Request& request) {
    if (handle_->curl == nullptr)
        return fail(ErrorCode::unavailable, "libcurl cannot be started on this machine");
    Handle& handle = *handle_;
    handle.prepare(settings_);
    handle.error.front() = '\0';
    Answer answer{{}, settings_.body_limit, false};
    Lines lines;
    for (const auto& [name, value] : request.headers)
        add(lines, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    if (!settings_.token.empty()) add(lines, "Authorization: Bearer " + settings_.token);
    add(lines, "Expect:");
    handle.set(CURLOPT_URL, request.url.c_str());
    handle.set(CURLOPT_HTTPHEADER, lines.get());
    if (request.method == "HEAD") handle.set(CURLOPT_NOBODY, 1L);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        handle.set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    handle.set(CURLOPT_WRITEDATA, &answer);
    handle.set(CURLOPT_HEADERDATA, &answer);
    handle.set(CURLOPT_XFERINFODATA, &cancelled_);
    const CURLcode code = curl_easy_perform(handle.curl);
    if (answer.too_long)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the answer of {} has more than {} bytes", request.url,
                                settings_.body_limit));
    if (code != CURLE_OK) {
        const std::string_view detail(handle.error.data());
        return fail(code_of(code), fmt::format("{}: {}", request.url,
                                               detail.empty() ? curl_easy_strerror(code) : detail));
    }
    curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &answer.response.status);
    return std::move(answer.response);
}

std::span<const Property> client_properties() {
    return properties;
}

Result<ClientSettings> client_settings(const Config::Table& settings, const Rooms& rooms) {
    ClientSettings made;
    made.username = setting(settings, "username").as_text();
    made.password = HW_TRY(secret_setting(settings, "password_file", rooms));
    made.token = HW_TRY(secret_setting(settings, "token_file", rooms));
    made.ca_file = setting(settings, "ca_file").as_text();
    made.certificate_file = setting(settings, "certificate_file").as_text();
    made.key_file = setting(settings, "key_file").as_text();
    made.verify = setting(settings, "verify").as_boolean();
    made.connect_timeout = setting(settings, "connect_timeout").as_duration();
    made.request_timeout = setting(settings, "request_timeout").as_duration();
    return made;
}

std::string response_text(const Response& response) {
    std::string text = response.body.substr(0, 300);
    std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
    while (text.ends_with(' '))
        text.pop_back();
    return fmt::format("status {}{}{}", response.status, text.empty() ? "" : ": ", text);
}

Sent sent_of(const Response& response) {
    const long status = response.status;
    if (status >= 200 && status < 300) return {};
    const bool later = status >= 500 || status == 401 || status == 403 || status == 407 ||
                       status == 408 || status == 425 || status == 429;
    return {later ? Sent::Outcome::retry : Sent::Outcome::rejected, 0, response_text(response)};
}

Sent sent_of(const Error& error) {
    const bool bad = error.code() == ErrorCode::invalid_argument;
    return {bad ? Sent::Outcome::rejected : Sent::Outcome::retry, 0, error.text()};
}

}  // namespace hw::connector::http
