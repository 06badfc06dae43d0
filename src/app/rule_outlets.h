#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "connector/buffer_keeper.h"
#include "connector/connector.h"
#include "io/disk.h"
#include "rules/action.h"
#include "rules/refused.h"
#include "rules/rule.h"

namespace hw::app {

// The ways of actions to foreign systems: a runner (queue, disk, workers, retries) for each action
// of each rule. An action that is made again with the same settings goes on with the same runner
// and what waits in it; one whose settings changed begins a new one, and the old one sends what it
// has left and goes. Any thread.
class RuleOutlets final : public rules::OutletMaker {
  public:
    using FindConnector = std::function<std::optional<rules::ConnectorSpec>(std::string_view name)>;

    // `disk` is rooted in the folder of the buffers; `refused` gets what could not be sent, of
    // actions with a fallback. All outlive it.
    RuleOutlets(const connector::Registry& registry, connector::Rooms rooms, io::Disk& disk,
                FindConnector find, rules::RefusedRows& refused);
    ~RuleOutlets() override;

    Result<std::unique_ptr<rules::Outlet>> make(const rules::ActionSpec& action,
                                                std::string_view rule_id,
                                                rules::Guarantee qos) override;
    // Whether kind and settings of a connection are known and sound.
    Result<void> check(const rules::ConnectorSpec& connector) const;
    // Connects once and asks the peer. Blocks.
    Result<void> test(const rules::ConnectorSpec& connector) const;
    // What is not sent by then stays on disk. Those with fallbacks end before those that are some:
    // `hand_back` is called in between, and gives them what was refused meanwhile.
    void stop(Duration grace, const std::function<void()>& hand_back);

  private:
    struct Way;
    class Handle;

    Result<std::shared_ptr<Way>> open(const rules::ActionSpec& action, std::string_view rule_id,
                                      const std::string& folder);

    // Lets go, every second, what nobody feeds and has nothing left to send.
    void sweep();
    std::vector<std::shared_ptr<Way>> take_idle() HW_LOCKING(requires_capability(mutex_));

    const connector::Registry& registry_;
    const connector::Rooms rooms_;
    io::Disk& disk_;
    const FindConnector find_;
    rules::RefusedRows& refused_;
    connector::BufferKeeper keeper_;
    Mutex opening_;  // while a way is made or ended; before mutex_
    Mutex mutex_;
    Condition stopped_;
    std::map<std::string, std::shared_ptr<Way>> ways_ HW_LOCKING(guarded_by(mutex_));  // by folder
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::thread sweeper_;
};

}  // namespace hw::app
