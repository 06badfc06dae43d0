#pragma once

#include "api/broker_admin.h"
#include "api/broker_port.h"
#include "broker/broker.h"
#include "io/reactor.h"

namespace hw::app {

// Carries the API's publishes and questions to the broker's thread, and answers to HTTP's.
class BrokerBridge final : public api::BrokerPort, public api::BrokerAdmin {
  public:
    BrokerBridge(io::Reactor& reactor, broker::Broker& broker, io::Reactor& http)
        : reactor_(reactor), broker_(broker), http_(http) {}

    void publish(api::PublishRequest request,
                 std::move_only_function<void(Result<void>)> done) override;
    void ask(Step step, std::move_only_function<void()> answer) override;

  private:
    io::Reactor& reactor_;
    broker::Broker& broker_;
    io::Reactor& http_;
};

}  // namespace hw::app
