#pragma once

#include "api/broker_port.h"
#include "broker/broker.h"
#include "io/reactor.h"

namespace hw::app {

// Carries the API's publishes to the broker's thread.
class BrokerBridge final : public api::BrokerPort {
  public:
    BrokerBridge(io::Reactor& reactor, broker::Broker& broker)
        : reactor_(reactor), broker_(broker) {}

    void publish(api::PublishRequest request,
                 std::move_only_function<void(Result<void>)> done) override;

  private:
    io::Reactor& reactor_;
    broker::Broker& broker_;
};

}  // namespace hw::app
