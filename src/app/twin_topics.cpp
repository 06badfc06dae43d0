#include "app/twin_topics.h"

#include <fmt/format.h>

#include <utility>

#include "base/json_writer.h"
#include "base/log.h"
#include "twin/order/order_request.h"

namespace hw::app {

namespace {

constexpr std::string_view prefix = "$hw/twin/";

std::string error_json(const Error& error) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("state", "refused");
    json.member("code", to_string(error.code()));
    json.member("error", std::string_view(error.text()));
    json.end_object();
    return out;
}
std::string answer_json(const Result<twin::Desired>& result) {
    return result ? twin::desired_json(*result) : error_json(result.error());
}
std::string answer_json(const Result<twin::Command>& result) {
    return result ? twin::command_json(*result) : error_json(result.error());
}

twin::Change change_of(const broker::Arrived& message, std::string actor) {
    return {std::move(actor),
            fmt::format("mqtt {}", message.peer.empty() ? "within" : message.peer),
            {},
            {}};
}

bool cut_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

}  // namespace

std::optional<TwinTopic> parse_twin_topic(std::string_view topic,
                                          const std::function<bool(std::string_view)>& knows) {
    if (!topic.starts_with(prefix)) return std::nullopt;
    topic.remove_prefix(prefix.size());
    TwinTopic found;
    std::string_view word = "/command/";
    if (cut_suffix(topic, "/set")) {
        word = "/desired/";
    } else if (cut_suffix(topic, "/request")) {
        found.what = TwinTopic::What::request;
    } else if (cut_suffix(topic, "/response")) {
        found.what = TwinTopic::What::response;
    } else {
        return std::nullopt;
    }
    bool any = false;
    for (size_t at = topic.rfind(word); at != topic.npos && at > 0;
         at = topic.rfind(word, at - 1)) {
        const auto twin = topic.substr(0, at);
        const auto name = topic.substr(at + word.size());
        if (name.empty()) continue;
        const bool known = knows(twin);
        if (known || !any) {
            found.twin = twin;
            found.name = name;
            any = true;
        }
        if (known) break;
    }
    if (!any) return std::nullopt;
    return found;
}

TwinTopics::TwinTopics(io::Reactor& reactor, broker::Broker& broker, twin::Orders& orders,
                       size_t limit)
    : reactor_(reactor), broker_(broker), orders_(orders), limit_(limit) {
    broker_.serve("$hw/twin/#", [this](const auto& message) { arrived(message); });
}

void TwinTopics::answer(const Reply& reply, const std::string& text) {
    if (reply.topic.empty()) return;
    broker::Outgoing message;
    message.topic = reply.topic;
    message.payload = as_bytes(text);
    message.qos = 1;
    message.content_type = "application/json";
    message.correlation_data = as_bytes(reply.correlation);
    const auto sent = broker_.publish(message);
    if (!sent) log_warning("twin", fmt::format("no answer sent: {}", sent.error().text()));
}

template <class T>
auto TwinTopics::answering(Reply reply) {
    return [this, reply = std::move(reply)](const Result<T>& result) {
        reactor_.post([this, reply, text = answer_json(result)] {
            --open_;
            answer(reply, text);
        });
    };
}

void TwinTopics::arrived(const broker::Arrived& message) {
    auto topic = parse_twin_topic(
        message.topic, [this](std::string_view twin) { return orders_.knows_twin(twin); });
    if (!topic) return;
    if (topic->what == TwinTopic::What::response)
        return orders_.respond(std::move(topic->twin), std::move(topic->name),
                               std::string(as_text(message.correlation_data)),
                               std::string(as_text(message.payload)));
    Reply reply{std::string(message.response_topic),
                std::string(as_text(message.correlation_data))};
    if (open_ >= limit_) {
        const Error error(ErrorCode::limit_exceeded,
                          fmt::format("{} orders wait already; try again later", open_));
        reactor_.post([this, reply, text = error_json(error)] { answer(reply, text); });
        return;
    }
    if (topic->what == TwinTopic::What::set)
        set(std::move(*topic), message, std::move(reply));
    else
        request(std::move(*topic), message, std::move(reply));
}

void TwinTopics::set(TwinTopic topic, const broker::Arrived& message, Reply reply) {
    ++open_;
    auto done = answering<twin::Desired>(std::move(reply));
    auto read = twin::read_desired_message(as_text(message.payload));
    if (!read) return done(hw::fail(read.error()));
    auto change = change_of(message, actor_of_(message.client_id));
    change.reason = std::move(read->reason);
    orders_.desire({std::move(topic.twin), std::move(topic.name), std::move(read->value),
                    read->timeout, read->keep},
                   std::move(change), read->wait, std::move(done));
}

void TwinTopics::request(TwinTopic topic, const broker::Arrived& message, Reply reply) {
    ++open_;
    // Who gives no response topic cannot be answered, so nobody waits for him.
    const Duration wait = reply.topic.empty() ? Duration{} : twin::order_wait_most;
    auto done = answering<twin::Command>(std::move(reply));
    auto read = twin::read_command_message(as_text(message.payload));
    if (!read) return done(hw::fail(read.error()));
    auto change = change_of(message, actor_of_(message.client_id));
    change.reason = std::move(read->reason);
    orders_.command({std::move(topic.twin), std::move(topic.name), std::move(read->request),
                     std::move(read->id), read->timeout},
                    std::move(change), wait, std::move(done));
}

}  // namespace hw::app
