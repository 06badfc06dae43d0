#pragma once

#include <atomic>
#include <memory>

#include "broker/broker.h"
#include "ingest/keeper.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::app {

// Brings samples that did not come by MQTT to those who subscribe to their points' topics: the
// value as plain text, with the properties `time` (RFC 3339) and `quality`. Encoded only where
// somebody subscribes; a batch is copied only where anybody does. QoS 0, not retained.
class PointPublisher final : public ingest::Keeper::Onlooker {
  public:
    PointPublisher(io::Reactor& reactor, broker::Broker& broker,
                   const model::PointDirectory& points)
        : reactor_(reactor), broker_(broker), points_(points) {}

    // Any thread.
    bool wants() const override { return subscribed_.load(std::memory_order_relaxed); }
    void offer(const model::SampleBatch& batch) override;
    // The broker's thread, at the end of each round.
    void look() { subscribed_.store(broker_.has_subscriptions(), std::memory_order_relaxed); }

  private:
    void publish(const model::SampleBatch& batch);

    io::Reactor& reactor_;
    broker::Broker& broker_;
    const model::PointDirectory& points_;
    std::atomic<bool> subscribed_{false};
    std::string payload_;
    std::string time_;
};

}  // namespace hw::app
