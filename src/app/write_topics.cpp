#include "app/write_topics.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/log.h"
#include "gateway/write_message.h"

namespace hw::app {

namespace {

constexpr std::string_view order_prefix = "$hw/write/";
constexpr std::string_view request_suffix = "/write/req";

std::string origin_of(const broker::Arrived& message) {
    return fmt::format("mqtt {}", message.peer.empty() ? "within" : message.peer);
}

// One Neuron request and its writes.
struct NeuronJob {
    std::string uuid;
    std::string topic;
    size_t left = 0;
    int code = 0;
};

}  // namespace

WriteTopics::WriteTopics(io::Reactor& reactor, broker::Broker& broker, gateway::Gateway& gateway,
                         size_t limit)
    : reactor_(reactor), broker_(broker), gateway_(gateway), limit_(limit) {
    broker_.serve("$hw/write/#", [this](const auto& message) { order(message); });
    for (const auto* filter : {"/neuron/#", "neuron/#"})
        broker_.serve(filter, [this](const auto& message) {
            if (message.topic.ends_with(request_suffix)) neuron(message);
        });
}

void WriteTopics::answer(const Reply& reply, std::string text) {
    if (reply.topic.empty()) return;
    broker::Outgoing message;
    message.topic = reply.topic;
    message.payload = as_bytes(text);
    message.qos = 1;
    message.content_type = "application/json";
    message.correlation_data = as_bytes(reply.correlation);
    const auto sent = broker_.publish(message);
    if (!sent) log_warning("gateway", fmt::format("no answer sent: {}", sent.error().text()));
}

void WriteTopics::order(const broker::Arrived& message) {
    const Reply reply{std::string(message.response_topic),
                      std::string(as_text(message.correlation_data))};
    gateway::WriteOrder order;
    order.point = message.topic.substr(order_prefix.size());
    order.actor = actor_of_(message.client_id);
    order.origin = origin_of(message);
    auto read = gateway::read_write_message(as_text(message.payload), order);
    if (read && open_ >= limit_)
        read = hw::fail(ErrorCode::limit_exceeded,
                        fmt::format("{} orders wait already; try again later", open_));
    if (!read) {
        reactor_.post([this, reply, text = gateway::write_answer(order, hw::fail(read.error()))] {
            answer(reply, text);
        });
        return;
    }
    ++open_;
    gateway_.write(order, [this, reply, order](Result<gateway::WriteResult> result) {
        reactor_.post([this, reply, text = gateway::write_answer(order, result)] {
            --open_;
            answer(reply, text);
        });
    });
}

void WriteTopics::neuron(const broker::Arrived& message) {
    std::string topic(message.topic.substr(0, message.topic.size() - 3));
    topic += "resp";
    const auto request = gateway::read_neuron_request(as_text(message.payload));
    if (!request) {
        log_warning("gateway", fmt::format("a write request on '{}' is not understood: {}",
                                           message.topic, request.error().text()));
        reactor_.post([this, topic] {
            answer({topic, ""}, gateway::neuron_answer("", gateway::neuron_body_wrong));
        });
        return;
    }
    if (open_ + request->items.size() > limit_) {
        log_warning("gateway", fmt::format("a write request on '{}' is refused: {} orders wait "
                                           "already, at most {} may",
                                           message.topic, open_, limit_));
        reactor_.post([this, topic, uuid = request->uuid] {
            answer({topic, ""}, gateway::neuron_answer(uuid, gateway::neuron_write_failure));
        });
        return;
    }
    open_ += request->items.size();
    auto job = std::make_shared<NeuronJob>(
        NeuronJob{request->uuid, std::move(topic), request->items.size()});
    for (const auto& item : request->items) {
        gateway::WriteOrder order;
        order.device = request->node;
        order.tag = item.tag;
        order.value = item.value;
        order.actor = actor_of_(message.client_id);
        order.origin = origin_of(message);
        gateway_.write(std::move(order), [this, job](Result<gateway::WriteResult> result) {
            reactor_.post([this, job, code = gateway::neuron_code(result)] {
                --open_;
                if (job->code == 0) job->code = code;
                if (--job->left > 0) return;
                answer({job->topic, ""}, gateway::neuron_answer(job->uuid, job->code));
            });
        });
    }
}

}  // namespace hw::app
