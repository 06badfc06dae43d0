#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/point_publisher.h"
#include "broker/broker.h"
#include "gateway/gateway.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "rules/action.h"

namespace hw::app {

// What rules do to the broker, history and devices. Called on the rules thread.
class RulePorts final : public rules::Ports {
  public:
    struct Rooms {
        io::Reactor& mqtt;
        // These four are there before the rules thread runs.
        std::function<broker::Broker&()> broker;
        std::function<PointPublisher&()> publisher;
        history::History& history;
        model::PointDirectory& points;
        gateway::Gateway* gateway;  // null: devices are not run
    };
    explicit RulePorts(Rooms rooms) : rooms_(std::move(rooms)) {}

    void publish(std::vector<rules::Publish> messages, rules::Done done) override;
    void keep(model::SampleBatch batch, rules::Done done) override;
    void describe(model::PointId point, std::string_view unit) override;
    void write(rules::WriteOrder order, rules::Done done) override;
    Result<model::PointId> point(std::string_view path) override;
    bool overloaded() override { return rooms_.history.overloaded(); }

  private:
    void publish_now(const std::vector<rules::Publish>& messages, rules::Done done);

    const Rooms rooms_;
};

}  // namespace hw::app
