#include <fmt/format.h>
#include <nats/nats.h>

#include <utility>

#include "connector/named_templates.h"
#include "connector/nats/client.h"
#include "connector/nats/parts.h"
#include "connector/template.h"

namespace hw::connector::nats {

namespace {

struct DestroyMessage {
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using Message = std::unique_ptr<natsMsg, DestroyMessage>;

// A code of JetStream that older libraries have no name for.
constexpr int header_exceeds_maximum = 10097;

// What the server said, where this thread's last call failed by it.
std::string last_words(natsStatus status) {
    const char* words = nats_GetLastError(nullptr);
    return words != nullptr && *words != '\0' ? words : natsStatus_GetText(status);
}

struct Templates {
    Template subject, payload;
    NamedTemplates headers;
};

// Publishes a batch, then asks the server whether it has come that far (core), or waits for each
// acknowledgement (JetStream).
class Publisher final : public Sink {
  public:
    Publisher(Config::Table settings, const Rooms& rooms, Templates templates)
        : settings_(std::move(settings)), rooms_(rooms), templates_(std::move(templates)) {}

    Result<void> test() override;
    Sent send(std::span<const Item> items) override;

  private:
    Result<void> connect_once();
    Result<Message> render(const Item& item);
    natsStatus publish(natsMsg* message, std::string& reason);
    Sent publish_all(std::span<const Item> items);
    Sent flushed(std::span<const Item> items, Sent sent);

    const Config::Table settings_;
    const Rooms rooms_;
    const Templates templates_;
    Renderer renderer_;
    Connection connection_;
    JetStream stream_;     // null: core
    bool singly_ = false;  // some subject is not permitted: each message waits for the server
};

Result<void> Publisher::connect_once() {
    if (connection_ && natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED)
        return {};
    stream_.reset();
    connection_.reset();
    connection_ = HW_TRY(connect(settings_, rooms_));
    if (settings_.at("jetstream").as_boolean())
        stream_ = HW_TRY(jet_stream(*connection_, settings_));
    return {};
}

Result<void> Publisher::test() {
    HW_TRY(connect_once());
    const natsStatus status =
        natsConnection_FlushTimeout(connection_.get(), millis(settings_, "request_timeout"));
    if (status != NATS_OK)
        return fail(ErrorCode::unavailable,
                    fmt::format("NATS does not answer: {}", natsStatus_GetText(status)));
    if (!stream_) return {};
    jsErrCode code{};
    jsAccountInfo* info = nullptr;
    if (js_GetAccountInfo(&info, stream_.get(), nullptr, &code) != NATS_OK)
        return fail(ErrorCode::unavailable,
                    "this NATS server has no JetStream; start it with -js or leave jetstream off");
    jsAccountInfo_Destroy(info);
    return {};
}

// The library writes what it is given: a blank or a line's end would be another command.
bool is_subject(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c <= ' ' || c == 0x7f || c == '*' || c == '>') return false;
        if (c == '.' && text[i + 1] == '.') return false;
    }
    return true;
}

Result<Message> Publisher::render(const Item& item) {
    const std::string subject = HW_TRY(renderer_.render(templates_.subject, item));
    if (!is_subject(subject))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no subject to publish to: names with single dots "
                                "between, without blanks, * and >",
                                subject));
    const std::string payload = HW_TRY(renderer_.render(templates_.payload, item));
    natsMsg* raw = nullptr;
    natsStatus status = natsMsg_Create(&raw, subject.c_str(), nullptr, payload.data(),
                                       static_cast<int>(payload.size()));
    Message message(raw);
    if (status == NATS_OK)
        for (const auto& [name, text] : HW_TRY(render_named(templates_.headers, renderer_, item)))
            status = natsMsgHeader_Add(raw, name.c_str(), text.c_str());
    if (status == NATS_OK) return message;
    return fail(ErrorCode::invalid_argument,
                fmt::format("subject '{}': {}", subject, natsStatus_GetText(status)));
}

natsStatus Publisher::publish(natsMsg* message, std::string& reason) {
    if (!stream_) {
        const natsStatus status = natsConnection_PublishMsg(connection_.get(), message);
        if (status != NATS_OK) reason = natsStatus_GetText(status);
        return status;
    }
    jsErrCode code{};
    const natsStatus status = js_PublishMsg(nullptr, stream_.get(), message, nullptr, &code);
    if (status == NATS_NO_RESPONDERS)
        reason = fmt::format("no stream takes the subject '{}'", natsMsg_GetSubject(message));
    else if (status != NATS_OK)
        reason = last_words(status);
    // The stream has limits of its own for a message.
    if (code == JSStreamMessageExceedsMaximumErr || code == header_exceeds_maximum)
        return NATS_MAX_PAYLOAD;
    return status;
}

Sent Publisher::send(std::span<const Item> items) {
    if (!singly_) return publish_all(items);
    for (size_t i = 0; i < items.size(); ++i) {
        Sent sent = publish_all(items.subspan(i, 1));
        if (sent.outcome == Sent::Outcome::sent) continue;
        sent.done += i;
        return sent;
    }
    return {Sent::Outcome::sent, items.size(), ""};
}

Sent Publisher::publish_all(std::span<const Item> items) {
    if (auto ready = connect_once(); !ready) return {Sent::Outcome::retry, 0, ready.error().text()};
    Sent sent{Sent::Outcome::sent, items.size(), ""};
    size_t done = 0;
    for (; done < items.size(); ++done) {
        const auto message = render(items[done]);
        if (!message) {
            sent = {Sent::Outcome::rejected, done, message.error().text()};
            break;
        }
        std::string reason;
        const natsStatus status = publish(message->get(), reason);
        if (status == NATS_OK) continue;
        const bool final = status == NATS_MAX_PAYLOAD || status == NATS_INVALID_SUBJECT ||
                           status == NATS_INVALID_ARG;
        sent = {final ? Sent::Outcome::rejected : Sent::Outcome::retry, done, "NATS: " + reason};
        break;
    }
    return stream_ ? sent : flushed(items, std::move(sent));
}

Sent Publisher::flushed(std::span<const Item> items, Sent sent) {
    // Answered behind all that was published. Without an answer nothing is known to have arrived.
    const natsStatus status =
        natsConnection_FlushTimeout(connection_.get(), millis(settings_, "request_timeout"));
    if (status != NATS_OK)
        return {Sent::Outcome::retry, 0,
                fmt::format("NATS does not answer: {}", natsStatus_GetText(status))};
    // A subject that is not permitted is told before the answer, but not of which message.
    const char* words = nullptr;
    if (natsConnection_GetLastError(connection_.get(), &words) != NATS_NOT_PERMITTED) return sent;
    const std::string reason = fmt::format("NATS: {}", words == nullptr ? "not permitted" : words);
    connection_.reset();  // which forgets the error
    const bool known = singly_ && items.size() == 1;
    singly_ = true;
    return {known ? Sent::Outcome::rejected : Sent::Outcome::retry, 0, reason};
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Config::Table& settings, const Rooms& rooms) {
    if (settings.at("subject").as_text().empty())
        return fail(ErrorCode::invalid_argument,
                    "subject is empty; name the subject to publish to");
    Templates templates;
    templates.subject = HW_TRY(Template::compile(settings.at("subject").as_text()));
    templates.payload = HW_TRY(Template::compile(settings.at("payload").as_text()));
    templates.headers = HW_TRY(named_templates(settings, "headers"));
    return std::unique_ptr<Sink>(
        std::make_unique<Publisher>(settings, rooms, std::move(templates)));
}

}  // namespace hw::connector::nats
