#include "app/broker_bridge.h"

#include <memory>

namespace hw::app {

void BrokerBridge::publish(api::PublishRequest request,
                           std::move_only_function<void(Result<void>)> done) {
    reactor_.post([this, request = std::move(request), done = std::move(done)]() mutable {
        broker::Outgoing message;
        message.topic = request.topic;
        message.payload = as_bytes(request.payload);
        message.qos = request.qos;
        message.retain = request.retain;
        message.expiry = seconds(request.message_expiry_s);
        message.content_type = request.content_type;
        message.response_topic = request.response_topic;
        message.correlation_data = as_bytes(request.correlation_data);
        for (const auto& [name, value] : request.user_properties)
            message.user_properties.emplace_back(name, value);
        // Shared, since a refused publish leaves the answer to us.
        auto answer = std::make_shared<decltype(done)>(std::move(done));
        auto taken =
            broker_.publish(message, [answer](const Result<void>& result) { (*answer)(result); });
        if (!taken) (*answer)(std::move(taken));
    });
}

void BrokerBridge::ask(Step step, std::move_only_function<void()> answer) {
    reactor_.post([this, step = std::move(step), answer = std::move(answer)]() mutable {
        if (!step(broker_)) return ask(std::move(step), std::move(answer));
        http_.post(std::move(answer));
    });
}

}  // namespace hw::app
