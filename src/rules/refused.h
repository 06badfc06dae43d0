#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "connector/connector.h"
#include "rules/action.h"

namespace hw::rules {

// Rows that outlets could not send, on their way back to the rules thread, where the fallback of
// the action gets them as it gets those that the action refuses at once. In memory: an outlet's
// flush() waits for them, so no checkpoint counts a row that is only here.
//
// Adding: any thread, never blocking. Taking: the rules thread.
class RefusedRows {
  public:
    struct Entry {
        connector::Item item;  // of the rule in item.rule_id
        std::shared_ptr<const ActionSpec> fallback;
        Done done;  // set: no row, but the question whether the rows before are safe
    };

    // Bytes that may wait; rows beyond are dropped and counted.
    explicit RefusedRows(uint64_t bytes_limit = 16 << 20) : bytes_limit_(bytes_limit) {}

    void add(connector::Item item, std::shared_ptr<const ActionSpec> fallback);
    // `done` once, on any thread, as ActionSlot::flush() of the fallback.
    void flush(std::string rule_id, std::shared_ptr<const ActionSpec> fallback, Done done);
    // Called on the thread that adds. Before the first row; empty: nobody.
    void on_added(std::function<void()> call);

    std::vector<Entry> take();
    bool empty() const;
    // Rows whose rule or fallback is gone.
    void count_dropped(uint64_t rows);
    uint64_t dropped() const;

  private:
    void push(Entry entry, uint64_t bytes);

    const uint64_t bytes_limit_;
    mutable Mutex mutex_;
    std::vector<Entry> entries_ HW_LOCKING(guarded_by(mutex_));
    uint64_t bytes_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint64_t dropped_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::function<void()> added_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::rules
