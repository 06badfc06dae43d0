#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/time.h"
#include "model/sample_batch.h"
#include "rules/action.h"
#include "rules/hop_book.h"

namespace hw::rules {

// What actions make, gathered over a round and handed to the ports in one call of each sort. Knows
// what is not safe yet: a checkpoint waits for what was handed over before it. What history could
// not take is offered again in its order, so a full disk costs no row of a rule, only time. The
// rules thread's.
class Outputs {
  public:
    Outputs(Ports& ports, const Clock& clock, size_t bytes_limit);
    ~Outputs();

    void publish(Publish message, uint8_t hops, std::shared_ptr<ActionFigures> figures);
    Result<void> keep(std::string_view path, const model::Sample& sample, std::string_view unit,
                      uint8_t hops, std::shared_ptr<ActionFigures> figures);
    void write(WriteOrder order, std::shared_ptr<ActionFigures> figures);

    // Hands over what was gathered. `now`: of the wall clock, for retries.
    void flush(Time now);
    // A thing that a checkpoint waits for; the Done to call.
    Done expect();

    // What was handed over or expected so far has this number or a lower one.
    uint64_t last() const { return last_; }
    // All up to this one is safe.
    uint64_t safe();
    bool overloaded() const;  // more than the limit is not safe yet, or a port asks to be spared
    bool idle();              // nothing is under way
    // When flush() has something to try again.
    std::optional<Time> next_retry() const;
    // Called on any thread when something has become safe or failed.
    void on_progress(std::function<void()> call);
    HopBook& hops() { return hops_; }

  private:
    struct Share {
        std::shared_ptr<ActionFigures> figures;
        uint64_t rows = 0;
    };
    struct Shared;  // what completions touch, on their threads
    struct Kept {
        uint64_t number = 0;
        model::SampleBatch batch;
        std::vector<Share> shares;
        bool failed = false;
    };
    void hand_publishes();
    void hand_samples();
    void submit(Kept& kept);
    void collect(Time now);
    void give_up(uint64_t number, Time now, const Error& error);
    void settle(const Kept& kept);
    static void count(std::vector<Share>& shares, const std::shared_ptr<ActionFigures>& figures);

    Ports& ports_;
    const Clock& clock_;
    const size_t bytes_limit_;
    HopBook hops_;
    uint64_t last_ = 0;
    std::vector<Publish> publishes_;
    std::vector<Share> publish_shares_;
    model::SampleBatch samples_;
    std::vector<Share> sample_shares_;
    std::deque<Kept> kept_;  // handed over, not safe; in order
    std::optional<Time> retry_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace hw::rules
