#include "app/rule_ports.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/log.h"
#include "model/point_path.h"

namespace hw::app {

namespace {

// Calls `done` when every message has been answered, with the first error.
class Answers {
  public:
    Answers(size_t left, rules::Done done) : left_(left), done_(std::move(done)) {}
    void one(const Result<void>& result) {
        if (!result && first_) first_ = result;
        if (--left_ == 0) done_(first_);
    }

  private:
    size_t left_;
    Result<void> first_;
    rules::Done done_;
};

}  // namespace

void RulePorts::publish(std::vector<rules::Publish> messages, rules::Done done) {
    rooms_.mqtt.post([this, messages = std::move(messages), done = std::move(done)]() mutable {
        publish_now(messages, std::move(done));
    });
}

void RulePorts::publish_now(const std::vector<rules::Publish>& messages, rules::Done done) {
    if (messages.empty()) return done({});
    auto& broker = rooms_.broker();
    const auto answers = std::make_shared<Answers>(messages.size(), std::move(done));
    for (const auto& message : messages) {
        broker::Outgoing out{.topic = message.topic,
                             .payload = as_bytes(message.payload),
                             .qos = message.qos,
                             .retain = message.retain};
        for (const auto& [name, value] : message.user_properties)
            out.user_properties.emplace_back(name, value);
        if (message.direct) {
            broker.announce(out);
            answers->one({});
            continue;
        }
        if (auto taken = broker.publish(
                out, [answers](const Result<void>& result) { answers->one(result); });
            !taken) {
            log_warning("rules",
                        fmt::format("rule '{}': {}", message.rule_id, taken.error().text()));
            answers->one({});  // it would be refused again
        }
    }
}

void RulePorts::keep(model::SampleBatch batch, rules::Done done) {
    rooms_.publisher().offer(batch);
    rooms_.history.submit(std::move(batch), std::move(done));
}

void RulePorts::describe(model::PointId point, std::string_view unit) {
    rooms_.history.describe(point, unit);
}

void RulePorts::write(rules::WriteOrder order, rules::Done done) {
    if (rooms_.gateway == nullptr)
        return done(fail(ErrorCode::unavailable,
                         "devices are not run by this server; see gateway.enabled"));
    gateway::WriteOrder out;
    out.point = std::move(order.path);
    out.value = std::move(order.value);
    out.actor = fmt::format("rule {}", order.rule_id);
    out.origin = "rules";
    rooms_.gateway->write(std::move(out),
                          [done = std::move(done)](Result<gateway::WriteResult> result) mutable {
                              if (result) return done({});
                              done(fail(result.error()));
                          });
}

Result<model::PointId> RulePorts::point(std::string_view path) {
    HW_TRY(model::check_point_path(path));
    if (path.starts_with('$'))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' begins with $, which points must not", path));
    return rooms_.points.intern(path);
}

}  // namespace hw::app
