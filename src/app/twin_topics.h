#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/broker.h"
#include "io/reactor.h"
#include "twin/order/orders.h"

namespace hw::app {

// What a topic below $hw/twin/ asks of a twin. Ids and paths have levels of their own, so it is cut
// at the rightmost word for which `knows` says that what stands before it is a twin; else at the
// rightmost of all.
struct TwinTopic {
    enum class What { set, request, response };
    What what = What::set;
    std::string twin;
    std::string name;  // path of the property, name of the command
};
std::optional<TwinTopic> parse_twin_topic(std::string_view topic,
                                          const std::function<bool(std::string_view)>& knows);

// Orders to twins that come by MQTT, answered on the message's response topic with its correlation
// data (MQTT 5 request and response):
//   $hw/twin/<id>/desired/<path>/set        a value, or {"value":...,"timeout","wait","keep",...}
//   $hw/twin/<id>/command/<name>/request    the request; answered when the command is over
//   $hw/twin/<id>/command/<name>/response   from the device: what it answers to a command
// They go to the orders' thread and come back to the broker's. What is over `limit` unanswered is
// refused.
class TwinTopics {
  public:
    // Before the first connection. All outlive this.
    TwinTopics(io::Reactor& reactor, broker::Broker& broker, twin::Orders& orders, size_t limit);
    // Who stands behind a client's id, for the audit; else it is the id itself.
    void name_actors(std::function<std::string(std::string_view)> actor_of) {
        actor_of_ = std::move(actor_of);
    }

  private:
    struct Reply {
        std::string topic;
        std::string correlation;
    };
    void arrived(const broker::Arrived& message);
    void set(TwinTopic topic, const broker::Arrived& message, Reply reply);
    void request(TwinTopic topic, const broker::Arrived& message, Reply reply);
    void answer(const Reply& reply, const std::string& text);
    template <class T>
    auto answering(Reply reply);

    io::Reactor& reactor_;
    broker::Broker& broker_;
    twin::Orders& orders_;
    const size_t limit_;
    std::function<std::string(std::string_view)> actor_of_ = [](std::string_view id) {
        return std::string(id);
    };
    size_t open_ = 0;  // unanswered; the broker's thread
};

}  // namespace hw::app
