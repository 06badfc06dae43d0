#pragma once

#include "base/clock.h"
#include "broker/broker.h"
#include "gateway/gateway.h"
#include "ingest/edge_origins.h"
#include "ingest/sparkplug_host.h"
#include "io/reactor.h"
#include "upstream/command_router.h"
#include "upstream/commands.h"

namespace hw::app {

// Where orders go whose point no device here has: to the Sparkplug node whose metric it is, or down
// to the edge that sends it; and orders of the centre, which come up to our own gateway. Lives on
// the broker's thread, but may be called from any.
class WriteRouter final : public upstream::WriteHandler {
  public:
    // `sparkplug` may be null. Before the broker's first connection. All outlive this.
    WriteRouter(io::Reactor& reactor, broker::Broker& broker, const model::PointDirectory& points,
                const ingest::EdgeOrigins& origins, ingest::SparkplugHost* sparkplug,
                const Clock& clock);

    // Gateway::Rooms::elsewhere.
    void elsewhere(const gateway::WriteOrder& order, gateway::Answer<gateway::WriteResult> done);
    // For what the centre asks; before the uplink starts.
    void set_gateway(gateway::Gateway& gateway) { gateway_ = &gateway; }
    void write(std::string_view point, std::string_view value, Reply reply) override;

  private:
    void route(const gateway::WriteOrder& order, gateway::Answer<gateway::WriteResult> done);

    io::Reactor& reactor_;
    broker::Broker& broker_;
    ingest::SparkplugHost* const sparkplug_;
    const Clock& clock_;
    gateway::Gateway* gateway_ = nullptr;
    upstream::CommandRouter edges_;
};

}  // namespace hw::app
