#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "broker/broker.h"
#include "broker/observer.h"
#include "rules/interest.h"
#include "rules/lanes.h"
#include "sql/datum.h"

namespace hw::app {

// Brings the broker's messages and events to the rules: those that some rule wants, gathered over a
// round and offered before anything of the round is acknowledged. The broker's thread.
class RuleObserver final : public broker::Observer {
  public:
    RuleObserver(const rules::Interest& interest, rules::Lane& lane, const Clock& clock,
                 std::string_view node);

    const std::atomic<uint64_t>& stamp() const override { return interest_.stamp_place(); }
    uint64_t interest(std::string_view topic) override;
    void message(uint64_t interest, const broker::Seen& seen) override;
    uint32_t events() override;
    void event(const broker::Happening& happening) override;
    void round_end() override;

  private:
    const rules::Interest& interest_;
    rules::Lane& lane_;
    const Clock& clock_;
    const sql::Datum node_;
    uint64_t next_id_ = 1;
    uint32_t events_ = 0;          // wanted
    uint32_t durable_events_ = 0;  // of those, by a rule with a guarantee
    bool failing_ = false;         // the log; said once until it goes well again
};

}  // namespace hw::app
