#pragma once

#include <functional>

#include "broker/broker.h"
#include "gateway/gateway.h"
#include "io/reactor.h"
#include "twin/order/orders.h"

namespace hw::app {

// How orders of twins reach the plant: points by way of the gateway (which hands on what Sparkplug
// nodes and edges have), messages by way of the broker on its reactor's thread. `gateway` may be
// null; `broker` is called on that thread only.
twin::Orders::Ports twin_order_ports(io::Reactor& reactor, std::function<broker::Broker&()> broker,
                                     gateway::Gateway* gateway);

}  // namespace hw::app
