#include "rules/action.h"

#include <fmt/format.h>

#include <array>

#include "base/config_text.h"
#include "rules/inner_actions.h"

namespace hw::rules {

namespace {

constexpr std::array<std::string_view, 5> types = {"console", "keep", "log", "republish", "write"};

// Rows to a foreign system: nothing is rendered here, that is the connector's doing.
class OuterAction final : public Action {
  public:
    explicit OuterAction(std::unique_ptr<Outlet> outlet) : outlet_(std::move(outlet)) {}

    Result<void> send(const connector::Item& item, const RowContext& context) override {
        connector::Item own = item;
        own.hops = context.hops;
        if (outlet_->offer(std::move(own))) return {};
        return fail(ErrorCode::limit_exceeded,
                    "the queue before the connector is full; the row was dropped");
    }
    Outlet* outlet() override { return outlet_.get(); }

  private:
    std::unique_ptr<Outlet> outlet_;
};

}  // namespace

std::span<const std::string_view> inner_action_types() {
    return types;
}

void ActionFigures::fail(Time now, std::string_view reason, uint64_t count) {
    failed.fetch_add(count, std::memory_order_relaxed);
    MutexLock lock(mutex_);
    last_ = {std::string(reason.substr(0, 500)), now};
}

ActionFigures::Last ActionFigures::last_error() const {
    MutexLock lock(mutex_);
    return last_;
}

Result<std::unique_ptr<Action>> make_action(const ActionSpec& spec, std::string_view rule_id,
                                            Guarantee qos, const ActionRooms& rooms) {
    if (spec.type == "republish") return make_republish(spec);
    if (spec.type == "keep") return make_keep(spec);
    if (spec.type == "write") return make_write(spec);
    if (spec.type == "console" || spec.type == "log") return make_console(spec);
    if (rooms.outlets == nullptr) {
        const std::vector<std::string> known(types.begin(), types.end());
        return fail(ErrorCode::invalid_argument,
                    fmt::format("there is no type of action '{}'{}", spec.type,
                                did_you_mean(spec.type, known)));
    }
    auto outlet = HW_TRY(rooms.outlets->make(spec, rule_id, qos));
    return std::make_unique<OuterAction>(std::move(outlet));
}

}  // namespace hw::rules
