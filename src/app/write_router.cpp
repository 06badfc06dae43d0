#include "app/write_router.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "gateway/write_message.h"

namespace hw::app {

namespace {

// Its own in each life, so that an answer to an earlier life meets nobody.
std::string reply_topic(const Clock& clock) {
    return fmt::format("$hw/replies/{:x}", clock.now().ns);
}

}  // namespace

WriteRouter::WriteRouter(io::Reactor& reactor, broker::Broker& broker,
                         const model::PointDirectory& points, const ingest::EdgeOrigins& origins,
                         ingest::SparkplugHost* sparkplug, const Clock& clock)
    : reactor_(reactor),
      broker_(broker),
      sparkplug_(sparkplug),
      clock_(clock),
      edges_(origins, points, reply_topic(clock),
             [this](const upstream::CommandRouter::Publication& command) {
                 broker::Outgoing message;
                 message.topic = command.topic;
                 message.payload = as_bytes(command.payload);
                 message.qos = 1;
                 message.expiry = command.expiry;
                 message.response_topic = command.response_topic;
                 message.correlation_data = as_bytes(command.correlation_data);
                 const auto sent = broker_.publish(message);
                 if (!sent) log_warning("gateway", sent.error().text());
             }) {
    broker_.serve("$hw/replies/+", [this](const broker::Arrived& message) {
        reactor_.post([this, correlation = std::string(as_text(message.correlation_data)),
                       payload = std::string(as_text(message.payload))] {
            edges_.replied(correlation, as_bytes(payload));
        });
    });
    reactor_.every(milliseconds(100), [this] { edges_.tick(clock_.monotonic()); });
}

void WriteRouter::elsewhere(const gateway::WriteOrder& order,
                            gateway::Answer<gateway::WriteResult> done) {
    reactor_.post(
        [this, order, answer = std::move(done)]() mutable { route(order, std::move(answer)); });
}

void WriteRouter::route(const gateway::WriteOrder& order,
                        gateway::Answer<gateway::WriteResult> done) {
    const Time begin = clock_.monotonic();
    const auto took = [this, begin] {
        gateway::WriteResult result;
        result.took = clock_.monotonic() - begin;
        return result;
    };
    if (sparkplug_ != nullptr && sparkplug_->knows(order.point)) {
        const auto sent = sparkplug_->write(order.point, order.value);
        return sent ? done(took()) : done(hw::fail(sent.error()));
    }
    if (!edges_.routes(order.point))
        return done(hw::fail(ErrorCode::not_found,
                             fmt::format("no device, Sparkplug node or edge has the point '{}'; "
                                         "only such points can be written",
                                         order.point)));
    std::string value;
    gateway::append_value_json(value, order.value);
    const auto answer = std::make_shared<decltype(done)>(std::move(done));
    const auto sent = edges_.write(
        order.point, value, order.timeout, begin, [answer, took](const Result<void>& result) {
            result ? (*answer)(took()) : (*answer)(hw::fail(result.error()));
        });
    if (!sent) (*answer)(hw::fail(sent.error()));
}

void WriteRouter::write(std::string_view point, std::string_view value, Reply reply) {
    gateway::WriteOrder order;
    order.point = point;
    order.actor = "centre";
    order.origin = "upstream";
    const auto read = gateway::read_write_message(value, order);
    if (!read) return reply(hw::fail(read.error()));
    HW_ASSERT(gateway_ != nullptr);
    gateway_->write(std::move(order),
                    [reply = std::move(reply)](Result<gateway::WriteResult> result) mutable {
                        result ? reply({}) : reply(hw::fail(result.error()));
                    });
}

}  // namespace hw::app
