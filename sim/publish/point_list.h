#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/publish/reading.h"

namespace hw::sim {

// Collects the points of a walk: their paths below `prefix`, and the messages that carry them.
class PointList final : public PointSink {
  public:
    // `form` makes all assets send that one instead of their own.
    PointList(std::string prefix, std::optional<Form> form);

    void asset(const Asset& asset, Form form) override;
    void analyzer(const Asset& asset, Form form, Trust trust) override;
    void number(const Gauge& gauge, double value) override;
    void count(const Label& label, int64_t value) override;
    void flag(const Label& label, bool value) override;
    void text(const Label& label, std::string_view value) override;

    const std::vector<PointInfo>& points() const { return points_; }
    const std::vector<MessagePlan>& messages() const { return messages_; }

  private:
    void begin(const Asset& asset, Form form, bool analyzed);
    void add(const Label& label, std::string_view type);

    std::string prefix_;
    std::optional<Form> only_;
    std::string topic_;
    Form form_ = Form::scalar;
    bool analyzed_ = false;
    bool fresh_ = false;  // no point of this asset yet
    std::vector<PointInfo> points_;
    std::vector<MessagePlan> messages_;
};

}  // namespace hw::sim
