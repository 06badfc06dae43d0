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

    const Config::Table settings_;
    const Rooms rooms_;
    const Templates templates_;
    Renderer renderer_;
    Connection connection_;
    JetStream stream_;  // null: core
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

Result<Message> Publisher::render(const Item& item) {
    const std::string subject = HW_TRY(renderer_.render(templates_.subject, item));
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
        reason = natsStatus_GetText(status);
    return status;
}

Sent Publisher::send(std::span<const Item> items) {
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
    if (stream_) return sent;
    // Answered behind all that was published. Without an answer nothing is known to have arrived.
    const natsStatus status =
        natsConnection_FlushTimeout(connection_.get(), millis(settings_, "request_timeout"));
    if (status != NATS_OK)
        return {Sent::Outcome::retry, 0,
                fmt::format("NATS does not answer: {}", natsStatus_GetText(status))};
    return sent;
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
