#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/broker.h"
#include "gateway/gateway.h"
#include "io/reactor.h"

namespace hw::app {

// Orders to write that come by MQTT:
//   $hw/write/<point>              a value, or {"value":...}; answered on the message's response
//                                  topic with its correlation data (MQTT 5 request and response)
//   [/]neuron/<node>/write/req     Neuron's request; answered on .../write/resp
// Orders are carried to the gateway's thread, answers back to the broker's. What is over
// `limit` unanswered is refused.
class WriteTopics {
  public:
    // Before the first connection. All outlive this.
    WriteTopics(io::Reactor& reactor, broker::Broker& broker, gateway::Gateway& gateway,
                size_t limit);
    // Who stands behind a client's id, for the audit; else it is the id itself.
    void name_actors(std::function<std::string(std::string_view)> actor_of) {
        actor_of_ = std::move(actor_of);
    }

  private:
    struct Reply {
        std::string topic;
        std::string correlation;
    };
    void order(const broker::Arrived& message);
    void neuron(const broker::Arrived& message);
    void answer(const Reply& reply, std::string text);

    io::Reactor& reactor_;
    broker::Broker& broker_;
    gateway::Gateway& gateway_;
    const size_t limit_;
    std::function<std::string(std::string_view)> actor_of_ = [](std::string_view id) {
        return std::string(id);
    };
    size_t open_ = 0;  // orders unanswered; the broker's thread
};

}  // namespace hw::app
